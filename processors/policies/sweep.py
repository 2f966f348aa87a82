"""The sweep: policies tried on every archive now and then, and what matches told of.

A fact that changes brings a match at once; a policy that is new, a source that has stated its coverage, a day that
passed bring one without any fact, and only a sweep finds it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from threading import Event as Flag
from time import monotonic
from typing import Final

import structlog
from confluent_kafka import KafkaError, Message, Producer

from catalog.policies import Policy
from catalog.registry import LiveSchemaIds
from connectors.kafka import KafkaOptions, producer
from processors.domain.policy import Match
from processors.following.follower import NotPublished
from processors.following.reactions import NotNow, Told
from processors.policies.matching import day_of
from processors.policies.telling import ApplicationFor, outputs
from topics.codec import RowCodec

EVERY_S: Final = 6 * 3_600.0
FIRST_S: Final = 30.0
"""After the start: departments' facts and coverage are on their way then."""
RETRY_S: Final = 30.0
FLUSH_S: Final = 30.0
POLL_S: Final = 0.2
GROUP: Final = "onething-policy-sweep"

MatchesOf = Callable[[Policy], Iterable[Sequence[Match]]]
"""Every match of a policy, some at a time.

Raises:
    NotNow: no replica answers.
"""

log = structlog.get_logger(__name__)


class PolicySweeper:
    """Sweeps soon after the start and then every six hours. ``run`` belongs to one thread."""

    group = GROUP
    consumes = True
    facts_followed = 0
    facts_stated = 0

    def __init__(
        self,
        options: KafkaOptions,
        schemas: LiveSchemaIds,
        policies: Mapping[str, Policy],
        matches_of: MatchesOf,
        told: Callable[[RowCodec], Collection[bytes]],
        application_for: ApplicationFor,
        clock: Callable[[], int],
        close: Callable[[], None],
        first_s: float = FIRST_S,
    ) -> None:
        """Sweep these policies, the first time after ``first_s``; ``close`` disconnects what the others rest on.

        The other arguments are those of a ``PolicyReaction``.
        """
        self._close = close
        self._schemas = schemas
        self._policies = policies
        self._matches_of = matches_of
        self._told = told
        self._application_for = application_for
        self._clock = clock
        self._first_s = first_s
        self._producer: Producer = producer(options)
        self._stopping = Flag()
        self.waiting_for: str | None = None
        self.events_told = 0

    def run(self) -> None:
        """Sweep until ``stop``.

        Raises:
            NotPublished: the log did not take what was to be told; it is told by the next sweep.
        """
        due = monotonic() + self._first_s
        try:
            while not self._stopping.wait(POLL_S):
                if monotonic() >= due:
                    due = monotonic() + self._swept()
        finally:
            self.close()

    def stop(self) -> None:
        """Let ``run`` end after the policy in hand."""
        self._stopping.set()

    def close(self) -> None:
        """Disconnect."""
        self._producer.flush(FLUSH_S)
        self._close()

    def sweep(self) -> int:
        """Tell of every match that was not told of; returns how many events that were.

        Raises:
            NotNow: a replica does not answer.
        """
        codec = RowCodec(self._schemas.refresh())
        now, before = self._clock(), self.events_told
        for policy in self._policies.values():
            if policy.in_force(day_of(now)) and not self._stopping.is_set():
                self._publish(self._outputs(policy, codec, now), codec)
        return self.events_told - before

    def _swept(self) -> float:
        """Seconds until the next sweep."""
        try:
            told = self.sweep()
        except NotNow as fault:
            self.waiting_for = str(fault)
            log.warning("the sweep waits", fault=str(fault))
            return RETRY_S
        self.waiting_for = None
        log.info("policies swept", told=told)
        return EVERY_S

    def _outputs(self, policy: Policy, codec: RowCodec, now: int) -> Iterator[Told]:
        for matches in self._matches_of(policy):
            yield from outputs(matches, self._policies, self._told(codec), self._application_for, now)

    def _publish(self, told: Iterable[Told], codec: RowCodec) -> None:
        faults = list[str]()

        def delivered(fault: KafkaError | None, _message: Message) -> None:
            if fault is not None:
                faults.append(fault.str())

        for each in told:
            self._produce(each, codec, delivered)
        left = self._producer.flush(FLUSH_S)
        if left or faults:
            raise NotPublished(f"{left + len(faults)} events were not confirmed {' '.join(faults[:1])}")

    def _produce(self, told: Told, codec: RowCodec, delivered: Callable[[KafkaError | None, Message], None]) -> None:
        value, key = codec.encode(told.event), told.event.case_id.encode()
        while True:
            try:
                self._producer.produce(told.topic, value, key=key, on_delivery=delivered)
            except BufferError:
                self._producer.poll(POLL_S)
            else:
                break
        self._producer.poll(0)
        self.events_told += 1
