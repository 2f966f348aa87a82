"""Driving simulated cases on a Kafka cluster: everybody hears what the hub tells and publishes what they do."""

import time
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush
from itertools import count, islice
from types import TracebackType
from typing import Final, Self

import msgspec
from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from connectors.kafka import KafkaOptions, consumer
from producers.sending import DeliveryFailed, Sender
from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.acts import Act
from producers.simulation.cases.expected import Expected, expected_end
from producers.simulation.cases.reckoning import is_settled
from topics.codec import RowCodec, SchemaIds
from topics.events import CaseEvent

TOLD: Final = ("case.updates", "case.notices", "case.payments", "supervision")
ASKED: Final = "case.checks"
TASKS: Final = "case.tasks."
_SECOND_US: Final = 1_000_000
_WAIT_S: Final = 0.02
_MESSAGES: Final = 2000
_SEND_S: Final = 30.0

Door = Callable[[Act], bool]
"""Another way onto the log, such as HTTP; False when it does not take this act."""

Progress = Callable[[int, int], None]
"""Hears how many cases were submitted and how many stand as they must."""


class Pace(msgspec.Struct, frozen=True):
    """How fast cases come, and how long silence is borne.

    Attributes:
        most_open: cases on their way at a time.
        speed: what is slow takes its time divided by this.
        patience_s: silence of the whole hub after which nothing more is expected.
    """

    most_open: int = 500
    speed: float = 1.0
    patience_s: float = 20.0


class Driven(msgspec.Struct, frozen=True):
    """What was driven: events published and heard, cases that stand as they must, seconds."""

    published: int
    heard: int
    settled: int
    seconds: float


class CaseStage:
    """The log, as everybody in simulated cases sees it: from its end at the time of opening on."""

    def __init__(self, options: KafkaOptions, ids: SchemaIds, *, answers_checks: bool = False) -> None:
        """Connect.

        Args:
            options: the cluster.
            ids: of its schemas.
            answers_checks: hear what archives are asked as well, where no archive answers.
        """
        self._codec = RowCodec(ids)
        self._consumer = consumer(options, f"simulated-cases-{time.time_ns()}", fetch_wait_max_ms=10)
        self._sender = Sender(options, linger_ms=1)
        self._failed: KafkaError | None = None
        self._published = 0
        self._consumer.assign(_ends(self._consumer, answers_checks=answers_checks))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sender.close()
        self._consumer.close()

    def drive(
        self, actors: Iterable[CaseActors], pace: Pace, *, door: Door | None = None, progress: Progress | None = None
    ) -> Driven:
        """Submit every case and play it until it stands as it must, or until nothing is heard any more.

        Args:
            actors: of the cases.
            pace: how fast.
            door: asked first to publish an act.
            progress: told now and then.

        Raises:
            DeliveryFailed: Kafka did not take what was published.
        """
        return _Drive(self, actors, pace, door or (lambda _: False), progress or (lambda *_: None)).driven()

    def publish(self, act: Act) -> None:
        """Put it on the log."""
        if self._failed is not None:
            raise DeliveryFailed(act.topic, self._failed)
        key, value = act.event.case_id.encode(), self._codec.encode(act.event)
        self._sender.send(act.topic, key, value, self._delivered, _SEND_S)
        self._published += 1

    def listen(self) -> Sequence[CaseEvent]:
        """What the hub has told since the last time, in the order of each topic."""
        messages = self._consumer.consume(_MESSAGES, _WAIT_S)
        events = (self._codec.event(message.value()) for message in messages if message.error() is None)
        return [event for event in events if isinstance(event, CaseEvent)]

    @property
    def published(self) -> int:
        """How many events were put on the log."""
        return self._published

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        self._failed = self._failed or error


class _Drive:
    """One run: who is on their way, what is still to be published, how it went."""

    def __init__(
        self, stage: CaseStage, actors: Iterable[CaseActors], pace: Pace, door: Door, progress: Progress
    ) -> None:
        self._stage, self._pace, self._door, self._progress = stage, pace, door, progress
        self._waiting = iter(actors)
        self._on_their_way: dict[str, CaseActors] = {}
        self._known: dict[str, CaseActors] = {}
        self._due: dict[str, Expected] = {}
        self._acts: list[tuple[float, int, Act]] = []
        self._turns = count()
        self._heard = 0

    def driven(self) -> Driven:
        started = heard_at = time.monotonic()
        while True:
            begun = self._begin()
            self._publish_due()
            events = self._stage.listen()
            if events or begun:
                heard_at = time.monotonic()
            for event in events:
                self._hear(event)
            if not self._on_their_way and not self._acts and not begun:
                break
            if time.monotonic() - heard_at > self._pace.patience_s and not self._acts:
                break
        settled = len(self._known) - len(self._on_their_way)
        return Driven(self._stage.published, self._heard, settled, time.monotonic() - started)

    def _begin(self) -> int:
        room = self._pace.most_open - len(self._on_their_way)
        begun = list(islice(self._waiting, max(0, room)))
        for each in begun:
            case_id = each.script.case_id
            self._on_their_way[case_id] = self._known[case_id] = each
            self._due[case_id] = expected_end(each.script)
            self._put([each.submit(_now())])
        if begun:
            self._progress(len(self._known), len(self._known) - len(self._on_their_way))
        return len(begun)

    def _hear(self, event: CaseEvent) -> None:
        actors = self._known.get(event.case_id)
        if actors is None:
            return
        self._heard += 1
        self._put(actors.hear(event, _now()))
        self._look_at(actors)

    def _look_at(self, actors: CaseActors) -> None:
        case_id = actors.script.case_id
        if is_settled(actors, self._due[case_id]):
            self._on_their_way.pop(case_id, None)

    def _put(self, acts: list[Act]) -> None:
        for act in acts:
            at = time.monotonic() + act.after_s / self._pace.speed
            heappush(self._acts, (at, next(self._turns), act))

    def _publish_due(self) -> None:
        now = time.monotonic()
        while self._acts and self._acts[0][0] <= now:
            act = heappop(self._acts)[2]
            if not self._door(act):
                self._stage.publish(act)
            self._look_at(self._known[act.event.case_id])


def _now() -> int:
    return time.time_ns() // 1000


def _ends(reader: Consumer, *, answers_checks: bool) -> list[TopicPartition]:
    """Where everything that is heard ends now: asked for at once, so that nothing told later is missed."""
    heard = (*TOLD, ASKED) if answers_checks else TOLD
    return [
        TopicPartition(name, partition, _end(reader, TopicPartition(name, partition)))
        for name, topic in reader.list_topics(timeout=_SEND_S).topics.items()
        if name in heard or name.startswith(TASKS)
        for partition in topic.partitions
    ]


def _end(reader: Consumer, partition: TopicPartition) -> int:
    _, high = reader.get_watermark_offsets(partition, timeout=_SEND_S)
    return int(high)
