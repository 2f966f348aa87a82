"""The life of a demand: what each party may do when, and what it leads to."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from catalog.demands.rule import MOVES
from catalog.demands.steps import years_later
from catalog.register.changes import RUNG
from tests.catalog.demands.demanding import (
    DAY_US,
    LICENCE,
    PENALTY,
    SEALED,
    START,
    UNTIL,
    Register,
    application,
    fields_of,
    granted,
    only,
)


@pytest.fixture
def register() -> Register:
    return Register()


def test_unconditional_data_is_granted_by_rule_at_once(register: Register) -> None:
    assert register.do("applied", **application(LICENCE)).refusals == ()
    assert register.actions == ["demand applied", "grant issued", "demand granted"]
    assert register.grant["fields"] == {LICENCE: ["name", "cause"]}
    assert register.grant["demand"] == "D-1"


def test_conditional_data_is_decided_by_one_person_and_reviewed_by_another(register: Register) -> None:
    register.do("applied", **application())
    register.do("accepted", organisation="tax")
    register.do("decided", organisation="tax", outcome="grant")
    assert fields_of(register.do("granted", organisation="tax")) == ["actor"]
    assert register.do("granted", actor="李四", organisation="tax").refusals == ()
    assert (register.demand["decision"]["decided_by"], register.demand["decision"]["reviewed_by"]) == ("张三", "李四")
    assert register.grant["issued_by"] == "tax:张三/李四"


def test_a_review_cannot_turn_a_decision_round_but_return_it(register: Register) -> None:
    register.do("applied", **application())
    register.do("decided", organisation="tax", outcome="grant")
    assert fields_of(register.do("refused", actor="李四", organisation="tax")) == ["action"]
    assert fields_of(register.do("returned", actor="李四", organisation="tax")) == ["reason"]
    register.do("returned", actor="李四", organisation="tax", reason="范围过宽")
    assert register.demand["state"] == "accepted"
    assert register.demand["decision"] is None


def test_what_is_left_out_is_asked_for_once_all_of_it_and_is_no_reason_to_reject(register: Register) -> None:
    bare = {"requester": "finance", "provider": "tax", "scope": [{"resource": PENALTY}]}
    assert register.do("applied", **bare).refusals == ()
    assert register.demand["state"] == "completing"
    wanted = ["basis", "scenario", "purpose", "subjects", "means", "until", f"scope.{PENALTY}.fields"]
    assert register.demand["missing"] == wanted
    assert fields_of(register.do("completed", **bare)) == [f"payload.{name}" for name in wanted]
    register.do("completed", **application())
    assert (register.demand["state"], register.demand["missing"]) == ("applied", [])
    again = register.do("completion-asked", organisation="tax", missing=["函"])
    assert "一次性告知" in only(again).reason


def test_a_provider_may_ask_once_for_what_the_register_cannot_see(register: Register) -> None:
    register.do("applied", **application())
    register.do("completion-asked", organisation="tax", missing=["单位公函"])
    register.do("completed", **application())
    assert fields_of(register.do("completion-asked", organisation="tax", missing=["盖章"])) == ["action"]
    assert register.do("accepted", organisation="tax").refusals == ()


def test_completing_a_demand_for_unconditional_data_grants_it(register: Register) -> None:
    register.do("applied", **(application(LICENCE) | {"purpose": ""}))
    assert register.demand["state"] == "completing"
    register.do("completed", **application(LICENCE))
    assert register.demand["state"] == "granted"


def test_every_fault_of_an_application_is_told_at_once(register: Register) -> None:
    scope = [
        {"resource": "tax.none", "fields": ["name"]},
        {"resource": "water.meter", "fields": ["name"]},
        {"resource": "tax.draft", "fields": ["name"]},
        {"resource": PENALTY, "fields": ["name", "*"]},
        {"resource": PENALTY, "fields": ["name"]},
    ]
    subjects = {"kind": "person", "territory": "6101", "listed": ["person:610102199001011234"]}
    wrong = application(scope=scope, subjects=subjects, until=START, readers=["water:李四"], requester="nobody")
    step = register.do("applied", **wrong)
    assert fields_of(step) == [
        "payload.requester",
        "payload.scope[0].resource",
        "payload.scope[1].resource",
        "payload.scope[2].resource",
        "payload.scope[3].fields",
        "payload.scope[4].resource",
        "payload.subjects.listed[0]",
        "payload.subjects.territory",
        "payload.until",
        "payload.readers[0]",
    ]
    assert not any("610102199001011234" in str(each) for each in step.refusals)
    assert register.actions == []


def test_a_refusal_has_its_reasons(register: Register) -> None:
    register.do("applied", **application())
    assert fields_of(register.do("decided", organisation="tax", outcome="refuse")) == ["reason"]
    register.do("decided", organisation="tax", outcome="refuse", reason="与职责无关")
    step = register.do("refused", actor="李四", organisation="tax")
    assert step.changes[0].reason == "与职责无关"
    assert register.demand["state"] == "refused"


@pytest.mark.parametrize(
    ("basis", "taken"), [("", False), ("nothing", False), ("old-law", False), ("secrets-law-9", True)]
)
def test_withheld_data_is_refused_on_a_legal_basis_in_force_and_never_granted(
    register: Register, basis: str, taken: bool
) -> None:
    register.do("applied", **application(SEALED))
    assert fields_of(register.do("decided", organisation="tax", outcome="grant")) == ["payload.outcome"]
    step = register.do("decided", organisation="tax", outcome="refuse", withheld_basis=basis, reason="国家秘密")
    assert fields_of(step) == ([] if taken else ["payload.withheld_basis"])


def test_data_that_came_to_be_withheld_after_the_decision_is_not_granted(register: Register) -> None:
    register.do("applied", **application())
    register.do("decided", organisation="tax", outcome="grant")
    register.held["resource", PENALTY] = dict(register.held["resource", PENALTY]) | {"sharing_class": "withheld"}
    assert "payload.outcome" in fields_of(register.do("granted", actor="李四", organisation="tax"))


def test_delivery_use_and_disposal_end_the_grant_with_a_receipt(register: Register) -> None:
    granted(register)
    assert fields_of(register.do("delivered", organisation="tax", means="file", reference="f")) == ["payload.means"]
    register.do("delivered", organisation="tax", means="interface", reference="/v1/enterprises/{uscc}/archive")
    used = {"scenario": "采购", "process": "比对", "effect": "筛除2家", "storage": "采购系统"}
    register.do("used", at=START + DAY_US, organisation="finance", **used)
    at = START + 2 * DAY_US
    register.do("disposed", at=at, organisation="finance", method="删除", evidence=["纪要7"])
    receipt = register.demand["receipt"]
    assert receipt["number"].startswith("R-")
    assert (receipt["disposed_at"], receipt["disposed_by"]) == (at, "finance:张三")
    assert register.grant["state"] == "ended"
    assert register.actions[-2:] == ["grant ended", "demand disposed"]
    assert register.due["demand", "D-1"] is None


def test_when_the_term_has_passed_the_grant_ends_and_disposal_is_due(register: Register) -> None:
    granted(register)
    assert register.due["demand", "D-1"] == UNTIL
    register.do(RUNG, at=UNTIL, actor="clock")
    assert (register.grant["state"], register.demand["state"]) == ("ended", "disposal-due")
    assert register.demand["disposal_due_at"] == UNTIL
    register.do("disposed", at=UNTIL + DAY_US, organisation="finance", method="删除", evidence=["纪要"])
    assert register.demand["state"] == "disposed"


def test_records_are_kept_for_three_years(register: Register) -> None:
    granted(register)
    assert fields_of(register.do("records-destroyed", organisation="finance")) == ["action"]
    register.do("disposed", organisation="finance", method="删除", evidence=["纪要"])
    kept_until = register.demand["records_until"]
    assert kept_until == years_later(START, 3)
    early = register.do("records-destroyed", at=kept_until - 1, organisation="finance")
    assert "三年" in only(early).reason_en or "three years" in only(early).reason_en
    register.do("records-destroyed", at=kept_until, organisation="finance")
    assert register.demand["records_destroyed_at"] == kept_until


def test_three_years_from_the_29th_of_february_end_on_the_1st_of_march() -> None:
    leap = int(datetime(2028, 2, 29, 4, tzinfo=UTC).timestamp()) * 1_000_000
    assert years_later(leap, 3) == int(datetime(2031, 3, 1, 4, tzinfo=UTC).timestamp()) * 1_000_000


def test_a_refusal_is_disputed_rung_by_rung_and_may_have_to_be_made_again(register: Register) -> None:
    register.do("applied", **application())
    register.do("decided", organisation="tax", outcome="refuse", reason="与职责无关")
    register.do("refused", actor="李四", organisation="tax")
    jump = register.do("escalated", organisation="finance", rung="government", evidence=["函"])
    assert "negotiation" in only(jump).remedy_en
    for rung in ("negotiation", "data-office"):
        assert register.do("escalated", organisation="finance", rung=rung, evidence=["函"]).refusals == ()
    register.do("settled", outcome="reply-again", evidence=["调解书"])
    assert (register.demand["state"], register.demand["decision"]) == ("accepted", None)
    assert register.do("decided", organisation="tax", outcome="grant").refusals == ()


@pytest.mark.parametrize(
    ("action", "more"),
    [("accepted", {}), ("decided", {"outcome": "grant"}), ("completion-asked", {"missing": ["函"]})],
)
def test_what_the_provider_does_nobody_else_does(register: Register, action: str, more: dict[str, Any]) -> None:
    register.do("applied", **application())
    assert fields_of(register.do(action, organisation="finance", **more)) == ["payload.organisation"]


@pytest.mark.parametrize("action", sorted(each for each in MOVES if each != "withdrawn"))
def test_a_demand_that_was_withdrawn_moves_no_more(register: Register, action: str) -> None:
    register.do("applied", **application())
    register.do("withdrawn", organisation="finance")
    step = register.do(action, organisation="finance") if action != RUNG else register.do(action)
    assert fields_of(step) == ["action"]
    assert register.actions == ["demand applied", "demand withdrawn"]


def test_an_extension_keeps_its_consent_where_the_clock_reads_it(register: Register) -> None:
    register.do("applied", **application())
    register.do("extension-consented", organisation="tax", days=5, evidence=["同意函"], told=["告知书"])
    assert register.demand["extension"] == {"days": 5, "evidence": ["同意函"], "told": ["告知书"]}


def test_a_payload_with_a_field_too_many_is_msgspecs_own_fault(register: Register) -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        register.do("applied", **application(fee=3))


def test_versions_count_every_change(register: Register) -> None:
    granted(register)
    assert register.demand["version"] == sum(each.startswith("demand") for each in register.actions)
