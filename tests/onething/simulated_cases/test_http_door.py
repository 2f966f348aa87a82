"""What people of simulated cases say over HTTP, to a gateway that only listens."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from catalog.form_fields import load_form_fields
from onething.gateway.case_client import CaseClient
from onething.simulated_cases.http_door import HttpDoor, filled_in
from onething.simulated_cases.playing import note_running
from processors.domain.service.services import load_services
from processors.domain.service.values import fitted
from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.acts import Act
from producers.simulation.cases.script import CaseScript, ItemScript
from tests.producers.simulation.cases.scripting import NOW, script
from tests.producers.simulation.cases.test_actors import dispatched, payment, updated

FORM = {"groups": [{"fields": [{"id": "changed-on", "status": "asked", "required": True}]}]}
Answer = Callable[[httpx2.Request], httpx2.Response]


def answering(said: list[tuple[str, str, Any]], refusals: dict[str, dict[str, Any]] | None = None) -> Answer:
    def answer(request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        said.append((request.method, path, json.loads(request.content)))
        if path in (refusals or {}):
            return httpx2.Response(422, json={"title": "refused", "type": "urn:x", **(refusals or {})[path]})
        return httpx2.Response(200, json=FORM if path.endswith("/form") else {})

    return answer


def door_for(case: CaseScript, answer: Answer) -> tuple[HttpDoor, CaseActors]:
    actors = CaseActors(case)
    client = CaseClient("http://gateway.test", httpx2.MockTransport(answer))
    return HttpDoor(client, [actors], {case.case_id: "key-1"}), actors


def test_an_application_is_sent_with_the_form_that_the_hub_showed_filled_in() -> None:
    said: list[tuple[str, str, Any]] = []
    case = script(means="mail")
    door, actors = door_for(case, answering(said))
    assert door(actors.submit(NOW))
    (_, form_path, asked), (_, path, sent) = said
    assert (form_path, path) == ("/v1/bundles/enterprise-change/form", "/v1/applications")
    assert asked == {"subject": case.subject, "choices": dict(case.choices)}
    assert sent["form"] == {"changed-on": "2026-01-05"}
    assert sent["delivery"]["means"] == "mail"
    assert sent["delivery"]["address"]


def test_decisions_reviews_and_acts_go_to_their_doors() -> None:
    said: list[tuple[str, str, Any]] = []
    door, actors = door_for(script(stars=1, rests=False), answering(said))
    for act in [*actors.hear(dispatched(), NOW), *actors.hear(updated(1, "delivered"), NOW)]:
        assert door(act)
    assert [path for _, path, _ in said] == [
        "/v1/departments/market-regulation/assignments/assignment-1-market-regulation/decision",
        "/v1/departments/market-regulation/assignments/assignment-1-market-regulation/review",
        "/v1/applications/case-1/evaluation",
    ]
    assert said[0][2]["decision"] == "approve"
    assert said[2][2]["stars"] == 1


def test_a_payment_and_other_cases_go_another_way() -> None:
    door, actors = door_for(script({1: ItemScript(fee_fen=700)}), answering([]))
    (paid,) = actors.hear(payment(), NOW)
    assert not door(paid)
    elsewhere = CaseActors(script(), answers_checks=True)
    unknown = HttpDoor(CaseClient("http://gateway.test"), [elsewhere], {})
    assert not unknown(elsewhere.submit(NOW))


def test_what_the_precheck_stops_is_noted_by_its_codes() -> None:
    faults = [{"field": "conditions.1", "code": "condition-not-fulfilled", "reason": "…"}]
    door, actors = door_for(script(), answering([], {"/v1/applications": {"faults": faults}}))
    assert door(actors.submit(NOW))
    assert actors.stopped_for == ("condition-not-fulfilled",)
    assert door.refused == {"condition-not-fulfilled": 1}


def test_a_refused_act_stops_nobody() -> None:
    path = "/v1/departments/market-regulation/assignments/assignment-1-market-regulation/decision"
    faults = [{"field": "body", "code": "assignment-closed", "reason": "…"}]
    door, actors = door_for(script(), answering([], {path: {"faults": faults}}))
    acts: list[Act] = actors.hear(dispatched(), NOW)
    assert [door(act) for act in acts] == [True, True]
    assert actors.stopped_for == ()
    assert door.refused == {"assignment-closed": 1}


@pytest.mark.parametrize("field", load_form_fields())
def test_every_field_gets_a_value_that_fits_it(field: str) -> None:
    terms = next(each.fields[field] for each in load_services().values() if field in each.fields)
    filled = filled_in([{"id": field, "status": "asked", "required": True}])
    assert fitted(terms, filled[field], NOW).reason is None


def test_what_the_archive_filled_or_nobody_demands_is_left_alone() -> None:
    fields = [
        {"id": "enterprise-name", "status": "filled", "required": True},
        {"id": "new-address", "status": "asked", "required": False},
    ]
    assert filled_in(fields) == {}


def test_another_running_case_is_noted_for_what_it_is() -> None:
    refusal = {"type": "urn:onething:problem:duplicate-application"}
    door, actors = door_for(script(), answering([], {"/v1/applications": refusal}))
    assert door(actors.submit(NOW))
    assert actors.stopped_for == ("duplicate-application",)


@pytest.mark.parametrize(("running", "noted"), [("another", ("duplicate-application",)), ("case-1", ())])
def test_silence_is_explained_by_another_running_case_and_by_nothing_else(running: str, noted: tuple[str, ...]) -> None:
    actors = CaseActors(script())
    listed = {"cases": [{"case_id": running}], "next_page": None}
    client = CaseClient("http://gateway.test", httpx2.MockTransport(lambda _: httpx2.Response(200, json=listed)))
    note_running(client, [actors])
    assert actors.stopped_for == noted
