from pathlib import Path

import pytest

from catalog.bundles import load_bundles
from catalog.closing import load_bundles_open_to_closed
from catalog.definitions import DefinitionFaultsError


def test_every_bundle_that_follows_an_end_exists() -> None:
    assert load_bundles_open_to_closed() <= load_bundles().keys()


def test_bundles_that_only_check_are_open_to_the_closed() -> None:
    checking = {bundle.id for bundle in load_bundles().values() if bundle.is_verification}
    assert checking <= load_bundles_open_to_closed()


def test_a_bundle_stands_once(tmp_path: Path) -> None:
    path = tmp_path / "closing.toml"
    path.write_text('[[follows]]\nbundle = "a"\nreason = "r"\n' * 2, encoding="utf-8")
    with pytest.raises(DefinitionFaultsError, match="bundle 'a' stands more than once"):
        load_bundles_open_to_closed(path)
