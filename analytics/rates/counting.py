"""A definition's SQL run over the lake: what was counted, by place; each count is kept until the lake's days change."""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

import duckdb

from analytics.lake.absent_files import LakeFilesAbsent
from analytics.rates.blocks import load_blocks, parameters, with_blocks
from analytics.rates.definition import Definition
from analytics.rates.folding import DIMENSIONS, Counted, Cube, Place
from analytics.rates.lake import RateLake

_MOST_KEPT: Final = 512
CANNOT_RUN: Final = "该定义不能执行"


class Asked(NamedTuple):
    """One count: by which definition, as of which day, over the period from which day on, raw or from roll-ups."""

    definition: Definition
    as_of: date
    first: date
    raw: bool = False

    @property
    def key(self) -> tuple[str, int, date, date, bool]:
        """What tells it from others; a stock does not depend on the period."""
        first = self.as_of if self.definition.over == "stock" else self.first
        return self.definition.id, self.definition.version, self.as_of, first, self.raw


@dataclass(frozen=True)
class Count:
    """What was counted, or why nothing could be."""

    cube: Cube = ()
    fault: str = ""


class Counting:
    """Counts over a lake; safe to call from several threads."""

    def __init__(self, lake: RateLake) -> None:
        """Count over this lake."""
        self.lake = lake
        self._kept: OrderedDict[tuple[object, ...], Count] = OrderedDict()
        self._names: OrderedDict[tuple[date, str], Mapping[str, str]] = OrderedDict()
        self._lock = threading.Lock()
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def count(self, asked: Asked) -> Count:
        """What a definition counts; why it cannot be counted is told in ``fault``, and others stand."""
        key = (*asked.key, self.lake.identity(asked.as_of))
        known = self._known(key)
        if known is not None:
            return known
        # Who asks for the same rate meanwhile waits for it, and does not count it once more.
        with self._turns[asked.definition.id]:
            return self._known(key) or self._counted_now(key, asked)

    def organisations(self, as_of: date) -> Mapping[str, str]:
        """What organisations are called on a day, by code."""
        key = (as_of, self.lake.identity(as_of))
        known = self._names.get(key)
        if known is None:
            sql = "SELECT code, name FROM organisations"
            known = self._names[key] = {str(code): str(name) for code, name in self.rows(sql, as_of, as_of)}
            while len(self._names) > _MOST_KEPT:
                self._names.popitem(last=False)
        return known

    def rows(
        self, sql: str, as_of: date, first: date, more: Mapping[str, object] | None = None, *, raw: bool = False
    ) -> list[tuple[object, ...]]:
        """The rows of a query over blocks and tables."""
        with self.lake.opened(sql, as_of, raw=raw) as opened:
            statement = with_blocks(sql, load_blocks(), opened.kept)
            return opened.connection.execute(
                statement, {**parameters(statement, as_of, first), **(more or {})}
            ).fetchall()

    def _known(self, key: tuple[object, ...]) -> Count | None:
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
            return known

    def _counted_now(self, key: tuple[object, ...], asked: Asked) -> Count:
        found = self._counted(asked)
        if found.fault:
            return found
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return found

    def _counted(self, asked: Asked) -> Count:
        try:
            rows = self.rows(cube_sql(asked.definition), asked.as_of, asked.first, raw=asked.raw)
        except LakeFilesAbsent as absent:
            return Count(fault=str(absent))
        except duckdb.Error as fault:
            return Count(fault=f"{CANNOT_RUN}：{str(fault).splitlines()[0]}")
        return Count(tuple(_place_and_count(asked.definition, row) for row in rows))


def cube_sql(definition: Definition) -> str:
    """The SQL that adds up a definition's units by place."""
    places = ", ".join(f'coalesce("{name}", \'\') AS "{name}"' for name in DIMENSIONS)
    twins = "".join(
        f",\n    count(*) FILTER ({'counts > 0 AND out_of > 0 AND ' if twin.of == 'counted' else ''}"
        f"list_contains(twins, '{twin.id}'))"
        for twin in definition.twin
    )
    return (
        f"SELECT {places},\n    CAST(coalesce(sum(counts) FILTER (out_of > 0), 0) AS BIGINT),"
        f"\n    CAST(coalesce(sum(out_of), 0) AS BIGINT),\n    count(*),\n    count(*) FILTER (unstated){twins}"
        f"\nFROM (\n{definition.sql}\n)\nGROUP BY 1, 2, 3, 4, 5"
    )


def _place_and_count(definition: Definition, row: tuple[object, ...]) -> tuple[Place, Counted]:
    width = len(DIMENSIONS)
    numbers = [int(str(each)) for each in row[width:]]
    twins = {twin.id: number for twin, number in zip(definition.twin, numbers[4:], strict=True)}
    numerator, denominator, units, unstated = numbers[:4]
    return Place(*(str(each) for each in row[:width])), Counted(numerator, denominator, units, unstated, twins)
