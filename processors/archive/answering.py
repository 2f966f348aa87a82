"""Checks answered from the store by the process that owns it, and answered again when a later fact changes them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from time import time_ns
from typing import Any

import msgspec
import structlog
from confluent_kafka import Message, Producer

from catalog.bundles import Answerer, Bundle
from catalog.resources import Resources
from connectors.counting import Tally
from connectors.kafka import KafkaOptions, consumer
from processors.archive.reading import ArchiveReader
from processors.archive.store import ArchiveStore
from processors.archive.view import ArchiveView
from processors.domain.checks import (
    DAY_US,
    REGISTRY_RECORD_TYPES,
    Question,
    SubjectArchive,
    answer_part,
    is_fresh,
    territory_prefix,
)
from topics.codec import CodecFault, RowCodec
from topics.declarations import HUB, topic_name
from topics.events import ArchiveRead, ChecksAnswered, ChecksRequested, Part, PartAnswer
from topics.figures import ARCHIVES_READ, SHOWN

GROUP = "onething-checks"
CHECKS_TOPIC = "case.checks"
READS_TOPIC = "access.reads"
REGISTRY_MAX_AGE_DAYS = 30
WATCH_DAYS = 90
BATCH = 100
POLL_S = 0.2
SESSION_MS = 6_000
"""How long the group waits for a member that was killed before others answer its requests: Kafka's shortest.

Its default is 45 s, longer than the shortest deadline of a case.
"""

FLUSH_S = 10.0
_TOUCHED = "touched/"

log = structlog.get_logger(__name__)


class Watch(msgspec.Struct, frozen=True):
    """An answered request that is answered anew when its subject's archive changes."""

    request: bytes
    digest: bytes
    until: int


class CheckAnswerer:
    """Evaluates requests against one store. Pure reading; publishing is the caller's."""

    def __init__(
        self,
        reader: Callable[[], ArchiveReader],
        view: ArchiveView,
        bundles: Mapping[str, Bundle],
        resources: Resources,
    ) -> None:
        """Answer from this view's store by these definitions."""
        self._reader = reader
        self._view = view
        self._resources = resources
        self._answerers = {
            (bundle.id, item.id, answerer.department): answerer
            for bundle in bundles.values()
            for item in bundle.checks
            for answerer in item.answerers
        }
        registries = {each.code for kind in REGISTRY_RECORD_TYPES.values() for each in resources.of_record_type(kind)}
        self._wanted = {bundle.id: frozenset(bundle.resources) | registries for bundle in bundles.values()}

    def make_way(self) -> None:
        """Let the view take small batches while there is something to answer."""
        self._view.make_way()

    def answers(self, request: ChecksRequested) -> tuple[PartAnswer, ...]:
        """One answer a part; with ``include_related``, the same parts about controlling shareholder and controller."""
        question = Question(
            request.since, request.until, territory_prefix(request.territory), asked_at=request.requested_at
        )
        archives: dict[str, SubjectArchive] = {}
        parts = list(request.parts)
        if request.include_related and parts:
            parts += self._related_parts(request, question, archives)
        return tuple(
            self._answer(request.bundle, part, self._archive(request.bundle, part.subject, question, archives))
            for part in parts
        )

    def _related_parts(
        self, request: ChecksRequested, question: Question, archives: dict[str, SubjectArchive]
    ) -> Iterator[Part]:
        first = request.parts[0].subject
        asked = {part.subject for part in request.parts}
        for subject in self._archive(request.bundle, first, question, archives).related():
            if subject not in asked:
                for part in request.parts:
                    if part.subject == first:
                        yield msgspec.structs.replace(part, subject=subject)

    def _archive(
        self, bundle: str, subject: str, question: Question, archives: dict[str, SubjectArchive]
    ) -> SubjectArchive:
        found = archives.get(subject)
        if found is None:
            records = self._reader().archive(subject, resources=self._wanted.get(bundle, frozenset()))
            found = archives[subject] = SubjectArchive(subject, records, question)
        return found

    def _answer(self, bundle: str, part: Part, archive: SubjectArchive) -> PartAnswer:
        answerer: Answerer | None = self._answerers.get((bundle, part.check_id, part.department))
        return answer_part(
            part.check_id,
            part.department,
            archive,
            answerer.reads if answerer else (),
            self._view.coverage,
            registry_complete=not archive.exists and self._registry_complete(part.subject, archive.question.asked_at),
        )

    def _registry_complete(self, subject: str, asked_at: int) -> bool:
        record_type = REGISTRY_RECORD_TYPES.get(subject.split(":", 1)[0], "")
        registries = self._resources.of_record_type(record_type)
        return bool(registries) and all(
            is_fresh(self._view.coverage(each.code), asked_at, REGISTRY_MAX_AGE_DAYS) for each in registries
        )


class CheckService:
    """The thread that consumes ``case.checks``, publishes answers and keeps watch on what it answered."""

    def __init__(
        self,
        options: KafkaOptions,
        store: ArchiveStore,
        answerer: CheckAnswerer,
        codec: Callable[[], RowCodec],
        producer: Producer,
        reader_name: str,
        tally: Tally | None = None,
    ) -> None:
        """Serve as one member of the answering group."""
        self._consumer = consumer(
            options,
            GROUP,
            fetch_wait_max_ms=100,
            fetch_queue_backoff_ms=2,
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=SESSION_MS // 4,
        )
        self._store = store
        self._answerer = answerer
        self._codec = codec
        self._producer = producer
        self._name = reader_name
        self._tally = tally
        self._changes: SimpleQueue[set[str]] = SimpleQueue()
        self._watched = _subjects(store.watches())
        self._changed_meanwhile: set[str] | None = None
        self._lock = Lock()
        self._stopping = Event()
        self._threads = [
            Thread(target=self._serve, name="checks", daemon=True),
            Thread(target=self._follow, name="watches", daemon=True),
        ]
        self.answered = 0
        self.failed: BaseException | None = None

    def start(self) -> None:
        """Begin, with what a killed process left unanswered."""
        if left := {_subject_of_mark(name) for name, _ in self._store.meta(_TOUCHED)}:
            self._changes.put(left)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the batch in hand."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(10)
        self._consumer.close()

    def marks(self, subjects: set[str]) -> dict[str, bytes]:
        """What is to be written with the facts of these subjects, so that a killed process answers for them later."""
        with self._lock:
            touched = self._watched & subjects
        return {f"{_TOUCHED}{subject}\x00{time_ns()}": b"" for subject in touched}

    def changed(self, subjects: set[str]) -> None:
        """Subjects whose archives have grown; called by the view's thread."""
        with self._lock:
            if self._changed_meanwhile is not None:
                self._changed_meanwhile |= subjects
            touched = self._watched & subjects
        if touched:
            self._changes.put(touched)

    def _serve(self) -> None:
        try:
            self._consumer.subscribe([CHECKS_TOPIC])
            while not self._stopping.is_set():
                first = self._consumer.poll(POLL_S)
                if first is not None:
                    more = self._consumer.consume(BATCH - 1, 0)
                    self._answer_batch([first, *more])
        except BaseException as fault:  # the process must not live on without this thread
            self.failed = fault
            raise

    def _answer_batch(self, messages: list[Message]) -> None:
        self._answerer.make_way()
        requests = [(each, raw) for each, raw in map(self._request, messages) if each is not None]
        now = time_ns() // 1000
        with self._lock:
            self._changed_meanwhile = set()
        answered = [(request, raw, self._answerer.answers(request)) for request, raw in requests]
        watches = [
            watch
            for request, raw, answers in answered
            for watch in _watches(raw, request, answers, now + WATCH_DAYS * DAY_US)
        ]
        self._store.put_watches(watches)
        overtaken = self._keep_watch(watches)
        for request, _, answers in answered:
            self._publish(request, answers, now)
        if overtaken:
            self._changes.put(overtaken)
        self._producer.flush(10)
        self._consumer.commit(asynchronous=True)
        self.answered += len(answered)

    def _keep_watch(self, watches: Iterable[tuple[bytes, bytes]]) -> set[str]:
        """Watch from now on; the subjects among them that changed since the batch's answers were begun."""
        subjects = _subjects(watches)
        with self._lock:
            overtaken = subjects & (self._changed_meanwhile or set())
            self._changed_meanwhile = None
            self._watched |= subjects
        return overtaken

    def _follow(self) -> None:
        try:
            while not self._stopping.is_set():
                self._answer_changed()
        except BaseException as fault:  # the process must not live on without this thread
            self.failed = fault
            raise

    def _answer_changed(self) -> None:
        try:
            subjects = self._changes.get(timeout=POLL_S)
        except Empty:
            return
        for subject in subjects:
            marks = [name for name, _ in self._store.meta(f"{_TOUCHED}{subject}\x00")]
            self._answer_again(subject)
            if marks and not self._producer.flush(FLUSH_S):
                self._store.drop_meta(marks)

    def _answer_again(self, subject: str) -> None:
        now = time_ns() // 1000
        for key, value in self._store.watches_of(subject):
            watch = msgspec.msgpack.decode(value, type=Watch)
            if watch.until < now:
                self._store.drop_watch(key)
                continue
            request = self._codec().event(watch.request)
            assert isinstance(request, ChecksRequested)  # noqa: S101  only requests are watched
            answers = self._answerer.answers(request)
            digest = _digest(answers)
            if digest != watch.digest:
                # Whom a registration names as controller now is watched as well.
                watches = list(_watches(watch.request, request, answers, watch.until))
                self._store.put_watches(watches)
                with self._lock:
                    self._watched |= _subjects(watches)
                # What is answered a second time is another event, even when an earlier answer holds again.
                self._publish(request, answers, now, occasion=now.to_bytes(8, "big"))
                log.info("answers changed by a later fact", case_id=request.case_id)
        self._producer.poll(0)

    def _publish(
        self, request: ChecksRequested, answers: tuple[PartAnswer, ...], now: int, occasion: bytes = b""
    ) -> None:
        event_id = blake2b(request.event_id + b"answered" + occasion + _digest(answers), digest_size=16).digest()
        event = ChecksAnswered(
            event_id=event_id, case_id=request.case_id, answered_by=HUB, answered_at=now, answers=answers
        )
        key = request.case_id.encode()
        self._producer.produce(topic_name("case.answers", HUB), self._codec().encode(event), key=key)
        read = _read_of(request, answers, now, self._name, event_id)
        self._producer.produce(READS_TOPIC, self._codec().encode(read), key=request.parts[0].subject.encode())
        if self._tally is not None:
            self._tally.count(ARCHIVES_READ, len(read.subjects), bundle=request.bundle, label=SHOWN)
        self._producer.poll(0)

    def _request(self, message: Message) -> tuple[ChecksRequested | None, bytes]:
        """The request and its bytes; None for what is none."""
        raw = message.value() or b""
        if message.error() is not None:
            return None, raw
        try:
            event = self._codec().event(raw)
        except CodecFault as fault:
            # Only the hub's own coordinators write this topic; a foreign message has no department to be returned to.
            log.warning("not a check request", offset=message.offset(), reason=fault.code)
            return None, raw
        return (event if isinstance(event, ChecksRequested) and event.parts else None), raw


def _watches(
    message: bytes, request: ChecksRequested, answers: Iterable[PartAnswer], until: int
) -> Iterator[tuple[bytes, bytes]]:
    answers = tuple(answers)
    value = msgspec.msgpack.encode(Watch(message, _digest(answers), until))
    for subject in dict.fromkeys(answer.subject for answer in answers):
        yield subject.encode() + b"\x00" + request.case_id.encode(), value


def _subject_of_mark(name: str) -> str:
    return name.removeprefix(_TOUCHED).split("\x00", 1)[0]


def _subjects(watches: Iterable[tuple[bytes, bytes]]) -> set[str]:
    return {key.split(b"\x00", 1)[0].decode() for key, _ in watches}


def _digest(answers: Iterable[PartAnswer]) -> bytes:
    substance: list[Any] = [(a.check_id, a.department, a.subject, a.answer, a.evidence) for a in answers]
    return blake2b(msgspec.msgpack.encode(substance), digest_size=16).digest()


def _read_of(
    request: ChecksRequested, answers: Iterable[PartAnswer], now: int, reader: str, cause: bytes
) -> ArchiveRead:
    answers = tuple(answers)
    return ArchiveRead(
        event_id=blake2b(cause + b"read", digest_size=16).digest(),
        reader=reader,
        purpose=request.purpose,
        case_id=request.case_id,
        subjects=tuple(dict.fromkeys(answer.subject for answer in answers)),
        resources=tuple(dict.fromkeys(each.resource for answer in answers for each in answer.coverage)),
        record_count=sum(len(answer.evidence) for answer in answers),
        at=now,
    )
