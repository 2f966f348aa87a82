"""Legal limits of duties: data by legal basis, place and the days on which they are in force."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import ClassVar, Final, Literal, TypeAlias

from pydantic import ConfigDict

from catalog.definition_place import read_from
from catalog.definitions import EXACT, Fault, demand_none, read_definition, repeated
from catalog.duties.days import day_number

DUTIES_FOLDER: Final = "duties"
LIMITS_FILE: Final = Path(__file__).parent / "limits.toml"
LONGEST_TERM_DAYS: Final = 366

DutyKind: TypeAlias = Literal[
    "catalogue-change",
    "catalogue-review",
    "reply-unconditional",
    "reply-conditional",
    "delivery",
    "correction",
    "disposal",
]
KIND_NAMES: Final = {
    "catalogue-change": "目录更新",
    "catalogue-review": "目录审核发布",
    "reply-unconditional": "答复（无条件共享）",
    "reply-conditional": "答复（有条件共享）",
    "delivery": "提供数据",
    "correction": "校核",
    "disposal": "销毁",
}


@dataclass(frozen=True)
class Limit:
    """One limit; the fields are told in ``limits.toml``. No ``working_days``: the source states no number."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    id: str
    kind: DutyKind
    owed_by: Literal["provider", "data-office", "requester"]
    legal_basis: str
    basis: str
    place: str
    in_force_from: date
    known: Literal["stated", "second-hand"]
    in_force_until: date | None = None
    working_days: int | None = None
    extension_days: int = 0
    extension_unit: Literal["working-days", "calendar-days"] = "working-days"
    extensions: int = 0
    consent: Literal["data-office", "unstated", "none"] = "none"
    requester_told: bool = False
    warn_before_days: tuple[int, ...] = ()
    applies_to_running: bool = False
    note: str = ""

    @cached_property
    def first_day(self) -> int:
        """The first day in force, counted from 1970-01-01."""
        return day_number(self.in_force_from)

    @cached_property
    def last_day(self) -> int | None:
        """The last day in force, counted from 1970-01-01."""
        return None if self.in_force_until is None else day_number(self.in_force_until)

    def holds(self, place: str, day: int) -> bool:
        """Tell whether the limit is in force in this place on this day."""
        return (
            self.first_day <= day and (self.last_day is None or day <= self.last_day) and place.startswith(self.place)
        )


class Limits:
    """All limits by id, and which one holds for a duty."""

    def __init__(self, limits: Iterable[Limit]) -> None:
        """Put the narrowest place first, and the latest of each place."""
        ordered = sorted(limits, key=lambda each: (len(each.place), each.first_day), reverse=True)
        self.by_id: Final = {each.id: each for each in ordered}
        self._by_kind: Final[dict[str, list[Limit]]] = defaultdict(list)
        for each in ordered:
            self._by_kind[each.kind].append(each)
        self._taking_over: Final = {
            kind: sorted((each for each in found if each.applies_to_running), key=lambda each: each.first_day)
            for kind, found in self._by_kind.items()
        }

    def __iter__(self) -> Iterator[Limit]:
        """By duty, the oldest first."""
        kinds = list(KIND_NAMES)
        return iter(sorted(self.by_id.values(), key=lambda each: (kinds.index(each.kind), each.first_day, each.id)))

    def of(self, kind: str, place: str, day: int) -> Limit | None:
        """Return the limit of a duty of this kind that is received in this place on this day, if any is in force."""
        return next((each for each in self._by_kind.get(kind, ()) if each.holds(place, day)), None)

    def successor(self, kind: str, place: str, after_day: int) -> Limit | None:
        """Return the next limit that begins after this day and takes over running duties of this kind and place."""
        for each in self._taking_over.get(kind, ()):
            if each.first_day > after_day and self.of(kind, place, each.first_day) is each:
                return each
        return None


@read_from(f"{DUTIES_FOLDER}/{LIMITS_FILE.name}")
def load_limits(path: Path) -> Limits:
    """Return the limits of a file.

    Raises:
        DefinitionFaultsError: the file does not hold together; every fault is named.
    """
    found = read_definition(path, _LimitsFile).limit
    demand_none(Fault(path.name, place, reason) for place, reason in _faults(found))
    return Limits(found)


@dataclass(frozen=True)
class _LimitsFile:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    limit: tuple[Limit, ...]


def _faults(limits: tuple[Limit, ...]) -> Iterator[tuple[str, str]]:
    yield from (("limit", f"id {each!r} stands more than once") for each in repeated(each.id for each in limits))
    for each in limits:
        yield from ((f"limit {each.id}", reason) for reason in _faults_of(each))
    for one, other in combinations(limits, 2):
        if (one.kind, one.place, one.in_force_from) == (other.kind, other.place, other.in_force_from):
            yield f"limit {other.id}", f"begins on the same day as {one.id}, of the same duty and place"


def _faults_of(limit: Limit) -> Iterator[str]:
    if limit.working_days is not None and not 0 <= limit.working_days <= LONGEST_TERM_DAYS:
        yield f"working_days {limit.working_days} is not between 0 and {LONGEST_TERM_DAYS}"
    if limit.in_force_until is not None and limit.in_force_until < limit.in_force_from:
        yield f"in_force_until {limit.in_force_until} lies before in_force_from {limit.in_force_from}"
    if not 0 <= limit.extension_days <= LONGEST_TERM_DAYS:
        yield f"extension_days {limit.extension_days} is not between 0 and {LONGEST_TERM_DAYS}"
    if (limit.extension_days > 0) != (limit.extensions > 0) or limit.extensions < 0:
        yield "extension_days and extensions go together: both above 0, or neither"
    if limit.extensions > 0 and (limit.working_days is None or limit.consent == "none"):
        yield "an extension needs working_days to extend and a consent"
    if list(limit.warn_before_days) != sorted({each for each in limit.warn_before_days if each > 0}, reverse=True):
        yield "warn_before_days are above 0 and fall, each once"
    if max(limit.warn_before_days, default=0) > (limit.working_days or 0):
        yield f"warn_before_days {limit.warn_before_days} reach beyond the term of {limit.working_days} working days"
    if limit.place and not (limit.place.isdecimal() and len(limit.place) in (2, 4, 6)):
        yield f"place {limit.place!r} is no code of an administrative division (2, 4 or 6 digits)"
