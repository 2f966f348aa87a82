"""Definitions of rates: TOML files with SQL, one file a version (``<id>.v<version>.toml``).

The SQL yields one row a unit; a rate is the sum of ``counts`` over the sum of ``out_of``. It takes two days of China:
``$as_of``, the last day that counts, and ``$from``, the first day of the period.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final, Literal

import duckdb
from pydantic import ConfigDict

from analytics.rates.trying import empty_lake, sql_faults
from catalog.definitions import EXACT, DefinitionFaultsError, Fault, read_definition, repeated

DEFINITIONS_FOLDER: Final = Path(__file__).parent / "definitions"


@dataclass(frozen=True)
class Twin:
    """A figure that shows gaming: units that have ``id`` among their ``twins``.

    ``of`` says among which units it is looked for: those that count, or all of them.
    """

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    id: str
    name: str
    of: Literal["counted", "all"] = "counted"


@dataclass(frozen=True)
class Definition:
    """One version of one rate's definition.

    Attributes:
        id: stable name of the rate.
        version: from 1 on.
        order: where it stands among the rates.
        name: what officials call it.
        unit: what is counted.
        in_force_from: the first day on which figures are counted by it.
        basis: where it follows from.
        numerator: in words; shown with every figure.
        denominator: in words; shown with every figure.
        over: ``stock``: as it stands on the day; ``period``: what happened in the period that ends with the day.
        better: whether a higher or a lower value is better.
        sql: one row a unit, see ``analytics.rates.trying.COLUMNS``.
        twin: its figures against gaming, the main one first.
    """

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    id: str
    version: int
    order: int
    name: str
    unit: str
    in_force_from: date
    basis: tuple[str, ...]
    numerator: str
    denominator: str
    over: Literal["stock", "period"]
    sql: str
    better: Literal["higher", "lower"] = "higher"
    twin: tuple[Twin, ...] = field(default=())


@dataclass(frozen=True)
class Definitions:
    """What a folder defines: the versions of each rate in their order, and what is wrong with files left out."""

    versions: Mapping[str, tuple[Definition, ...]]
    faults: tuple[Fault, ...] = ()

    def in_force(self, rate: str, day: date) -> Definition | None:
        """Return the definition by which a rate is counted as of a day: the newest in force by then."""
        known = [each for each in self.versions[rate] if each.in_force_from <= day]
        return known[-1] if known else None

    def newest(self, rate: str) -> Definition:
        """Return the newest definition of a rate, in force or not."""
        return self.versions[rate][-1]


@cache
def load_definitions(folder: Path = DEFINITIONS_FOLDER) -> Definitions:
    """Return the definitions of a folder; a faulty file is left out and all that is wrong with it is told."""
    faults: list[Fault] = []
    with empty_lake() as lake:
        read = [each for path in sorted(folder.glob("*.toml")) for each in _read(path, lake, faults)]
    if not read and not faults:
        faults.append(Fault(folder.name, str(folder), "no rate is defined in this folder"))
    by_rate: dict[str, list[Definition]] = {}
    for each in sorted(read, key=lambda one: (one.order, one.id, one.version)):
        by_rate.setdefault(each.id, []).append(each)
    for rate, versions in by_rate.items():
        faults.extend(_order_faults(rate, versions))
    ordered = {rate: tuple(sorted(each, key=lambda one: one.version)) for rate, each in by_rate.items()}
    return Definitions(MappingProxyType(ordered), tuple(faults))


def _read(path: Path, lake: duckdb.DuckDBPyConnection, faults: list[Fault]) -> Iterator[Definition]:
    try:
        definition = read_definition(path, Definition)
    except DefinitionFaultsError as broken:
        faults.extend(broken.faults)
        return
    found = tuple(_faults(path, lake, definition))
    faults.extend(found)
    if not found:
        yield definition


def _faults(path: Path, lake: duckdb.DuckDBPyConnection, definition: Definition) -> Iterator[Fault]:
    if path.name != f"{definition.id}.v{definition.version}.toml":
        yield Fault(path.name, "id", f"its file must be named {definition.id}.v{definition.version}.toml")
    if definition.version < 1:
        yield Fault(path.name, "version", "versions count from 1")
    for twin in repeated(each.id for each in definition.twin):
        yield Fault(path.name, "twin", f"{twin!r} stands twice")
    for reason in sql_faults(definition.sql, lake):
        yield Fault(path.name, "sql", reason)


def _order_faults(rate: str, versions: Iterable[Definition]) -> Iterator[Fault]:
    days = [each.in_force_from for each in sorted(versions, key=lambda one: one.version)]
    if any(later <= earlier for earlier, later in pairwise(days)):
        yield Fault(f"{rate}.v*.toml", "in_force_from", "a later version must come into force on a later day")
