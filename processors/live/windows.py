"""Windows of counts: cells of one width, the newest so many of them, each with its series."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US


class Series(msgspec.Struct, frozen=True):
    """What is counted apart: a figure, and of whom, of what and how long."""

    figure: str
    department: str | None = None
    bundle: str | None = None
    label: str | None = None
    bucket: int | None = None


class WindowRule(msgspec.Struct, frozen=True):
    """One window: its cells' width and how many are kept."""

    id: str
    name: str
    width_s: int
    cells: int

    @property
    def width_us(self) -> int:
        """Width of a cell, µs."""
        return self.width_s * SECOND_US

    @property
    def span_s(self) -> int:
        """How far it looks back, s."""
        return self.width_s * self.cells


class WindowRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``windows.toml``."""

    open_minutes: int
    most_series: int
    window: tuple[WindowRule, ...]


@cache
def window_rules() -> WindowRules:
    """The windows that ship."""
    raw = tomllib.loads(files("processors.live").joinpath("windows.toml").read_text(encoding="utf-8"))
    return msgspec.convert(raw, WindowRules)


Matches = Callable[[Series], bool]


class Window:
    """The newest cells of one width: start, µs → series → count."""

    def __init__(self, rule: WindowRule) -> None:
        self.rule = rule
        self._cells: dict[int, dict[Series, int]] = {}
        self._total: dict[Series, int] = {}

    def add(self, at: int, series: Series, count: int, now: int) -> None:
        """Count into the cell of ``at``; nothing when it is older than what is kept."""
        start = at - at % self.rule.width_us
        if start <= now - self.rule.span_s * SECOND_US:
            return
        cell = self._cells.get(start)
        if cell is None:
            cell = self._cells[start] = {}
            self.forget(now)
        cell[series] = cell.get(series, 0) + count
        self._total[series] = self._total.get(series, 0) + count

    def forget(self, now: int) -> None:
        """Let go of cells that the window has passed."""
        oldest = now - self.rule.span_s * SECOND_US
        for start in [each for each in self._cells if each <= oldest]:
            for series, count in self._cells.pop(start).items():
                self._lessen(series, count)

    def total(self, now: int) -> Mapping[Series, int]:
        """Every series' count over all that is kept: as ``sums`` over the whole window, without adding it up."""
        self.forget(now)
        return self._total

    def cells(self, since: int, until: int) -> Iterator[tuple[int, Mapping[Series, int]]]:
        """(start, counts) of the cells that begin in [since, until), in no order."""
        return ((start, cell) for start, cell in self._cells.items() if since <= start < until)

    def sums(self, since: int, until: int, matches: Matches = lambda _: True) -> dict[Series, int]:
        """Every series' count over the cells that begin in [since, until)."""
        found: dict[Series, int] = {}
        for _, cell in self.cells(since, until):
            for series, count in cell.items():
                if matches(series):
                    found[series] = found.get(series, 0) + count
        return found

    def points(self, since: int, until: int, matches: Matches) -> dict[int, int]:
        """Cell start → count of all series that match; cells without any are left out."""
        chosen = [series for series in self._total if matches(series)]
        found = {start: sum(cell.get(series, 0) for series in chosen) for start, cell in self.cells(since, until)}
        return {start: total for start, total in found.items() if total}

    def _lessen(self, series: Series, count: int) -> None:
        if left := self._total[series] - count:
            self._total[series] = left
        else:
            del self._total[series]

    @property
    def size(self) -> int:
        """Counts that are held."""
        return sum(map(len, self._cells.values()))
