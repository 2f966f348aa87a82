"""Who publishes what the door takes in: one publisher a department, on one Kafka producer."""

import threading
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Final

from catalog.resources import Resources
from connectors.counting import Tally
from connectors.kafka import KafkaOptions
from producers.faults import Fault, fault
from producers.intake.reading import Record
from producers.outcomes import Outcome, Receipt
from producers.protection import Protector
from producers.publisher import Publisher
from producers.sending import Sender
from topics.codec import SchemaIds
from topics.declarations import HUB
from topics.figures import RECORDS_TAKEN

DOOR: Final = "intake"
_DELIVERY_TIMEOUT_S: Final = 30.0
# Somebody waits at the door for each single record; a batch fills its messages anyway.
_LINGER_MS: Final = 1
_NO_WAIT_S: Final = 0.0
_BATCH_WAIT_S: Final = 20.0


class Intake:
    """Takes records in for every department of the catalogue; safe to use from several threads."""

    def __init__(
        self,
        options: KafkaOptions,
        protector: Protector,
        ids: SchemaIds,
        resources: Resources,
        *,
        door: str = DOOR,
        tally: Tally | None = None,
    ) -> None:
        """Connect in the background; ``close`` when the door closes.

        ``door`` is what refused records came by; what is taken in is counted in ``tally``.
        """
        self._tally = tally
        self._door = door
        self._options, self._protector, self._ids, self._resources = options, protector, ids, resources
        self._sender = Sender(options, delivery_timeout_s=_DELIVERY_TIMEOUT_S, linger_ms=_LINGER_MS)
        self._sources = publishing_departments(resources)
        self._publishers: dict[str, Publisher] = {}
        self._lock = threading.Lock()

    def accept(self, record: Record, header_source: str | None) -> Future[Outcome]:
        """One record, without waiting.

        Raises:
            PublisherBusy: no more messages may be in flight.
        """
        source, faults = judged(record, header_source, self._sources)
        publisher = self._publisher(source)
        if faults:
            return publisher.refuse(record.received, faults, timeout_s=_NO_WAIT_S)
        taken = publisher.publish(record.received, timeout_s=_NO_WAIT_S)
        taken.add_done_callback(lambda future: self._count_done(source, future))
        return taken

    def accept_all(self, records: Sequence[Record], header_source: str | None) -> list[Outcome]:
        """A batch, waiting for the outcome of each, in order.

        Raises:
            PublisherBusy, DeliveryFailed, ProtectionUnavailable: not all have an outcome; send the batch again.
        """
        known = [judged(record, header_source, self._sources) for record in records]
        refused = [
            (place, self._publisher(source).refuse(records[place].received, faults, timeout_s=_BATCH_WAIT_S))
            for place, (source, faults) in enumerate(known)
            if faults
        ]
        outcomes: dict[int, Outcome] = {}
        for source, places in _by_source(known).items():
            received = [records[place].received for place in places]
            published = self._publisher(source).publish_many(received, timeout_s=_BATCH_WAIT_S)
            outcomes.update(zip(places, published, strict=True))
            self._count(source, published)
        outcomes.update((place, future.result()) for place, future in refused)
        return [outcomes[place] for place in range(len(records))]

    def state_coverage(
        self, source: str, resource: str, complete_until: datetime | int | str, source_total: int | None
    ) -> Receipt:
        """As ``Publisher.state_coverage``, for what came by this door since it opened."""
        return self._publisher(source).state_coverage(resource, complete_until, source_total, timeout_s=_BATCH_WAIT_S)

    def knows(self, source: str) -> bool:
        """Whether this is a department that publishes."""
        return source in self._sources

    def close(self) -> None:
        """Send what is in flight and disconnect."""
        self._sender.close()

    def _count_done(self, source: str, future: Future[Outcome]) -> None:
        if future.exception() is None:
            self._count(source, [future.result()])

    def _count(self, source: str, outcomes: Iterable[Outcome]) -> None:
        taken = sum(isinstance(each, Receipt) for each in outcomes)
        if self._tally is not None and taken:
            self._tally.count(RECORDS_TAKEN, taken, department=source, label=self._door)

    def _publisher(self, source: str) -> Publisher:
        with self._lock:
            found = self._publishers.get(source)
            if found is None:
                found = self._publishers[source] = Publisher(
                    self._options,
                    source,
                    self._protector,
                    self._ids,
                    self._resources,
                    door=self._door,
                    sender=self._sender,
                )
            return found


def judged(record: Record, header_source: str | None, sources: Collection[str]) -> tuple[str, tuple[Fault, ...]]:
    """Whose record this is (``hub`` when nobody's), and why it cannot be published, if that is known already."""
    draft = record.received.draft
    is_object = isinstance(draft, dict)
    source = header_source if header_source is not None else draft.get("source") if is_object else None
    if isinstance(source, str) and source in sources:
        return source, record.faults
    if not is_object:
        return HUB, record.faults or (fault("not-an-object", ""),)
    return HUB, record.faults or (fault("missing-field" if source is None else "unknown-source", "source"),)


def publishing_departments(resources: Resources) -> frozenset[str]:
    """The codes of the departments that have resources, and so publish."""
    return frozenset(resource.department for resource in resources.all)


def _by_source(known: Iterable[tuple[str, tuple[Fault, ...]]]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, (source, faults) in enumerate(known):
        if not faults:
            places.setdefault(source, []).append(place)
    return places
