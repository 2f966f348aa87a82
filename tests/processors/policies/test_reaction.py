"""A changed fact, the policies that read it, and who is told: no broker, no replica."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from catalog.policies import Policy
from processors.archive.reading import ArchiveReader
from processors.archive.store import ArchiveStore
from processors.domain.policy import Match, occasion_case_id
from processors.following import NotNow, Told
from processors.following.facts import FactBatch, fact_batch
from processors.policies.matching import matches
from processors.policies.reaction import Asked, PolicyReaction
from processors.policies.telling import NOTICES, REQUESTS, notice_id, outputs
from tests.processors.archive.facts import FakeMessage
from tests.processors.policies.archives import DEFINITION, LICENCE, NOW, POLICY, Known, policy
from tests.processors.policies.events import CITY, FIRST, SECOND, licensed, punished, registered
from tests.processors.policies.stores import CODEC, IDS, filled
from topics.events import ApplicationSubmitted, CaseNotified, Delivery, Fact, Place

DAY_US = 86_400_000_000
POLICIES = {POLICY.id: POLICY}


class Archive:
    """Answers as a replica does, out of a store, and keeps what it was asked."""

    def __init__(self, store: ArchiveStore) -> None:
        self.reader = ArchiveReader(store, IDS)
        self.asked: list[tuple[Asked, Sequence[str]]] = []
        self.is_down = False

    def __call__(self, asked: Asked, receipts: Sequence[str]) -> list[Match]:
        if self.is_down:
            raise NotNow("no archive replica answers")
        self.asked.append((asked, receipts))
        found = (
            matches(self.reader, Known(), subject, [POLICIES[each] for each in ids], NOW)
            for subject, ids in asked.items()
        )
        return [each for several in found for each in several]


@pytest.fixture
def archive(tmp_path: Any) -> Any:
    store = filled(tmp_path / "store", CITY)
    yield Archive(store)
    store.close()


def reaction(archive: Archive, told: set[bytes], now: int = NOW) -> PolicyReaction:
    return PolicyReaction(POLICIES, archive, lambda _: told, no_application, lambda: now)


def no_application(*_: Any) -> ApplicationSubmitted:
    raise AssertionError("this policy makes no case")


def batch(*facts: Fact) -> FactBatch:
    return fact_batch([_message(each, offset) for offset, each in enumerate(facts)], CODEC)


def _message(fact: Fact, offset: int) -> FakeMessage:
    family = "licence" if type(fact).__name__.startswith("Licence") else "registration"
    return FakeMessage(CODEC.encode(fact), fact.subject.encode(), f"{family}.{fact.source}", 0, offset)


def match_of(subject: str) -> Match:
    return Match(policy=POLICY.id, version=3, subject=subject, outcome="matched", findings=(), occasion="o")


def test_a_changed_subject_that_matches_is_told(archive: Archive) -> None:
    (told,) = reaction(archive, set())(batch(registered(FIRST), licensed(FIRST), punished(SECOND)))
    assert told.topic == NOTICES
    notice = told.event
    assert isinstance(notice, CaseNotified)
    assert (notice.recipient, notice.kind, notice.at) == (FIRST, "policy", NOW)
    assert "餐饮扶持" in notice.text
    ((asked, receipts),) = archive.asked
    assert asked == {FIRST: [POLICY.id], SECOND: [POLICY.id]}
    assert sorted(receipts) == ["licence.market-regulation/0/1", "registration.market-regulation/0/2"]


def test_a_repeated_fact_tells_nobody_again(archive: Archive) -> None:
    told: set[bytes] = set()
    react = reaction(archive, told)
    (first,) = react(batch(licensed(FIRST), licensed(FIRST)))
    told.add(first.event.event_id)
    assert list(react(batch(licensed(FIRST)))) == []


def test_what_was_not_published_is_told_again_with_the_same_id(archive: Archive) -> None:
    react = reaction(archive, set())
    assert list(react(batch(licensed(FIRST)))) == list(react(batch(licensed(FIRST))))


def test_facts_that_no_policy_reads_ask_nothing(archive: Archive) -> None:
    other = msgspec.structs.replace(registered(FIRST), resource="market-regulation.annual-report")
    assert list(reaction(archive, set())(batch(other))) == []
    assert archive.asked == []


def test_policies_that_are_not_in_force_ask_nothing(archive: Archive) -> None:
    assert list(reaction(archive, set(), NOW + 400 * DAY_US)(batch(licensed(FIRST)))) == []
    assert archive.asked == []


def test_an_archive_that_does_not_answer_is_waited_for(archive: Archive) -> None:
    archive.is_down = True
    with pytest.raises(NotNow):
        list(reaction(archive, set())(batch(licensed(FIRST))))


def case_policy() -> Policy:
    return policy(
        DEFINITION.replace(
            'kind = "notice"',
            'kind = "case"\nbundle = "restaurant-opening"\nchoices = { signboard = "no", gathering = "no" }',
        )
    )


def application(policy: Policy, match: Match) -> ApplicationSubmitted:
    place = Place(level="city", code="610100")
    return ApplicationSubmitted(
        event_id=b"a" * 16,
        case_id=occasion_case_id(match),
        bundle=policy.outcome.bundle,
        bundle_version=1,
        subject=match.subject,
        purpose=policy.name,
        submitted_by="免申即享",
        channel="online",
        mode="whole-online",
        received_at=place,
        handled_at=place,
        choices=(),
        materials=(),
        fields_total=0,
        fields_filled=0,
        fields_shareable=0,
        delivery=Delivery(together=True, means="counter"),
        policy=policy.id,
        submitted_at=NOW,
    )


def told_of(found: Policy, application_for: Any) -> list[Told]:
    return list(outputs([match_of(FIRST)], {found.id: found}, set(), application_for, NOW))


def test_a_policy_that_makes_a_case_submits_it_before_it_tells() -> None:
    submitted, notice = told_of(case_policy(), application)
    assert (submitted.topic, notice.topic) == (REQUESTS, NOTICES)
    assert submitted.event.case_id == notice.event.case_id


def test_an_application_that_lacks_something_is_not_submitted_but_told() -> None:
    (notice,) = told_of(case_policy(), lambda *_: ("缺少经营场所证明",))
    assert isinstance(notice.event, CaseNotified)
    assert "缺少经营场所证明" in notice.event.text


def test_only_matches_are_told_and_each_occasion_once() -> None:
    other = msgspec.structs.replace(match_of(FIRST), outcome="cannot-tell")
    again = msgspec.structs.replace(match_of(FIRST), occasion=f"{LICENCE}/2")
    told = outputs([match_of(FIRST), match_of(FIRST), other, again], POLICIES, set(), no_application, NOW)
    assert [each.event.event_id for each in told] == [notice_id(match_of(FIRST)), notice_id(again)]
