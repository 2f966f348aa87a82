"""The life of a correction, and the duty that follows from it."""

from typing import Any

import pytest

from catalog.corrections import correction_of, correction_rule
from catalog.duties.causes import duties_of
from catalog.register.changes import CORRECTION, Command, Entity, RecordedChange, State, Step
from topics.identifiers import make_uscc

AT = 1_790_000_000_000_000
VALUE = {
    "subject": f"enterprise:{make_uscc('91', '610100', 7)}",
    "resource": "market-regulation.business-licence",
    "record_type": "business-licence",
    "record_id": "L-1",
    "event_id": "ab" * 16,
    "version": 7,
    "appeared_at": AT - 1000,
    "disputed_by": "tax",
    "by": "李四",
    "field": "name",
    "grant": "G-1",
}
NEWER = {"organisation": "market-regulation", "event_id": "cd" * 16, "version": 8, "known_at": AT + 5}


class Register:
    """What a rule may ask."""

    def __init__(self, *corrections: State) -> None:
        self.corrections = corrections

    def get(self, entity: Entity, entity_id: str) -> State | None:
        known = {
            ("resource", "market-regulation.business-licence"),
            ("organisation", "tax"),
            ("organisation", "market-regulation"),
        }
        return {} if (entity, entity_id) in known else None

    def find(self, entity: Entity, /, **fields: str) -> tuple[State, ...]:
        if entity != CORRECTION:
            return ()
        return tuple(each for each in self.corrections if all(each[name] == value for name, value in fields.items()))


def do(state: State | None, action: str, payload: Any, *held: State, at: int = AT, reason: str | None = "不符") -> Step:
    command = Command(
        entity="correction",
        entity_id="C-1",
        action=action,
        actor="李四",
        at=at,
        command_id="k",
        payload=payload,
        reason=reason,
    )
    return correction_rule(state, command, Register(*held))


def disputed(**more: Any) -> State:
    (change,) = do(None, "disputed", VALUE | more).changes
    return change.state


def fields(step: Step) -> list[str]:
    assert not step.changes
    return [each.field for each in step.refusals]


def test_a_dispute_names_value_source_and_ground() -> None:
    correction = correction_of(disputed())
    assert (correction.state, correction.provider, correction.disputed_by) == ("disputed", "market-regulation", "tax")
    assert (correction.disputed_at, correction.ended_at, correction.reason) == (AT, None, "不符")


@pytest.mark.parametrize("outcome", ["mark-removed", "undeterminable"])
def test_the_source_ends_a_dispute(outcome: str) -> None:
    (change,) = do(disputed(), outcome, {"organisation": "market-regulation"}, at=AT + 9).changes
    correction = correction_of(change.state)
    assert (change.action, correction.state) == (outcome, outcome)
    assert (correction.ended_at, correction.ended_by) == (AT + 9, "market-regulation")


def test_a_correction_is_a_newer_fact_of_the_source() -> None:
    (change,) = do(disputed(), "corrected", NEWER, at=AT + 9).changes
    correction = correction_of(change.state)
    assert (correction.corrected_by, correction.corrected_at) == ("cd" * 16, AT + 5)
    assert fields(do(disputed(), "corrected", NEWER | {"version": 7})) == ["payload.event_id"]
    assert fields(do(disputed(), "corrected", NEWER | {"event_id": "ab" * 16})) == ["payload.event_id"]


@pytest.mark.parametrize("outcome", ["corrected", "mark-removed", "undeterminable"])
@pytest.mark.parametrize("organisation", ["tax", "public-security"])
def test_nobody_but_the_source_ends_a_dispute(outcome: str, organisation: str) -> None:
    payload = (NEWER if outcome == "corrected" else {}) | {"organisation": organisation}
    assert fields(do(disputed(), outcome, payload)) == ["payload.organisation"]


@pytest.mark.parametrize("organisation", ["market-regulation", "public-security"])
def test_nobody_but_who_disputed_withdraws(organisation: str) -> None:
    assert fields(do(disputed(), "withdrawn", {"organisation": organisation})) == ["payload.organisation"]
    (change,) = do(disputed(), "withdrawn", {"organisation": "tax"}).changes
    assert correction_of(change.state).state == "withdrawn"


def test_an_end_comes_after_its_dispute_whatever_the_clocks_say() -> None:
    (change,) = do(disputed(), "mark-removed", {"organisation": "market-regulation"}, at=AT - 9).changes
    assert correction_of(change.state).ended_at == AT + 1


def test_what_has_ended_does_not_end_again() -> None:
    (change,) = do(disputed(), "mark-removed", {"organisation": "market-regulation"}).changes
    assert fields(do(change.state, "undeterminable", {"organisation": "market-regulation"})) == ["action"]
    assert fields(do(change.state, "withdrawn", {"organisation": "tax"})) == ["action"]


def test_every_fault_of_a_dispute_at_once() -> None:
    wrong = VALUE | {"subject": "11", "resource": "tax.none", "disputed_by": "nobody", "grant": ""}
    assert fields(do(None, "disputed", wrong, reason=" ")) == [
        "reason",
        "payload.subject",
        "payload.resource",
        "payload.disputed_by",
        "payload.grant",
    ]


def test_a_source_corrects_its_own_records_without_a_dispute_but_takes_that_of_a_subject() -> None:
    own = VALUE | {"disputed_by": "market-regulation"}
    assert fields(do(None, "disputed", own)) == ["payload.disputed_by"]
    assert do(None, "disputed", own | {"by_subject": True}).changes


def test_a_department_disputes_a_value_once_until_that_has_ended() -> None:
    held = disputed()
    assert fields(do(None, "disputed", VALUE, held)) == ["payload.record_id"]
    assert do(None, "disputed", VALUE | {"field": None}, held).changes
    assert do(None, "disputed", VALUE | {"disputed_by": "market-regulation", "by_subject": True}, held).changes
    assert do(None, "disputed", VALUE, {**held, "state": "mark-removed"}).changes


def test_what_is_not_there_cannot_end_and_what_is_unknown_cannot_be_done() -> None:
    assert fields(do(None, "mark-removed", {"organisation": "market-regulation"})) == ["entity_id"]
    assert fields(do(disputed(), "disputed", VALUE)) == ["entity_id"]
    assert fields(do(disputed(), "forgotten", {})) == ["action"]


def test_the_source_owes_who_disputed_a_correction() -> None:
    change = RecordedChange(
        number=1,
        entity="correction",
        entity_id="C-1",
        version=1,
        action="disputed",
        actor="李四",
        at=AT,
        state=disputed(),
        command_id="k",
    )
    (cause,) = duties_of(change, Register())
    opened: Any = cause.event
    assert (opened.kind, opened.department, opened.counterpart) == ("correction", "market-regulation", "tax")


@pytest.mark.parametrize("reason", ["", "身份证 11010519491231002X 有误", "一\x00二"])
def test_a_reason_that_cannot_stand_on_the_log_is_refused(reason: str) -> None:
    assert fields(do(None, "disputed", VALUE, reason=reason)) == ["reason"]
    assert fields(do(disputed(), "mark-removed", {"organisation": "market-regulation"}, reason=reason)) == ["reason"]
    assert fields(do(disputed(), "withdrawn", {"organisation": "tax"}, reason=reason)) == ["reason"]
