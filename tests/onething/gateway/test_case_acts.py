from typing import Any

import pytest

from tests.onething.gateway.handled_hub import LEAD, Handled

ACT = {"department": LEAD, "by": "王五"}


def test_the_lead_lets_a_case_rest_and_go_on(handled: Handled) -> None:
    case_id = handled.opened()
    rests = handled.post(f"applications/{case_id}/suspend", reason="等待上级批复", **ACT)
    assert (rests.status_code, rests.json()["status"]) == (200, "suspended")
    (assignment,) = handled.inbox(LEAD)
    refused = handled.decide(LEAD, assignment["assignment_id"])
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:onething:problem:case-suspended")
    goes_on = handled.post(f"applications/{case_id}/resume", reason="已批复", **ACT)
    assert (goes_on.status_code, goes_on.json()["status"]) == (200, "handling")
    assert [topic for topic, _ in handled.hub.published[1:]] == [f"case.answers.{LEAD}"] * 2


def test_only_the_lead_does_so(handled: Handled) -> None:
    case_id = handled.opened()
    refused = handled.post(f"applications/{case_id}/suspend", reason="x", department="tax", by="王五")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:onething:problem:not-the-lead")
    assert handled.post(f"applications/{case_id}/resume", reason="x", **ACT).status_code == 409
    unknown = handled.post(f"applications/{case_id}/suspend", reason="x", department="nobody", by="王五")
    assert unknown.status_code == 404


def test_results_are_handed_out_together(handled: Handled) -> None:
    case_id = handled.opened()
    early = handled.post(f"applications/{case_id}/delivery", **ACT)
    assert early.status_code == 409
    handled.approve_all()
    assert handled.view(case_id)["status"] == "deciding"
    (delivery,) = handled.inbox(LEAD)
    assert delivery["kind"] == "delivery"
    delivered = handled.post(f"applications/{case_id}/delivery", reference="签收001", **ACT)
    assert (delivered.status_code, delivered.json()["status"]) == (200, "delivered")
    again = handled.post(f"applications/{case_id}/delivery", **ACT)
    assert (again.status_code, again.json()["type"]) == (409, "urn:onething:problem:case-ended")


def test_results_are_handed_out_as_they_come(handled: Handled) -> None:
    case_id = handled.opened(delivery={"together": False})
    (assignment,) = handled.inbox(LEAD)
    handled.decide(LEAD, assignment["assignment_id"])
    handled.review(LEAD, assignment["assignment_id"])
    delivered = handled.post(f"applications/{case_id}/delivery", items=[1], **ACT)
    assert delivered.status_code == 200
    assert delivered.json()["items"][0]["delivered_by"] == "王五"
    assert handled.post(f"applications/{case_id}/delivery", items=[2], **ACT).status_code == 409


def test_a_promise_is_checked_afterwards(handled: Handled) -> None:
    case_id = handled.opened(
        materials=[{"id": "change-resolution", "means": "promise"}], delivery={"means": "e-licence"}
    )
    checked: dict[str, Any] = {"material": "change-resolution", "kept": False, "evidence": ["0" * 32], **ACT}
    assert handled.post(f"applications/{case_id}/commitments", **checked).status_code == 409
    handled.approve_all()
    broken = handled.post(f"applications/{case_id}/commitments", **checked)
    assert broken.status_code == 200, broken.text
    (piece,) = (each for each in broken.json()["materials"] if each["material"] == "change-resolution")
    assert (piece["state"], piece["evidence"]) == ("broken", ["0" * 32])
    assert any(type(each).__name__ == "CommitmentBroken" for each in handled.hub.emitted)
    assert handled.post(f"applications/{case_id}/commitments", **checked).status_code == 409


def test_a_bad_evaluation_is_answered(handled: Handled) -> None:
    case_id = handled.opened(delivery={"means": "e-licence"})
    handled.approve_all()
    nothing = handled.post(f"applications/{case_id}/rectification", answer="已整改", **ACT)
    assert (nothing.status_code, nothing.json()["type"]) == (409, "urn:onething:problem:nothing-to-rectify")
    handled.post(f"applications/{case_id}/evaluation", stars=1, evaluated_by="企业经办")
    assert [each["kind"] for each in handled.inbox(LEAD)] == ["rectification"]
    answered = handled.post(f"applications/{case_id}/rectification", answer="已整改", **ACT)
    assert (answered.status_code, answered.json()["evaluation"]["answer"]) == (200, "已整改")


@pytest.mark.parametrize(
    ("act", "body", "fields"),
    [
        ("suspend", {}, ["department", "by", "reason"]),
        ("resume", {"department": 1}, ["department"]),
        ("delivery", {**ACT, "means": "pigeon"}, ["means"]),
        ("commitments", ACT, ["material", "kept"]),
        ("commitments", {**ACT, "material": "a", "kept": True, "evidence": ["x"]}, ["evidence.0"]),
        ("rectification", ACT, ["answer"]),
    ],
)
def test_an_act_with_faults_is_refused(handled: Handled, act: str, body: dict[str, Any], fields: list[str]) -> None:
    case_id = handled.opened()
    refused = handled.post(f"applications/{case_id}/{act}", **body)
    assert refused.status_code == 422
    assert [fault["field"] for fault in refused.json()["faults"]] == fields
    assert len(handled.hub.published) == 1
