"""What people do with a handled case: foreseen by the rule that will take it, published, and waited for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from catalog.organisations import Organisations
from onething.gateway.case_news import CaseWaiters
from onething.gateway.case_publisher import CaseEventSink, NotPublished
from onething.gateway.handling_rows import HandlingRows, StoredHandling
from onething.gateway.patience import Patience
from onething.gateway.problems import Fault, Problem, request_refused
from onething.gateway.recent_applications import RecentApplications
from onething.gateway.refusal_words import field_of, is_of_words, title_and_remedy
from processors.domain.handling import handle
from processors.domain.requests import Refusal
from topics.events import CaseEvent

LONGEST_WAIT_S: Final = 60.0


@dataclass(frozen=True)
class HandlingDoor:
    """What every route of handled cases works with; ``clock`` tells µs UTC."""

    organisations: Organisations
    rows: HandlingRows
    sink: CaseEventSink
    waiters: CaseWaiters
    recent: RecentApplications
    clock: Callable[[], int]

    async def stored(self, case_id: str) -> StoredHandling | None:
        """The case as its row tells, or as it was just applied for."""
        return await self.rows.handling(case_id) or self.recent.stored(case_id)


async def found(door: HandlingDoor, case_id: str) -> StoredHandling:
    """The case.

    Raises:
        Problem: 404 for a case that nobody knows of.
    """
    stored = await door.stored(case_id)
    if stored is None:
        raise no_such_application(case_id)
    return stored


async def awaited(
    door: HandlingDoor, case_id: str, enough: Callable[[StoredHandling], bool], wait_s: float
) -> StoredHandling:
    """The case as soon as it is enough, or as it is when the time is over.

    Raises:
        Problem: 404 for a case that nobody knows of.
    """
    patience = Patience(wait_s)
    with door.waiters.waiting(case_id) as waiter:
        stored = await found(door, case_id)
        while not enough(stored) and not patience.is_over:
            await waiter.next(patience.next_look_s)
            stored = await door.stored(case_id) or stored
    return stored


async def acted(
    door: HandlingDoor, stored: StoredHandling, topic: str, event: CaseEvent, wait_s: float
) -> tuple[StoredHandling, bool]:
    """Publish what the case will take; the case once it was taken, or as it is when the time is over, and which it is.

    Raises:
        Problem: what the rule refuses, before anything is published; 503 where the log did not confirm it.
    """
    demand_taken(stored, event)
    with door.waiters.waiting(event.case_id) as waiter:
        await published(door.sink, topic, event)
        patience = Patience(wait_s)
        while not patience.is_over:
            await waiter.next(patience.next_look_s)
            stored = await door.stored(event.case_id) or stored
            if stored.is_taken and event.event_id in stored.handling.taken:
                return stored, True
    return stored, False


def demand_taken(stored: StoredHandling, event: CaseEvent) -> None:
    """Ask the rule whether it will take this event.

    Raises:
        Problem: it will not, and why.
    """
    refusals = handle(stored.handling, event, None).refusals
    if refusals:
        raise refused(refusals)


async def published(sink: CaseEventSink, topic: str, event: CaseEvent) -> None:
    """Publish and wait until it is durable.

    Raises:
        Problem: 503, the log did not confirm it.
    """
    try:
        await sink.publish(topic, event)
    except NotPublished as fault:
        raise _not_confirmed(str(fault)) from fault


Body = TypeVar("Body", bound=BaseModel)


def read_body(shape: type[Body], raw: object, faults_of: Callable[[Body], list[Fault]]) -> Body:
    """The body without a fault.

    Raises:
        Problem: 422 with every fault of it.
    """
    try:
        body = shape.model_validate(raw)
    except ValidationError as unfit:
        raise request_refused(
            [Fault(".".join(map(str, each["loc"])) or "body", "wrong-type", each["msg"]) for each in unfit.errors()]
        ) from None
    if faults := faults_of(body):
        raise request_refused(faults)
    return body


def described(shape: type[BaseModel]) -> dict[str, Any]:
    """The body's schema, for the documentation of a route."""
    schema = shape.model_json_schema()
    content = {"application/json": {"schema": _inlined(schema, schema.pop("$defs", {}))}}
    return {"requestBody": {"required": True, "content": content}}


def _inlined(node: Any, definitions: Mapping[str, Any]) -> Any:
    """The schema with each reference replaced by what it names: a part of a document cannot refer to its own root."""
    if isinstance(node, list):
        return [_inlined(each, definitions) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        beside = {name: each for name, each in node.items() if name != "$ref"}
        return _inlined(definitions[node["$ref"].rpartition("/")[2]], definitions) | beside
    return {name: _inlined(each, definitions) for name, each in node.items()}


def demand_department(organisations: Organisations, code: str) -> None:
    """See that a path names an organisation.

    Raises:
        Problem: 404, it does not.
    """
    if code not in organisations.by_code:
        raise Problem(
            404,
            "no-such-department",
            "没有这个部门代码 / no department has this code",
            f"{code[:64]!r} is no organisation's code",
            "use the code of catalog/organisations.toml, such as market-regulation",
        )


def no_such_application(case_id: str) -> Problem:
    """404 for a handled case that nobody knows of."""
    return Problem(
        404,
        "no-such-application",
        "没有这个办件 / no such application",
        f"no application has the id {case_id[:64]!r}",
        "search the cases: GET /v1/cases; or submit an application: POST /v1/applications",
    )


def refused(refusals: tuple[Refusal, ...]) -> Problem:
    """409 where the case stands otherwise, 422 where the words are wrong; every refusal under ``faults``."""
    first = refusals[0]
    title, remedy = title_and_remedy(first)
    return Problem(
        422 if all(map(is_of_words, refusals)) else 409,
        first.code,
        title,
        "; ".join(each.detail for each in refusals),
        remedy,
        tuple(Fault(field_of(each), each.code, each.detail) for each in refusals),
    )


def _not_confirmed(detail: str) -> Problem:
    return Problem(
        503,
        "not-confirmed",
        "未能确认写入 / the log did not confirm it",
        detail,
        "send it again with the same Idempotency-Key where it has one; see what runs: onething doctor",
        headers={"Retry-After": "2"},
    )
