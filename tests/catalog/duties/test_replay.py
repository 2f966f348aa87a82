from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest

from catalog.duties.clock import Law
from catalog.duties.days import load_days
from catalog.duties.duty import DutyEvent, Fulfilled, Opened, Resumed, Rung, Suspended
from catalog.duties.limits import load_limits
from catalog.duties.reading import UnreadableDuties, read_duties
from catalog.duties.replay import Deviation, as_of, deviations, folded
from catalog.duties.rule import replayed

LAW = Law(load_limits(), load_days())
CHINA = timezone(timedelta(hours=8))


def us(china: str) -> int:
    moment = datetime.fromisoformat(f"2026-{china}").replace(tzinfo=CHINA)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


LIFE: tuple[DutyEvent, ...] = (
    Opened("o", us("03-02 09:00"), "d", "correction", "correction", "C", "tax"),
    Suspended("s", us("03-04 09:00"), ("letter",)),
    Resumed("r", us("03-06 09:00"), ("letter",)),
    Fulfilled("f", us("03-23 09:00"), ("reply",)),
)
ENDED = replayed(LIFE, LAW)


@pytest.mark.parametrize(
    ("at", "state", "breached"),
    [
        ("03-03 09:00", "running", False),
        ("03-05 09:00", "suspended", False),
        ("03-18 23:59", "running", False),
        ("03-19 00:00", "running", True),
        ("03-23 09:00", "fulfilled-late", True),
    ],
)
def test_a_duty_as_it_stood(at: str, state: str, breached: bool) -> None:
    assert ENDED is not None
    then = as_of(ENDED, us(at), LAW)
    assert then is not None
    assert (then.state, then.breached_at is not None) == (state, breached)
    assert then == replayed((*(each for each in LIFE if each.at <= us(at)), Rung(us(at))), LAW)


def test_before_its_receipt_it_did_not_stand() -> None:
    assert ENDED is not None
    assert as_of(ENDED, us("03-01 09:00"), LAW) is None


def test_what_was_recorded_is_what_its_facts_give() -> None:
    assert ENDED is not None
    assert list(deviations(ENDED, LIFE[-1].at, LAW)) == []
    forged = msgspec.structs.replace(ENDED, state="fulfilled", breached_at=None)
    assert list(deviations(forged, LIFE[-1].at, LAW)) == [
        Deviation("d", "state", "fulfilled", "fulfilled-late"),
        Deviation("d", "breached_at", None, us("03-19 00:00")),
    ]


def test_a_log_of_many_duties_with_what_is_refused_in_it() -> None:
    other = Opened("o2", us("03-02 10:00"), "e", "delivery", "demand", "D", "tax")
    log = [("x", LIFE[1]), ("d", LIFE[0]), ("e", other), ("d", LIFE[1]), ("e", Rung(us("03-20 00:00"))), ("d", LIFE[2])]
    found = folded(log, LAW)
    assert sorted(found) == ["d", "e"]
    assert found["d"] == replayed(LIFE[:3], LAW)
    assert found["e"] == replayed((other,), LAW)


def test_duties_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "duties.json"
    path.write_bytes(msgspec.json.encode([msgspec.to_builtins(ENDED) | {"changed_at": 7, "stands": "late"}]))
    (read,) = read_duties(path)
    assert (read.duty, read.changed_at) == (ENDED, 7)


@pytest.mark.parametrize("text", [b"", b"{}", b"[{}]", b"\xff", msgspec.json.encode([ENDED])])
def test_what_is_no_file_of_duties_is_told_with_its_place(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "duties.json"
    path.write_bytes(text)
    with pytest.raises(UnreadableDuties, match=r"duties\.json"):
        read_duties(path)


def test_a_duty_without_facts_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "duties.json"
    path.write_bytes(msgspec.json.encode([msgspec.to_builtins(ENDED) | {"facts": [], "changed_at": 7}]))
    with pytest.raises(UnreadableDuties, match="no facts"):
        read_duties(path)
    with pytest.raises(UnreadableDuties, match="No such file"):
        read_duties(tmp_path / "other.json")
