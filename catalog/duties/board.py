"""The duty board: by department what is open, due soon, overdue, fulfilled in time or late; down to each duty."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from catalog.duties.days import DayTables, day_of
from catalog.duties.duty import Duty

SOON_WORKING_DAYS: Final = 3

Standing: TypeAlias = Literal["open", "due-soon", "overdue", "suspended", "fulfilled", "fulfilled-late", "lapsed"]
STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)
STANDING_NAMES: Final[dict[Standing, str]] = {
    "open": "在办",
    "due-soon": "临期",
    "overdue": "逾期未办",
    "suspended": "中止",
    "fulfilled": "按期办结",
    "fulfilled-late": "逾期办结",
    "lapsed": "终止",
}


class BoardLine(msgspec.Struct, frozen=True):
    """One department's duties: how many stand how, and the share of those whose term is over that was in time."""

    department: str
    counts: dict[Standing, int]

    @property
    def in_time(self) -> float | None:
        """Fulfilled in time of those fulfilled or overdue; ``None`` when there are none."""
        kept = self.counts["fulfilled"]
        due = kept + self.counts["fulfilled-late"] + self.counts["overdue"]
        return kept / due if due else None


def working_days_left(duty: Duty, at: int, days: DayTables) -> int | None:
    """Return how many working days are left, today's included, below 0 when overdue; ``None`` without a term."""
    if duty.due_at is None or duty.ended:
        return None
    return days.count(day_of(duty.due_at - 1)) - days.count(day_of(at) - 1)


def standing(duty: Duty, at: int, days: DayTables, soon_working_days: int = SOON_WORKING_DAYS) -> Standing:
    """Return how a duty stands at an instant after all that happened to it."""
    if duty.state != "running":
        return duty.state
    if duty.due_at is None:
        return "open"
    if at >= duty.due_at:
        return "overdue"
    left = working_days_left(duty, at, days)
    return "due-soon" if left is not None and left <= soon_working_days else "open"


def board(duties: Iterable[Duty], at: int, days: DayTables) -> tuple[BoardLine, ...]:
    """Return one line for each department that has a duty, by its code."""
    counts: defaultdict[str, Counter[Standing]] = defaultdict(Counter)
    for duty in duties:
        counts[duty.department][standing(duty, at, days)] += 1
    return tuple(BoardLine(each, {name: found[name] for name in STANDINGS}) for each, found in sorted(counts.items()))


def drilled(
    duties: Iterable[Duty], at: int, days: DayTables, *, department: str = "", kind: str = "", stands: str = ""
) -> tuple[Duty, ...]:
    """Return the duties behind a figure of the board, those that end first in front; empty words choose nothing."""
    found = (
        duty
        for duty in duties
        if department in ("", duty.department) and kind in ("", duty.kind) and stands in ("", standing(duty, at, days))
    )
    return tuple(sorted(found, key=_order))


def _order(duty: Duty) -> tuple[bool, int, int, str]:
    return (duty.due_at is None, duty.due_at or 0, duty.received_at, duty.id)
