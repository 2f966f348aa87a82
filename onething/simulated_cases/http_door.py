"""Simulated cases through the gateway's doors: what people publish, said over HTTP as their screens would."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from catalog.form_fields import FormField, load_form_fields
from onething.gateway.case_client import CaseClient
from onething.gateway.client import GatewayRefused
from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.acts import Act
from topics.events import (
    ApplicationSubmitted,
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CaseEvaluated,
    CaseEvent,
    CaseResumed,
    CaseSuspended,
    CommitmentChecked,
    ItemHandled,
    ItemReviewed,
    Place,
    RectificationAnswered,
    ResultsDelivered,
    SuppliedMaterial,
    TaskHandled,
    TaskReviewed,
)
from topics.identifiers import make_resident_id, make_uscc

OPENED_S: Final = 10.0
_ADDRESS: Final = "西安市未央区凤城八路99号"


class HttpDoor:
    """Says over HTTP what the people of some cases do; ``refused`` counts what the doors did not take, by code."""

    def __init__(self, client: CaseClient, actors: Iterable[CaseActors], keys: Mapping[str, str]) -> None:
        """Take the connection, all actors, and the idempotency keys of the cases that go this way, by case id."""
        self._client = client
        self._actors = {each.script.case_id: each for each in actors if each.script.case_id in keys}
        self._keys = keys
        self.refused: Counter[str] = Counter()
        self.said = 0

    def __call__(self, act: Act) -> bool:
        """Say it; False when the case goes another way, or what happened is nothing that people say here."""
        event = act.event
        if event.case_id not in self._actors or not isinstance(event, (ApplicationSubmitted, *_SAYINGS)):
            return False
        self.said += 1
        try:
            if isinstance(event, ApplicationSubmitted):
                self._client.submit(application_body(self._client, event), self._keys[event.case_id], OPENED_S)
            else:
                _SAYINGS[type(event)](self._client, event)
        except GatewayRefused as refused:
            self._note(event, refused.problem)
        return True

    def _note(self, event: CaseEvent, problem: Mapping[str, Any]) -> None:
        whole = str(problem.get("type")).rpartition(":")[2]
        codes = sorted({each["code"] for each in problem.get("faults", ())}) or [whole]
        self.refused.update(codes)
        if isinstance(event, ApplicationSubmitted):
            self._actors[event.case_id].stopped_for = tuple(codes)


def application_body(client: CaseClient, event: ApplicationSubmitted) -> dict[str, Any]:
    """The application as a screen sends it: the form that the hub showed, with what it left open filled in."""
    asked = {"subject": event.subject, "choices": {each.question: each.choice for each in event.choices}}
    told = client.served(event.bundle, "form", asked)
    return {
        **asked,
        "bundle": event.bundle,
        "purpose": event.purpose,
        "submitted_by": event.submitted_by,
        "channel": event.channel,
        "mode": event.mode,
        "received_at": _place(event.received_at),
        "handled_at": _place(event.handled_at),
        "form": filled_in(field for group in told["groups"] for field in group["fields"]),
        "materials": _materials(event.materials),
        "delivery": {
            "together": event.delivery.together,
            "means": event.delivery.means,
            **({"address": _ADDRESS} if event.delivery.means == "mail" else {}),
        },
    }


def filled_in(fields: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A plausible value for each required field of a form that the archive left open."""
    known = load_form_fields()
    return {each["id"]: _value(known[each["id"]]) for each in fields if each["status"] == "asked" and each["required"]}


def _value(field: FormField) -> str | int | bool:
    if field.type == "choice":
        return field.choices[0]
    return _VALUES[field.type]


_VALUES: Final[Mapping[str, str | int | bool]] = {
    "text": "模拟填写",
    "number": 1,
    "date": "2026-01-05",
    "boolean": True,
    "uscc": make_uscc("91", "610103", 77),
    "resident-id": make_resident_id("610199", date(1990, 5, 20), 77),
    "phone": "13800000000",
    "address": _ADDRESS,
}


def _place(place: Place) -> dict[str, str]:
    return {"level": place.level, "code": place.code}


def _materials(materials: Iterable[SuppliedMaterial]) -> list[dict[str, str]]:
    return [{"id": each.material, "means": each.means} for each in materials]


def _decide(client: CaseClient, event: ItemHandled) -> None:
    body = {
        "decision": event.decision,
        "reason": event.reason,
        "missing": list(event.missing),
        "pass_on_to": event.pass_on_to,
        "results": [{"name": each.name, "resource": each.resource} for each in event.results],
        "fee_fen": event.fee_fen,
        "handled_by": event.handled_by,
    }
    client.decide(event.department, event.assignment_id, body)


def _review(client: CaseClient, event: ItemReviewed) -> None:
    body = {"approved": event.approved, "reviewed_by": event.reviewed_by, "note": event.note}
    client.review(event.department, event.assignment_id, body)


def _answer_task(client: CaseClient, event: TaskHandled) -> None:
    body = {"answer": event.answer.answer, "handled_by": event.handled_by, "note": event.answer.note}
    client.answer_task(event.department, event.task_id, body)


def _review_task(client: CaseClient, event: TaskReviewed) -> None:
    client.review_task(event.department, event.task_id, {"approved": event.approved, "reviewed_by": event.reviewed_by})


def _supplement(client: CaseClient, event: ApplicationSupplemented) -> None:
    body = {"materials": _materials(event.materials), "supplemented_by": event.supplemented_by}
    client.act(event.case_id, "supplement", body)


def _withdraw(client: CaseClient, event: ApplicationWithdrawn) -> None:
    client.act(event.case_id, "withdraw", {"reason": event.reason, "withdrawn_by": event.withdrawn_by})


def _evaluate(client: CaseClient, event: CaseEvaluated) -> None:
    client.act(event.case_id, "evaluation", {"stars": event.stars, "evaluated_by": event.evaluated_by})


def _suspend(client: CaseClient, event: CaseSuspended) -> None:
    body = {"department": event.department, "by": event.suspended_by, "reason": event.reason}
    client.act(event.case_id, "suspend", body)


def _resume(client: CaseClient, event: CaseResumed) -> None:
    body = {"department": event.department, "by": event.resumed_by, "reason": event.reason}
    client.act(event.case_id, "resume", body)


def _deliver(client: CaseClient, event: ResultsDelivered) -> None:
    body = {"department": event.department, "by": event.delivered_by, "means": event.means}
    client.act(event.case_id, "delivery", {**body, "reference": event.reference})


def _check(client: CaseClient, event: CommitmentChecked) -> None:
    body = {"department": event.department, "by": event.checked_by, "material": event.material, "kept": event.kept}
    client.act(event.case_id, "commitments", {**body, "note": event.note})


def _rectify(client: CaseClient, event: RectificationAnswered) -> None:
    body = {"department": event.department, "by": event.answered_by, "answer": event.answer}
    client.act(event.case_id, "rectification", body)


_SAYINGS: Final[Mapping[type[CaseEvent], Callable[[CaseClient, Any], None]]] = {
    ApplicationSupplemented: _supplement,
    ApplicationWithdrawn: _withdraw,
    CaseEvaluated: _evaluate,
    ItemHandled: _decide,
    ItemReviewed: _review,
    TaskHandled: _answer_task,
    TaskReviewed: _review_task,
    CaseSuspended: _suspend,
    CaseResumed: _resume,
    ResultsDelivered: _deliver,
    CommitmentChecked: _check,
    RectificationAnswered: _rectify,
}
"""What people say over HTTP. A payment is confirmed by the payment office, not by people."""
