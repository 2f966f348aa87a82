import time
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.resources import Resources, load_resources
from producers.drafts import CheckedDraft, DraftRules, examine
from producers.faults import Fault
from producers.shapes import CONTROLLED, event_shapes
from topics.identifiers import make_licence_identifier, make_resident_id, make_uscc
from topics.schemas import newest_schemas

NOW_US = 1_795_305_600_000_000  # 2026-11-22
DEPARTMENT = "urban-management"
RESIDENT_ID = make_resident_id("610102", date(1990, 3, 7), 1)
GROUPED = f"{RESIDENT_ID[:6]} {RESIDENT_ID[6:14]} {RESIDENT_ID[14:]}"
DAY_US = 86_400_000_000


def faults_of(draft: Any, source: str = DEPARTMENT) -> set[tuple[str, str]]:
    checked = examine(draft, DraftRules(source, load_resources()), NOW_US)
    return set() if isinstance(checked, CheckedDraft) else {(each.code, each.field) for each in checked}


def told(draft: Any, source: str = DEPARTMENT) -> tuple[Fault, ...]:
    checked = examine(draft, DraftRules(source, load_resources()), NOW_US)
    assert isinstance(checked, tuple)
    return checked


def test_a_good_draft_is_the_record_that_avro_stores(penalty: Any, resources: Resources) -> None:
    checked = examine(penalty(1, {"decided_at": "2024-05-01T01:00:00Z"}), DraftRules(DEPARTMENT, resources), NOW_US)
    assert isinstance(checked, CheckedDraft)
    assert checked.topic == "registration.urban-management"
    assert checked.record["record_type"] == "administrative-penalty"
    assert checked.record["decided_at"] == checked.record["valid_at"] == 1714525200000000
    assert checked.record["repaired_at"] is None
    fields = {field["name"] for field in newest_schemas()["PenaltyImposed"].definition["fields"]}
    assert checked.record.keys() == fields - {"event_id"}
    assert (checked.personal, checked.persons) == ({}, {})


def test_personal_fields_and_persons_stay_out_of_the_record(person: Any, resources: Resources) -> None:
    checked = examine(person(1), DraftRules("public-security", resources), NOW_US)
    assert isinstance(checked, CheckedDraft)
    assert checked.persons == {"subject": RESIDENT_ID}
    assert checked.personal == {"name": "张1", "resident_id": RESIDENT_ID, "born_on": "1990-03-07"}
    assert RESIDENT_ID not in str(checked.record)
    assert checked.record["name"] is checked.record["subject"] is None


def test_all_faults_of_a_record_are_named_at_once(penalty: Any) -> None:
    draft = penalty(
        1,
        {"state": "cancelled", "territory": "6101", "decided_at": "2024-05-01", "amount_fen": -1, "remark": "x"},
        version="3",
        valid_at=None,
        subject={"kind": "enterprise", "id": "9161011200000001XX"},
        extra=1,
    )
    del draft["content"]["cause"]
    assert faults_of(draft) == {
        ("not-controlled", "content.state"),
        ("bad-territory", "content.territory"),
        ("bad-time", "content.decided_at"),
        ("out-of-range", "content.amount_fen"),
        ("unknown-field", "content.remark"),
        ("missing-field", "content.cause"),
        ("wrong-type", "version"),
        ("missing-field", "valid_at"),
        ("bad-subject", "subject"),
        ("unknown-field", "extra"),
    }


CASES: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    ("no type", {"type": None}, ("missing-field", "type")),
    ("unknown type", {"type": "PenaltyForgotten"}, ("unknown-event-type", "type")),
    ("coverage is stated elsewhere", {"type": "CoverageStated"}, ("unknown-event-type", "type")),
    ("type is no text", {"type": ["PenaltyImposed"]}, ("unknown-event-type", "type")),
    ("another department", {"source": "tax"}, ("source-differs", "source")),
    ("no such resource", {"resource": "urban-management.sunshine"}, ("unknown-resource", "resource")),
    ("another's resource", {"resource": "tax.administrative-penalty"}, ("resource-of-another-department", "resource")),
    ("type of another resource", {"resource": "urban-management.waste-permit"}, ("type-not-of-resource", "type")),
    (
        "a person where enterprises are due",
        {"subject": {"kind": "person", "id": RESIDENT_ID}},
        ("subject-kind-not-of-resource", "subject"),
    ),
    ("no subject", {"subject": None}, ("missing-field", "subject")),
    ("subject of another shape", {"subject": {"kind": "enterprise"}}, ("bad-subject", "subject")),
    ("subject is a number", {"subject": 7}, ("wrong-type", "subject")),
    ("record id too long", {"record_id": "x" * 201}, ("bad-record-id", "record_id")),
    ("record id too long in bytes", {"record_id": "号" * 67}, ("bad-record-id", "record_id")),
    ("record id with NUL", {"record_id": "a\x00b"}, ("bad-record-id", "record_id")),
    ("record id with a line feed", {"record_id": "a\nb"}, ("bad-record-id", "record_id")),
    ("empty record id", {"record_id": ""}, ("bad-record-id", "record_id")),
    ("record id is a person's number", {"record_id": RESIDENT_ID}, ("personal-data-in-clear", "record_id")),
    ("negative version", {"version": -1}, ("out-of-range", "version")),
    ("version too large", {"version": 2**63}, ("out-of-range", "version")),
    ("version is true", {"version": True}, ("wrong-type", "version")),
    ("time without offset", {"valid_at": "2024-05-01T09:00:00"}, ("bad-time", "valid_at")),
    ("time before 1900", {"valid_at": "1899-12-31T00:00:00+08:00"}, ("time-not-plausible", "valid_at")),
    ("time two days ahead", {"valid_at": NOW_US + 2 * DAY_US}, ("time-not-plausible", "valid_at")),
    ("case id with NUL", {"case_id": "\x00"}, ("bad-record-id", "case_id")),
    ("no content", {"content": None}, ("missing-field", "content")),
    ("content is a list", {"content": []}, ("not-an-object", "content")),
]

CONTENT_CASES: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    ("empty text", {"cause": ""}, ("empty-text", "content.cause")),
    ("number for text", {"cause": 7}, ("wrong-type", "content.cause")),
    ("text for number", {"amount_fen": "7"}, ("wrong-type", "content.amount_fen")),
    ("fraction", {"amount_fen": 1.5}, ("wrong-type", "content.amount_fen")),
    ("date that is none", {"decided_at": "2024-02-30T00:00:00Z"}, ("bad-time", "content.decided_at")),
    ("another domain", {"domain": "tax"}, ("domain-differs", "content.domain")),
    ("a person's number", {"cause": f"业主{RESIDENT_ID}占道"}, ("personal-data-in-clear", "content.cause")),
    ("in groups", {"cause": f"业主 {GROUPED}"}, ("personal-data-in-clear", "content.cause")),
    ("control character", {"cause": "a\x07b"}, ("control-character", "content.cause")),
    ("lone surrogate", {"cause": "\ud800"}, ("not-unicode", "content.cause")),
    ("damaged", {"cause": "\ufffd\ufffd实业"}, ("text-damaged", "content.cause")),
    ("too large", {"cause": "长" * 22_000}, ("too-large", "")),
]


@pytest.mark.parametrize(("_story", "changes", "expected"), CASES, ids=[each[0] for each in CASES])
def test_each_fault_of_the_common_fields(
    penalty: Any, _story: str, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert expected in faults_of(penalty(1) | changes)


@pytest.mark.parametrize(("_story", "changes", "expected"), CONTENT_CASES, ids=[each[0] for each in CONTENT_CASES])
def test_each_fault_of_the_content(
    penalty: Any, _story: str, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert faults_of(penalty(1, changes)) == {expected}


def licence(**content: Any) -> dict[str, Any]:
    return {
        "type": "LicenceIssued",
        "source": DEPARTMENT,
        "resource": "urban-management.gas-licence",
        "subject": {"kind": "enterprise", "id": make_uscc("91", "610112", 1)},
        "record_id": "l-1",
        "version": 1,
        "valid_at": 1714525200000000,
        "content": {
            "licence_type": "gas-licence",
            "licence_name": "燃气经营许可证",
            "licence_number": "陕202401010001",
            "issuer_name": "西安市城市管理和综合执法局",
            "issued_on": "2024-05-01",
            "state": "有效",
            "territory": "610112",
        }
        | content,
    }


def test_licences_have_states_periods_and_identifiers() -> None:
    identifier = make_licence_identifier(make_uscc("11", "610000", 1) + "001", "610112", "1", 1)
    assert faults_of(licence(licence_identifier=identifier, valid_from="2024-05-01", valid_to="2024-05-01")) == set()
    broken = identifier[:-1] + ("A" if identifier[-1] != "A" else "B")
    assert faults_of(licence(licence_identifier=broken)) == {("bad-identifier", "content.licence_identifier")}
    assert faults_of(licence(replaces="x")) == {("bad-identifier", "content.replaces")}
    assert faults_of(licence(state="作废")) == {("not-controlled", "content.state")}
    begun_later = licence(valid_from="2024-05-02", valid_to="2024-05-01")
    assert faults_of(begun_later) == {("ends-before-it-begins", "content.valid_to")}
    for written in ("20240501", "2024-W18-3", "2024-5-1", "2024-02-30", 19844, ""):
        assert faults_of(licence(issued_on=written)) == {("bad-date", "content.issued_on")}


def test_every_controlled_value_passes_and_stands_in_its_schema() -> None:
    for (event, field), allowed in CONTROLLED.items():
        rule = next(rule for rule in event_shapes()[event].rules if rule.name == field)
        documented = next(each for each in newest_schemas()[event].definition["fields"] if each["name"] == field)
        for value in allowed:
            assert rule.take(value) == value
            assert value in documented["doc"]


def test_persons_in_content_may_be_named_by_number_or_token(resources: Resources) -> None:
    draft = {
        "type": "EnterpriseRegistered",
        "source": "market-regulation",
        "resource": "market-regulation.enterprise-registration",
        "subject": {"kind": "enterprise", "id": make_uscc("91", "610112", 1)},
        "record_id": "e-1",
        "version": 1,
        "valid_at": 1714525200000000,
        "content": {
            "name": "西安某某有限公司",
            "territory": "610112",
            "state": "存续",
            "actual_controller": {"kind": "person", "id": RESIDENT_ID},
            "controlling_shareholder": {"kind": "person", "token": "0" * 32},
        },
    }
    checked = examine(draft, DraftRules("market-regulation", resources), NOW_US)
    assert isinstance(checked, CheckedDraft)
    assert checked.persons == {"actual_controller": RESIDENT_ID}
    assert checked.record["controlling_shareholder"] == "person:" + "0" * 32


def test_nobody_is_born_in_the_future(person: Any) -> None:
    unborn = make_resident_id("610102", date(2030, 1, 1), 1)
    draft = person(1, {"resident_id": unborn}, subject={"kind": "person", "id": unborn})
    assert faults_of(draft, "public-security") == {
        ("bad-subject", "subject"),
        ("bad-identifier", "content.resident_id"),
    }


def test_no_fault_repeats_what_it_refuses(penalty: Any) -> None:
    """A refused number must not travel on in a reason, a field's name, a log line or an HTTP answer."""
    draft = penalty(
        1,
        {RESIDENT_ID: 1, "cause": RESIDENT_ID, "state": RESIDENT_ID, "amount_fen": RESIDENT_ID},
        source=RESIDENT_ID,
        type=RESIDENT_ID,
        resource=RESIDENT_ID,
        record_id=RESIDENT_ID + "\n",
        subject={"kind": "person", "id": RESIDENT_ID + "0"},
        valid_at=RESIDENT_ID,
        **{RESIDENT_ID: 2},
    )
    faults = told(draft) + told(penalty(1, {"cause": RESIDENT_ID, RESIDENT_ID: 1}))
    assert len(faults) >= 8
    for fault in faults:
        assert RESIDENT_ID[:17] not in str(fault)
        assert RESIDENT_ID[:17] not in fault.line("zh") + fault.line("en")


def test_every_fault_is_told_in_both_languages() -> None:
    for fault in told({"type": "LicenceIssued", "version": "x", "content": {"state": "y"}}):
        for lang in ("zh", "en"):
            reason, remedy = fault.told(lang)
            assert reason
            assert remedy
            assert "{}" not in reason + remedy


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=4),
        max_leaves=12,
    ),
    st.sampled_from(
        ["type", "source", "resource", "subject", "record_id", "version", "valid_at", "case_id", "content"]
    ),
)
def test_nothing_that_a_draft_may_hold_breaks_the_examination(penalty: Any, value: Any, field: str) -> None:
    examine(value, DraftRules(DEPARTMENT, load_resources()), NOW_US)
    examine({**penalty(1), field: value}, DraftRules(DEPARTMENT, load_resources()), NOW_US)
    for name in penalty(1)["content"]:
        examine(penalty(1, {name: value}), DraftRules(DEPARTMENT, load_resources()), NOW_US)


def test_a_hundred_thousand_drafts_take_seconds(penalty: Any, resources: Resources) -> None:
    draft, rules = penalty(1), DraftRules(DEPARTMENT, resources)
    began = time.perf_counter()
    for _ in range(10_000):
        examine(draft, rules, NOW_US)
    assert time.perf_counter() - began < 2
