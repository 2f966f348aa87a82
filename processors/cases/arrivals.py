"""What arrives at a coordinator: messages as received, the events in them, and the record of those refused."""

from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import Final

import msgspec

from connectors.keyring import refusal_context
from processors.domain.derived_ids import EVENT_ID_LENGTH
from processors.domain.handling import HANDLING_EVENTS
from processors.domain.handling.words import personal_faults
from processors.domain.requests import Refusal, is_name
from processors.domain.step import TAKEN
from topics.codec import CodecFault, RowCodec
from topics.declarations import HUB, department_of
from topics.events import (
    ApplicationSubmitted,
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CaseEvaluated,
    CaseEvent,
    CaseRequested,
    CaseResumed,
    CaseSuspended,
    ChecksAnswered,
    CommitmentChecked,
    DeadlinePassed,
    ItemHandled,
    ItemReviewed,
    PaymentConfirmed,
    RecordRefused,
    RectificationAnswered,
    ResultRecorded,
    ResultsDelivered,
    TaskHandled,
    TaskReviewed,
)

DOOR: Final = "case"
ANSWERS: Final = "case.answers."
PIECE_BYTES: Final = 448 * 1024
"""A longer refused message is kept in pieces, each of which fits into one message when sealed."""

Seal = Callable[[bytes, bytes], bytes]
"""``seal(plaintext, context)`` encrypts bytes for one place."""

_BY_APPLICANT: Final = (ApplicationSubmitted, ApplicationSupplemented, ApplicationWithdrawn, CaseEvaluated)
_BY_DEPARTMENT: Final = (
    ItemHandled,
    ItemReviewed,
    CaseSuspended,
    CaseResumed,
    ResultsDelivered,
    CommitmentChecked,
    RectificationAnswered,
)
_BY_HUB: Final = (ResultRecorded, PaymentConfirmed)

_HOME: Final[dict[type, str]] = {
    **dict.fromkeys((CaseRequested, *_BY_APPLICANT), "case.requests"),
    DeadlinePassed: "case.timers",
}
_TAKEN: Final = (*TAKEN, *HANDLING_EVENTS)
_JSON: Final = msgspec.json.Encoder()


class ReceivedMessage(msgspec.Struct, frozen=True):
    """One message of a topic, as bytes; ``appended_at`` is its time on the log in µs UTC."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    appended_at: int

    @property
    def origin(self) -> str:
        """Where it stands on the log."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class Arrival(msgspec.Struct, frozen=True):
    """A message and its event, or why there is none."""

    message: ReceivedMessage
    event: CaseEvent | None
    refusals: tuple[Refusal, ...] = ()


def arrival(message: ReceivedMessage, codec: RowCodec) -> Arrival:
    """What a message holds; never raises for what is in it."""
    try:
        event = codec.event(message.value)
    except (CodecFault, msgspec.ValidationError, LookupError, UnicodeError) as fault:
        code = fault.code if isinstance(fault, CodecFault) else "undecodable"
        detail = fault.detail if isinstance(fault, CodecFault) else type(fault).__name__
        return Arrival(message, None, (Refusal(code, detail),))
    if not isinstance(event, CaseEvent) or not isinstance(event, _TAKEN):
        return Arrival(message, None, (Refusal("not-taken", f"a case takes no {type(event).__name__}"),))
    refusals = tuple(_misplaced(message, event)) or tuple(_personal(event))
    return Arrival(message, None if refusals else event, refusals)


def records_refused(
    message: ReceivedMessage, refusals: Iterable[Refusal], seal: Seal | None
) -> Iterator[RecordRefused]:
    """The refused message with its bytes, sealed where the hub has a key, as they may be anything.

    The same message always becomes the same events; a long one becomes several, so that each fits into a message.
    """
    department = source_of(message.topic)
    context = refusal_context(department)
    body = message.value or b""
    pieces = [body[start : start + PIECE_BYTES] for start in range(0, len(body), PIECE_BYTES)] or [b""]
    for number, piece in enumerate(pieces, start=1):
        origin = message.origin if len(pieces) == 1 else f"{message.origin}#{number}/{len(pieces)}"
        yield RecordRefused(
            event_id=blake2b(
                f"refused\0{origin}\0{message.appended_at}".encode(), digest_size=EVENT_ID_LENGTH
            ).digest(),
            department=department,
            door=DOOR,
            reasons=tuple(str(each) for each in refusals),
            received_at=message.appended_at,
            origin=origin,
            content_type="application/vnd.confluent.avro",
            sealed=seal is not None,
            key=message.key if message.key is None or seal is None else seal(message.key, context),
            body=piece if seal is None else seal(piece, context),
        )


def source_of(topic: str) -> str:
    """Who writes to a topic: the department of an answers topic, otherwise the hub."""
    return department_of(topic) if topic.startswith(ANSWERS) else HUB


def _misplaced(message: ReceivedMessage, event: CaseEvent) -> Iterable[Refusal]:
    if not is_name(event.case_id):
        yield Refusal("bad-case-id", "case_id is short and printable")
    if message.key != event.case_id.encode():
        yield Refusal("key-mismatch", "the message's key is not its case id")
    if isinstance(event, HANDLING_EVENTS) and _holds_nul(event):
        # PostgreSQL's text cannot hold it, and nobody types it.
        yield Refusal("bad-text", "a text holds a NUL character")
    speaker = _speaker(event)
    if not (message.topic.startswith(ANSWERS) if speaker is not None else message.topic == _HOME[type(event)]):
        yield Refusal("wrong-topic", f"{type(event).__name__} does not belong on {message.topic}")
    elif speaker is not None and speaker != department_of(message.topic):
        # A topic's access rights are a department's identity: nobody speaks for another.
        # Who it was meant to be is not repeated: anything may stand there.
        yield Refusal("wrong-source", f"{message.topic} takes the word of its own department alone")


def _personal(event: CaseEvent) -> Iterable[Refusal]:
    """ID numbers in what people wrote into a verification; a handled case looks for them itself."""
    by_hub = isinstance(event, DeadlinePassed) or (isinstance(event, ChecksAnswered) and event.answered_by == HUB)
    return () if by_hub or isinstance(event, HANDLING_EVENTS) else personal_faults(event)


def _speaker(event: CaseEvent) -> str | None:
    if isinstance(event, ChecksAnswered):
        return event.answered_by
    if isinstance(event, _BY_HUB):
        return HUB
    return event.department if isinstance(event, (TaskHandled, TaskReviewed, *_BY_DEPARTMENT)) else None


def _holds_nul(event: CaseEvent) -> bool:
    # As JSON writes it; the exact look is for who typed these six characters.
    return b"\\u0000" in _JSON.encode(event) and any("\0" in text for text in _texts(msgspec.to_builtins(event)))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
