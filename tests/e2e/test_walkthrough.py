"""docs/walkthrough.md, every request of it in its order against a hub of its own with a small made-up city."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from onething.endpoints import endpoint
from onething.settings import Settings
from onething.simulated_cases.hub import own_hub

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "walkthrough.md").read_text(encoding="utf-8")
ANYTHING = "…"
TRIED = 40
SETTLED_S = 10.0
BLOCK = re.compile(
    r"^```http\n(?P<request>.*?)^```\n\n```json (?P<status>\d+)\n(?P<answer>.*?)^```$", re.MULTILINE | re.DOTALL
)


class Step(NamedTuple):
    request: str
    status: int
    answer: Any


STEPS = [Step(found["request"], int(found["status"]), json.loads(found["answer"])) for found in BLOCK.finditer(PAGE)]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("walkthrough"))
    with own_hub(settings, lambda _: None) as mine:
        yield mine


def test_every_request_is_answered_as_the_page_says(hub: Settings) -> None:
    assert len(STEPS) == 13
    with httpx2.Client(base_url=endpoint(hub, "gateway"), timeout=60, trust_env=False) as http:
        known = {subject_of_page(): an_applicant(http, hub)}
        for step in STEPS:
            answer = answered(http, step, known)
            if "receipt" in answer:
                known["<办件编号>"] = answer["case_id"]
            if "assignments" in answer:
                known["<待办编号>"] = answer["assignments"][0]["assignment_id"]


def answered(http: httpx2.Client, step: Step, known: dict[str, str]) -> Any:
    """The answer once it is as the page says; views follow the log, so that a reader looks again for a while."""
    until = time.monotonic() + SETTLED_S
    while True:
        answer = asked(http, step.request, known)
        told = answer.json()
        if (answer.status_code == step.status and fits(step.answer, told)) or time.monotonic() > until:
            break
        if not step.request.startswith("GET"):
            break
        time.sleep(0.2)
    assert (answer.status_code, fits(step.answer, told)) == (step.status, True), f"{step.request}\n{answer.text}"
    return told


def asked(http: httpx2.Client, request: str, known: dict[str, str]) -> httpx2.Response:
    for shown, real in known.items():
        request = request.replace(shown, real)
    head, _, body = request.partition("\n\n")
    first, *lines = head.splitlines()
    method, path = first.split(" ", 1)
    headers = dict(line.split(": ", 1) for line in lines)
    return http.request(method, path, content=body.encode() or None, headers=headers)


def fits(expected: Any, found: Any) -> bool:
    """Whether everything that the page shows is so; it may leave out members, and shows … for anything."""
    if expected == ANYTHING:
        return found is not None
    if isinstance(expected, dict):
        return all(name in found and fits(value, found[name]) for name, value in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(found) and all(map(fits, expected, found))
    return bool(expected == found)


def subject_of_page() -> str:
    return str(re.findall(r"subject=(\w{18})", PAGE)[0])


def an_applicant(http: httpx2.Client, hub: Settings) -> str:
    """An enterprise of this city that may open a restaurant, as the page's may."""
    application = next(step.request for step in STEPS if step.request.startswith("POST /v1/applications\n"))
    body = json.loads(application.partition("\n\n")[2])
    asked_for = {name: body[name] for name in ("choices", "form", "materials")}
    for subject in enterprises(hub)[:TRIED]:
        found = http.post("/v1/bundles/restaurant-opening/precheck", json={**asked_for, "subject": subject}).json()
        held = {each["means"] for each in found["materials"] if each["material"] == "business-licence"}
        if found["passes"] and held == {"archive"}:
            return subject
    raise AssertionError(f"none of {TRIED} enterprises may open a restaurant")


def enterprises(hub: Settings) -> list[str]:
    account = json.loads((hub.data_dir / "simulation" / "account.json").read_bytes())
    return [each.partition(":")[2] for each in account["subjects"] if each.startswith("enterprise:")]
