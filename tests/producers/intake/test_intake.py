import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalog.resources import Resources
from connectors.kafka import KafkaOptions
from connectors.keyring import KeyRing, refusal_context
from producers.intake import Intake, intake_router
from producers.protection import LocalProtector
from topics.codec import SchemaIds
from topics.events import CoverageStated, RecordRefused
from topics.identifiers import make_resident_id

pytestmark = pytest.mark.broker

ENGLISH = {"accept-language": "en-GB,en;q=0.9"}
NDJSON = {"content-type": "application/x-ndjson"}
NUMBER = make_resident_id("610104", date(1991, 4, 8), 3)


@pytest.fixture(scope="module")
def door(options: KafkaOptions, keyring: KeyRing, ids: SchemaIds, resources: Resources) -> Iterator[TestClient]:
    intake = Intake(options, LocalProtector(keyring), ids, resources)
    app = FastAPI()
    app.include_router(intake_router(intake, largest_body_bytes=1 << 20))
    with TestClient(app) as client:
        yield client
    intake.close()


def lines(*drafts: Any) -> bytes:
    return b"\n".join(each if isinstance(each, bytes) else json.dumps(each).encode() for each in drafts)


def test_one_draft_is_accepted_and_a_repeat_has_the_same_outcome(door: TestClient, penalty: Any, read: Any) -> None:
    first, again = door.post("/v1/events", json=penalty(1)), door.post("/v1/events", json=penalty(1))
    assert first.status_code == again.status_code == 200
    told = first.json()
    assert (told["index"], told["outcome"], told["faults"]) == (0, "accepted", [])
    assert told["receipt"]["topic"] == "registration.urban-management"
    assert again.json()["receipt"]["event_id"] == told["receipt"]["event_id"]
    assert told["receipt"]["event_id"] in {event.event_id.hex() for _, event in read(told["receipt"]["topic"])}


def test_a_refused_draft_is_a_problem_with_every_fault(door: TestClient, penalty: Any) -> None:
    draft = penalty(1, {"state": "x", "territory": "?"})
    answers = [door.post("/v1/events", json=draft) for _ in range(2)]
    assert [each.status_code for each in answers] == [400, 400]
    assert answers[0].json() == answers[1].json()
    told = answers[0].json()
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert told["type"] == "urn:onething:problem:record-refused"
    assert [(each["code"], each["field"]) for each in told["faults"]] == [
        ("bad-territory", "content.territory"),
        ("not-controlled", "content.state"),
    ]
    assert "六位" in told["faults"][0]["reason"]
    english = door.post("/v1/events", json=draft, headers=ENGLISH).json()
    assert "six digits" in english["faults"][0]["reason"]


def test_bad_lines_are_kept_with_their_number_and_stop_nothing(
    door: TestClient, penalty: Any, person: Any, read: Any, keyring: KeyRing
) -> None:
    """One body from several departments, with every kind of bad line between the good ones."""
    broken, unknown = b'{"type": "PenaltyImposed", \xff', penalty(4, source="sunshine")
    body = lines(penalty(2), broken, person(3), b"", unknown, penalty(5, {"state": "x"}), b"[]", penalty(6))
    answered = door.post("/v1/events", content=body, headers=NDJSON)
    assert answered.status_code == 207
    told = answered.json()
    assert (told["accepted"], told["refused"]) == (3, 4)
    assert [(each["index"], each["line"], each["outcome"]) for each in told["outcomes"]] == [
        (0, 1, "accepted"),
        (1, 2, "refused"),
        (2, 3, "accepted"),
        (3, 5, "refused"),
        (4, 6, "refused"),
        (5, 7, "refused"),
        (6, 8, "accepted"),
    ]
    assert [each["faults"][0]["code"] for each in told["outcomes"] if each["faults"]] == [
        "unreadable",
        "unknown-source",
        "not-controlled",
        "not-an-object",
    ]
    kept = [event for _, event in read("rejected.hub") if isinstance(event, RecordRefused)]
    bodies = {keyring.unseal(each.body, refusal_context("hub")) if each.sealed else each.body: each for each in kept}
    assert bodies[broken].origin == "line 2"
    assert bodies[broken].door == "intake"
    assert json.dumps(unknown).encode() in bodies
    assert {each["receipt"]["topic"] for each in told["outcomes"] if each["receipt"]} == {
        "registration.urban-management",
        "registration.public-security",
    }
    repeated = door.post("/v1/events", content=body, headers=NDJSON).json()
    same = [(each["outcome"], each["faults"], (each["receipt"] or {}).get("event_id")) for each in told["outcomes"]]
    assert same == [
        (each["outcome"], each["faults"], (each["receipt"] or {}).get("event_id")) for each in repeated["outcomes"]
    ]


def test_an_array_of_good_drafts_is_accepted_whole(door: TestClient, penalty: Any) -> None:
    answered = door.post("/v1/events", json=[penalty(number) for number in range(50)])
    assert answered.status_code == 200
    assert answered.json()["accepted"] == 50
    assert door.post("/v1/events", json=[]).json() == {"accepted": 0, "refused": 0, "outcomes": []}


def test_a_draft_and_every_form_of_cloudevent_are_the_same_event(door: TestClient, penalty: Any) -> None:
    draft = penalty(7)
    data = {name: draft[name] for name in ("resource", "subject", "record_id", "version", "content")}
    attributes = {
        "id": "any",
        "type": "cn.onething.registration.PenaltyImposed.v1",
        "source": "urn:onething:department:urban-management",
        "time": datetime(2024, 5, 1, 1, tzinfo=UTC),
        "datacontenttype": "application/json",
    }
    messages = [
        to_structured_event(CloudEvent(dict(attributes), data)),
        to_binary_event(CloudEvent(dict(attributes), data)),
    ]
    answers = [door.post("/v1/events", content=each.body, headers=each.headers) for each in messages]
    answers.append(
        door.post(
            "/v1/events",
            content=b"[" + messages[0].body + b"]",
            headers={"content-type": "application/cloudevents-batch+json"},
        )
    )
    receipts = [answers[0].json()["receipt"], answers[1].json()["receipt"], answers[2].json()["outcomes"][0]["receipt"]]
    expected = door.post("/v1/events", json=draft).json()["receipt"]["event_id"]
    assert [each["event_id"] for each in receipts] == [expected] * 3


def test_a_number_in_a_cloudevents_attribute_is_refused_and_sealed(
    door: TestClient, keyring: KeyRing, read: Any
) -> None:
    headers = {
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-type": "cn.onething.registration.PersonRegistered.v1",
        "ce-source": "urn:onething:department:public-security",
        "ce-subject": f"person:{NUMBER}",
        "content-type": "application/json",
    }
    answered = door.post("/v1/events", json={}, headers=headers)
    assert answered.status_code == 400
    assert NUMBER not in answered.text
    assert answered.json()["faults"][0]["code"] == "personal-data-in-clear"
    kept = [event for _, event in read("rejected.public-security")][-1]
    assert kept.sealed
    assert NUMBER.encode() in keyring.unseal(kept.body, refusal_context("public-security"))


def test_whoever_sends_may_send_only_its_own(door: TestClient, penalty: Any) -> None:
    for header, status in (("urban-management", 200), ("public-security", 400), ("sunshine", 400)):
        answered = door.post("/v1/events", json=penalty(1), headers={"onething-source": header})
        assert answered.status_code == status, header
    codes = [
        door.post("/v1/events", json=penalty(1), headers={"onething-source": header}).json()["faults"][0]["code"]
        for header in ("market-regulation", "sunshine")
    ]
    assert codes == ["source-differs", "unknown-source"]


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("text/csv", b"a,b", 415, "media-type"),
        ("application/x-www-form-urlencoded", b"{}", 415, "media-type"),
        ("application/json; charset=gbk", b"{}", 415, "media-type"),
        ("application/json; charset=UTF-8", b"{}", 400, "record-refused"),
        ("application/json", b"", 400, "empty-body"),
        ("application/x-ndjson", b"\n \n", 400, "empty-body"),
        ("application/json", b"[1, ", 400, "record-refused"),
        ("application/json", b"null", 400, "record-refused"),
        ("application/json", b" " * (1 << 20) + b"{}", 413, "body-too-large"),
    ],
)
def test_requests_that_hold_no_record(door: TestClient, content_type: str, body: bytes, status: int, code: str) -> None:
    answered = door.post("/v1/events", content=body, headers={"content-type": content_type})
    assert answered.status_code == status
    told = answered.json()
    assert told["type"] == f"urn:onething:problem:{code}"
    assert told["remedy"]
    assert answered.headers["content-type"] == "application/problem+json"


def test_a_body_that_grows_too_large_is_cut_off_whatever_it_says(door: TestClient) -> None:
    chunks = (b" " * (1 << 16) for _ in range(32))
    answered = door.post("/v1/events", content=chunks, headers={"content-type": "application/json"})
    assert answered.status_code == 413


def test_coverage_by_the_door(door: TestClient, penalty: Any, read: Any) -> None:
    resource = "market-regulation.administrative-penalty"
    draft = penalty(8, {"domain": "market-regulation"}, source="market-regulation", resource=resource)
    assert door.post("/v1/events", json=[draft, draft]).status_code == 200
    asked = {"source": "market-regulation", "resource": resource, "complete_until": "2024-06-01T00:00:00+08:00"}
    answered = door.post("/v1/coverage", json={**asked, "source_total": 1})
    assert answered.status_code == 200
    event_id = answered.json()["receipt"]["event_id"]
    stated = next(event for _, event in read("coverage.market-regulation") if event.event_id.hex() == event_id)
    assert isinstance(stated, CoverageStated)
    assert (stated.message_count, stated.source_total) == (2, 1)
    for broken in (
        {"source": "sunshine"},
        {"resource": "tax.administrative-penalty"},
        {"resource": "none"},
        {"complete_until": "2024-06-01"},
        {"complete_until": None},
        {"more": 1},
    ):
        refused = door.post("/v1/coverage", json=asked | broken)
        assert refused.status_code == 400
        assert refused.json()["type"] == "urn:onething:problem:statement-refused"


def test_without_kafka_the_door_says_to_come_again(
    ids: SchemaIds, resources: Resources, keyring: KeyRing, penalty: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producers.intake.desk._DELIVERY_TIMEOUT_S", 0.2)
    intake = Intake(KafkaOptions("127.0.0.1:9"), LocalProtector(keyring), ids, resources)
    app = FastAPI()
    app.include_router(intake_router(intake))
    with TestClient(app) as client:
        for body in (penalty(1), [penalty(1)]):
            answered = client.post("/v1/events", json=body)
            assert answered.status_code == 503
            assert answered.headers["retry-after"] == "5"
        asked = {"source": "urban-management", "resource": "urban-management.administrative-penalty"}
        refused = client.post("/v1/coverage", json={**asked, "complete_until": 1717171200000000})
        assert refused.status_code == 409
    intake.close()


def test_the_door_is_described(door: TestClient) -> None:
    described = door.get("/openapi.json").json()["paths"]["/v1/events"]["post"]
    assert set(described["responses"]) == {"200", "207", "400", "413", "415", "503"}
    assert "application/cloudevents+json" in described["requestBody"]["content"]
