import asyncio
from typing import Any

import pytest

from onething.gateway.case_ids import case_id_of_key
from onething.gateway.verification_request import RequestedVerification, judge
from onething.gateway.verifications import event_stream
from topics.events import DeadlinePassed

USCC = "91440300708461136T"
OTHER = "91110000802100433B"


def test_a_request_that_waits_is_answered_with_the_report(gateway: Any) -> None:
    answer = gateway.ask({"Prefer": "wait=5"})
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/verifications/{answer.json()['case_id']}"
    assert answer.headers["preference-applied"] == "wait=5"
    assert answer.json()["report"]["summary"] == {"clear": 17}


def test_a_request_that_does_not_wait_is_accepted_and_can_be_watched(gateway: Any) -> None:
    answer = gateway.ask()
    assert answer.status_code == 202
    shown = gateway.http.get(answer.headers["location"], params={"wait_s": 5, "after_revision": 1}).json()
    assert shown["status"] == "reported"
    assert len(shown["lines"]) == 17
    assert {line["answer"] for line in shown["lines"]} == {"clear"}
    assert {line["elapsed_ms"] for line in shown["lines"]} == {7}
    assert shown["report"]["case_id"] == shown["case_id"]


def test_a_case_can_be_read_before_any_coordinator_took_it(gateway: Any) -> None:
    gateway.hub.is_silent = True
    location = gateway.ask().headers["location"]
    shown = gateway.http.get(location).json()
    assert (shown["status"], shown["revision"], shown["report"]) == ("running", 0, None)
    assert [line["answer"] for line in shown["lines"]] == [None] * 17


def test_the_wait_ends_with_202_when_no_report_came(gateway: Any) -> None:
    gateway.hub.answers = None
    assert gateway.ask({"Prefer": "wait=0"}).status_code == 202
    answer = gateway.http.post("/v1/verifications?wait_s=0.05", json={"subject": USCC, "purpose": "上市"})
    assert answer.status_code == 202


def test_every_fault_of_a_request_is_named_at_once(gateway: Any) -> None:
    answer = gateway.http.post(
        "/v1/verifications",
        json={
            "bundle": "no-such",
            "subject": "91440300708461136X",
            "purpose": " ",
            "look_back_years": "three",
            "territory": "西安",
            "surprise": 1,
        },
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert {fault["field"] for fault in answer.json()["faults"]} == {
        "bundle",
        "subject",
        "purpose",
        "look_back_years",
        "territory",
        "surprise",
    }
    assert gateway.hub.published == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"look_back_years": 0}, "look_back_years"),
        ({"deadline_s": 29}, "deadline_s"),
        ({"subject": None, "subjects": [USCC, USCC]}, "subjects.1"),
        ({"subjects": [OTHER]}, "subjects"),
        ({"subject": "person:" + "a" * 32}, "subject"),
        ({"subject": None, "subjects": ["91440300708461136t"]}, "subjects.0"),
        ({"purpose": "a\nb"}, "purpose"),
        ({"subject": None}, "subject"),
        ({"subject": None, "subjects": []}, "subject"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(gateway: Any, body: dict[str, Any], field: str) -> None:
    answer = gateway.ask(**body)
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["faults"]] == [field]


def test_an_id_number_in_the_purpose_is_refused_and_not_repeated(gateway: Any) -> None:
    answer = gateway.ask(purpose="核查 11010519491231002X 本人")
    assert answer.json()["faults"][0]["code"] == "personal-data-in-clear"
    assert "11010519491231002X" not in answer.text


def test_parameters_reach_the_log(gateway: Any) -> None:
    gateway.ask(
        subject=None,
        subjects=[USCC, f"enterprise:{OTHER}"],
        look_back_years=5,
        territory="6101",
        deadline_s=120,
        include_related=True,
        requested_by="某拟上市企业",
    )
    topic, event = gateway.hub.published[0]
    assert topic == "case.requests"
    assert event.subjects == (f"enterprise:{USCC}", f"enterprise:{OTHER}")
    assert (event.look_back_years, event.territory, event.include_related) == (5, "6101", True)
    assert event.deadline_at - event.requested_at == 120_000_000
    assert event.requested_by == "某拟上市企业"


def test_the_same_idempotency_key_is_the_same_case(gateway: Any) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = gateway.ask(key | {"Prefer": "wait=5"})
    again = gateway.ask(key | {"Prefer": "wait=5"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["case_id"] == again.json()["case_id"]
    assert first.json()["report"] == again.json()["report"]
    assert len(gateway.hub.published) == 1


def test_the_same_key_for_another_request_is_refused(gateway: Any) -> None:
    key = {"Idempotency-Key": "k-1"}
    gateway.ask(key)
    answer = gateway.ask(key, look_back_years=7)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:onething:problem:idempotency-key-reused")


def test_keys_of_different_requesters_do_not_meet(gateway: Any) -> None:
    key = {"Idempotency-Key": "k-1"}
    first, second = (gateway.ask(key, requested_by=each).json()["case_id"] for each in ("甲", "乙"))
    assert first != second


def test_what_the_log_did_not_confirm_is_told_with_a_remedy(gateway: Any) -> None:
    gateway.hub.is_down = True
    answer = gateway.ask()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert "Idempotency-Key" in answer.json()["remedy"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[1]", b'"x"', b"null"])
def test_a_body_that_is_no_json_object_is_refused(gateway: Any, body: bytes) -> None:
    answer = gateway.http.post("/v1/verifications", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_page_in_a_browser_cannot_ask_by_sending_text(gateway: Any) -> None:
    body = b'{"subject": "91440300708461136T", "purpose": "x"}'
    answer = gateway.http.post("/v1/verifications", content=body, headers={"Content-Type": "text/plain"})
    assert (answer.status_code, gateway.hub.published) == (415, [])


def test_a_body_without_end_is_refused(gateway: Any) -> None:
    body = b'"' + b"x" * (1 << 20) + b'"'
    answer = gateway.http.post("/v1/verifications", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:onething:problem:body-too-large")


def test_a_stream_tells_each_revision_once(gateway: Any) -> None:
    async def scenario() -> list[int]:
        door = gateway.door
        case_id = case_id_of_key("k", "x")
        asked = judge({"subject": USCC, "purpose": "上市"}, door.bundles)
        assert isinstance(asked, RequestedVerification)
        gateway.hub.answers = None
        gateway.hub.take(asked.event(case_id, 1_790_000_000_000_000))
        stream = event_stream(door, case_id)
        told = await anext(stream)
        gateway.hub.take(DeadlinePassed(event_id=b"d" * 16, case_id=case_id, at=1_890_000_000_000_000))
        told += await anext(stream)
        await stream.aclose()
        return [int(line.removeprefix("id: ")) for line in told.decode().splitlines() if line.startswith("id: ")]

    assert asyncio.run(scenario()) == [1, 2]
    assert len(gateway.hub.waiters) == 0


def test_the_report_is_served_as_json_and_as_text(gateway: Any) -> None:
    location = gateway.ask({"Prefer": "wait=5"}).headers["location"]
    document = gateway.http.get(f"{location}/report").json()
    text = gateway.http.get(f"{location}/report", params={"format": "text"}).text
    assert text.lstrip().startswith("企业上市合法合规信息核查报告")
    assert document["verification_code"] in text


def test_a_report_that_is_not_there_yet_is_404_with_its_due_time(gateway: Any) -> None:
    gateway.hub.answers = None
    answer = gateway.http.get(f"{gateway.ask().headers['location']}/report")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:onething:problem:no-report-yet")


def test_an_unknown_case_is_404_at_once(gateway: Any) -> None:
    answer = gateway.http.get("/v1/verifications/01UNKNOWN", params={"wait_s": 30})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:onething:problem:no-such-case")


def test_cases_are_listed_in_pages(gateway: Any) -> None:
    for _ in range(3):
        gateway.ask({"Prefer": "wait=5"})
    first = gateway.http.get("/v1/verifications", params={"page_size": 2}).json()
    second = gateway.http.get("/v1/verifications", params={"page_size": 2, "page": first["next_page"]}).json()
    assert (len(first["verifications"]), len(second["verifications"]), second["next_page"]) == (2, 1, None)
    assert gateway.http.get("/v1/verifications", params={"status": "running"}).json()["verifications"] == []
    assert gateway.http.get("/v1/verifications", params={"page": "x"}).status_code == 422


def test_nobody_is_left_waiting(gateway: Any) -> None:
    gateway.ask({"Prefer": "wait=5"})
    assert len(gateway.hub.waiters) == 0
