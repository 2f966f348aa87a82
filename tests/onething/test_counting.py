from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from catalog.duties.board import STANDINGS, BoardLine
from catalog.duties.entity import load_law
from connectors.counting import Tally
from connectors.counting.tally import MINUTE_US
from onething import counting
from onething.counting import duties_overdue, outbox, seldom

if TYPE_CHECKING:
    from catalog.duties.roll import DutyRoll

COUNTS = dict.fromkeys(STANDINGS, 0)
START = 1_790_000_000 * 1_000_000 // MINUTE_US * MINUTE_US


def told(tally: Tally) -> dict[str, int]:
    return {gauge.figure: gauge.value for each in tally.take() for gauge in each.gauges}


def test_an_outbox_is_as_old_as_it_was_never_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    now, waiting = START, 0
    monkeypatch.setattr(counting, "clock_us", lambda: now)
    tally = Tally("catalog-0", now=lambda: now)
    measure = outbox(lambda: waiting)
    measure(tally)
    assert told(tally) == {"outbox-waits": 0, "outbox-age-s": 0}
    waiting = 3
    measure(tally)
    now += 20_000_000
    measure(tally)
    assert told(tally) == {"outbox-waits": 3, "outbox-age-s": 20}
    waiting = 0
    measure(tally)
    assert told(tally) == {"outbox-waits": 0, "outbox-age-s": 0}


def test_what_costs_much_is_measured_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    now, taken = 0.0, list[float]()
    monkeypatch.setattr(counting, "monotonic", lambda: now)
    measure = seldom(30, lambda _: taken.append(now))
    for _ in range(100):
        measure(Tally("catalog-0"))
        now += 1
    assert taken == [0, 30, 60, 90]


def test_overdue_duties_are_told_by_department_and_the_others_as_none() -> None:
    board = (BoardLine("tax", COUNTS | {"overdue": 2}), BoardLine("ecology", COUNTS))
    roll = cast("DutyRoll", SimpleNamespace(board=lambda _at, _days: board))
    tally = Tally("catalog-0")
    duties_overdue(roll, load_law())(tally)
    (told_now,) = tally.take()
    assert {each.department: each.value for each in told_now.gauges} == {"tax": 2, "ecology": 0}
