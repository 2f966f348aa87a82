"""What departments do with refused records: mend one and publish it, or put it aside; each act counts once.

The log says what became of a record. An act that was published but not answered is made again with the same outcome:
the mended record is the same event, and the first act that the log holds is the one that counts.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from weakref import WeakValueDictionary

import msgspec

from catalog.organisations import Organisations
from catalog.resources import Resources
from connectors.keyring import KeyRing, refusal_context
from onething.gateway.case_ids import digest
from onething.gateway.case_publisher import NotPublished, ReadsOnRecord
from onething.gateway.problems import Fault, Problem, request_refused
from onething.gateway.refusals_request import DismissBody, RetryBody, changes_of
from onething.gateway.refusals_view import OF_CASES, faults_told, settled_view
from producers.faults import Fault as RecordFault
from producers.intake import Intake
from producers.intake.reading import Record
from producers.outcomes import Receipt, Refusal
from producers.protection import ProtectionUnavailable
from producers.refused.bodies import BytesMissing, RefusedBodies
from producers.refused.index import RefusalIndex
from producers.refused.mending import NoSuchPlace, as_record, changed, faults_of
from producers.refused.records import DISMISSED, MENDED, Refused, Settled
from producers.refused.search import found
from producers.refused.tail import SETTLED_TOPIC, draft_in
from producers.sending import DeliveryFailed, PublisherBusy
from topics.declarations import HUB
from topics.events import Event, RefusalSettled

SETTLE_S: Final = 10.0


class KeyedSink(Protocol):
    """Publishes an event under a key; returns when it is durable.

    Raises:
        NotPublished: the log did not confirm it in time.
    """

    async def publish_keyed(self, topic: str, key: str, event: Event) -> None:
        """Publish one event and wait for its confirmation."""


@dataclass(frozen=True)
class RefusalDoor:
    """What the routes of refused records work with; ``behind`` tells how many messages the index has yet to read."""

    organisations: Organisations
    resources: Resources
    index: RefusalIndex
    bodies: RefusedBodies
    intake: Intake
    sink: KeyedSink
    reads: ReadsOnRecord
    keyring: KeyRing
    behind: Callable[[], int | None]
    clock: Callable[[], int]
    turns: "WeakValueDictionary[str, asyncio.Lock]" = field(default_factory=WeakValueDictionary)

    def turn(self, event_id: str) -> asyncio.Lock:
        """Held while somebody settles this record: two who do it at once do it one after the other."""
        return self.turns.setdefault(event_id, asyncio.Lock())


async def body_of(door: RefusalDoor, refused: Refused) -> bytes:
    """The record's bytes.

    Raises:
        Problem: 503, they cannot be read or opened.
    """
    try:
        return await asyncio.to_thread(door.bodies.body, refused)
    except BytesMissing as fault:
        raise _no_bytes(str(fault), fault.remedy) from fault


async def retried(door: RefusalDoor, refused: Refused, body: RetryBody) -> dict[str, Any]:
    """What became of the mended record; or, on a dry run, what would be refused.

    Raises:
        Problem: 409, it was settled otherwise before; 422, it would be refused still; 503, nothing was published.
    """
    _demand_mendable(refused)
    record = await _record(door, refused, body)
    source = None if refused.department == HUB else refused.department
    faults = faults_of(record, source, door.resources, door.clock())
    if body.dry_run:
        return {"publishable": not faults, "faults": faults_told(faults)}
    mark = door.keyring.digest(record.received.body, refusal_context(refused.department))
    async with door.turn(refused.event_id):
        if (settled := await _settled(door, refused)) is not None:
            return _mended_before(refused, settled, mark)
        receipt = await _published(door, record, source)
        event = _mended(refused, receipt, mark, body.mended_by.strip(), door.clock())
        return _mended_before(refused, await _settle(door, refused, event), mark, again=False)


async def dismissed(door: RefusalDoor, refused: Refused, body: DismissBody) -> dict[str, Any]:
    """The record, put aside.

    Raises:
        Problem: 409, it was settled otherwise before; 503, nothing was published.
    """
    async with door.turn(refused.event_id):
        settled = await _settled(door, refused)
        if settled is None:
            event = _dismissed(refused, body.reason.strip(), body.dismissed_by.strip(), door.clock())
            settled = await _settle(door, refused, event)
        if (settled.outcome, settled.reason) != (DISMISSED, body.reason.strip()):
            raise _settled_before(refused, settled)
        return _settled_answer(refused, settled)


async def _record(door: RefusalDoor, refused: Refused, body: RetryBody) -> Record:
    if body.text is not None:
        return as_record(body.text.encode("utf-8", "surrogatepass"), refused.event_id)
    if body.record is not None:
        return as_record(msgspec.json.encode(body.record), refused.event_id)
    kept = draft_in(refused.content_type, await body_of(door, refused))
    try:
        return as_record(msgspec.json.encode(changed(kept, changes_of(body))), refused.event_id)
    except NoSuchPlace as fault:
        reason = "原记录没有此处，请整条更正 / the record has no such place: send the whole record"
        raise request_refused([Fault("changes", "no-such-place", reason)]) from fault


async def _published(door: RefusalDoor, record: Record, source: str | None) -> Receipt:
    """Hand the record to the intake, as if it had just come by its door."""
    try:
        outcome = await asyncio.wrap_future(door.intake.accept(record, source))
    except (PublisherBusy, DeliveryFailed, ProtectionUnavailable) as fault:
        raise _unavailable(str(fault), fault.remedy) from fault
    if isinstance(outcome, Refusal):
        raise _still_refused(outcome)
    return outcome


async def _settle(door: RefusalDoor, refused: Refused, event: RefusalSettled) -> Settled:
    """Put the outcome on the log, and wait until the index has it; the outcome that counts."""
    try:
        await door.sink.publish_keyed(SETTLED_TOPIC, refused.event_id, event)
    except NotPublished as fault:
        raise _unavailable(str(fault), "send the same again: it counts once") from fault
    if not await asyncio.to_thread(door.index.await_settled, refused.event_id, SETTLE_S):
        raise _unavailable("the index has not read the outcome yet", "send the same again: it counts once")
    settled = await _settled(door, refused)
    if settled is None:
        raise _unavailable("the index is being made anew", "send the same again: it counts once")
    return settled


async def _settled(door: RefusalDoor, refused: Refused) -> Settled | None:
    known = await asyncio.to_thread(found, door.index.reader, refused.department, refused.event_id)
    return None if known is None else known.settled


def _mended(refused: Refused, receipt: Receipt, mark: bytes, mended_by: str, at_us: int) -> RefusalSettled:
    return RefusalSettled(
        event_id=digest("RefusalSettled", refused.event_id, MENDED, receipt.event_id),
        department=refused.department,
        refused_id=refused.event_id,
        outcome=MENDED,
        became=receipt.event_id,
        receipt=f"{receipt.topic}/{receipt.partition}/{receipt.offset}",
        body_digest=mark,
        settled_by=mended_by,
        at=at_us,
    )


def _dismissed(refused: Refused, reason: str, dismissed_by: str, at_us: int) -> RefusalSettled:
    return RefusalSettled(
        event_id=digest("RefusalSettled", refused.event_id, DISMISSED, reason),
        department=refused.department,
        refused_id=refused.event_id,
        outcome=DISMISSED,
        reason=reason,
        settled_by=dismissed_by,
        at=at_us,
    )


def _mended_before(refused: Refused, settled: Settled, mark: bytes, *, again: bool = True) -> dict[str, Any]:
    if settled.outcome != MENDED or settled.body_digest != mark:
        raise _settled_before(refused, settled)
    return {**_settled_answer(refused, settled), "again": again}


def _settled_answer(refused: Refused, settled: Settled) -> dict[str, Any]:
    return {"event_id": refused.event_id, "state": settled.outcome, "settled": settled_view(settled)}


def _demand_mendable(refused: Refused) -> None:
    if refused.door == OF_CASES:
        raise Problem(
            409,
            "not-mendable",
            "办件消息不能在此更正 / what was said to a case is not mended here",
            "it is no fact: the case took no part of it",
            "do it again in the case, or put the record aside: POST …/dismissal",
        )


def _still_refused(outcome: Refusal) -> Problem:
    return Problem(
        422,
        "still-refused",
        "更正后仍被拒收 / it is refused still",
        "the mended record was kept beside the refused one",
        "按 faults 逐项改正后重发 / correct every fault and send it again",
        faults=request_faults(outcome.faults),
    )


def request_faults(faults: tuple[RecordFault, ...]) -> list[Fault]:
    """Faults of a record as those of a request, reason and remedy in one."""
    return [Fault(each.field, each.code, "；".join(each.told("zh"))) for each in faults]


def _settled_before(refused: Refused, settled: Settled) -> Problem:
    done = f"{settled.settled_by}: {settled.outcome}" + (f", now event {settled.became}" if settled.became else "")
    return Problem(
        409,
        f"already-{settled.outcome}",
        "该记录已处理 / the record was settled already",
        f"{refused.event_id}: {done}",
        "see what became of it; a newer version of the record is published as any other fact",
    )


def _no_bytes(detail: str, remedy: str) -> Problem:
    return Problem(503, "bytes-missing", "原记录暂不可读 / its bytes cannot be read", detail, remedy)


def _unavailable(detail: str, remedy: str) -> Problem:
    title = "暂时无法处理 / it cannot be done right now"
    return Problem(503, "unavailable", title, detail, remedy, headers={"Retry-After": "2"})
