"""What a schema of facts must not have: types that the columnar decoder cannot read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from topics.declarations import FACT_FAMILIES

_FACT_PREFIXES = tuple(f"{family}." for family in FACT_FAMILIES)


@dataclass(frozen=True)
class ColumnarFault:
    """One type that cannot be read in columns: JSON pointer into the schema, and why."""

    place: str
    reason: str


def is_fact_subject(subject: str) -> bool:
    """Whether a subject ``<topic>-<full name>`` is on a topic of facts."""
    return subject.startswith(_FACT_PREFIXES)


def columnar_faults(text: str) -> list[ColumnarFault]:
    """Every map, union other than ``[null, T]`` and nullable enum; and a record without fields, which has no bytes."""
    definition = json.loads(text)
    faults = list(_faults(definition, ""))
    if not isinstance(definition, dict) or definition.get("type") != "record":
        faults.append(ColumnarFault("", "a fact is a record"))
    elif not definition.get("fields"):
        faults.append(ColumnarFault("/fields", "a record without fields has no bytes to tell it from nothing"))
    return faults


def _faults(node: Any, place: str) -> Iterator[ColumnarFault]:
    if isinstance(node, list):
        yield from _union_faults(node, place)
    elif isinstance(node, dict):
        yield from _named_faults(node, place)


def _named_faults(node: dict[str, Any], place: str) -> Iterator[ColumnarFault]:
    if node.get("type") == "map":
        yield ColumnarFault(place, "a map; use an array of records, or fields")
    for number, field in enumerate(node.get("fields", [])):
        yield from _faults(field["type"], f"{place}/fields/{number}/type")
    for member in ("items", "values"):
        if member in node:
            yield from _faults(node[member], f"{place}/{member}")
    if isinstance(node.get("type"), dict | list):
        yield from _faults(node["type"], f"{place}/type")


def _union_faults(branches: list[Any], place: str) -> Iterator[ColumnarFault]:
    nullable = len(branches) == 2 and branches[0] == "null"  # noqa: PLR2004  null and one type
    if not nullable:
        yield ColumnarFault(place, "a union other than [null, T]")
    elif isinstance(branches[1], dict) and branches[1].get("type") == "enum":
        yield ColumnarFault(f"{place}/1", "an enum that may be null; use a string that may be null")
    for number, branch in enumerate(branches):
        yield from _faults(branch, f"{place}/{number}")
