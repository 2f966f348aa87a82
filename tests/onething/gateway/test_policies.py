"""Policies over HTTP: what the catalogue says, what a replica says of a subject, and trials passed on line by line."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalog.policies import load_policies
from tests.onething.gateway.policy_hub import SUBJECT, Replica, policy_hub
from tests.processors.policies.archives import DEFINITION

GROUND = {"purpose": "政策匹配", "grant": "g-1"}
Hub = tuple[TestClient, Replica, list[str]]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with policy_hub() as served:
        yield served


def codes(answer: Any) -> list[str]:
    return [each["code"] for each in answer.json()["faults"]]


def test_policies_are_listed_and_chosen(hub: Hub) -> None:
    http, _, _ = hub
    assert [each["id"] for each in http.get("/v1/policies").json()["policies"]] == [*load_policies()]
    persons = http.get("/v1/policies", params={"audience": "person"}).json()["policies"]
    assert {each["audience"] for each in persons} == {"person"}
    (tax,) = http.get("/v1/policies", params={"department": "science"}).json()["policies"]
    assert tax["id"] == "high-technology-award"


def test_a_policy_is_shown_with_its_conditions_and_pre_filter(hub: Hub) -> None:
    shown = hub[0].get("/v1/policies/severe-disability-care").json()
    assert shown["outcome"]["bundle"] == "disability-services"
    assert shown["conditions"][0]["prefilter"] == 'state == "在籍" && territory startsWith "6101"'
    assert [each["prefilter"] for each in shown["conditions"] if each["passes"] == "clear"] == [None]
    assert shown["origin"] == "ours"


def test_a_subject_is_matched_by_a_replica(hub: Hub) -> None:
    http, replica, _ = hub
    query = GROUND | {"policy": "stabilisation-refund"}
    answer = http.get(f"/v1/subjects/{SUBJECT}/policies", params=query, headers={"X-Reader": "clerk"})
    assert answer.json()["policies"][0]["outcome"] == "cannot-tell"
    ((path, asked),) = replica.asked
    assert path == f"/v1/subjects/{SUBJECT}/policies"
    assert (asked["reader"], asked["purpose"], asked["policy"]) == (["clerk"], ["政策匹配"], ["stabilisation-refund"])


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/v1/policies/nothing", {}, 404, "no-such-policy"),
        (f"/v1/subjects/{SUBJECT}/policies", GROUND | {"policy": "nothing"}, 404, "no-such-policy"),
        (f"/v1/subjects/{SUBJECT}/policies", {}, 400, "ground-missing"),
        ("/v1/subjects/enterprise:1/policies", GROUND, 422, "request-refused"),
    ],
)
def test_what_cannot_be_asked(hub: Hub, path: str, query: dict[str, str], status: int, code: str) -> None:
    answer = hub[0].get(path, params=query)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:onething:problem:{code}")
    assert answer.json()["remedy"]
    assert hub[1].asked == []


def test_a_trial_is_passed_on_line_by_line(hub: Hub) -> None:
    http, replica, _ = hub
    answer = http.post("/v1/policies/trials", json=GROUND | {"policy": "stabilisation-refund"})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    first, last = map(json.loads, answer.text.splitlines())
    assert (first["trial"]["is_complete"], last["trial"]["is_complete"]) == (False, True)
    assert replica.asked[0][1]["policy"] == "stabilisation-refund"


def test_faults_of_a_trial_are_named_at_once(hub: Hub) -> None:
    http, replica, _ = hub
    broken = {"definition": DEFINITION.replace("version = 3", "version = 0"), "name": "restaurant-support.toml"}
    answer = http.post("/v1/policies/trials", json={"purpose": " ", **broken})
    assert (answer.status_code, codes(answer)) == (422, ["missing", "missing", "faulty-definition"])
    assert http.post("/v1/policies/trials", json=GROUND | {"policy": "nothing"}).status_code == 404
    assert codes(http.post("/v1/policies/trials", json=GROUND | {"polcy": "x"})) == ["wrong-type"]
    assert len(codes(http.post("/v1/policies/trials", json={"purpose": 1, "prefilter": "no"}))) == 2
    assert replica.asked == []


def test_the_documentation_names_every_field_of_a_trial(hub: Hub) -> None:
    trial = hub[0].get("/openapi.json").json()["paths"]["/v1/policies/trials"]["post"]
    fields = trial["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert fields.keys() == {"purpose", "case", "grant", "reader", "policy", "definition", "name", "prefilter"}


def test_a_replica_that_fails_is_passed_over(hub: Hub) -> None:
    http, replica, urls = hub
    urls.insert(0, "http://127.0.0.1:9")
    body = GROUND | {"policy": "stabilisation-refund"}
    assert http.post("/v1/policies/trials", json=body).status_code == 200
    replica.status = 503
    answer = http.post("/v1/policies/trials", json=body)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:onething:problem:no-archive-replica")
    assert http.get(f"/v1/subjects/{SUBJECT}/policies", params=GROUND).status_code == 503
