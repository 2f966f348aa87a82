from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.register.differences import differences

NAME = {"field": "name", "type": "text"}
BORN = {"field": "born_on", "type": "date"}

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        (None, {"a": 1}, [("a", None, 1)]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, [("a.c", 2, 3)]),
        ({"i": [NAME, BORN]}, {"i": [NAME, {**BORN, "type": "text"}]}, [("i[born_on].type", "date", "text")]),
        ({"i": [NAME]}, {"i": [NAME, BORN]}, [("i[born_on]", None, BORN)]),
        ({"i": []}, {"i": [NAME]}, [("i[name]", None, NAME)]),
        ({"i": [NAME, BORN]}, {"i": [BORN, NAME]}, [("i", ["name", "born_on"], ["born_on", "name"])]),
        ({"i": ["x"]}, {"i": ["x", "y"]}, [("i", ["x"], ["x", "y"])]),
        ({"i": [NAME, NAME]}, {"i": [NAME]}, [("i", [NAME, NAME], [NAME])]),
    ],
)
def test_each_field_that_differs_is_named(before: Any, after: Any, expected: list[Any]) -> None:
    assert [(each.field, each.before, each.after) for each in differences(before, after)] == expected


@given(st.dictionaries(st.sampled_from("abc"), VALUES), st.dictionaries(st.sampled_from("abc"), VALUES))
def test_nothing_differs_exactly_when_the_values_are_equal(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A field that is null says as much as one that is absent."""

    def said(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: said(each) for name, each in value.items() if each is not None}

    assert (differences(before, after) == ()) == (said(before) == said(after))
