"""Every duty as it stands, held in memory beside the register and brought up by the changes since.

A board over 100,000 duties is then counted in milliseconds: those that have ended stand as they stand, and only
running ones are held against the clock.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Final, Protocol

from catalog.duties.board import STANDINGS, BoardLine, Standing, standing
from catalog.duties.days import DayTables
from catalog.duties.duty import Duty
from catalog.duties.entity import duty_of
from catalog.register.changes import DUTY, Entity
from catalog.register.reader import ChangePage, RegisteredEntity, RegisterFigures

_PAGE: Final = 1000


class RegisterReading(Protocol):
    """What the roll asks of the register's reader."""

    def figures(self) -> RegisterFigures:
        """How many changes there ever were."""
        ...

    def all(self, entity: Entity) -> Iterable[RegisteredEntity]:
        """Every entity of a kind as it stands."""
        ...

    def changes(self, *, after: int, limit: int) -> ChangePage:
        """Changes of all entities with numbers beyond ``after``."""
        ...


class DutyRoll:
    """The duties of the register as they stand; for as many threads as wish."""

    def __init__(self, reader: RegisterReading) -> None:
        """Read nothing before something is asked."""
        self._reader = reader
        self._read_to: int | None = None
        self._lock = Lock()
        self._duties: dict[str, Duty] = {}
        self._running: defaultdict[str, set[str]] = defaultdict(set)
        self._ended: defaultdict[str, Counter[Standing]] = defaultdict(Counter)

    def board(self, at: int, days: DayTables) -> tuple[BoardLine, ...]:
        """One line for each department that has a duty, by its code; the same as ``catalog.duties.board.board``."""
        with self._lock:
            self._bring_up()
            counts = {department: Counter(ended) for department, ended in self._ended.items()}
            for department, running in self._running.items():
                mine = counts.setdefault(department, Counter())
                mine.update(standing(self._duties[each], at, days) for each in running)
        found = ((each, counted) for each, counted in sorted(counts.items()) if counted.total())
        return tuple(BoardLine(each, {name: counted[name] for name in STANDINGS}) for each, counted in found)

    def duties(self, department: str = "") -> tuple[Duty, ...]:
        """Every duty, of one department where it is named."""
        with self._lock:
            self._bring_up()
            return tuple(each for each in self._duties.values() if department in ("", each.department))

    def _bring_up(self) -> None:
        if self._read_to is None:
            # The number first: what changes meanwhile is read twice, and stands the same.
            self._read_to = self._reader.figures().changes
            for entity in self._reader.all(DUTY):
                self._take(duty_of(entity.state))
        for duty, number in self._news(self._read_to):
            if duty is not None:
                self._take(duty)
            self._read_to = number

    def _news(self, after: int | None) -> Iterator[tuple[Duty | None, int]]:
        while after is not None:
            page = self._reader.changes(after=after, limit=_PAGE)
            for change in page.changes:
                yield (duty_of(change.state) if change.entity == DUTY else None), change.number
            after = page.next_after

    def _take(self, duty: Duty) -> None:
        before = self._duties.get(duty.id)
        if before is not None:
            self._count(before, -1)
        self._duties[duty.id] = duty
        self._count(duty, 1)

    def _count(self, duty: Duty, by: int) -> None:
        # What is not running stands the same at every instant.
        if duty.state != "running":
            self._ended[duty.department][duty.state] += by
        elif by > 0:
            self._running[duty.department].add(duty.id)
        else:
            self._running[duty.department].discard(duty.id)
