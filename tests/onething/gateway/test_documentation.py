"""docs/http.md says what the gateway does."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "http.md"


@pytest.fixture
def page() -> str:
    if not PAGE.exists():
        pytest.skip("the documentation lies in the checkout only")
    return PAGE.read_text(encoding="utf-8")


def test_every_route_that_the_page_names_exists(page: str, gateway: Any) -> None:
    paths = gateway.http.get("/openapi.json").json()["paths"]
    named = re.findall(r"`?(GET|POST) (/[^\s`?]*)", page)
    assert len(named) > 10
    intake = {("POST", "/v1/events")}
    missing = [each for each in named if each not in intake and each[0].lower() not in paths.get(each[1], {})]
    assert missing == []


def test_the_example_of_the_page_is_answered(page: str, gateway: Any) -> None:
    example = re.search(r"```http\n(.*?)\n\n(.*?)```", page, re.DOTALL)
    assert example is not None
    headers = dict(line.split(": ", 1) for line in example[1].splitlines()[1:])
    answer = gateway.http.post("/v1/verifications", json=json.loads(example[2]), headers=headers)
    assert answer.status_code == 201
    assert gateway.http.post("/v1/verifications", json=json.loads(example[2]), headers=headers).status_code == 200
