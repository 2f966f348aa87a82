"""The watch on what was answered: no later fact slips by, whenever it comes and whoever is killed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.kafka import KafkaOptions
from processors.archive.answering import CheckService
from processors.archive.reading import ArchiveReader
from processors.archive.store import ArchiveStore
from processors.archive.view import ArchiveView
from tests.processors.archive.facts import CODEC, COMPANY, IDS, FakeMessage, filing, message
from topics.events import ArchiveRead, ChecksAnswered, ChecksRequested, Part, PartAnswer

NOWHERE = KafkaOptions("127.0.0.1:9")
CONTROLLER = "enterprise:91610131MA6U0ABC1D"
REQUEST = ChecksRequested(
    event_id=b"q" * 16,
    case_id="case-1",
    bundle="listing-compliance",
    bundle_version=1,
    answerer="hub",
    parts=(Part(check_id="tax", department="tax", subject=COMPANY),),
    since=0,
    until=9,
    territory="",
    purpose="上市核查",
    include_related=False,
    requested_at=5,
    deadline_at=60_000_000,
)
FACT = message(filing("1"))


class CountedRecords:
    """Answers with the events of the subjects' archives: an answer changes when an archive does."""

    def __init__(self, store: ArchiveStore) -> None:
        self.reader = ArchiveReader(store, IDS)
        self.subjects = [COMPANY]
        self.meanwhile: Callable[[], None] = lambda: None

    def make_way(self) -> None:
        pass

    def answers(self, _: ChecksRequested) -> tuple[PartAnswer, ...]:
        told = tuple(map(self._answer, self.subjects))
        self.meanwhile()
        return told

    def _answer(self, subject: str) -> PartAnswer:
        found = tuple(each.current.event_id.hex() for each in self.reader.archive(subject))
        answer = "found" if found else "clear"
        return PartAnswer(check_id="tax", department="tax", subject=subject, answer=answer, evidence=found, coverage=())


class KeptMessages:
    """A producer whose broker takes everything at once."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []

    def produce(self, topic: str, value: bytes, key: bytes | None = None, **_: Any) -> None:
        assert key
        self.sent.append((topic, value))

    def poll(self, _: float) -> int:
        return 0

    def flush(self, _: float) -> int:
        return 0


class KnownSchemas:
    """The registered schemas, without a log of them."""

    ids = IDS


class OneReplica:
    """Store, view and checks of one replica, fed by hand."""

    def __init__(self, path: Path) -> None:
        self.store = ArchiveStore(path, 16)
        self.answerer = CountedRecords(self.store)
        self.producer = KeptMessages()
        self.checks = CheckService(NOWHERE, self.store, self.answerer, lambda: CODEC, self.producer, "archive-0")  # type: ignore[arg-type]
        self.checks._consumer = NoGroup()  # type: ignore[assignment]
        self.view = ArchiveView(
            NOWHERE,
            self.store,
            KnownSchemas(),  # type: ignore[arg-type]
            lambda _: None,
            self.checks.changed,
            self.checks.marks,
        )

    def keep(self, *messages: FakeMessage) -> None:
        self.view._keep(list(messages))  # type: ignore[arg-type]

    def ask(self) -> None:
        self.checks._answer_batch([FakeMessage(CODEC.encode(REQUEST))])  # type: ignore[list-item]

    def follow(self) -> None:
        while not self.checks._changes.empty():
            self.checks._answer_changed()

    def answers(self) -> list[ChecksAnswered]:
        events = [CODEC.event(value) for _, value in self.producer.sent]
        return [each for each in events if isinstance(each, ChecksAnswered)]

    def close(self) -> None:
        self.view._consumer.close()
        self.store.close()


class NoGroup:
    """A consumer of no group."""

    def commit(self, **_: Any) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def replica(path: Path) -> Iterator[OneReplica]:
    opened = OneReplica(path)
    yield opened
    opened.close()


def test_a_later_fact_is_answered_for_once(replica: OneReplica) -> None:
    replica.ask()
    replica.keep(FACT)
    replica.follow()
    assert [each.answers[0].answer for each in replica.answers()] == ["clear", "found"]
    replica.keep(message(filing("1"), offset_number=1))
    replica.follow()
    assert len(replica.answers()) == 2


def test_every_answer_is_a_read_on_record(replica: OneReplica) -> None:
    replica.ask()
    replica.keep(FACT)
    replica.follow()
    reads = [event for _, value in replica.producer.sent if isinstance(event := CODEC.event(value), ArchiveRead)]
    assert [(each.case_id, each.purpose, each.subjects) for each in reads] == [("case-1", "上市核查", (COMPANY,))] * 2


def test_a_fact_that_comes_while_the_answer_is_made_is_answered_for(replica: OneReplica) -> None:
    """The archive was read, the fact written, then the watch set: nobody looked again."""

    def once() -> None:
        replica.answerer.meanwhile = lambda: None
        replica.keep(FACT)

    replica.answerer.meanwhile = once
    replica.ask()
    replica.follow()
    assert [each.answers[0].answer for each in replica.answers()] == ["clear", "found"]


def test_a_fact_written_by_a_process_that_was_then_killed_is_answered_for_by_the_next(path: Path) -> None:
    first = OneReplica(path)
    first.ask()
    first.keep(FACT)
    first.close()  # before the watches were looked at
    again = OneReplica(path)
    again.checks._threads = []
    again.checks.start()
    again.follow()
    assert [each.answers[0].answer for each in again.answers()] == ["found"]
    assert list(again.store.meta("touched/")) == []
    again.close()


def test_an_answer_that_holds_again_is_another_event(replica: OneReplica) -> None:
    replica.ask()
    replica.keep(FACT)
    replica.follow()
    replica.answerer.subjects = []  # as if nothing were known any more
    replica.keep(message(filing("2"), offset_number=1))
    replica.follow()
    replica.answerer.subjects = [COMPANY]
    replica.keep(message(filing("2"), offset_number=2))
    replica.follow()
    told = replica.answers()
    assert len(told) == len({each.event_id for each in told}) == 4


def test_a_controller_named_later_is_watched(replica: OneReplica) -> None:
    replica.ask()
    replica.answerer.subjects = [COMPANY, CONTROLLER]
    replica.keep(FACT)
    replica.follow()
    replica.keep(message(filing("1", subject=CONTROLLER), offset_number=1))
    replica.follow()
    assert [len(each.answers) for each in replica.answers()] == [1, 2, 2]
    assert replica.answers()[-1].answers[1].answer == "found"


def test_facts_about_others_are_no_work(replica: OneReplica) -> None:
    replica.ask()
    replica.keep(message(filing("1", subject=CONTROLLER)))
    assert replica.checks._changes.empty()
    assert list(replica.store.meta("touched/")) == []


def test_a_request_asked_again_has_the_same_answer(replica: OneReplica) -> None:
    replica.ask()
    replica.ask()
    assert len({each.event_id for each in replica.answers()}) == 1


@pytest.mark.parametrize("body", [None, b"", b"\x00\x00\x00\x00\x01", b"{}", CODEC.encode(filing())])
def test_what_is_no_request_is_passed_over(replica: OneReplica, body: bytes | None) -> None:
    replica.checks._answer_batch([FakeMessage(body), FakeMessage(CODEC.encode(REQUEST))])  # type: ignore[list-item]
    assert len(replica.answers()) == 1
