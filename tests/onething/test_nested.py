from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from catalog.bundles import load_bundles
from onething.bundle_rows import shown
from onething.nested import yaml_text

texts = st.text(max_size=12) | st.sampled_from(
    ["yes", "null", "~", "1", "- a", "a: b", "#", "\x7f", "\u2028", "\U000e0001"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_a_yaml_reader_reads_what_was_written(value: Any) -> None:
    assert yaml.safe_load(yaml_text(value)) == value


def test_members_are_written_in_block_style() -> None:
    value = {"id": "a", "leads": [], "items": [{"name": "甲", "after": [1, 2]}, {"name": "yes", "after": []}]}
    assert yaml_text(value).splitlines() == [
        'id: "a"',
        "leads: []",
        "items:",
        '  - name: "甲"',
        "    after:",
        "      - 1",
        "      - 2",
        '  - name: "yes"',
        "    after: []",
    ]


@pytest.mark.parametrize("bundle", load_bundles().values(), ids=load_bundles().keys())
def test_every_definition_is_yaml(bundle: Any) -> None:
    assert yaml.safe_load(yaml_text(shown(bundle)))["name"] == bundle.name
