from typing import Any

import pytest

from tests.onething.gateway.handled_hub import LEAD, Handled
from topics.events import ItemHandled


@pytest.fixture
def assignment(handled: Handled) -> str:
    """The first item's assignment: the others wait for it."""
    handled.opened()
    found = handled.inbox(LEAD)
    assert [each["text"] for each in found] == ["企业变更登记"]
    return str(found[0]["assignment_id"])


def test_one_person_decides_and_another_reviews(handled: Handled, assignment: str) -> None:
    result = {"name": "营业执照", "resource": "market-regulation.business-licence", "record_id": "lic-1"}
    decided = handled.decide(LEAD, assignment, results=[result])
    assert (decided.status_code, decided.json()["state"]) == (200, "handled")
    reviewed = handled.review(LEAD, assignment)
    assert (reviewed.status_code, reviewed.json()["state"], reviewed.json()["item_state"]) == (
        200,
        "approved",
        "approved",
    )
    assert [topic for topic, _ in handled.hub.published[1:]] == [f"case.answers.{LEAD}"] * 2
    assert handled.inbox(LEAD) == []
    assert len(handled.inbox(LEAD, state="approved")) == 1
    assert len(handled.inbox("public-security")) == 1


def test_who_decided_cannot_review(handled: Handled, assignment: str) -> None:
    handled.decide(LEAD, assignment)
    refused = handled.review(LEAD, assignment, reviewed_by=" 张三 ")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:onething:problem:same-person")
    assert len(handled.hub.published) == 2


def test_a_returned_decision_opens_the_assignment_again(handled: Handled, assignment: str) -> None:
    handled.decide(LEAD, assignment)
    returned = handled.review(LEAD, assignment, approved=False, note="依据不足")
    assert returned.json()["state"] == "open"
    shown = handled.http.get(f"/v1/departments/{LEAD}/assignments/{assignment}").json()
    assert shown["review_note"] == "依据不足"
    assert shown["case"]["lead"]["code"] == LEAD
    assert all(each["name"] != each["material"] for each in shown["case"]["materials"])


def test_nothing_to_review_is_a_conflict(handled: Handled, assignment: str) -> None:
    assert handled.review(LEAD, assignment).status_code == 409


def test_a_closed_assignment_takes_nothing_more(handled: Handled, assignment: str) -> None:
    handled.decide(LEAD, assignment)
    handled.review(LEAD, assignment)
    for refused in (
        handled.decide(LEAD, assignment, decision="refuse", reason="不符"),
        handled.review(LEAD, assignment),
    ):
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:onething:problem:assignment-closed")
    assert len(handled.hub.published) == 3


def test_an_assignment_belongs_to_its_department_only(handled: Handled, assignment: str) -> None:
    assert handled.decide("tax", assignment).status_code == 404
    assert handled.decide(LEAD, "0" * 32).status_code == 404
    assert handled.http.get(f"/v1/departments/tax/assignments/{assignment}").status_code == 404
    assert handled.http.get("/v1/departments/no-such/assignments").status_code == 404


def test_a_refused_item_tells_the_applicant_why(handled: Handled, assignment: str) -> None:
    handled.decide(LEAD, assignment, decision="refuse", reason="材料不实")
    handled.review(LEAD, assignment)
    (handling,) = handled.hub.handlings.values()
    assert (handling.status, handling.outcome) == ("refused", "refused")
    assert any("材料不实" in notice.text for notice in handled.hub.notices[handling.case_id])


def test_a_passed_on_item_is_the_other_departments(handled: Handled, assignment: str) -> None:
    passed = handled.decide(LEAD, assignment, decision="pass-on", reason="属区级登记机关", pass_on_to="admin-approval")
    assert passed.json()["state"] == "passed-on"
    assert handled.inbox(LEAD) == []
    (other,) = handled.inbox("admin-approval")
    assert handled.decide("admin-approval", other["assignment_id"]).status_code == 200


def test_a_suspended_item_is_resumed(handled: Handled, assignment: str) -> None:
    assert handled.decide(LEAD, assignment, decision="suspend", reason="等待鉴定").json()["state"] == "suspended"
    refused = handled.decide(LEAD, assignment)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:onething:problem:assignment-suspended")
    (listed,) = handled.inbox(LEAD)
    assert listed["clock"]["paused"]
    assert handled.decide(LEAD, assignment, decision="resume").json()["state"] == "open"


def test_a_supplement_is_asked_once(handled: Handled, assignment: str) -> None:
    asked = {"decision": "supplement", "reason": "缺材料", "missing": ["application-statement"]}
    handled.decide(LEAD, assignment, **asked)
    (handling,) = handled.hub.handlings.values()
    handled.post(
        f"applications/{handling.case_id}/supplement",
        materials=[{"id": "application-statement"}],
        supplemented_by="企业经办",
    )
    refused = handled.decide(LEAD, assignment, **asked)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:onething:problem:supplement-asked-before")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"decision": "maybe"}, ["decision"]),
        ({"decision": "", "handled_by": " "}, ["handled_by", "decision"]),
        ({"decision": "refuse"}, ["reason"]),
        ({"decision": "supplement", "reason": "缺"}, ["missing"]),
        ({"decision": "pass-on", "reason": "x", "pass_on_to": "nobody"}, ["pass_on_to"]),
        ({"reason": "11010519491231002X"}, ["reason"]),
        ({"fee_fen": -1}, ["fee_fen"]),
        ({"surprise": 1}, ["surprise"]),
        ({"results": [{"name": "", "resource": "no.such", "licence_identifier": "1"}]}, [
            "results.0.name", "results.0.resource", "results.0.licence_identifier"
        ]),
    ],
)  # fmt: skip
def test_a_decision_with_faults_is_refused(
    handled: Handled, assignment: str, body: dict[str, Any], fields: list[str]
) -> None:
    refused = handled.decide(LEAD, assignment, **body)
    assert refused.status_code == 422
    assert [fault["field"] for fault in refused.json()["faults"]] == fields
    assert len(handled.hub.published) == 1


def test_a_review_without_a_decision_is_refused(handled: Handled, assignment: str) -> None:
    refused = handled.review(LEAD, assignment, approved=None, reviewed_by="")
    assert [fault["field"] for fault in refused.json()["faults"]] == ["reviewed_by", "approved"]


def test_what_no_coordinator_took_in_time_is_accepted(handled: Handled, assignment: str) -> None:
    handled.hub.is_silent = True
    path = f"/v1/departments/{LEAD}/assignments/{assignment}/decision?wait_s=0.05"
    accepted = handled.http.post(path, json={"decision": "approve", "handled_by": "张三"})
    assert (accepted.status_code, accepted.json()["state"]) == (202, "open")
    assert isinstance(handled.hub.published[-1][1], ItemHandled)


def test_what_the_log_did_not_confirm_is_told(handled: Handled, assignment: str) -> None:
    handled.hub.is_down = True
    assert handled.decide(LEAD, assignment).status_code == 503


def test_the_inbox_comes_in_pages(handled: Handled, assignment: str) -> None:
    handled.decide(LEAD, assignment)
    handled.review(LEAD, assignment)
    (handling,) = handled.hub.handlings.values()
    assert len({each.department for each in handling.assignments}) == 5
    page = handled.http.get(f"/v1/departments/{LEAD}/assignments?state=any&page_size=1").json()
    assert (len(page["assignments"]), page["next_page"]) == (1, None)
    assert handled.http.get(f"/v1/departments/{LEAD}/assignments?page=x~").status_code == 422
    assert handled.http.get(f"/v1/departments/{LEAD}/assignments?due_before=soon").status_code == 422


def test_all_departments_together_bring_the_case_to_its_end(handled: Handled) -> None:
    case_id = handled.opened(delivery={"means": "e-licence"})
    handled.approve_all()
    view = handled.view(case_id)
    assert (view["status"], view["outcome"]) == ("delivered", "approved")
    assert {item["word"] for item in view["items"]} == {"通过"}


def test_the_hub_issues_the_result_that_the_register_names(handled: Handled, assignment: str) -> None:
    assert handled.decide(LEAD, assignment, issue=True).status_code == 200
    (published,) = [event for _, event in handled.hub.published if isinstance(event, ItemHandled)]
    (result,) = published.results
    assert (result.name, result.resource, result.record_id) == (
        "营业执照",
        "market-regulation.business-licence",
        None,
    )


def test_a_result_is_issued_for_what_is_approved_and_has_one(handled: Handled, assignment: str) -> None:
    refused = handled.decide(LEAD, assignment, decision="refuse", reason="材料不实", issue=True)
    assert (refused.status_code, refused.json()["faults"][0]["field"]) == (422, "issue")
    assert len(handled.hub.published) == 1


def test_a_supplement_is_asked_for_and_told_of_by_the_materials_name(handled: Handled, assignment: str) -> None:
    (handling,) = handled.hub.handlings.values()
    material, name = next(iter(handling.plan.material_names.items()))
    handled.decide(LEAD, assignment, decision="supplement", reason="看不清", missing=[name])
    shown = handled.http.get(f"/v1/departments/{LEAD}/assignments/{assignment}").json()
    assert shown["missing_materials"] == [{"material": material, "name": name}]
    assert any(notice.text == f"请补正：{name}。看不清" for notice in handled.hub.notices[handling.case_id])


def test_a_fee_that_the_register_leaves_open_is_said(handled: Handled) -> None:
    """A department once passed a fee without an amount, and nobody was asked to pay."""
    bundle = "weiyang-road-excavation"
    case_id = handled.opened(bundle=bundle, choices={}, form={}, materials=[])
    fees = [each for each in handled.inbox("weiyang-urban-management") if each["text"] == "城市道路占用费征收"]
    refused = handled.decide("weiyang-urban-management", fees[0]["assignment_id"])
    assert (refused.status_code, refused.json()["faults"][0]["field"]) == (422, "fee_fen")
    handled.decide("weiyang-urban-management", fees[0]["assignment_id"], fee_fen=123_400)
    handled.review("weiyang-urban-management", fees[0]["assignment_id"])
    assert handled.view(case_id)["items"][3]["state"] == "paying"
