"""What a department decides at the hub stands in the archive, once, and only where nobody else states it."""

from typing import Any

import msgspec

from catalog.organisations import load_organisations
from catalog.resources import load_resources
from processors.following.outcomes import Outcomes
from producers.drafts import CheckedDraft, DraftRules, examine
from topics.events import ApprovalSynchronised, ItemResult
from topics.identifiers import enterprise_subject, make_uscc

OUTCOMES = Outcomes(load_resources(), load_organisations())
APPROVED = ApprovalSynchronised(
    event_id=b"a" * 16,
    case_id="case-1",
    department="market-regulation",
    bundle="restaurant-opening",
    item="610131002000",
    number=2,
    subject=enterprise_subject(make_uscc("91", "610131", 7)),
    decision="approve",
    results=(ItemResult(name="食品经营许可证", resource="market-regulation.food-licence"),),
    decided_by="张经办",
    reviewed_by="李审核",
    at=1_790_000_000_000_000,
)


def drafts(**changed: Any) -> list[Any]:
    return [each.draft for each in OUTCOMES.approved(msgspec.structs.replace(APPROVED, **changed))]


def test_a_licence_is_issued_into_the_archive_under_the_case() -> None:
    (draft,) = drafts()
    assert (draft["type"], draft["case_id"], draft["record_id"]) == ("LicenceIssued", "case-1", "case/case-1/2")
    assert draft["content"]["issuer_name"] == "西安市市场监督管理局"
    rules = DraftRules("market-regulation", load_resources())
    examined = examine(draft, rules, now_us=APPROVED.at + 1)
    assert isinstance(examined, CheckedDraft), examined


def test_a_registration_is_recorded() -> None:
    result = ItemResult(name="户外招牌设施备案", resource="urban-management.signboard-filing")
    (draft,) = drafts(department="urban-management", results=(result,))
    assert (draft["type"], draft["content"]["title"]) == ("RegistrationRecorded", "户外招牌设施备案")


def test_who_has_a_record_of_its_own_states_it_itself() -> None:
    own = ItemResult(name="食品经营许可证", resource="market-regulation.food-licence", record_id="JY-1")
    assert drafts(results=(own,)) == []


def test_nothing_is_stated_for_another_department_a_refusal_or_a_paper() -> None:
    assert drafts(department="tax") == []
    assert drafts(decision="refuse") == []
    assert drafts(results=(ItemResult(name="纸质批复"),)) == []
    assert drafts(subject="person:" + "0" * 32) == []


def test_the_same_approval_gives_the_same_fact() -> None:
    assert drafts() == drafts()
