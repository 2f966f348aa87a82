"""What follows from facts, out of messages as Kafka hands them over: no broker."""

from typing import Any

import polars as pl
import pytest

from catalog.resources import load_resources
from processors.domain.archive import ArchiveRecord, KnownFact, fold
from processors.following import FactBatch, Stated
from processors.following.breaches import Breaches, breach_draft
from processors.following.facts import fact_batch
from processors.following.results import results
from producers.drafts import CheckedDraft, DraftRules, examine
from tests.processors.archive.facts import CODEC, COMPANY, FakeMessage, filing, message
from topics.events import (
    CommitmentBroken,
    Event,
    Fact,
    LicenceIssued,
    LicenceWithdrawn,
    PenaltyImposed,
    PenaltyRepaired,
    ResultRecorded,
    VerificationRecorded,
)

NOW = 1_795_000_000_000_000
CREDIT = "industry-and-information.commitment-breach"
SUPERVISION = "admin-approval.commitment-breach"
BREACHES = Breaches(load_resources())
BROKEN = CommitmentBroken(
    event_id=b"b" * 16,
    case_id="01J0000000000000000000CASE",
    department="market-regulation",
    bundle="restaurant",
    subject=COMPANY,
    material="site-plan",
    evidence=("ab" * 16,),
    at=1_790_000_000_000_000,
)


def licence(**fields: Any) -> LicenceIssued:
    stated: dict[str, Any] = {
        "event_id": b"l" * 16,
        "source": "market-regulation",
        "resource": "market-regulation.food-licence",
        "subject": COMPANY,
        "record_type": "food-licence",
        "record_id": "JY-1",
        "version": 1,
        "valid_at": 1_789_000_000_000_000,
        "licence_type": "food",
        "licence_name": "食品经营许可证",
        "licence_number": "JY-1",
        "issuer_name": "西安市市场监督管理局",
        "issued_on": 20_000,
        "state": "有效",
        "territory": "610100",
    }
    return LicenceIssued(**(stated | fields))


def on(topic: str, event: Event, **place: Any) -> FakeMessage:
    return message(event, topic_name=topic, **place)


def batch(*messages: FakeMessage) -> FactBatch:
    return fact_batch(messages, CODEC)


def told(facts: FactBatch) -> list[ResultRecorded]:
    events = [each.event for each in results(facts)]
    assert all(isinstance(each, ResultRecorded) for each in events)
    return events  # type: ignore[return-value]


def test_a_licence_that_names_its_case_is_its_result() -> None:
    facts = batch(on("licence.market-regulation", licence(case_id="C-1"), offset_number=7, appended_ms=5))
    (event,) = told(facts)
    assert [each.topic for each in results(facts)] == ["case.answers.hub"]
    assert (event.case_id, event.department, event.resource) == (
        "C-1",
        "market-regulation",
        "market-regulation.food-licence",
    )
    assert (event.record_type, event.record_id, event.fact) == ("food-licence", "JY-1", "LicenceIssued")
    assert (event.fact_event_id, event.withdrawn, event.at) == (b"l" * 16, False, 5_000)


def test_a_registration_is_a_result_and_a_verification_is_none() -> None:
    verification = VerificationRecorded(
        event_id=b"v" * 16,
        source="tax",
        resource="tax.tax-clearance",
        subject=COMPANY,
        record_type="tax-clearance",
        record_id="1",
        version=1,
        valid_at=1,
        case_id="C-1",
        item="清税",
        outcome="符合",
        territory="610100",
    )
    facts = batch(message(filing(case_id="C-2")), on("verification.tax", verification))
    assert len(facts) == 2
    assert [each.case_id for each in told(facts)] == ["C-2"]


def test_a_fact_without_a_case_tells_nothing() -> None:
    assert told(batch(message(filing()), on("licence.market-regulation", licence()))) == []


def test_a_withdrawn_result_says_so() -> None:
    withdrawn = LicenceWithdrawn(
        event_id=b"w" * 16,
        source="market-regulation",
        resource="market-regulation.food-licence",
        subject=COMPANY,
        record_type="food-licence",
        record_id="JY-1",
        version=2,
        valid_at=1,
        case_id="C-1",
        reason="误发",
    )
    (event,) = told(batch(on("licence.market-regulation", withdrawn)))
    assert (event.withdrawn, event.fact) == (True, "LicenceWithdrawn")


def test_a_repeat_of_a_fact_is_the_same_event_and_another_case_another_one() -> None:
    first, again = (
        told(batch(on("licence.market-regulation", licence(case_id="C-1"), offset_number=offset))) for offset in (1, 9)
    )
    assert first[0].event_id == again[0].event_id
    (other,) = told(batch(on("licence.market-regulation", licence(case_id="C-2"))))
    assert other.event_id != first[0].event_id


@pytest.mark.parametrize(
    "foreign",
    [
        on("licence.tax", licence(case_id="C-1")),
        on("licence.market-regulation", licence(case_id="C-1"), key_bytes=b"enterprise:another"),
        on("licence.market-regulation", licence(case_id="C-1", resource="tax.food-licence")),
        FakeMessage(b"\x00\x00\x00\x00\x63junk"),
        FakeMessage(None),
        on("registration.tax", BROKEN),
    ],
)
def test_what_the_archive_refuses_is_no_result(foreign: FakeMessage) -> None:
    good = on("licence.market-regulation", licence(case_id="C-9"))
    assert [each.case_id for each in told(batch(foreign, good))] == ["C-9"]


def test_facts_are_chosen_by_their_columns_and_know_their_place() -> None:
    facts = batch(
        message(filing("1"), partition_number=2, offset_number=3),
        message(filing("2", case_id="C-1"), partition_number=2, offset_number=4),
        on("licence.market-regulation", licence()),
    )
    (chosen,) = facts.where((pl.col("resource") == "tax.filing") & pl.col("case_id").is_null())
    assert (chosen.record_id, chosen.department, chosen.family) == ("1", "tax", "registration")
    assert (chosen.name, chosen.receipt) == ("RegistrationRecorded", "registration.tax/2/3")
    assert facts.event(chosen) == filing("1")


def checked(drafts: list[Stated]) -> list[CheckedDraft]:
    found = [examine(each.draft, DraftRules(each.draft["source"], load_resources()), NOW) for each in drafts]
    assert all(isinstance(each, CheckedDraft) for each in found), found
    return found  # type: ignore[return-value]


def test_a_broken_commitment_is_stated_to_supervision_and_to_credit() -> None:
    drafts = list(BREACHES.broken(BROKEN))
    assert {each.draft["resource"] for each in drafts} == {CREDIT, SUPERVISION}
    good = checked(drafts)
    assert {each.topic for each in good} == {"registration.industry-and-information", "registration.admin-approval"}
    assert {each.record["state"] for each in good} == {"in-force"}
    assert {each.record["record_id"] for each in good} == {"commitment/01J0000000000000000000CASE/site-plan"}
    assert [each.draft for each in drafts] == [each.draft for each in BREACHES.broken(BROKEN)]


def test_a_persons_breach_is_stated_about_their_token() -> None:
    person = f"person:{'a' * 32}"
    (broken, _) = BREACHES.broken(CommitmentBroken(**{**BROKEN.record(), "evidence": (), "subject": person}))
    assert checked([broken])[0].record["subject"] == person


def fact_of(draft: CheckedDraft, event_id: bytes) -> Fact:
    kinds = {"PenaltyImposed": PenaltyImposed, "PenaltyRepaired": PenaltyRepaired}
    return kinds[draft.shape.name](**{**draft.record, "event_id": event_id})


def repair(resource: str, record_id: str | None = None) -> PenaltyRepaired:
    (breach,) = (each for each in load_resources().of_record_type("commitment-breach") if each.code == resource)
    (draft,) = checked([Stated(breach_draft(BROKEN, breach))])
    changed = {"version": BROKEN.at + 9, "state": "repaired", "repaired_at": BROKEN.at + 9, "event_id": b"r" * 16}
    return PenaltyRepaired(**{**draft.record, **changed, **({"record_id": record_id} if record_id else {})})


def test_what_credit_repairs_supervision_takes_over_and_not_the_other_way_round() -> None:
    facts = batch(on("registration.industry-and-information", repair(CREDIT)))
    drafts = list(BREACHES.repaired(facts))
    (good,) = checked(drafts)
    assert (good.record["resource"], good.record["state"], good.shape.name) == (
        SUPERVISION,
        "repaired",
        "PenaltyRepaired",
    )
    assert (good.record["version"], good.record["repaired_at"]) == (BROKEN.at + 9, BROKEN.at + 9)
    back = batch(on("registration.admin-approval", fact_of(good, b"s" * 16)))
    assert len(back) == 1
    assert list(BREACHES.repaired(back)) == []


def test_a_repair_of_what_the_hub_did_not_state_is_the_departments_own() -> None:
    facts = batch(on("registration.industry-and-information", repair(CREDIT, record_id="2024-7")))
    assert len(facts) == 1
    assert list(BREACHES.repaired(facts)) == []


def folded(*drafts: CheckedDraft) -> tuple[ArchiveRecord, ...]:
    return fold(_known(draft, number) for number, draft in enumerate(drafts))


def _known(draft: CheckedDraft, number: int) -> KnownFact:
    record = draft.record
    return KnownFact(
        **{name: record[name] for name in ("resource", "record_type", "record_id", "version", "source", "valid_at")},
        event_id=bytes([number]) * 16,
        known_at=number,
        topic=draft.topic,
        partition=0,
        offset=number,
        name=draft.shape.name,
        content=record,
    )


def test_in_the_archive_a_breach_is_in_force_until_it_is_repaired_everywhere() -> None:
    broken = checked(list(BREACHES.broken(BROKEN)))
    assert [each.current.content["state"] for each in folded(*broken)] == ["in-force", "in-force"]
    facts = batch(on("registration.industry-and-information", repair(CREDIT)))
    (own,) = facts.where(pl.lit(value=True))
    mirrored = checked(list(BREACHES.repaired(facts)))
    by_credit = CheckedDraft(mirrored[0].shape, own.receipt, facts.event(own).record(), {}, {})
    assert [each.current.content["state"] for each in folded(*broken, by_credit, *mirrored)] == ["repaired"] * 2
