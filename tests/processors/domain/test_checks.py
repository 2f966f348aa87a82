"""Checks over an archive: seven honest answers, of which "clear" has the most conditions."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import msgspec
import pytest

from catalog.bundles import Answerer, load_bundles
from catalog.bundles import Read as BundleRead
from processors.domain.archive import KnownFact, fold
from processors.domain.checks import (
    DAY_US,
    Question,
    SubjectArchive,
    answer_part,
    is_fresh,
    territory_prefix,
)
from topics.events import PartAnswer

COMPANY = "enterprise:91440300708461136T"
PENALTIES = "urban-management.administrative-penalty"
REGISTRY = "market-regulation.enterprise-registration"
ASKED_AT = 1_000 * DAY_US
SINCE, UNTIL = 500 * DAY_US, ASKED_AT
DECIDED_AT = 700 * DAY_US
QUESTION = Question(SINCE, UNTIL, "6101", ASKED_AT)
READ: BundleRead = next(
    read
    for item in load_bundles()["listing-compliance"].checks
    for answerer in item.answerers
    for read in answerer.reads
    if read.resource == PENALTIES
)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a resource's completeness."""

    resource: str
    complete_until: int | None = ASKED_AT - DAY_US
    reconciled: int = 3
    position: str = "registration.urban-management/0/0-3"
    fault: str | None = None


def fact(name: str, record_id: str = "1", version: int = 1, **told: Any) -> KnownFact:
    common = {"resource": PENALTIES, "record_type": "administrative-penalty", "source": "urban-management"}
    common |= {key: told.pop(key) for key in ("resource", "record_type") if key in told}
    return KnownFact(
        **common,
        record_id=record_id,
        version=version,
        event_id=blake2b(repr((name, record_id, version, sorted(told.items()))).encode(), digest_size=16).digest(),
        valid_at=DECIDED_AT,
        known_at=DECIDED_AT,
        topic="registration.urban-management",
        partition=0,
        offset=0,
        name=name,
        content=told,
    )


def penalty(record_id: str = "1", version: int = 1, **told: Any) -> KnownFact:
    stated = {"state": "in-force", "decided_at": DECIDED_AT, "territory": "610102"}
    return fact("PenaltyImposed", record_id, version, **(stated | told))


def registration(**told: Any) -> KnownFact:
    return fact("EnterpriseRegistered", resource=REGISTRY, record_type="enterprise-registration", **told)


def dispute(record_id: str = "1", name: str = "ValueDisputed", version: int = 1) -> KnownFact:
    return fact(name, f"d{record_id}", version, disputed_resource=PENALTIES, disputed_record_id=record_id)


def answer(
    *facts: KnownFact,
    coverage: Known | None = None,
    question: Question = QUESTION,
    reads: Iterable[Any] = (READ,),
    registry_complete: bool = True,
    is_registered: bool = True,
) -> PartAnswer:
    known = coverage or Known(resource=PENALTIES)
    records = fold([*facts, *([registration()] if is_registered else [])])
    return answer_part(
        "urban-management",
        "urban-management",
        SubjectArchive(COMPANY, records, question),
        tuple(reads),
        lambda resource: msgspec.structs.replace(known, resource=resource),
        registry_complete=registry_complete,
    )


def test_nothing_found_in_complete_data_is_clear_and_says_what_that_rests_on() -> None:
    told = answer()
    assert told.answer == "clear"
    assert told.evidence == ()
    (source,) = told.coverage
    assert (source.resource, source.complete_until, source.reconciled) == (PENALTIES, ASKED_AT - DAY_US, 3)
    assert source.position == "registration.urban-management/0/0-3"


def test_a_penalty_in_force_is_found_with_its_event() -> None:
    told = answer(penalty(), penalty("2", state="repaired"))
    assert (told.answer, told.evidence) == ("found", (penalty().event_id.hex(),))


@pytest.mark.parametrize(
    "told",
    [
        {"state": "repaired"},
        {"state": "revoked"},
        {"decided_at": SINCE - 1},
        {"decided_at": UNTIL},
        {"territory": "610200"},
        {"territory": "110101"},
    ],
)
def test_what_the_rule_does_not_ask_for_is_not_found(told: dict[str, Any]) -> None:
    assert answer(penalty(**told)).answer == "clear"


@pytest.mark.parametrize("decided_at", [SINCE, UNTIL - 1])
def test_the_look_back_includes_its_first_moment_and_not_its_last(decided_at: int) -> None:
    assert answer(penalty(decided_at=decided_at)).answer == "found"


def test_a_withdrawn_penalty_is_not_found() -> None:
    withdrawn = fact("RegistrationWithdrawn", version=2, reason="误报")
    assert answer(penalty(), withdrawn).answer == "clear"


def test_only_the_version_in_force_counts() -> None:
    assert answer(penalty(), penalty(version=2, state="repaired")).answer == "clear"
    assert answer(penalty(), penalty(version=0, state="repaired")).answer == "found"


def test_a_disputed_penalty_is_disputed_and_named() -> None:
    told = answer(penalty(), dispute())
    assert (told.answer, told.evidence) == ("disputed", (penalty().event_id.hex(),))
    assert "争议" in (told.note or "")


def test_a_dispute_that_ended_is_none() -> None:
    assert answer(penalty(), dispute(), dispute(name="DisputeEnded", version=2)).answer == "found"


def test_a_source_that_contradicts_itself_is_disputed() -> None:
    assert answer(penalty(), penalty(state="repaired")).answer == "disputed"


def test_one_sound_finding_outweighs_a_disputed_one_and_both_are_evidence() -> None:
    told = answer(penalty(), dispute(), penalty("2"))
    assert told.answer == "found"
    assert set(told.evidence) == {penalty().event_id.hex(), penalty("2").event_id.hex()}


def test_without_a_statement_no_record_means_nothing() -> None:
    told = answer(coverage=Known(resource=PENALTIES, complete_until=None))
    assert told.answer == "unavailable"
    assert "未作覆盖声明" in (told.note or "")


def test_a_statement_that_did_not_hold_says_why() -> None:
    told = answer(coverage=Known(resource=PENALTIES, complete_until=None, fault="stated 3 messages, read 2"))
    assert "stated 3 messages, read 2" in (told.note or "")


def test_an_old_statement_is_behind_the_question() -> None:
    at_the_limit = ASKED_AT - READ.coverage_max_age_days * DAY_US
    assert answer(coverage=Known(resource=PENALTIES, complete_until=at_the_limit)).answer == "clear"
    assert answer(coverage=Known(resource=PENALTIES, complete_until=at_the_limit - 1)).answer == "source-behind"


def test_what_was_found_stands_however_old_the_statement_is() -> None:
    assert answer(penalty(), coverage=Known(resource=PENALTIES, complete_until=None)).answer == "found"


def test_a_subject_that_the_complete_registry_does_not_have_does_not_exist() -> None:
    assert answer(is_registered=False).answer == "no-such-subject"


def test_an_incomplete_registry_cannot_say_so() -> None:
    assert answer(is_registered=False, registry_complete=False).answer == "clear"


def test_a_withdrawn_registration_is_none() -> None:
    gone = fact(
        "RegistrationWithdrawn", version=2, resource=REGISTRY, record_type="enterprise-registration", reason="误报"
    )
    assert answer(gone).answer == "no-such-subject"


def test_a_finding_about_an_unregistered_subject_is_a_finding() -> None:
    assert answer(penalty(), is_registered=False).answer == "found"


def test_what_reads_nothing_cannot_tell() -> None:
    assert answer(penalty(), reads=()).answer == "unavailable"


def test_of_several_sources_the_strongest_answer_counts_and_each_is_named() -> None:
    other = msgspec.convert(
        {"resource": "urban-management.other", "cel": READ.cel, "coverage_max_age_days": 1}, OtherRead
    )
    told = answer(coverage=Known(resource=PENALTIES, complete_until=ASKED_AT - 3 * DAY_US), reads=(READ, other))
    assert told.answer == "source-behind"
    assert [each.resource for each in told.coverage] == [PENALTIES, "urban-management.other"]
    assert answer(penalty(), reads=(other, READ)).answer == "found"


class OtherRead(msgspec.Struct, frozen=True):
    """One more source of the same answer."""

    resource: str
    cel: str
    coverage_max_age_days: int


@pytest.mark.parametrize("odd", [{"state": None}, {"decided_at": None}, {"territory": 5}, {"decided_at": "2024-05-01"}])
def test_a_record_that_the_rule_cannot_judge_makes_the_answer_unavailable(odd: dict[str, Any]) -> None:
    told = answer(penalty(**odd))
    assert told.answer in ("unavailable", "clear")
    assert told.answer == "unavailable" or odd == {"state": None}


def test_a_record_without_what_the_rule_asks_for_never_stops_the_answering() -> None:
    """A fact of another schema under a penalty's resource once raised out of the rule and ended the process."""
    foreign = fact("RegistrationRecorded", title="登记", status="有效", territory="610102")
    told = answer(foreign, penalty("2"))
    assert told.answer == "unavailable"
    assert "无法判断" in (told.note or "")


def test_records_of_another_resource_are_no_evidence() -> None:
    assert answer(penalty(resource="tax.administrative-penalty")).answer == "clear"


@pytest.mark.parametrize(
    ("code", "prefix"),
    [("610100", "6101"), ("610000", "61"), ("610102", "610102"), ("", ""), ("000000", ""), ("611000", "6110")],
)
def test_a_region_code_stands_for_its_leading_digits(code: str, prefix: str) -> None:
    assert territory_prefix(code) == prefix


def test_an_empty_territory_is_anywhere() -> None:
    anywhere = msgspec.structs.replace(QUESTION, territory="")
    assert answer(penalty(territory="110101"), question=anywhere).answer == "found"


def test_freshness_is_measured_from_the_question() -> None:
    assert is_fresh(Known(resource="r", complete_until=8 * DAY_US), 10 * DAY_US, 2)
    assert not is_fresh(Known(resource="r", complete_until=8 * DAY_US - 1), 10 * DAY_US, 2)
    assert not is_fresh(Known(resource="r", complete_until=None), 10 * DAY_US, 2)


def test_related_subjects_are_those_that_the_registration_in_force_names() -> None:
    shareholder, controller = "enterprise:91610131MA6U0ABC1D", "person:" + "ab" * 16
    before = registration(controlling_shareholder="enterprise:old", actual_controller=None)
    after = msgspec.structs.replace(
        registration(controlling_shareholder=shareholder, actual_controller=controller), version=2
    )
    archive = SubjectArchive(COMPANY, fold([before, after]), QUESTION)
    assert archive.related() == (shareholder, controller)


def test_one_who_is_both_is_named_once() -> None:
    both = registration(controlling_shareholder="enterprise:x", actual_controller="enterprise:x")
    assert SubjectArchive(COMPANY, fold([both]), QUESTION).related() == ("enterprise:x",)


def test_a_check_of_one_that_has_ended_still_answers_and_says_so() -> None:
    ended = registration(state="注销")
    told = answer(msgspec.structs.replace(ended, version=2, valid_at=1_740_787_200_000_000))
    assert (told.answer, told.note) == ("clear", "主体已注销（自2025年3月1日）")
    found = answer(penalty(), msgspec.structs.replace(ended, version=2, valid_at=1_740_787_200_000_000))
    assert (found.answer, found.note) == ("found", "主体已注销（自2025年3月1日）")


def test_a_penalty_is_found_until_it_is_repaired_and_clear_afterwards() -> None:
    repaired = penalty(version=2, state="repaired")
    assert answer(penalty()).answer == "found"
    assert answer(penalty(), repaired).answer == "clear"
    assert answer(repaired, penalty()).answer == "clear"
    assert answer(penalty(), repaired, penalty(version=3)).answer == "found"


def _every_answerer() -> list[Answerer]:
    return [each for bundle in load_bundles().values() for item in bundle.checks for each in item.answerers]


def test_every_rule_of_every_bundle_answers_an_empty_archive_of_complete_data_with_clear() -> None:
    for each in _every_answerer():
        if each.reads:
            assert answer(reads=each.reads, is_registered=False, registry_complete=False).answer == "clear"
