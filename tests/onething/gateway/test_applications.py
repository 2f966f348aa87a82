import asyncio
from datetime import date
from typing import Any

import msgspec
import pytest

from onething.gateway.applications import event_stream
from onething.gateway.case_seal import ADDRESS, FORM, case_context
from onething.gateway.handling_acts import HandlingDoor
from onething.gateway.problems import Fault
from onething.gateway.receipt import last_day
from onething.gateway.recent_applications import RecentApplications
from tests.onething.gateway.handled_hub import BUNDLE, ORGANISATIONS, PLANS, USCC, Handled
from topics.events import ApplicationSubmitted
from topics.identifiers import make_resident_id, make_uscc

PERSON = make_resident_id("610102", date(1990, 1, 1), 7)


def test_an_application_opens_a_case_with_a_receipt(handled: Handled) -> None:
    answer = handled.submit({"Prefer": "wait=5"}, channel="counter", materials=[_material("business-licence", "paper")])
    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/applications/{body['case_id']}"
    assert len(body["items"]) == 6
    for expected in (
        "收件凭证",
        body["case_id"],
        "企业信息变更",
        "窗口",
        "营业执照（纸质）",
        "市市场监管局",
        "个工作日",
    ):
        assert expected in body["receipt"]
    text = handled.http.get(f"/v1/applications/{body['case_id']}/receipt?format=text").text
    assert text == body["receipt"]


@pytest.mark.parametrize(
    ("due_at", "day"),
    [
        ("2026-11-28T00:00:00.000+08:00", "2026-11-27"),
        ("2026-11-28T00:00:01.000+08:00", "2026-11-28"),
        (None, ""),
    ],
)
def test_a_term_ends_with_its_last_day(due_at: str | None, day: str) -> None:
    assert last_day(due_at) == day


def test_who_does_not_wait_gets_the_receipt_at_once(handled: Handled) -> None:
    handled.hub.is_silent = True
    answer = handled.submit()
    assert (answer.status_code, answer.json()["status"]) == (202, "submitted")
    view = handled.view(answer.json()["case_id"])
    assert (view["status"], view["revision"]) == ("submitted", 0)


def test_the_event_carries_what_was_asked_and_nothing_personal_in_clear(handled: Handled) -> None:
    case_id = handled.opened(
        form={"enterprise-name": "西安某某有限公司", "contact-phone": "13800000000"},
        delivery={"means": "mail", "address": "西安市未央区某路1号", "together": False},
        mode="collected-elsewhere",
        received_at={"level": "street", "code": "610112007"},
        agent={"resident_id": PERSON},
        authority="授权书2026-1",
    )
    topic, event = handled.hub.published[0]
    assert topic == "case.requests"
    assert isinstance(event, ApplicationSubmitted)
    assert (event.case_id, event.subject, event.bundle) == (case_id, f"enterprise:{USCC}", BUNDLE)
    assert (event.mode, event.received_at.code, event.handled_at.code) == (
        "collected-elsewhere",
        "610112007",
        "610112007",
    )
    assert event.agent == f"person:{handled.keys.person_token(PERSON)}"
    assert (event.delivery.together, event.delivery.means) == (False, "mail")
    raw = msgspec.json.encode(event)
    assert all(secret.encode() not in raw for secret in ("13800000000", "某路1号", PERSON))
    assert event.form is not None
    assert event.delivery.address is not None
    form = msgspec.json.decode(handled.keys.unseal(event.form, case_context(case_id, FORM)))
    assert form == {"enterprise-name": "西安某某有限公司", "contact-phone": "13800000000"}
    assert handled.keys.unseal(event.delivery.address, case_context(case_id, ADDRESS)).decode().endswith("某路1号")


def test_a_person_is_named_by_token_only(handled: Handled) -> None:
    answer = handled.submit(
        {"Prefer": "wait=5"}, bundle="newborn", subject={"resident_id": PERSON}, choices=_choices("newborn")
    )
    assert answer.status_code == 201, answer.text
    assert handled.view(answer.json()["case_id"])["subject"] == f"person:{handled.keys.person_token(PERSON)}"
    assert PERSON not in answer.text


def test_the_same_key_is_the_same_case(handled: Handled) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = handled.submit(key | {"Prefer": "wait=5"}, form={"enterprise-name": "甲"})
    again = handled.submit(key, form={"enterprise-name": "甲"})
    other = handled.submit(key, form={"enterprise-name": "乙"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 422)
    assert again.json()["case_id"] == first.json()["case_id"]
    assert other.json()["type"] == "urn:onething:problem:idempotency-key-reused"
    assert len(handled.hub.published) == 1


def test_one_runs_at_a_time(handled: Handled) -> None:
    case_id = handled.opened()
    second = handled.submit()
    assert (second.status_code, second.json()["type"]) == (409, "urn:onething:problem:duplicate-application")
    assert case_id in second.json()["detail"]
    assert len(handled.hub.published) == 1
    handled.post(f"applications/{case_id}/withdraw", reason="改期", withdrawn_by="企业经办")
    assert handled.submit().status_code == 202


def test_one_that_no_coordinator_has_taken_yet_counts_too(handled: Handled) -> None:
    handled.hub.is_silent = True
    handled.submit()
    assert handled.submit().status_code == 409
    assert handled.submit(subject=make_uscc("91", "610100", 8)).status_code == 202


def test_one_that_lost_against_another_of_the_same_moment_is_told_so(handled: Handled) -> None:
    handled.hub.is_silent = True
    lost = handled.submit().json()["case_id"]
    won = next(event for _, event in handled.hub.published)
    handled.hub.take(msgspec.structs.replace(won, case_id="01OTHER", event_id=b"o" * 16))
    told = handled.http.get(f"/v1/applications/{lost}")
    assert (told.status_code, told.json()["type"]) == (409, "urn:onething:problem:duplicate-application")
    assert "01OTHER" in told.json()["detail"]


def test_one_that_was_never_taken_does_not_stand_in_the_way_for_long(handled: Handled) -> None:
    handled.hub.is_silent = True
    handled.submit()
    handled.hub.tick += 31_000_000
    assert handled.submit().status_code == 202


def test_a_bundle_with_items_that_nobody_is_named_for_cannot_be_applied_for(handled: Handled) -> None:
    handled.hub.plans[BUNDLE] = msgspec.structs.replace(PLANS[BUNDLE], unrouted=(2,))
    refused = handled.submit()
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:onething:problem:unrouted-items")
    assert handled.hub.published == []


def test_an_unknown_bundle_is_not_there(handled: Handled) -> None:
    assert handled.submit(bundle="no-such").status_code == 404


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"subject": {"resident_id": PERSON}}, ["subject"]),
        ({"subject": "person:" + "0" * 32}, ["subject"]),
        ({"subject": "91440300708461136X", "submitted_by": ""}, ["subject", "submitted_by"]),
        ({"subject": {"resident_id": "1"}}, ["subject.resident_id"]),
        ({"subject": 1}, ["subject"]),
        ({"subject": None}, ["subject"]),
        ({"bundle": ""}, ["bundle"]),
        ({"channel": "fax", "surprise": 1}, ["channel", "surprise"]),
        ({"agent": USCC}, ["authority"]),
        ({"authority": "授权书"}, ["agent"]),
        ({"purpose": PERSON}, ["purpose"]),
        ({"received_at": {"level": "galaxy"}}, ["received_at.level"]),
        ({"form": {"a": [1]}, "choices": {"q": 1}}, ["choices.q", "form.a"]),
        ({"delivery": {"means": "mail"}}, ["delivery.address"]),
        (
            {"materials": [{"id": "a", "means": "upload"}, {"id": "a", "means": "upload"}, {"id": "b", "means": "x"}]},
            ["materials.2.means"],
        ),
        ({"materials": [{"id": "a"}, {"id": "a"}]}, ["materials.1.id"]),
    ],
)
def test_an_application_with_faults_is_refused_with_all_of_them(
    handled: Handled, body: dict[str, Any], fields: list[str]
) -> None:
    refused = handled.submit(**body)
    assert refused.status_code == 422
    assert sorted(fault["field"] for fault in refused.json()["faults"]) == fields
    assert handled.hub.published == []
    assert PERSON not in refused.text


def test_faults_of_words_and_of_the_pre_check_are_told_together(handled: Handled) -> None:
    handled.hub.faults = (Fault("form.enterprise-name", "field-missing", "未填写"), Fault("channel", "odd", "-"))
    refused = handled.submit(channel="fax")
    assert [fault["field"] for fault in refused.json()["faults"]] == ["channel", "form.enterprise-name"]


def test_what_only_the_rule_refuses_is_refused_before_anything_is_published(handled: Handled) -> None:
    refused = handled.submit(choices={"change": "name"})
    assert refused.status_code == 422
    assert {fault["code"] for fault in refused.json()["faults"]} == {"question-open"}
    assert handled.hub.published == []


def test_what_the_log_did_not_confirm_is_told_and_can_be_sent_again(handled: Handled) -> None:
    handled.hub.is_down = True
    assert handled.submit({"Idempotency-Key": "k"}).status_code == 503
    handled.hub.is_down = False
    assert handled.submit({"Idempotency-Key": "k"}).status_code == 202


def test_confirmed_applications_are_counted(handled: Handled) -> None:
    handled.opened()
    handled.submit(subject="x")
    assert [event.bundle for event in handled.hub.submitted] == [BUNDLE]


def test_the_documentation_refers_to_nothing_that_is_not_there(handled: Handled) -> None:
    document = handled.http.get("/openapi.json").json()
    schema = document["paths"]["/v1/applications"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"]["received_at"]["properties"]["level"]["default"] == "city"
    assert "$defs" not in msgspec.json.encode(document).decode()


def test_a_body_that_is_no_object_is_refused(handled: Handled) -> None:
    assert handled.http.post("/v1/applications", json=[1]).status_code == 422
    assert handled.http.post("/v1/applications", content=b"{", headers=_JSON).status_code == 400
    assert handled.http.post("/v1/applications", content=b"{}").status_code == 415


_JSON = {"Content-Type": "application/json"}


def test_a_case_that_nobody_knows_is_not_there(handled: Handled) -> None:
    for path in ("", "/receipt", "/events", "/payments"):
        assert handled.http.get(f"/v1/applications/nobody{path}").status_code == 404
    assert handled.post("applications/nobody/withdraw", reason="x", withdrawn_by="y").status_code == 404


def test_the_whole_case_is_shown_to_the_lead_and_its_part_to_a_department(handled: Handled) -> None:
    case_id = handled.opened(materials=[_material("business-licence"), _material("seal-record")])
    whole, lead = handled.view(case_id), handled.view(case_id, department="market-regulation")
    assert whole == lead
    assert len(whole["items"]) == 6
    assert [notice["kind"] for notice in whole["notices"]] == ["receipt"]
    assert whole["timeline"][0]["what"] == "submitted"
    part = handled.view(case_id, department="public-security")
    assert [item["id"] for item in part["items"]] == ["seal-engraving"]
    assert "timeline" not in part
    assert handled.http.get(f"/v1/applications/{case_id}?department=nobody").status_code == 404
    assert {each["department"]["code"] for each in part["assignments"]} <= {"public-security"}


def test_a_long_poll_is_answered_as_soon_as_something_happened(handled: Handled) -> None:
    case_id = handled.opened()
    revision = handled.view(case_id)["revision"]
    waited = handled.view(case_id, after_revision=revision, wait_s=0.05)
    assert waited["revision"] == revision
    handled.post(f"applications/{case_id}/withdraw", reason="改期", withdrawn_by="企业经办")
    assert handled.view(case_id, after_revision=revision, wait_s=5)["status"] == "withdrawn"


def test_a_withdrawn_case_ends(handled: Handled) -> None:
    case_id = handled.opened()
    withdrawn = handled.post(f"applications/{case_id}/withdraw", reason="改期", withdrawn_by="企业经办")
    assert (withdrawn.status_code, withdrawn.json()["status"], withdrawn.json()["reason"]) == (200, "withdrawn", "改期")
    again = handled.post(f"applications/{case_id}/withdraw", reason="改期", withdrawn_by="企业经办")
    assert (again.status_code, again.json()["type"]) == (409, "urn:onething:problem:case-ended")
    empty = handled.post(f"applications/{case_id}/withdraw")
    assert [fault["field"] for fault in empty.json()["faults"]] == ["reason", "withdrawn_by"]


def test_what_was_asked_for_is_supplied_once_and_the_form_is_corrected(handled: Handled) -> None:
    case_id = handled.opened(form={"enterprise-name": "甲", "contact-phone": "1"})
    assignment = handled.inbox("market-regulation")[0]["assignment_id"]
    missing = ["application-statement", "form"]
    asked = handled.decide(
        "market-regulation", assignment, decision="supplement", reason="未签字，名称有误", missing=missing
    )
    assert (asked.json()["state"], asked.json()["case_status"]) == ("supplementing", "supplementing")
    body = {
        "materials": [_material("application-statement")],
        "form": {"enterprise-name": "乙"},
        "supplemented_by": "企业经办",
    }
    supplied = handled.post(f"applications/{case_id}/supplement", **body)
    assert (supplied.status_code, supplied.json()["status"]) == (200, "handling")
    lead = handled.http.get(
        f"/v1/applications/{case_id}/form", params={"department": "market-regulation", "purpose": "经办"}
    ).json()
    assert {each["id"]: each["value"] for each in lead["fields"]} == {"enterprise-name": "乙", "contact-phone": "1"}
    again = handled.post(f"applications/{case_id}/supplement", **body)
    assert (again.status_code, again.json()["type"]) == (409, "urn:onething:problem:not-asked-for")


def test_a_supplement_with_faults_is_refused(handled: Handled) -> None:
    case_id = handled.opened()
    refused = handled.post(f"applications/{case_id}/supplement", surprise=1)
    assert sorted(fault["field"] for fault in refused.json()["faults"]) == ["materials", "supplemented_by", "surprise"]


def test_a_case_is_evaluated_once_after_its_end(handled: Handled) -> None:
    case_id = handled.opened(delivery={"means": "e-licence"})
    early = handled.post(f"applications/{case_id}/evaluation", stars=5, evaluated_by="企业经办")
    assert (early.status_code, early.json()["type"]) == (409, "urn:onething:problem:not-ended")
    handled.approve_all()
    assert handled.view(case_id)["status"] == "delivered"
    judged = handled.post(
        f"applications/{case_id}/evaluation", stars=2, comment="张三态度不好", evaluated_by="企业经办"
    )
    assert (judged.status_code, judged.json()["evaluation"]["stars"]) == (200, 2)
    assert "态度" not in judged.text
    again = handled.post(f"applications/{case_id}/evaluation", stars=5, evaluated_by="企业经办")
    assert (again.status_code, again.json()["type"]) == (409, "urn:onething:problem:evaluated-before")


def test_an_evaluation_with_faults_is_refused(handled: Handled) -> None:
    case_id = handled.opened()
    refused = handled.post(f"applications/{case_id}/evaluation", stars=6, comment="长" * 2001)
    assert [fault["field"] for fault in refused.json()["faults"]] == ["evaluated_by", "stars", "comment"]


async def _first_events(handled: Handled, case_id: str, count: int) -> list[bytes]:
    door = HandlingDoor(
        ORGANISATIONS, handled.hub, handled.hub, handled.hub.waiters, RecentApplications(PLANS), handled.hub.clock
    )
    stream = event_stream(door, case_id)
    return [await anext(stream) for _ in range(count)]


def test_the_stream_begins_with_the_case_as_it_stands(handled: Handled) -> None:
    case_id = handled.opened()
    (first,) = asyncio.run(_first_events(handled, case_id, 1))
    assert first.startswith(b"id: ")
    assert case_id.encode() in first


def _material(id_: str, means: str = "upload") -> dict[str, str]:
    return {"id": id_, "means": means}


def _choices(bundle: str) -> dict[str, str]:
    return {each.question: next(iter(each.choices)) for each in PLANS[bundle].situations}
