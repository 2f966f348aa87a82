"""Before anything is submitted: the bundles, one notice, one form, the pre-check, each over a replica that answers."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.bundles import load_bundles
from onething.gateway.application_request import Application
from processors.domain.service import archive_of_answer, archive_of_records
from tests.onething.gateway.service_hub import (
    CHOICES,
    COMPANY,
    LICENCE,
    NOTICE,
    REGISTRATION,
    RESIDENT_ID,
    TOKEN,
    USCC,
    Hub,
    answer,
    served_hub,
)
from topics.events import Place, SuppliedMaterial


@pytest.fixture
def hub() -> Iterator[Hub]:
    with served_hub() as served:
        yield served


def fault_fields(response: Any) -> list[tuple[str, str]]:
    return [(each["field"], each["code"]) for each in response.json()["faults"]]


def test_every_bundle_is_listed_in_the_order_of_its_source(hub: Hub) -> None:
    rows = hub.http.get("/v1/bundles").json()["bundles"]
    assert len(rows) == len(load_bundles())
    assert {"id", "source", "number", "name", "stage", "leads", "items"} <= rows[0].keys()
    places = [(row["annex"] is None, row["annex"] or 0, row["number"]) for row in rows]
    assert places == sorted(places)


def test_a_bundle_is_shown(hub: Hub) -> None:
    shown_ = hub.http.get("/v1/bundles/restaurant-opening").json()
    assert (shown_["name"], len(shown_["items"])) == ("开办餐饮店“一件事”", 4)


@pytest.mark.parametrize("path", ["", "/questions", "/notice", "/form"])
def test_an_unknown_bundle_is_not_found(hub: Hub, path: str) -> None:
    response = hub.http.get(f"/v1/bundles/nothing{path}", params={"subject": USCC})
    assert (response.status_code, response.json()["type"]) == (404, "urn:onething:problem:no-such-bundle")
    assert hub.replica.asked == []


def test_questions_tell_what_applies_and_what_is_open(hub: Hub) -> None:
    path = "/v1/bundles/restaurant-opening/questions"
    first = hub.http.get(path).json()
    assert first["open"] == ["signboard", "gathering"]
    assert [each["number"] for each in first["undecided"]] == [3, 4]
    answered = hub.http.get(path, params=CHOICES).json()
    assert (answered["open"], [each["number"] for each in answered["applies"]]) == ([], [1, 2])
    assert hub.http.get(path, params={"choice.colour": "red"}).json()["faults"][0]["code"] == "unknown-question"


def test_a_notice_for_this_applicant(hub: Hub) -> None:
    response = hub.notice(**CHOICES)
    told = response.json()
    assert response.status_code == 200
    assert [item["number"] for item in told["items"]] == [1, 2]
    (held,) = told["held"]
    assert held["id"] == "business-licence"
    assert held["evidence"]["event_id"] == LICENCE.current.event_id.hex()
    assert held["evidence"]["known_at"] == "2022-01-09T08:00:00.000+08:00"
    assert held["evidence"]["complete_until"] == "2024-10-03T08:00:00.000+08:00"
    assert {each["reason"] for each in told["needed"]} == {"not-shared"}
    holds = {each["id"]: each["holds"] for item in told["items"] for each in item["conditions"]}
    assert (holds["registered"], holds["fit-premises"]) == (True, None)
    counts = told["form"]
    assert counts["filled"] + counts["asked"] == counts["total"]
    assert counts["recollection_rate"] == pytest.approx(counts["asked_though_shareable"] / counts["total"])
    assert told["legal"]["days"] >= told["promised"]["days"] > 0


def test_every_read_is_recorded_with_its_ground(hub: Hub) -> None:
    hub.notice(reader="窗口1", purpose="咨询")
    hub.http.get(NOTICE, params={"subject": COMPANY}, headers={"X-Reader": quote("张三")})
    assert hub.replica.reads() == [
        {"reader": "窗口1", "purpose": "咨询", "grant": "notice:restaurant-opening"},
        {"reader": "张三", "purpose": "开办餐饮店“一件事”", "grant": "notice:restaurant-opening"},
    ]


def test_a_subject_that_nobody_knows_has_a_notice_with_nothing_held(hub: Hub) -> None:
    hub.replica.records.clear()
    response = hub.notice(**CHOICES)
    assert (response.status_code, response.json()["exists"], response.json()["held"]) == (200, False, [])


def test_without_coverage_absence_is_not_told_as_a_fact(hub: Hub) -> None:
    hub.replica.records.clear()
    hub.replica.complete = False
    reasons = {each["id"]: each["reason"] for each in hub.notice(**CHOICES).json()["needed"]}
    assert reasons["business-licence"] == "source-behind"


def test_a_service_whose_grant_was_ended_says_so(hub: Hub) -> None:
    hub.replica.refused = "授权已终止 the grant has ended"
    response = hub.notice()
    assert (response.status_code, response.json()["type"]) == (403, "urn:onething:problem:not-granted")
    assert "notice:restaurant-opening: 授权已终止" in response.json()["detail"]


def test_without_a_replica_the_answer_is_503_with_a_remedy(hub: Hub) -> None:
    hub.replica.is_down = True
    response = hub.notice()
    assert (response.status_code, response.json()["type"]) == (503, "urn:onething:problem:no-archive-replica")
    assert response.json()["remedy"]


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ({"subject": ""}, [("subject", "missing")]),
        ({"subject": "91440300708461136X"}, [("subject", "not-a-subject")]),
        ({"subject": RESIDENT_ID}, [("subject", "not-a-subject")]),
        ({"subject": f"person:{TOKEN}"}, [("subject", "wrong-subject-kind")]),
        ({"purpose": f"为 {RESIDENT_ID} 咨询"}, [("purpose", "personal-data-in-clear")]),
        ({"reader": "a\nb", "subject": "x"}, [("subject", "not-a-subject"), ("reader", "not-printable")]),
    ],
)
def test_a_query_with_faults_is_refused(hub: Hub, query: dict[str, str], faults: list[tuple[str, str]]) -> None:
    response = hub.notice(**query)
    assert (response.status_code, fault_fields(response)) == (422, faults)
    assert RESIDENT_ID not in response.text
    assert hub.replica.asked == []


def test_a_question_answered_twice_is_refused(hub: Hub) -> None:
    response = hub.http.get(f"{NOTICE}?subject={USCC}&choice.signboard=yes&choice.signboard=no")
    assert (response.status_code, fault_fields(response)) == (422, [("choice.signboard", "repeated")])


def test_a_person_is_named_by_number_in_a_body_only(hub: Hub) -> None:
    body = {"subject": {"resident_id": RESIDENT_ID}}
    response = hub.http.post("/v1/bundles/newborn/notice", json=body)
    assert (response.status_code, response.json()["subject"]) == (200, f"person:{TOKEN}")
    assert hub.replica.asked[0][0] == f"/v1/archives/person:{TOKEN}"
    assert RESIDENT_ID not in response.text


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"subject": {"resident_id": "123"}}, [("subject.resident_id", "not-a-resident-id")]),
        ({"subject": {"resident_id": RESIDENT_ID, "name": "x"}}, [("subject", "wrong-type")]),
        ({"subject": USCC}, [("subject", "wrong-subject-kind")]),
        ({"subject": 7}, [("subject", "wrong-type")]),
        ({"subject": {"resident_id": RESIDENT_ID}, "hue": 1}, [("hue", "unknown-field")]),
        ({"subject": {"resident_id": RESIDENT_ID}, "choices": {"a": 1}}, [("choices.a", "wrong-type")]),
        (7, [("body", "wrong-type")]),
    ],
)
def test_a_body_with_faults_is_refused(hub: Hub, body: Any, faults: list[tuple[str, str]]) -> None:
    response = hub.http.post("/v1/bundles/newborn/notice", json=body)
    assert response.status_code == 422
    found = fault_fields(response)
    assert [
        (name, "wrong-type" if name == "subject" and code == "unknown-field" else code) for name, code in found
    ] == (faults)
    assert RESIDENT_ID not in response.text


def test_a_form_is_filled_from_the_archive(hub: Hub) -> None:
    form = hub.http.get("/v1/bundles/restaurant-opening/form", params={"subject": USCC} | CHOICES).json()
    fields = {each["id"]: each for group in form["groups"] for each in group["fields"]}
    assert fields["enterprise-name"]["value"] == "西安好味餐饮有限公司"
    assert fields["enterprise-name"]["source"]["event_id"] == REGISTRATION.current.event_id.hex()
    assert fields["legal-representative"]["value"] == "***"
    assert form["counts"]["total"] == len(fields)
    assert hub.replica.reads()[0]["grant"] == "form:restaurant-opening"


def test_the_pre_check_names_every_fault_and_submits_nothing(hub: Hub) -> None:
    hub.running[("restaurant-opening", COMPANY)] = "01CASE"
    found = hub.precheck({"form": {"enterprise-name": "别的公司", "contact-phone": "123"}}).json()
    assert not found["passes"]
    codes = {fault["code"] for fault in found["faults"]}
    assert {
        "duplicate-application",
        "choice-missing",
        "contradicts-archive",
        "wrong-type",
        "field-missing",
        "material-missing",
    } <= codes
    (licence,) = (each for each in found["materials"] if each["material"] == "business-licence")
    assert (licence["means"], licence["name"]) == ("archive", "营业执照")
    assert licence["reference"] == LICENCE.current.event_id.hex()


def test_values_in_clear_do_not_come_back(hub: Hub) -> None:
    response = hub.precheck({"form": {"contact-phone": "13800138000", "contact-name": "张三丰"}})
    assert response.status_code == 200
    assert "13800138000" not in response.text
    assert "张三丰" not in response.text


def test_a_replicas_answer_reads_as_the_records_themselves() -> None:
    records = (REGISTRATION, LICENCE)
    assert archive_of_answer(answer(COMPANY, records)) == archive_of_records(COMPANY, records)


_NAMES = st.sampled_from(
    [
        "subject",
        "choices",
        "form",
        "materials",
        "delivery",
        "purpose",
        "signboard",
        "shop-area-m2",
        "id",
        "means",
        "hue",
    ]
)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from([USCC, "yes", "premises-proof", "promise", "fire-plan", "upload"]),
)
_JSON = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5))
_BODIES = st.dictionaries(_NAMES, _JSON, max_size=5).map(lambda body: {"subject": USCC} | body)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_BODIES, what=st.sampled_from(["notice", "form", "precheck"]))
def test_whatever_is_sent_is_answered_or_refused(hub: Hub, body: Any, what: str) -> None:
    response = hub.http.post(f"/v1/bundles/restaurant-opening/{what}", json=body)
    assert response.status_code in (200, 422)
    assert response.status_code == 200 or response.json()["faults"]


async def _checked(hub: Hub, **changed: Any) -> Any:
    place = Place(level="city", code="610100")
    told: dict[str, Any] = {
        "bundle": "restaurant-opening",
        "subject": COMPANY,
        "purpose": "",
        "submitted_by": "窗口1",
        "channel": "online",
        "mode": "whole-online",
        "received_at": place,
        "handled_at": place,
        "agent": None,
        "authority": None,
        "choices": {"signboard": "no", "gathering": "no"},
        "form": {},
        "materials": (SuppliedMaterial(material="premises-proof", means="upload"),),
        "together": None,
        "means": "counter",
        "address": None,
    }
    return await hub.desk.check(Application(**(told | changed)))


def test_an_application_is_completed_for_the_door_that_submits_it(hub: Hub) -> None:
    assert hub.http.portal is not None
    found = hub.http.portal.call(_checked, hub)
    assert found.completed.form["enterprise-name"] == "西安好味餐饮有限公司"
    assert [(each.material, each.means) for each in found.completed.materials] == [
        ("business-licence", "archive"),
        ("premises-proof", "upload"),
    ]
    assert found.completed.fields_total > found.completed.fields_filled > 0
    assert ("materials.application-statement", "material-missing") in {(f.field, f.code) for f in found.faults}
    assert all("；" in fault.reason for fault in found.faults)
    assert hub.replica.reads()[0] == {
        "reader": "窗口1",
        "purpose": "开办餐饮店“一件事”",
        "grant": "precheck:restaurant-opening",
    }
