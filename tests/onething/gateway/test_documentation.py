"""docs/http.md says what the gateway does."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from onething.gateway.items import item_router
from onething.gateway.report_checks import report_check_router
from tests.onething.gateway.handled_hub import Handled
from tests.onething.gateway.service_hub import served_hub

PAGE = Path(__file__).parents[3] / "docs" / "http.md"


@pytest.fixture
def page() -> str:
    if not PAGE.exists():
        pytest.skip("the documentation lies in the checkout only")
    return PAGE.read_text(encoding="utf-8")


def test_every_route_that_the_page_names_exists(page: str, gateway: Any, handled: Handled) -> None:
    with served_hub() as services:
        paths = gateway.http.get("/openapi.json").json()["paths"] | _paths(handled.http.app) | _paths(services.http.app)
    checks: Any = None  # nothing is asked of it: only its paths are
    paths |= _paths(FastAPI(routes=[*item_router().routes, *report_check_router(checks).routes]))
    named = re.findall(r"`?(GET|POST) (/[^\s`?]*)", page)
    assert len(named) > 10
    intake = {("POST", "/v1/events")}
    missing = [each for each in named if each not in intake and each[0].lower() not in paths.get(each[1], {})]
    assert missing == []


def test_the_example_of_the_page_is_answered(page: str, gateway: Any) -> None:
    _demand_answered(gateway.http, *_examples(page)["/v1/verifications"])


def test_the_example_of_an_application_is_answered(page: str, handled: Handled) -> None:
    _demand_answered(handled.http, *_examples(page)["/v1/applications"])


def _examples(page: str) -> dict[str, tuple[str, dict[str, str], Any]]:
    """Each example by its path: path, headers, body."""
    found = {}
    for head, body in re.findall(r"```http\n(.*?)\n\n(.*?)```", page, re.DOTALL):
        first, *headers = head.splitlines()
        path = first.split()[1]
        found[path] = (path, dict(line.split(": ", 1) for line in headers), json.loads(body))
    return found


def _demand_answered(http: Any, path: str, headers: dict[str, str], body: Any) -> None:
    assert [http.post(path, json=body, headers=headers).status_code for _ in range(2)] == [201, 200]


def _paths(app: Any) -> dict[str, Any]:
    paths: dict[str, Any] = app.openapi()["paths"]
    return paths
