from datetime import UTC, datetime, timedelta, timezone

import pytest

from catalog.duties.board import STANDING_NAMES, STANDINGS, board, drilled, standing, working_days_left
from catalog.duties.clock import Law
from catalog.duties.days import load_days
from catalog.duties.duty import Duty, Fulfilled, Lapsed, Opened, Suspended
from catalog.duties.limits import load_limits
from catalog.duties.rule import replayed

LAW = Law(load_limits(), load_days())
CHINA = timezone(timedelta(hours=8))


def us(china: str) -> int:
    moment = datetime.fromisoformat(f"2026-{china}").replace(tzinfo=CHINA)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def duty_of(duty_id: str, *events: Fulfilled | Suspended | Lapsed, kind: str = "correction") -> Duty:
    """Received on Monday 2 March; ten working days end with Monday 16 March."""
    opened = Opened("o", us("03-02 09:00"), duty_id, kind, "correction", "C", duty_id[:3])
    duty = replayed((opened, *events), LAW)
    assert duty is not None
    return duty


RUNNING = duty_of("tax-1")
DUTIES = (
    RUNNING,
    duty_of("tax-2", Fulfilled("f", us("03-16 23:00"), ("e",))),
    duty_of("tax-3", Fulfilled("f", us("03-17 09:00"), ("e",))),
    duty_of("tax-4", Suspended("s", us("03-04 09:00"), ("e",))),
    duty_of("law-1", Lapsed("l", us("03-04 09:00"), "gone")),
    duty_of("law-2", kind="disposal"),
)


@pytest.mark.parametrize(
    ("at", "stands", "left"),
    [
        ("03-02 09:00", "open", 11),
        ("03-11 23:59", "open", 4),
        ("03-12 00:00", "due-soon", 3),
        ("03-14 12:00", "due-soon", 1),
        ("03-16 23:59", "due-soon", 1),
        ("03-17 00:00", "overdue", 0),
        ("03-18 00:00", "overdue", -1),
    ],
)
def test_how_a_duty_stands(at: str, stands: str, left: int) -> None:
    assert standing(RUNNING, us(at), LAW.days) == stands
    assert working_days_left(RUNNING, us(at), LAW.days) == left


def test_the_board_counts_by_department() -> None:
    law, tax = board(DUTIES, us("03-20 09:00"), LAW.days)
    assert (law.department, {name: count for name, count in law.counts.items() if count}) == (
        "law",
        {"lapsed": 1, "open": 1},
    )
    assert (tax.department, {name: count for name, count in tax.counts.items() if count}) == (
        "tax",
        {"overdue": 1, "fulfilled": 1, "fulfilled-late": 1, "suspended": 1},
    )
    assert law.in_time is None
    assert tax.in_time == pytest.approx(1 / 3)


def test_every_figure_of_the_board_leads_to_its_duties() -> None:
    at = us("03-20 09:00")
    for line in board(DUTIES, at, LAW.days):
        for stands, count in line.counts.items():
            assert len(drilled(DUTIES, at, LAW.days, department=line.department, stands=stands)) == count


def test_those_that_end_first_come_first_and_kinds_are_chosen() -> None:
    at = us("03-03 09:00")
    assert [each.id for each in drilled(DUTIES, at, LAW.days, department="law")] == ["law-1", "law-2"]
    assert [each.id for each in drilled(DUTIES, at, LAW.days, kind="disposal")] == ["law-2"]


def test_every_standing_has_a_name() -> None:
    assert tuple(STANDING_NAMES) == STANDINGS
