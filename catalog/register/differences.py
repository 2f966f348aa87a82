"""What differs between two states, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from catalog.register.changes import State

NAMED_BY: Final = ("field", "code", "id", "name")
"""Fields by which the elements of a list are told apart, the first that all of them have."""


class Difference(msgspec.Struct, frozen=True):
    """One field that differs: where, what stood there, what stands there; ``None`` where it is absent."""

    field: str
    before: Any
    after: Any


def differences(before: State | None, after: State | None) -> tuple[Difference, ...]:
    """Return every field that differs, in the order of their places; no state at all has no field."""
    return tuple(_of_objects("", before or {}, after or {}))


def _of_objects(place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for name in sorted(before.keys() | after.keys()):
        yield from _of_values(f"{place}.{name}" if place else name, before.get(name), after.get(name))


def _of_values(place: str, before: Any, after: Any) -> Iterator[Difference]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_objects(place, before, after)
        return
    first, second = _named(before), _named(after)
    if first is None or second is None:
        yield Difference(place, before, after)
        return
    inner = tuple(_of_elements(place, first, second))
    # The same elements in another order differ in nothing but their order.
    yield from inner or (Difference(place, list(first), list(second)),)


def _of_elements(place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys((*before, *after)):
        yield from _of_values(f"{place}[{name}]", before.get(name), after.get(name))


def _named(value: Any) -> dict[str, Any] | None:
    """The elements of a list by what tells them apart; ``None`` when nothing does."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    if not all(isinstance(each, Mapping) for each in value):
        return None
    for field in NAMED_BY:
        named = {str(each[field]): each for each in value if each.get(field)}
        if len(named) == len(value):
            return named
    return None
