"""docs/policies.md: the policy it shows can be published, the request it shows is answered, its count is right."""

import json
import re
from pathlib import Path

import pytest

from catalog.policies import load_policies, policy_of_text
from tests.onething.gateway.policy_hub import policy_hub

PAGE = Path(__file__).resolve().parents[2] / "docs" / "policies.md"
COUNTS = {7: "seven"}


@pytest.fixture
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_policy_of_the_page_is_sound(page: str) -> None:
    ((name, text),) = re.findall(r"```toml (\S+)\n(.*?)```", page, re.DOTALL)
    policy = policy_of_text(name, text)
    assert policy.again_on == "licensed"
    assert str(policy.conditions[0].filter) == 'state == "有效" && (valid_to == null || valid_to >= today)'


def test_the_request_of_the_page_is_answered(page: str) -> None:
    ((path, body),) = re.findall(r"```http\nPOST (\S+)\n.*?\n\n(.*?)```", page, re.DOTALL)
    with policy_hub() as (http, _, _):
        assert http.post(path, json=json.loads(body)).status_code == 200


def test_every_route_of_the_page_is_there(page: str) -> None:
    with policy_hub() as (http, _, _):
        paths = http.get("/openapi.json").json()["paths"]
        paths |= {"/v1/bundles/{bundle}/form": {"get": "tested with the services"}}
    named = re.findall(r"(GET|POST) (/v1/[^\s`?]*)", page)
    assert len(named) >= 4
    assert not [(method, path) for method, path in named if method.lower() not in paths.get(path, {})]


def test_the_page_counts_the_policies(page: str) -> None:
    assert f"The {COUNTS[len(load_policies())]} in `catalog/policies` are ours" in page
