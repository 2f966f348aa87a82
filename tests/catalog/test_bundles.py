from time import perf_counter
from typing import Any

import cel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.bundles import BUNDLES_FOLDER, Bundle, load_bundles
from catalog.organisations import load_organisations
from catalog.resources import load_resources
from catalog.rules import load_rules

BUNDLES = load_bundles()
LISTING = BUNDLES["listing-compliance"]
PENALTIES = "urban-management.administrative-penalty"


def test_the_listing_bundle_has_17_checks_by_16_departments() -> None:
    assert len(LISTING.checks) == 17
    assert len(LISTING.departments) == 16
    assert len(LISTING.items) == 18
    assert [check.id for check in LISTING.checks if len(check.departments) > 1] == ["construction"]


def test_intake_and_delivery_are_the_leads() -> None:
    intake = LISTING.items[0]
    assert (intake.kind, intake.departments, intake.answerers) == ("intake-and-delivery", (LISTING.lead,), ())


def test_parameters_have_defaults_and_bounds() -> None:
    assert (LISTING.look_back_years.default, LISTING.deadline_s.default) == (3, 60)
    assert LISTING.deadline_s.refusal(30) is None
    assert LISTING.deadline_s.refusal(29) == "29 is outside 30 to 86400"


@pytest.mark.parametrize("bundle", BUNDLES.values(), ids=BUNDLES.keys())
def test_whatever_a_bundle_names_exists_and_its_rules_run(bundle: Bundle) -> None:
    assert bundle.lead in load_organisations().by_code
    assert set(bundle.departments) <= set(load_organisations().by_code)
    assert set(bundle.resources) <= set(load_resources().by_code)
    for check in bundle.checks:
        for answerer in check.answerers:
            assert cel.compile(answerer.rule).execute(asked([])) == []


def test_every_listing_answer_reads_its_departments_penalties() -> None:
    """Each answerer reads exactly one resource of penalties, and no two answerers read the same."""
    resources = load_resources()
    penalties = [
        code
        for check in LISTING.checks
        for answerer in check.answerers
        for code in answerer.resources
        if resources.by_code[code].record_type == "administrative-penalty"
    ]
    assert len(penalties) == len(set(penalties)) == sum(len(check.answerers) for check in LISTING.checks) == 18


def asked(records: list[dict[str, Any]], territory: str = "") -> dict[str, Any]:
    return {"records": records, "since": 1000, "until": 2000, "territory": territory}


def record(event_id: str, resource: str = PENALTIES, *, withdrawn: bool = False, **content: object) -> dict[str, Any]:
    penalty = {"state": "in-force", "decided_at": 1500, "territory": "610112", "amount_fen": None, "repaired_at": None}
    return {
        "event_id": event_id,
        "resource": resource,
        "record_type": "administrative-penalty",
        "record_id": event_id,
        "version": 1,
        "valid_at": 1500,
        "withdrawn": withdrawn,
        "content": {} if withdrawn else penalty | content,
    }


def found(check: str, records: list[dict[str, Any]], territory: str = "") -> list[str]:
    rules = next(each.answerers[0].rule for each in LISTING.checks if each.id == check)
    return list(cel.compile(rules).execute(asked(records, territory)))


def test_a_penalty_counts_within_the_look_back_while_it_is_in_force() -> None:
    records = [
        record("in"),
        record("first", decided_at=1000),
        record("too-old", decided_at=999),
        record("too-new", decided_at=2000),
        record("repaired", state="repaired", repaired_at=1600),
        record("revoked", state="revoked"),
        record("withdrawn", withdrawn=True),
        record("another", resource="ecology.administrative-penalty"),
    ]
    assert found("urban-management", records) == ["in", "first"]


@pytest.mark.parametrize(("territory", "count"), [("", 2), ("61", 2), ("6101", 1), ("610112", 1), ("6103", 0)])
def test_territory_narrows_by_the_leading_digits(territory: str, count: int) -> None:
    records = [record("city"), record("county", territory="610500")]
    assert len(found("urban-management", records, territory)) == count


def test_a_listing_counts_however_old_while_it_stands() -> None:
    listing = "market-regulation.serious-dishonesty"
    records = [
        record("old", listing, decided_at=1),
        record("lifted", listing, decided_at=1, state="repaired"),
        record("later", listing, decided_at=2000),
        record("penalty-too-old", "market-regulation.administrative-penalty", decided_at=1),
        record("property", "market-regulation.ip-penalty"),
    ]
    assert found("market-regulation", records) == ["old"]
    assert found("intellectual-property", records) == ["property"]


def test_arrears_count_until_they_are_paid() -> None:
    payments = "housing-fund.housing-fund-payment"
    records = [record("owed", payments, outcome="欠缴"), record("paid", payments, outcome="正常")]
    assert found("housing-fund", records) == ["owed"]


records_of_any_kind = st.builds(
    record,
    st.uuids().map(str),
    st.sampled_from([PENALTIES, "ecology.administrative-penalty"]),
    withdrawn=st.booleans(),
    state=st.sampled_from(["in-force", "repaired", "revoked"]),
    decided_at=st.integers(990, 2010),
    territory=st.sampled_from(["610112", "610100", "610500", "110101"]),
)


@given(st.lists(records_of_any_kind, max_size=12), st.sampled_from(["", "6101", "610112"]))
def test_the_penalty_rule_agrees_with_the_same_words_in_python(records: list[dict[str, Any]], territory: str) -> None:
    expected = [
        each["event_id"]
        for each in records
        if each["resource"] == PENALTIES
        and not each["withdrawn"]
        and each["content"]["state"] == "in-force"
        and 1000 <= each["content"]["decided_at"] < 2000
        and each["content"]["territory"].startswith(territory)
    ]
    assert found("urban-management", records, territory) == expected


def of_records(rule: str, records: list[dict[str, Any]]) -> list[str]:
    return list(cel.compile(load_rules()[rule].of_resource(PENALTIES)).execute(asked(records)))


def test_a_record_in_force_is_one_that_has_not_ended() -> None:
    records = [
        record("licence", state="有效"),
        record("cancelled", state="注销"),
        record("vehicle", state="在册", status="抵押"),
        record("scrapped", state="在册", status="已注销"),
        record("withdrawn", withdrawn=True),
        record("another", resource="ecology.administrative-penalty", state="有效"),
    ]
    del records[2]["content"]["state"]
    assert of_records("record-in-force", records) == ["licence", "vehicle"]


def test_a_payment_on_record_stands_in_the_look_back() -> None:
    early = {**record("early"), "valid_at": 999}
    late = {**record("late"), "valid_at": 2000}
    assert of_records("payment-on-record", [early, record("in"), late]) == ["in"]


def test_every_bundle_has_somebody_for_every_item() -> None:
    for bundle in BUNDLES.values():
        assert bundle.lead in bundle.handling_departments
        assert all(item.routed_to for item in bundle.items)


def test_two_bundles_only_ask() -> None:
    assert [bundle.id for bundle in BUNDLES.values() if bundle.is_verification] == [
        "bankruptcy-inquiry",
        "listing-compliance",
    ]


def test_the_bankruptcy_checks_are_answered_from_the_archive() -> None:
    checks = BUNDLES["bankruptcy-inquiry"].checks
    assert len(checks) == 9
    assert {answerer.mode for check in checks for answerer in check.answerers} == {"archive"}
    assert {check.passes for check in checks} == {"any", "clear"}


def test_one_item_answers_alike_in_every_bundle() -> None:
    """企业人员住房公积金缴存信息核查 stands in two bundles and is one check."""
    listing = next(check for check in LISTING.checks if check.id == "housing-fund")
    bankruptcy = next(check for check in BUNDLES["bankruptcy-inquiry"].checks if check.id == "housing-fund")
    assert (listing.code, listing.answerers) == (bankruptcy.code, bankruptcy.answerers)


def test_what_stands_in_no_archive_of_the_subject_is_asked() -> None:
    """企业营业执照信息核验 of a person's employer: a person's archive has no business licence."""
    of_enterprise = BUNDLES["restaurant-opening"].items[0].answerers[0]
    of_person = next(
        item for item in BUNDLES["study-abroad-services"].items if item.id == "business-licence"
    ).answerers[0]
    assert (of_enterprise.mode, of_enterprise.resources) == ("archive", ("market-regulation.business-licence",))
    assert (of_person.mode, of_person.resources) == ("ask", ())


def test_definitions_are_read_in_a_moment() -> None:
    """They are read at every start of every process."""
    load_bundles.__wrapped__(BUNDLES_FOLDER)
    started = perf_counter()
    load_bundles.__wrapped__(BUNDLES_FOLDER)
    assert perf_counter() - started < 0.15
