"""Who may say what on which topic."""

from typing import Any

import msgspec
import pytest

from processors.cases import ReceivedMessage
from processors.cases.arrivals import arrival
from processors.domain.handling import HANDLING_EVENTS
from tests.processors.cases.writing import CODEC
from tests.processors.handling_story import an_application, decided, opened
from tests.processors.story import handled, request, reviewed
from topics.declarations import topic_patterns
from topics.events import (
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CaseEvaluated,
    CaseEvent,
    CaseResumed,
    CaseSuspended,
    CommitmentChecked,
    ItemReviewed,
    PaymentConfirmed,
    RectificationAnswered,
    ResultRecorded,
    ResultsDelivered,
)

COMMON: dict[str, Any] = {"event_id": b"0123456789abcdef", "case_id": "case-1"}
LEAD: dict[str, Any] = {**COMMON, "department": "market-regulation", "at": 1}
ITEM_HANDLED = decided(opened(), 1)
ITEM_REVIEWED = ItemReviewed(**LEAD, assignment_id="a", reviewed_by="乙", approved=True)

SAID: tuple[tuple[CaseEvent, str], ...] = (
    (an_application(), "case.requests"),
    (ApplicationSupplemented(**COMMON, materials=(), supplemented_by="甲", at=1), "case.requests"),
    (ApplicationWithdrawn(**COMMON, reason="不办了", withdrawn_by="甲", at=1), "case.requests"),
    (CaseEvaluated(**COMMON, stars=5, evaluated_by="甲", at=1), "case.requests"),
    (ITEM_HANDLED, "case.answers.market-regulation"),
    (ITEM_REVIEWED, "case.answers.market-regulation"),
    (CaseSuspended(**LEAD, reason="事", suspended_by="甲"), "case.answers.market-regulation"),
    (CaseResumed(**LEAD, reason="事", resumed_by="甲"), "case.answers.market-regulation"),
    (ResultsDelivered(**LEAD, items=(), means="counter", delivered_by="甲"), "case.answers.market-regulation"),
    (
        CommitmentChecked(**LEAD, material="lease", kept=True, evidence=(), checked_by="甲"),
        "case.answers.market-regulation",
    ),
    (RectificationAnswered(**LEAD, answer="已整改", answered_by="甲"), "case.answers.market-regulation"),
    (
        ResultRecorded(
            **LEAD,
            resource="market-regulation.food-licence",
            record_type="licence",
            record_id="r1",
            fact="LicenceIssued",
            fact_event_id=b"fedcba9876543210",
            withdrawn=False,
        ),
        "case.answers.hub",
    ),
    (PaymentConfirmed(**COMMON, payment_id="p", amount_fen=1, paid_at=1), "case.answers.hub"),
)
TOPICS = (
    "case.requests",
    "case.timers",
    "case.answers.hub",
    "case.answers.market-regulation",
    "case.answers.tax",
)


def taken(event: CaseEvent, topic: str, key: str | None = None) -> list[str]:
    """The codes for which it is refused there."""
    message = ReceivedMessage(topic, 0, 0, (key or event.case_id).encode(), CODEC.encode(event), 1)
    found = arrival(message, CODEC)
    assert (found.event is None) == bool(found.refusals)
    return [each.code for each in found.refusals]


def test_every_event_of_handled_cases_is_tried_here() -> None:
    assert {type(event) for event, _ in SAID} == set(HANDLING_EVENTS)


@pytest.mark.parametrize(("event", "home"), SAID, ids=lambda each: type(each).__name__)
def test_an_event_is_taken_from_its_own_topic_only(event: CaseEvent, home: str) -> None:
    assert [topic for topic in TOPICS if not taken(event, topic)] == [home]


@pytest.mark.parametrize(("event", "home"), SAID, ids=lambda each: type(each).__name__)
def test_the_topic_declares_what_it_carries(event: CaseEvent, home: str) -> None:
    family = "case.answers" if home.startswith("case.answers") else home
    (declared,) = [each for each in topic_patterns() if each.family == family]
    assert type(event).__name__ in declared.schemas


def test_nobody_speaks_for_another_department() -> None:
    assert taken(ITEM_HANDLED, "case.answers.tax") == ["wrong-source"]
    assert taken(ITEM_HANDLED, "case.answers.hub") == ["wrong-source"]


def test_a_key_is_the_cases_id() -> None:
    assert taken(an_application(), "case.requests", key="case-2") == ["key-mismatch"]


@pytest.mark.parametrize(
    ("text", "refused"), [("\0", ["bad-text"]), ("a\0b", ["bad-text"]), ("\\u0000", []), ("\\\\u0000", [])]
)
def test_a_text_that_no_row_can_hold_is_refused(text: str, refused: list[str]) -> None:
    """PostgreSQL's text cannot hold NUL; its JSON spelling, typed by somebody, is a text like any."""
    withdrawal = ApplicationWithdrawn(**COMMON, reason=text, withdrawn_by="甲", at=1)
    assert taken(withdrawal, "case.requests") == refused
    handled = msgspec.structs.replace(ITEM_HANDLED, missing=(text,), reason="缺")
    assert taken(handled, "case.answers.market-regulation") == refused


NUMBER = "11010519491231002X"


@pytest.mark.parametrize(
    ("event", "topic"),
    [
        (request(purpose=f"查{NUMBER}"), "case.requests"),
        (handled("tax", "tax", "clear", note=NUMBER), "case.answers.tax"),
        (reviewed("tax", "tax", note=NUMBER), "case.answers.tax"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_no_verification_holds_an_id_number_in_clear(event: CaseEvent, topic: str) -> None:
    """Straight onto the log, past the doors that would have refused it, it stood in rows and reports."""
    message = ReceivedMessage(topic, 0, 0, event.case_id.encode(), CODEC.encode(event), 1)
    found = arrival(message, CODEC)
    assert [each.code for each in found.refusals] == ["personal-data-in-clear"]
    assert NUMBER not in str(found.refusals)


def test_a_refusal_does_not_say_who_was_meant_to_speak() -> None:
    """Whatever stood there went into the reasons in clear."""
    event = msgspec.structs.replace(ITEM_HANDLED, department=NUMBER)
    message = ReceivedMessage("case.answers.tax", 0, 0, event.case_id.encode(), CODEC.encode(event), 1)
    assert NUMBER not in str(arrival(message, CODEC).refusals)
