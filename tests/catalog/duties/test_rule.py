"""The rule in one line each: given these events, when this one comes, then this happens or is refused."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest

from catalog.duties.clock import Law
from catalog.duties.days import load_days
from catalog.duties.duty import (
    Duty,
    DutyEvent,
    DutyStep,
    Escalated,
    Extended,
    Fulfilled,
    Lapsed,
    Opened,
    Resumed,
    Rung,
    Settled,
    Suspended,
)
from catalog.duties.limits import load_limits
from catalog.duties.rule import advance, replayed

LAW = Law(load_limits(), load_days())
CHINA = timezone(timedelta(hours=8))


def us(china: str) -> int:
    moment = datetime.fromisoformat(f"2026-{china}").replace(tzinfo=CHINA)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


# Order 809 outside Xi'an: Monday 2 March, ten working days, due at the end of Monday 16 March.
OPENED = Opened("open", us("03-02 09:00"), "d", "reply-conditional", "demand", "D", "tax", "health", "610402")
SUSPENDED = Suspended("suspend", us("03-04 09:00"), ("letter",))
RESUMED = Resumed("resume", us("03-06 09:00"), ("answer",))
EXTENDED = Extended("extend", us("03-10 09:00"), 10, ("consent",), ("told",))
FULFILLED = Fulfilled("fulfil", us("03-12 09:00"), ("reply",))
LATE = Fulfilled("fulfil", us("03-18 09:00"), ("reply",))
LAPSED = Lapsed("lapse", us("03-12 09:00"), "withdrawn")
NEGOTIATED = Escalated("talk", us("03-13 09:00"), "negotiation", ("minutes",))
MEDIATED = Escalated("office", us("03-14 09:00"), "data-office", ("letter",))
AFTER_THE_END = us("03-17 00:00")


def step_of(given: Sequence[DutyEvent], when: DutyEvent) -> DutyStep:
    return advance(replayed(given, LAW), when, LAW)


def assert_happens(given: Sequence[DutyEvent], when: DutyEvent, then: list[str]) -> Duty:
    step = step_of(given, when)
    assert not step.refusals
    assert [each.action for each in step.happened] == then
    assert step.duty is not None
    return step.duty


def assert_refused(given: Sequence[DutyEvent], when: DutyEvent, fields: list[str]) -> None:
    step = step_of(given, when)
    assert [each.field for each in step.refusals] == fields
    assert all(each.reason and each.reason_en and each.remedy and each.remedy_en for each in step.refusals)
    assert step.duty == replayed(given, LAW)
    assert not step.happened


def test_a_duty_opens() -> None:
    duty = assert_happens([], OPENED, ["opened"])
    assert (duty.due_at, duty.next_at, duty.department, duty.counterpart) == (
        us("03-17 00:00"),
        us("03-12 00:00"),
        "tax",
        "health",
    )


def test_warnings_come_as_the_last_days_begin_and_the_breach_as_the_last_one_ends() -> None:
    assert assert_happens([OPENED], Rung(us("03-12 00:00")), ["warned"]).next_at == us("03-16 00:00")
    assert assert_happens([OPENED, Rung(us("03-12 00:00"))], Rung(us("03-16 00:00")), ["warned"]).warned == 2
    duty = assert_happens([OPENED], Rung(us("03-20 00:00")), ["warned", "warned", "breached"])
    assert (duty.breached_at, duty.next_at, duty.state) == (us("03-17 00:00"), None, "running")
    assert_happens([OPENED], Rung(us("03-11 23:59")), [])
    assert_happens([OPENED, Rung(us("03-20 00:00"))], Rung(us("03-21 00:00")), [])


def test_fulfilled_in_time_late_and_at_the_last_moment() -> None:
    assert assert_happens([OPENED], FULFILLED, ["warned", "fulfilled"]).state == "fulfilled"
    late = assert_happens([OPENED], LATE, ["warned", "warned", "breached", "fulfilled"])
    assert (late.state, late.breached_at, late.ended_at) == ("fulfilled-late", AFTER_THE_END, LATE.at)
    last = step_of([OPENED], Fulfilled("f", AFTER_THE_END - 1, ("reply",))).duty
    past = step_of([OPENED], Fulfilled("f", AFTER_THE_END, ("reply",))).duty
    assert last is not None
    assert past is not None
    assert (last.state, past.state) == ("fulfilled", "fulfilled-late")


def test_what_was_done_in_time_and_told_after_the_breach_was_no_breach() -> None:
    duty = assert_happens([OPENED, Rung(us("03-17 00:01"))], FULFILLED, ["fulfilled"])
    assert (duty.state, duty.breached_at) == ("fulfilled", None)
    extended = assert_happens([OPENED, Rung(us("03-17 00:01"))], EXTENDED, ["extended"])
    assert (extended.breached_at, extended.due_at) == (None, us("03-31 00:00"))


def test_a_term_stands_still() -> None:
    assert assert_happens([OPENED], SUSPENDED, ["suspended"]).due_at is None
    assert assert_happens([OPENED, SUSPENDED], Rung(us("05-20 00:00")), []).breached_at is None
    assert assert_happens([OPENED, SUSPENDED], RESUMED, ["resumed"]).due_at == us("03-19 00:00")
    assert assert_happens([OPENED, SUSPENDED], LATE, ["fulfilled"]).state == "fulfilled"


def test_a_warning_whose_time_passed_while_the_term_stood_is_given_at_once() -> None:
    suspended = Suspended("s", us("03-16 09:00"), ("letter",))
    assert_happens([OPENED, suspended], Resumed("r", us("03-18 09:00"), ("answer",)), ["resumed", "warned"])


def test_an_extension_moves_the_end_and_the_warnings() -> None:
    duty = assert_happens(
        [OPENED, Rung(us("03-12 00:00"))], Extended("x", us("03-13 09:00"), 10, ("c",), ("t",)), ["extended"]
    )
    assert (duty.due_at, duty.warned, duty.next_at) == (us("03-31 00:00"), 0, us("03-26 00:00"))


def test_a_dispute_climbs_rung_by_rung() -> None:
    assert assert_happens([OPENED, LAPSED], NEGOTIATED, ["escalated"]).rung == "negotiation"
    assert assert_happens([OPENED, NEGOTIATED], MEDIATED, ["escalated"]).rung == "data-office"
    settled = Settled("end", us("03-15 09:00"), "granted", ("minutes",))
    assert assert_happens([OPENED, NEGOTIATED], settled, ["settled"]).settled == "granted"
    assert_refused([OPENED], MEDIATED, ["rung"])
    assert_refused([OPENED, NEGOTIATED, MEDIATED], Escalated("x", us("03-15 09:00"), "government", ("e",)), ["rung"])
    assert_refused([OPENED, NEGOTIATED, settled], Escalated("x", us("03-15 09:01"), "data-office", ("e",)), ["rung"])
    assert_refused([OPENED], settled, ["action"])
    assert_refused([OPENED, NEGOTIATED], Settled("end", us("03-15 09:00"), "", ()), ["evidence", "outcome"])


def test_the_same_event_again_changes_nothing() -> None:
    lives: list[list[DutyEvent]] = [[OPENED], [OPENED, SUSPENDED], [OPENED, EXTENDED], [OPENED, FULFILLED]]
    for given in lives:
        for event in given:
            assert_happens(given, event, [])


def test_what_is_not_so_is_refused() -> None:
    assert_refused([], FULFILLED, ["entity_id"])
    assert_refused([OPENED], Opened("other", us("03-03 09:00"), "d", "delivery", "demand", "D", "tax"), ["duty_id"])
    assert_refused([OPENED], RESUMED, ["action"])
    assert_refused([OPENED, SUSPENDED], Suspended("again", us("03-05 09:00"), ("e",)), ["action"])
    assert_refused([OPENED, FULFILLED], Fulfilled("again", LATE.at, ("e",)), ["action"])
    assert_refused([OPENED, FULFILLED], Lapsed("again", LATE.at, "gone"), ["action"])
    assert_refused([OPENED, EXTENDED], Extended("again", us("03-11 09:00"), 1, ("c",), ("t",)), ["action"])
    assert_refused([OPENED, EXTENDED], Fulfilled("f", us("03-09 09:00"), ("e",)), ["at"])
    assert_refused([OPENED], Fulfilled("f", us("03-12 09:00") * 1000, ("e",)), ["at"])


def test_after_the_end_nothing_is_extended_or_suspended() -> None:
    assert_refused([OPENED], Extended("x", AFTER_THE_END, 10, ("c",), ("t",)), ["at"])
    assert_refused([OPENED], Suspended("x", AFTER_THE_END, ("c",)), ["at"])


def test_every_fault_is_told_at_once() -> None:
    assert_refused(
        [], Opened("o", -1, "", "tea", "demand", "", ""), ["kind", "duty_id", "entity_id", "department", "at"]
    )
    assert_refused([OPENED], Extended("x", us("03-10 09:00"), 11, ()), ["evidence", "days", "told"])


@pytest.mark.parametrize("kind", ["delivery", "correction", "catalogue-review", "disposal"])
def test_what_the_basis_does_not_let_extend_is_not_extended(kind: str) -> None:
    opened = Opened("open", us("03-02 09:00"), "d", kind, "demand", "D", "tax")
    assert_refused([opened], Extended("x", us("03-03 09:00"), 1, ("c",), ("t",)), ["action"])


def test_the_data_office_consents_and_nobody_need_be_told() -> None:
    opened = Opened("open", us("03-02 09:00"), "d", "catalogue-change", "resource", "R", "tax")
    assert_happens([opened], Extended("x", us("03-03 09:00"), 5, ("consent",)), ["extended"])
