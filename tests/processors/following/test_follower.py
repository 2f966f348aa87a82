"""The follower's promise: nothing is committed before the log has what follows from it."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from connectors.kafka import KafkaOptions
from processors.following import FactBatch, FactDraft, NotNow, Output, Stated, Told
from processors.following.follower import Follower, NotPublished
from processors.following.results import results
from tests.processors.archive.facts import CODEC, IDS, FakeMessage, filing, message
from topics.events import CommitmentBroken, Event, ResultRecorded

NOWHERE = KafkaOptions("127.0.0.1:9")
DRAFT = {"source": "tax"}
BROKEN = CommitmentBroken(
    event_id=b"b" * 16,
    case_id="C-1",
    department="tax",
    bundle="b",
    subject="enterprise:x",
    material="m",
    evidence=(),
    at=1,
)


class Batches:
    """A consumer that hands over what it is given, and counts commits."""

    def __init__(self, *batches: Sequence[FakeMessage]) -> None:
        self.batches, self.commits = list(batches), 0

    def consume(self, _count: int, _timeout: float) -> Sequence[FakeMessage]:
        return self.batches.pop(0) if self.batches else []

    def commit(self, **_: Any) -> None:
        self.commits += 1

    def subscribe(self, *_: Any, **__: Any) -> None:
        pass

    def close(self) -> None:
        pass


class KafkaTopic:
    """A producer whose broker takes everything, or nothing."""

    def __init__(self, fault: Any = None, *, confirms: bool = True) -> None:
        self.fault, self.confirms, self.sent = fault, confirms, list[tuple[str, Event]]()

    def produce(self, topic: str, value: bytes, key: bytes, on_delivery: Any) -> None:
        assert key
        self.sent.append((topic, CODEC.event(value)))
        on_delivery(self.fault, FakeMessage(value, topic_name=topic))

    def poll(self, _: float) -> int:
        return 0

    def flush(self, _: float) -> int:
        return 0 if self.confirms else len(self.sent)


class Refused:
    """Kafka's word on a message that it did not take."""

    def str(self) -> str:
        return "too large"


class KnownSchemas:
    """The registered schemas, without a log of them; counts how often it was asked anew."""

    ids = IDS
    refreshed = 0

    def refresh(self) -> Any:
        self.refreshed += 1
        return IDS


def follower(
    *messages: FakeMessage, reactions: Iterable[Any] = (results,), state: Any = None, out: KafkaTopic | None = None
) -> Follower:
    stated: list[FactDraft] = []
    made = Follower(
        NOWHERE,
        "test",
        KnownSchemas(),  # type: ignore[arg-type]
        tuple(reactions),
        {CommitmentBroken: lambda event: [Stated({**DRAFT, "record_id": event.case_id})]},
        state or stated.extend,
    )
    made._consumer.close()
    made._consumer = Batches(messages)  # type: ignore[assignment]
    made._producer = out or KafkaTopic()  # type: ignore[assignment]
    return made


def commits(made: Follower) -> int:
    return int(made._consumer.commits)  # type: ignore[attr-defined]


def sent(made: Follower) -> list[tuple[str, Event]]:
    return list(made._producer.sent)  # type: ignore[attr-defined]


def test_what_follows_is_published_then_committed() -> None:
    made = follower(message(filing(case_id="C-1")), message(filing("2")))
    assert made.step() == 2
    ((topic, event),) = sent(made)
    assert topic == "case.answers.hub"
    assert isinstance(event, ResultRecorded)
    assert commits(made) == made.events_told == 1
    assert made.facts_followed == 2
    assert made.step() == 0
    assert commits(made) == 1


@pytest.mark.parametrize("out", [KafkaTopic(Refused()), KafkaTopic(confirms=False)])
def test_nothing_is_committed_that_the_log_did_not_confirm(out: KafkaTopic) -> None:
    made = follower(message(filing(case_id="C-1")), out=out)
    with pytest.raises(NotPublished, match=r"too large|not confirmed"):
        made.step()
    assert commits(made) == 0


def test_nothing_is_committed_when_a_fact_could_not_be_stated() -> None:
    def busy(_: Sequence[FactDraft]) -> None:
        raise TimeoutError("the log is away")

    made = follower(FakeMessage(CODEC.encode(BROKEN), topic_name="supervision"), state=busy)
    with pytest.raises(TimeoutError):
        made.step()
    assert commits(made) == 0


def test_events_of_supervision_have_their_own_reactions_and_others_are_passed_over() -> None:
    stated: list[FactDraft] = []
    foreign = [FakeMessage(body, topic_name="supervision") for body in (None, b"{}", CODEC.encode(filing()))]
    made = follower(
        *foreign, FakeMessage(CODEC.encode(BROKEN), topic_name="supervision"), reactions=(), state=stated.extend
    )
    made.step()
    assert stated == [{"source": "tax", "record_id": "C-1"}]
    assert (made.facts_stated, commits(made)) == (1, 1)


def test_a_reaction_that_cannot_work_now_is_asked_again_with_the_same_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("processors.following.follower.RETRY_S", 0.001)
    seen: list[int] = []

    def reaction(facts: FactBatch) -> Iterable[Output]:
        seen.append(len(facts))
        if len(seen) < 3:
            raise NotNow("no replica answers")
        return [each for each in results(facts) if isinstance(each, Told)]

    made = follower(message(filing(case_id="C-1")), reactions=(reaction,))
    made.step()
    assert seen == [1, 1, 1]
    assert (len(sent(made)), commits(made), made.waiting_for) == (1, 1, None)


def test_a_follower_that_is_to_stop_waits_for_no_reaction() -> None:
    def never(_: FactBatch) -> Iterable[Output]:
        raise NotNow("no replica answers")

    made = follower(message(filing()), reactions=(never,))
    made.stop()
    with pytest.raises(NotNow):
        made.step()
    assert (commits(made), made.waiting_for) == (0, "no replica answers")


def test_a_schema_that_is_not_known_yet_is_looked_up_once_a_batch() -> None:
    made = follower(FakeMessage(b"\x00\x00\x00\x27\x10new"), FakeMessage(b"\x00\x00\x00\x27\x10new"))
    made.step()
    assert made._schemas.refreshed == 1  # type: ignore[attr-defined]
    assert commits(made) == 1


def test_to_be_stopped_while_a_reaction_waits_is_no_failure() -> None:
    def never(_: FactBatch) -> Iterable[Output]:
        made.stop()
        raise NotNow("no replica answers")

    made = follower(message(filing()), reactions=(never,))
    made.run()
    assert commits(made) == 0
