"""An office's own rule takes the place of the one that ships."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.bottlenecks.rule import RULE_FILE, load_bottleneck_rule
from analytics.bulletins.words import WORDS_FILE, load_bulletin_words
from analytics.own_files import own_or_shipped
from analytics.services.rule import load_service_rule
from catalog.definition_place import choose_definitions
from catalog.definitions import DefinitionFaultsError


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    loaders = (load_bottleneck_rule, load_bulletin_words, load_service_rule)
    choose_definitions(lambda: tmp_path)
    for each in loaders:
        each.cache_clear()
    yield tmp_path
    choose_definitions(lambda: None)
    for each in loaders:
        each.cache_clear()


@pytest.mark.usefixtures("folder")
def test_what_is_not_there_is_what_ships() -> None:
    assert own_or_shipped("bottlenecks.toml", RULE_FILE) == RULE_FILE
    assert load_bottleneck_rule().link_days == 30


def test_an_offices_own_is_in_force(folder: Path) -> None:
    (folder / "bottlenecks.toml").write_text("version = 7\nlink_days = 10\ntop_resources = 3\n")
    words = WORDS_FILE.read_text(encoding="utf-8").replace("西安市数据局", "某市数据局")
    (folder / "bulletin.toml").write_text(words, encoding="utf-8")
    assert (load_bottleneck_rule().version, load_bulletin_words().issuer) == (7, "某市数据局")


def test_an_own_rule_at_fault_is_named(folder: Path) -> None:
    (folder / "high-frequency.toml").write_text("version = 1\n")
    with pytest.raises(DefinitionFaultsError, match=r"high-frequency\.toml"):
        load_service_rule()
    (folder / "bottlenecks.toml").write_text("version = 1\nlink_days = 0\ntop_resources = 0\n")
    with pytest.raises(DefinitionFaultsError, match="2 fault"):
        load_bottleneck_rule()
