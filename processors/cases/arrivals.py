"""What arrives at a coordinator: messages as received, the events in them, and the record of those refused."""

from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Final

import msgspec

from processors.domain.derived_ids import EVENT_ID_LENGTH
from processors.domain.requests import Refusal
from processors.domain.step import TAKEN
from topics.codec import CodecFault, RowCodec
from topics.declarations import department_of
from topics.events import (
    CaseEvent,
    CaseRequested,
    ChecksAnswered,
    DeadlinePassed,
    RecordRefused,
    TaskHandled,
    TaskReviewed,
)

DOOR: Final = "case"
ANSWERS: Final = "case.answers."
_HOME: Final[dict[type, str]] = {CaseRequested: "case.requests", DeadlinePassed: "case.timers"}


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
    if not isinstance(event, CaseEvent) or not isinstance(event, TAKEN):
        return Arrival(message, None, (Refusal("not-taken", f"a case takes no {type(event).__name__}"),))
    refusals = tuple(_misplaced(message, event))
    return Arrival(message, None if refusals else event, refusals)


def record_refused(
    message: ReceivedMessage, refusals: Iterable[Refusal], seal: Callable[[bytes], bytes] | None
) -> RecordRefused:
    """The refused message with its bytes, sealed where the hub has a key: they may be anything."""
    value = message.value or b""
    return RecordRefused(
        event_id=blake2b(f"refused/{message.origin}".encode(), digest_size=EVENT_ID_LENGTH).digest(),
        department=department_of(message.topic),
        door=DOOR,
        reasons=tuple(str(each) for each in refusals),
        received_at=message.appended_at,
        origin=message.origin,
        content_type="application/avro",
        sealed=seal is not None,
        key=None if message.key is None else (message.key if seal is None else seal(message.key)),
        body=value if seal is None else seal(value),
    )


def _misplaced(message: ReceivedMessage, event: CaseEvent) -> Iterable[Refusal]:
    if message.key != event.case_id.encode():
        yield Refusal("key-mismatch", "the message's key is not its case id")
    speaker = _speaker(event)
    if not (message.topic.startswith(ANSWERS) if speaker is not None else message.topic == _HOME[type(event)]):
        yield Refusal("wrong-topic", f"{type(event).__name__} does not belong on {message.topic}")
    elif speaker is not None and speaker != department_of(message.topic):
        # A topic's access rights are a department's identity: nobody speaks for another.
        yield Refusal("wrong-source", f"{speaker!r} cannot speak on {message.topic}")


def _speaker(event: CaseEvent) -> str | None:
    if isinstance(event, ChecksAnswered):
        return event.answered_by
    return event.department if isinstance(event, TaskHandled | TaskReviewed) else None
