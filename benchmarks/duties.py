"""The legal clock: a step of each kind in the rule, and a million duties replayed from recorded events on one core."""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from statistics import median
from typing import Final

import msgspec
import psutil

from benchmarks.figures import Figure, at_most, told
from catalog.duties.clock import Law
from catalog.duties.days import DAY_US, day_of
from catalog.duties.duty import Duty, DutyEvent, Extended, Fulfilled, Opened, Resumed, Rung, Suspended
from catalog.duties.entity import load_law
from catalog.duties.limits import KIND_NAMES
from catalog.duties.replay import folded
from catalog.duties.rule import advance, replayed
from catalog.working_days import load_calendar

STEP_TARGET_US: Final = 15
REPLAY_TARGET_S: Final = 60
DUTIES_OF_THE_TARGET: Final = 1_000_000
BLOCK: Final = 20_000
"""Duties that are under way at the same time."""

_START: Final = (datetime(2025, 9, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
_OPENED: Final = Opened("o", _START + 190 * DAY_US, "d", "catalogue-change", "resource", "r", "tax")


def main() -> None:
    """Print the time of each step, and of the replay."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--duties", type=int, default=DUTIES_OF_THE_TARGET)
    arguments.add_argument("--rounds", type=int, default=5, help="measurements of each step; the median is told")
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    law = load_law()
    print(told("duties", [*steps(law, asked.rounds), *replay(law, asked.duties)], as_json=asked.json))


def steps(law: Law, rounds: int) -> Iterator[Figure]:
    """Microseconds of each kind of step, beside what the calendar alone takes."""
    for name, given, when in _steps():
        duty = replayed(given, law)
        step = advance(duty, when, law)
        assert step.happened, name
        assert not step.refusals, name
        yield at_most(f"step: {name}", _us(_stepping(duty, when, law), rounds), "µs", STEP_TARGET_US)
    calendar, days, day = load_calendar(), law.days, day_of(_OPENED.at)
    yield Figure("an end of 20 working days, by tables", _us(lambda: days.due_day(day, 20), rounds), "µs")
    yield Figure("the same, walking the calendar", _us(lambda: calendar.due_at(_OPENED.at, 20), rounds), "µs")


def replay(law: Law, duties: int) -> Iterator[Figure]:
    """Seconds for reading recorded events and folding them into duties, two events each, many duties in between."""
    process = psutil.Process()
    before, took, kept, late = process.memory_info().rss, 0.0, 0, 0
    everything: list[dict[str, Duty]] = []
    for first in range(0, duties, BLOCK):
        lines = list(_recorded(first, min(BLOCK, duties - first)))
        began = time.process_time()
        found = folded(_read(lines), law)
        took += time.process_time() - began
        everything.append(found)
        kept += len(found)
        late += sum(duty.state == "fulfilled-late" for duty in found.values())
        _say(f"{kept:,} duties in {took:.1f} s")
    assert kept == duties
    assert all(duty.ended for duty in chain.from_iterable(found.values() for found in everything))
    yield at_most(
        f"{duties:,} duties of 2 events replayed, one core",
        took,
        "s",
        REPLAY_TARGET_S * duties / DUTIES_OF_THE_TARGET,
    )
    yield Figure("events", 2 * duties / took, "events/s")
    yield Figure("of them fulfilled late", 100 * late / duties, "%")
    yield Figure("memory of a duty with its facts", (process.memory_info().rss - before) / duties, "bytes")


def _steps() -> Iterator[tuple[str, tuple[DutyEvent, ...], DutyEvent]]:
    suspended = Suspended("s", _OPENED.at + 2 * DAY_US, ("letter",))
    yield "opened", (), _OPENED
    yield "suspended", (_OPENED,), suspended
    yield "resumed", (_OPENED, suspended), Resumed("r", suspended.at + 3 * DAY_US, ("letter",))
    yield "extended", (_OPENED,), Extended("x", _OPENED.at + DAY_US, 5, ("consent",), ("told",))
    yield "fulfilled", (_OPENED,), Fulfilled("f", _OPENED.at + DAY_US, ("reply",))
    yield "warned", (_OPENED,), Rung(replayed_next(_OPENED))
    yield "breached", (_OPENED, Rung(_OPENED.at + 13 * DAY_US)), Rung(_OPENED.at + 20 * DAY_US)


def replayed_next(opened: Opened) -> int:
    """When the clock of a duty rings first."""
    duty = replayed((opened,), load_law())
    assert duty is not None
    assert duty.next_at is not None
    return duty.next_at


def _stepping(duty: Duty | None, when: DutyEvent, law: Law) -> Callable[[], object]:
    return lambda: advance(duty, when, law)


def _us(call: Callable[[], object], rounds: int, calls: int = 20_000) -> float:
    return median(_once(call, calls) for _ in range(rounds))


def _once(call: Callable[[], object], calls: int) -> float:
    began = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - began) / calls * 1e6


def _recorded(first: int, duties: int) -> Iterator[bytes]:
    """Events of so many duties as they are kept: all are opened, then all are fulfilled, in time or late."""
    chance, kinds = random.Random(first), sorted(KIND_NAMES)
    encode = msgspec.json.encode
    opened = [
        Opened(
            event_id=f"demand/D-{number}/1",
            at=_START + chance.randrange(400 * DAY_US),
            duty_id=f"{kinds[number % len(kinds)]}:D-{number}:1",
            kind=kinds[number % len(kinds)],
            entity="demand",
            entity_id=f"D-{number}",
            department=f"department-{number % 60}",
        )
        for number in range(first, first + duties)
    ]
    yield from map(encode, opened)
    chance.shuffle(opened)
    for each in opened:
        done = Fulfilled(f"{each.event_id}+", each.at + chance.randrange(20 * DAY_US), (each.event_id,))
        yield encode((each.duty_id, done))


def _read(lines: list[bytes]) -> Iterator[tuple[str, DutyEvent]]:
    openings, endings = msgspec.json.Decoder(Opened), msgspec.json.Decoder(tuple[str, Fulfilled])
    for line in lines:
        if line.startswith(b"{"):
            opened = openings.decode(line)
            yield opened.duty_id, opened
        else:
            yield endings.decode(line)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
