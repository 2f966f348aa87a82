"""Publishing from the outbox, on a producer that delivers when it is told to."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from connectors.kafka import outbox as outbox_module
from connectors.kafka.outbox import OutboxPublisher, OutboxRow

TIMED_OUT = KafkaError(KafkaError._MSG_TIMED_OUT)


class Broker:
    """Stands for an ``outbox_producer``: what it delivers, it reports only when it failed, and only by ``poll``."""

    def __init__(self, room: int = 1000) -> None:
        self.room = room
        self.on_its_way: list[tuple[bytes, Callable[..., None]]] = []
        self.log: list[bytes] = []
        self._reports: list[Callable[[], None]] = []

    def produce(self, topic: str, value: bytes, *, key: bytes, on_delivery: Callable[..., None]) -> None:
        del key
        if topic == "unknown":
            raise KafkaException(TIMED_OUT)
        if len(self.on_its_way) >= self.room:
            raise BufferError
        self.on_its_way.append((value, on_delivery))

    def poll(self, timeout: float) -> int:
        if timeout:
            self.deliver()
        reports, self._reports = self._reports, []
        for report in reports:
            report()
        return len(reports)

    def flush(self, timeout: float) -> int:
        del timeout
        self.deliver()
        self.poll(0)
        return len(self)

    def __len__(self) -> int:
        return len(self.on_its_way) + len(self._reports)

    def deliver(self, *failing: bytes) -> None:
        for value, report in self.on_its_way:
            if value in failing:
                self._reports.append(partial(report, TIMED_OUT, None))
            else:
                self.log.append(value)
        self.on_its_way = []


def publisher(broker: Broker) -> OutboxPublisher:
    return OutboxPublisher(cast("Producer", broker))


def row(number: int, topic: str = "case.updates") -> OutboxRow:
    return OutboxRow(number.to_bytes(16), topic, b"case-1", number.to_bytes(2))


def ids(*numbers: int) -> tuple[bytes, ...]:
    return tuple(each.to_bytes(16) for each in numbers)


def test_nothing_is_told_while_anything_is_on_its_way() -> None:
    broker = Broker()
    outbox = publisher(broker)
    outbox.publish([row(1), row(2)])
    assert (outbox.delivered(), outbox.untold_count) == ((), 2)
    broker.deliver()
    assert (outbox.delivered(), outbox.untold_count) == (ids(1, 2), 0)
    assert outbox.delivered() == ()


def test_what_is_on_its_way_is_not_sent_again() -> None:
    broker = Broker()
    outbox = publisher(broker)
    outbox.publish([row(1)])
    outbox.publish([row(1), row(2)])
    broker.deliver()
    assert broker.log == [b"\0\1", b"\0\2"]


def test_what_was_not_delivered_is_not_told_and_may_be_sent_again() -> None:
    broker = Broker()
    outbox = publisher(broker)
    outbox.publish([row(1), row(2), row(3)])
    broker.deliver(b"\0\2")
    assert outbox.delivered() == ids(1, 3)
    outbox.publish([row(2)])
    broker.deliver()
    assert outbox.delivered() == ids(2)


def test_what_cannot_be_handed_over_stays() -> None:
    broker = Broker()
    outbox = publisher(broker)
    outbox.publish([row(1, "unknown"), row(2)])
    assert outbox.close() == ids(2)


def test_a_full_queue_is_waited_for() -> None:
    broker = Broker(room=2)
    outbox = publisher(broker)
    outbox.publish([row(number) for number in range(7)])
    assert outbox.close() == ids(*range(7))


def test_a_timer_is_in_no_outbox() -> None:
    broker = Broker()
    outbox = publisher(broker)
    outbox.send("case.timers", b"case-1", b"ring")
    assert (outbox.untold_count, outbox.close(), broker.log) == (0, (), [b"ring"])


def test_many_untold_rows_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "MOST_UNTOLD", 3)
    broker: Any = Broker()
    outbox = publisher(broker)
    outbox.publish([row(1), row(2), row(3)])
    assert outbox.delivered() == ()
    outbox.publish([row(4)])
    assert outbox.delivered() == ids(1, 2, 3, 4)
