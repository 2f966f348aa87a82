"""Drawing a bulletin up goes on beside the requests for it, and is not begun twice."""

from threading import Event
from typing import Any

import pytest

from analytics.bulletins.drawn import Drawn, StillDrawing


class Draws:
    """Draws up what it is told to, once it may; counts how often."""

    def __init__(self) -> None:
        self.begun = 0
        self.may_go = Event()
        self.fault: Exception | None = None

    def __call__(self) -> Any:
        self.begun += 1
        assert self.may_go.wait(30)
        if self.fault:
            raise self.fault
        return f"bulletin {self.begun}"


@pytest.fixture
def draws() -> Draws:
    return Draws()


def test_who_cannot_wait_is_told_and_finds_it_later(draws: Draws) -> None:
    drawn = Drawn()
    for _ in range(2):
        with pytest.raises(StillDrawing):
            drawn.get("2026-10", "state", draws, 0.01)
    with pytest.raises(StillDrawing):
        drawn.get("2026-10", "another state while it is being drawn up", draws, 0.01)
    draws.may_go.set()
    found: Any = drawn.get("2026-10", "state", draws, 30)
    assert (found, draws.begun) == ("bulletin 1", 1)


def test_another_state_is_drawn_up_anew(draws: Draws) -> None:
    drawn, ready = Drawn(), draws
    ready.may_go.set()
    found: list[Any] = [drawn.get("2026-10", state, draws, 30) for state in ("one", "one", "two")]
    assert found == ["bulletin 1", "bulletin 1", "bulletin 2"]


def test_what_failed_is_tried_again(draws: Draws) -> None:
    drawn = Drawn()
    draws.may_go.set()
    draws.fault = TimeoutError("of the lake")
    with pytest.raises(TimeoutError, match="of the lake"):
        drawn.get("2026-10", "state", draws, 30)
    draws.fault = None
    found: Any = drawn.get("2026-10", "state", draws, 30)
    assert found == "bulletin 2"


def test_only_the_last_few_are_kept(draws: Draws) -> None:
    drawn = Drawn()
    draws.may_go.set()
    months = [f"2026-{number:02d}" for number in range(1, 9)]
    for month in (*months, months[-1], months[0]):
        drawn.get(month, "state", draws, 30)
    assert draws.begun == len(months) + 1
