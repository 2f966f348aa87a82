"""The publishing SDK: drafts in, receipts out."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, Final, Self

import msgspec
from confluent_kafka import KafkaError, Message

from catalog.resources import Resource, Resources
from connectors.kafka import KafkaOptions
from producers.assembly import Assembly, Envelope, protect_request
from producers.corrections import dispute_draft, dispute_end_draft, withdrawal_draft
from producers.coverage import PublishedSince
from producers.drafts import CheckedDraft, Draft, DraftRules, examine
from producers.faults import Fault
from producers.gathering import Batch, Gatherer, Settle
from producers.outcomes import Outcome, Receipt, Received, Refusal
from producers.protection import ProtectionUnavailable, Protector
from producers.refusals import as_received, refused_records
from producers.sending import DEFAULT_IN_FLIGHT, DeliveryFailed, PublisherBusy, Sender
from producers.statements import coverage_statement, moment_us
from topics.codec import SchemaIds
from topics.declarations import topic_name

__all__ = ["DeliveryFailed", "Publisher", "PublisherBusy", "UndeliveredFacts"]

WAIT_S: Final = 60.0
_CHUNK: Final = 250

_Job = tuple[CheckedDraft, Settle]


class UndeliveredFacts(Exception):  # noqa: N818  the name is the fact
    """A resource cannot be called complete: facts of it did not reach the log since its last statement."""

    def __init__(self, resource: str, count: int) -> None:
        super().__init__(f"{count} fact(s) of {resource} did not reach the log since its last statement")
        self.remedy = "publish them again (a repeat is the same event), then state the coverage"
        self.resource, self.count = resource, count


class Publisher:
    """Publishes one department's facts.

    Drafts are held against catalogue and schemas first; a bad one is refused with every fault, kept byte for byte on
    ``rejected.<source>``, and never stops the good ones. Safe to use from several threads. To publish something
    again is always safe: a repeat is the same event.
    """

    def __init__(
        self,
        options: KafkaOptions,
        source: str,
        protector: Protector,
        ids: SchemaIds,
        resources: Resources,
        *,
        max_in_flight: int = DEFAULT_IN_FLIGHT,
        door: str = "sdk",
        sender: Sender | None = None,
        now_us: Callable[[], int] | None = None,
    ) -> None:
        """Connect in the background.

        Args:
            options: the Kafka cluster.
            source: the department's code.
            protector: names persons by tokens and seals personal fields.
            ids: the registered schemas (``catalog.registry.read_schema_ids``).
            resources: the catalogue (``catalog.resources.load_resources``).
            max_in_flight: how many messages may wait for their acknowledgement before ``publish`` waits.
            door: what refused records are said to have come by: sdk, intake or file.
            sender: a Kafka producer shared with other publishers; its owner closes it.
            now_us: the clock, µs since 1970.
        """
        self._rules = DraftRules(source, resources)
        self._protector = protector
        self._assembly = Assembly(ids)
        self._door = door
        self._owned = Sender(options, max_in_flight=max_in_flight) if sender is None else None
        self._sender = sender or self._owned or Sender(options)
        self._since = PublishedSince()
        self._now_us = now_us or _now_us
        self._gatherer = None if protector.is_near else Gatherer(self._send_gathered)

    @property
    def source(self) -> str:
        """The department's code."""
        return self._rules.source

    def publish(self, draft: Draft | Received, *, timeout_s: float = WAIT_S) -> Future[Outcome]:
        """Check a draft, send it, and come back at once.

        Returns:
            What becomes of it: a Receipt once the log has it, a Refusal once its bytes are kept. The future raises
            DeliveryFailed or ProtectionUnavailable when neither could be.

        Raises:
            PublisherBusy: as many messages are in flight as may be, still after ``timeout_s``.
        """
        future = _new_future()
        settle = partial(_settle_future, future)
        checked = self._examined(draft, settle, timeout_s)
        if checked is not None and self._gatherer is not None and protect_request(checked) is not None:
            self._gatherer.put((checked, settle), timeout_s)
        elif checked is not None:
            self._send_checked([(checked, settle)], timeout_s)
        return future

    def publish_many(self, drafts: Iterable[Draft | Received], *, timeout_s: float = WAIT_S) -> list[Outcome]:
        """Publish drafts and wait for the outcome of each, in their order; the fast way.

        Raises:
            PublisherBusy, DeliveryFailed, ProtectionUnavailable: not all have an outcome; publish them again.
        """
        batch = Batch()
        remaining = iter(drafts)
        while chunk := list(islice(remaining, _CHUNK)):
            jobs = self._jobs(chunk, batch, timeout_s)
            self._send_checked(jobs, timeout_s)
        return batch.outcomes()

    def refuse(
        self, received: Received, faults: Sequence[Fault], *, timeout_s: float = WAIT_S, door: str | None = None
    ) -> Future[Outcome]:
        """Keep bytes that are no draft, on ``rejected.<source>``; the Refusal once they are kept."""
        future = _new_future()
        self._keep(received, tuple(faults), partial(_settle_future, future), timeout_s, door)
        return future

    def withdraw(
        self, resource: str, subject: Any, record_id: str, version: int, valid_at: datetime | int | str, reason: str
    ) -> Future[Outcome]:
        """State that a record should not have been published; ``version`` follows that of its last fact."""
        return self.publish(withdrawal_draft(self._resource(resource), subject, record_id, version, valid_at, reason))

    def dispute(
        self,
        resource: str,
        subject: Any,
        record_id: str,
        version: int,
        valid_at: datetime | int | str,
        reason: str,
        *,
        field: str | None = None,
    ) -> Future[Outcome]:
        """Mark a value of any department's record (the whole record without ``field``) as disputed."""
        found = self._resource(resource)
        return self.publish(dispute_draft(found, self.source, subject, record_id, field, version, valid_at, reason))

    def end_dispute(
        self,
        resource: str,
        subject: Any,
        record_id: str,
        version: int,
        valid_at: datetime | int | str,
        outcome: str,
        reason: str,
        *,
        field: str | None = None,
    ) -> Future[Outcome]:
        """End a dispute: ``corrected``, ``mark-removed`` or ``undeterminable``; ``version`` follows the dispute's."""
        found = self._resource(resource)
        return self.publish(
            dispute_end_draft(found, self.source, subject, record_id, field, version, valid_at, outcome, reason)
        )

    def state_coverage(
        self,
        resource: str,
        complete_until: datetime | int | str,
        source_total: int | None = None,
        *,
        timeout_s: float = WAIT_S,
    ) -> Receipt:
        """State that the resource is complete up to a time; speaks for what this publisher sent since its last one.

        Args:
            resource: its code.
            complete_until: µs since 1970, or a time with its offset from UTC.
            source_total: how many records the source itself holds.
            timeout_s: how long to wait for what is in flight, and for the statement.

        Raises:
            UndeliveredFacts: facts of the resource did not reach the log.
            DeliveryFailed: the statement did not; it can be made again.
            ValueError: the resource is not this department's, or the time is none or lies ahead.
        """
        found = self._own_resource(resource)
        until_us = moment_us(complete_until, self._now_us())
        self._demand_delivered(resource, timeout_s)
        tally, ranges = self._since.take(resource)
        statement = coverage_statement(found, until_us, tally, ranges, source_total)
        topic = topic_name("coverage", self.source)
        future = _new_future()
        try:
            envelope = self._assembly.event(statement, topic, statement.subject.encode())
            self._send(envelope, partial(_settle_future, future), timeout_s)
            receipt = future.result()
        except Exception:
            self._since.give_back(resource, tally)
            raise
        self._since.forget_stated()
        assert isinstance(receipt, Receipt)  # noqa: S101  a statement is never examined, so never refused
        return receipt

    def flush(self, timeout_s: float = WAIT_S) -> int:
        """Wait until everything given so far has its outcome; how many messages have none after ``timeout_s``."""
        if self._gatherer is not None:
            self._gatherer.flush()
        return self._sender.flush(timeout_s)

    def close(self, timeout_s: float = WAIT_S) -> None:
        """Flush and disconnect.

        Raises:
            DeliveryFailed: messages had no outcome in time.
        """
        if self._gatherer is not None:
            self._gatherer.close()
        left = self._owned.close(timeout_s) if self._owned is not None else self._sender.flush(timeout_s)
        if left:
            raise DeliveryFailed("the log", "no acknowledgement in time", left)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _jobs(self, items: Iterable[Draft | Received], batch: Batch, timeout_s: float) -> list[_Job]:
        slots = ((item, batch.slot()) for item in items)
        return [
            (checked, settle)
            for item, settle in slots
            if (checked := self._examined(item, settle, timeout_s)) is not None
        ]

    def _examined(self, item: Draft | Received, settle: Settle, timeout_s: float) -> CheckedDraft | None:
        """The checked draft; None when it was refused, with its bytes on their way to where they are kept."""
        draft = item.draft if isinstance(item, Received) else item
        checked = examine(draft, self._rules, self._now_us())
        if isinstance(checked, CheckedDraft):
            return checked
        received = item if isinstance(item, Received) else as_received(draft)
        self._keep(received, checked, settle, timeout_s)
        return None

    def _send_gathered(self, jobs: Sequence[_Job]) -> None:
        try:
            self._send_checked(jobs, WAIT_S)
        except (ProtectionUnavailable, PublisherBusy, DeliveryFailed, LookupError) as fault:
            for _, settle in jobs:
                settle(fault)

    def _send_checked(self, jobs: Sequence[_Job], timeout_s: float) -> None:
        requests = [protect_request(checked) for checked, _ in jobs]
        asked = [request for request in requests if request is not None]
        answers = iter(self._protector.protect(asked) if asked else ())
        for (checked, settle), request in zip(jobs, requests, strict=True):
            envelope = self._assembly.fact(checked, None if request is None else next(answers))
            self._send(envelope, settle, timeout_s)

    def _keep(
        self, received: Received, faults: tuple[Fault, ...], settle: Settle, timeout_s: float, door: str | None = None
    ) -> None:
        records = list(
            refused_records(received, faults, self.source, door or self._door, self._protector, self._now_us())
        )
        topic = topic_name("rejected", self.source)
        parts = _Parts(len(records), faults, settle)
        for record in records:
            envelope = self._assembly.event(record, topic, record.event_id.hex().encode())
            self._send(envelope, parts.settle, timeout_s)

    def _send(self, envelope: Envelope, settle: Settle, timeout_s: float) -> None:
        delivered = _Sent(self, envelope, settle)
        self._sender.send(envelope.topic, envelope.key, envelope.value, delivered, timeout_s)

    def delivered(self, envelope: Envelope, settle: Settle, error: KafkaError | None, message: Message) -> None:
        """Take Kafka's word on one message."""
        resource = envelope.resource
        if error is not None:
            if resource is not None:
                self._since.note_undelivered(resource, envelope.event_id)
            settle(DeliveryFailed(envelope.topic, error))
            return
        partition, offset = message.partition(), message.offset()
        assert partition is not None and offset is not None  # noqa: S101, PT018  a delivered message has its place
        receipt = Receipt(envelope.event_id.hex(), envelope.topic, partition, offset)
        if resource is not None:
            self._since.note(resource, receipt.topic, receipt.partition, receipt.offset, envelope.event_id)
        settle(receipt)

    def _demand_delivered(self, resource: str, timeout_s: float) -> None:
        if self.flush(timeout_s):
            raise DeliveryFailed("the log", "facts still wait for their acknowledgement")
        if count := self._since.undelivered(resource):
            raise UndeliveredFacts(resource, count)

    def _resource(self, code: str) -> Resource:
        try:
            return self._rules.resources.by_code[code]
        except KeyError:
            raise ValueError("no resource of this code is in the catalogue") from None

    def _own_resource(self, code: str) -> Resource:
        resource = self._resource(code)
        if resource.department != self.source:
            raise ValueError(f"this is a resource of {resource.department}, not of {self.source}")
        return resource


class _Sent(msgspec.Struct, gc=False):
    """One message of this publisher that is in flight."""

    publisher: Publisher
    envelope: Envelope
    settle: Settle

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        self.publisher.delivered(self.envelope, self.settle, error, message)


class _Parts:
    """Gathers the receipts of a refused record's parts into one Refusal."""

    def __init__(self, count: int, faults: tuple[Fault, ...], settle: Settle) -> None:
        self._left, self._faults, self._settle = count, faults, settle
        self._kept: list[Receipt] = []

    def settle(self, outcome: Outcome | Exception) -> None:
        """Take one part's outcome; acknowledgements come one after the other, from one thread."""
        self._left -= 1
        if isinstance(outcome, Receipt):
            self._kept.append(outcome)
        elif self._left >= 0:
            self._left = -1
            self._settle(outcome)
        if self._left == 0:
            self._settle(Refusal(self._faults, tuple(self._kept)))


def _new_future() -> Future[Outcome]:
    """A future that nobody can cancel: what was handed over is sent, whether or not somebody still waits for it."""
    future: Future[Outcome] = Future()
    future.set_running_or_notify_cancel()
    return future


def _settle_future(future: Future[Outcome], outcome: Outcome | Exception) -> None:
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _now_us() -> int:
    return time.time_ns() // 1000
