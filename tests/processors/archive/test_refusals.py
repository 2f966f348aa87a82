"""Refusals of the archive: nothing is lost, whatever its size and whoever sent it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka import KafkaError

from connectors.keyring import refusal_context
from processors.archive.refusals import PART_BYTES, RefusalPublisher, RefusalsNotKeptError
from tests.processors.archive.facts import CODEC, FakeMessage
from topics.codec import CodecFault
from topics.events import RecordRefused
from topics.judgement import Refused

FAULT = CodecFault("bad-header", "no fact")
BAD = FakeMessage(b"garbage", b"key", offset_number=7)


class Broker:
    """A producer that keeps, is full at times, or does not confirm."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, RecordRefused]] = []
        self.sizes: list[int] = []
        self.full = 0
        self.fault: KafkaError | None = None
        self.unconfirmed = 0

    def produce(self, topic: str, value: bytes, key: bytes, on_delivery: Callable[[Any, Any], None]) -> None:
        if self.full:
            self.full -= 1
            raise BufferError
        event = CODEC.event(value)
        assert isinstance(event, RecordRefused)
        assert key == event.event_id.hex().encode()
        self.kept.append((topic, event))
        self.sizes.append(len(value))
        on_delivery(self.fault, None)

    def poll(self, _: float) -> int:
        return 0

    def flush(self, _: float) -> int:
        return self.unconfirmed


@pytest.fixture
def broker() -> Broker:
    return Broker()


def refuse(broker: Broker, *messages: FakeMessage) -> list[RecordRefused]:
    def sealed(plaintext: bytes, context: bytes) -> bytes:
        return b"sealed for " + context + plaintext

    publish = RefusalPublisher(broker, lambda: CODEC, sealed, {"tax"})  # type: ignore[arg-type]
    publish([Refused(each, FAULT) for each in messages])
    return [event for _, event in broker.kept]


def opened(sealed: bytes | None, department: str = "tax") -> bytes:
    prefix = b"sealed for " + refusal_context(department)
    assert sealed is not None
    assert sealed.startswith(prefix)
    return sealed.removeprefix(prefix)


def test_a_refusal_says_why_where_and_when_and_keeps_the_bytes(broker: Broker) -> None:
    (event,) = refuse(broker, BAD)
    assert broker.kept[0][0] == "rejected.tax"
    assert (event.door, event.sealed, event.reasons) == ("archive", True, ("bad-header: no fact",))
    assert (event.origin, event.received_at) == ("registration.tax/0/7", 1_790_000_000_000_000)
    assert (opened(event.key), opened(event.body)) == (b"key", b"garbage")


def test_the_same_message_is_the_same_refusal(broker: Broker) -> None:
    one, again, other = refuse(broker, BAD, BAD, replace(BAD, offset_number=8))
    assert one == again
    assert one.event_id != other.event_id


@pytest.mark.parametrize("body", [None, b""])
def test_nothing_is_kept_as_nothing(broker: Broker, body: bytes | None) -> None:
    (event,) = refuse(broker, replace(BAD, body=body, key_bytes=None))
    assert event.key is None
    assert opened(event.body) == b""


@pytest.mark.parametrize("size", [PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES, 1_048_576])
def test_a_large_message_is_kept_in_parts_that_fit(broker: Broker, size: int) -> None:
    body = bytes(range(251)) * (size // 251 + 1)
    parts = refuse(broker, replace(BAD, body=body[:size]))
    assert b"".join(opened(each.body) for each in parts) == body[:size]
    assert len({each.event_id for each in parts}) == len(parts) == -(-size // PART_BYTES)
    assert [each.key is None for each in parts] == [False] + [True] * (len(parts) - 1)
    assert max(broker.sizes) < 1_000_000


@pytest.mark.parametrize("size", [PART_BYTES, PART_BYTES + 1, 1_000_000])
def test_a_large_key_fits_too(broker: Broker, size: int) -> None:
    parts = refuse(broker, replace(BAD, key_bytes=b"k" * size, body=b"b" * PART_BYTES))
    kept = b"".join(opened(each.key) if each.key else b"" for each in parts)
    kept += b"".join(opened(each.body) for each in parts)
    assert kept == b"k" * size + b"b" * PART_BYTES
    assert max(broker.sizes) < 1_000_000


def test_what_an_unknown_department_sent_is_kept_by_the_hub(broker: Broker) -> None:
    (event,) = refuse(broker, replace(BAD, topic_name="registration.nobody"))
    assert (broker.kept[0][0], event.department) == ("rejected.hub", "hub")
    assert opened(event.body, "hub") == b"garbage"


def test_a_full_queue_is_waited_for(broker: Broker) -> None:
    broker.full = 3
    assert len(refuse(broker, BAD, replace(BAD, offset_number=8))) == 2


def test_what_the_broker_did_not_confirm_is_not_taken_as_kept(broker: Broker) -> None:
    broker.unconfirmed = 1
    with pytest.raises(RefusalsNotKeptError, match="did not confirm"):
        refuse(broker, BAD)


def test_what_the_broker_refused_is_not_taken_as_kept(broker: Broker) -> None:
    broker.fault = KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)
    with pytest.raises(RefusalsNotKeptError, match=r"1 refused records were not kept, e\.g\. on rejected\.tax"):
        refuse(broker, BAD)
