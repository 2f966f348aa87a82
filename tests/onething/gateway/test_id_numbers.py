"""No door of a handled case takes a resident ID number in a text: nothing is published, and no answer repeats it."""

from datetime import date
from typing import Any

import pytest

from tests.onething.gateway.handled_hub import BUNDLE, CHOICES, LEAD, USCC, Handled
from topics.identifiers import make_resident_id

NUMBER = make_resident_id("610102", date(1990, 1, 1), 7)
SPACED = f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}"
WIDE = NUMBER.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
APPLICATION: dict[str, Any] = {"bundle": BUNDLE, "subject": USCC, "submitted_by": "u", "choices": CHOICES}
ACT = {"department": LEAD, "by": "甲"}


@pytest.mark.parametrize(
    "number", [NUMBER, SPACED, NUMBER.translate(str.maketrans("0123456789", "０１２３４５６７８９"))]
)
@pytest.mark.parametrize(
    "changed",
    [
        {"purpose": "为{}办理"},
        {"submitted_by": "{}"},
        {"subject": "{}"},
        {"bundle": "{}"},
        {"agent": USCC, "authority": "授权书{}"},
        {"agent": "{}", "authority": "授权书"},
        {"received_at": {"level": "city", "code": "{}"}},
        {"handled_at": {"level": "city", "code": "{}"}},
        {"materials": [{"id": "lease", "reference": "{}"}]},
        {"materials": [{"id": "{}"}]},
        {"choices": {"change": "{}"}},
        {"choices": {"{}": "name"}},
    ],
)
def test_no_application_takes_one(handled: Handled, changed: dict[str, Any], number: str) -> None:
    answer = handled.http.post("/v1/applications", json=_filled(APPLICATION | changed, number))
    assert answer.status_code in (404, 422), answer.text
    assert handled.hub.published == []


@pytest.mark.parametrize("number", [NUMBER, SPACED])
@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("suspend", ACT | {"reason": "{}"}),
        ("suspend", ACT | {"reason": "事", "by": "{}"}),
        ("delivery", ACT | {"reference": "{}"}),
        ("commitments", ACT | {"material": "lease", "kept": True, "note": "{}"}),
        ("commitments", ACT | {"material": "{}", "kept": True}),
        ("commitments", ACT | {"material": "lease", "kept": True, "evidence": ["{}"]}),
        ("rectification", ACT | {"answer": "{}"}),
        ("withdraw", {"reason": "{}", "withdrawn_by": "丙"}),
        ("withdraw", {"reason": "不办了", "withdrawn_by": "{}"}),
        ("supplement", {"materials": [{"id": "lease", "reference": "{}"}], "supplemented_by": "丙"}),
        ("evaluation", {"stars": 5, "evaluated_by": "{}"}),
    ],
)
def test_no_act_on_a_case_takes_one(handled: Handled, act: str, body: dict[str, Any], number: str) -> None:
    case_id = handled.opened()
    before = len(handled.hub.published)
    answer = handled.http.post(f"/v1/applications/{case_id}/{act}", json=_filled(body, number))
    assert answer.status_code == 422, answer.text
    assert number not in answer.text
    assert len(handled.hub.published) == before


@pytest.mark.parametrize("number", [NUMBER, SPACED])
@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("decision", {"decision": "refuse", "reason": "申请人{}"}),
        ("decision", {"decision": "approve", "pass_on_to": "{}"}),
        ("decision", {"decision": "supplement", "reason": "缺", "missing": ["{}"]}),
        ("decision", {"decision": "approve", "results": [{"name": "{}"}]}),
        ("decision", {"decision": "approve", "results": [{"name": "证", "record_id": "{}"}]}),
        ("decision", {"decision": "approve", "results": [{"name": "证", "resource": "{}"}]}),
        ("decision", {"decision": "approve", "results": [{"name": "证", "licence_identifier": "{}"}]}),
        ("decision", {"decision": "{}"}),
        ("decision", {"decision": "approve", "handled_by": "{}"}),
        ("review", {"approved": True, "reviewed_by": "{}"}),
        ("review", {"approved": True, "reviewed_by": "乙", "note": "{}"}),
    ],
)
def test_no_inbox_takes_one(handled: Handled, act: str, body: dict[str, Any], number: str) -> None:
    case_id = handled.opened()
    one = handled.hub.handlings[case_id].assignments[0]
    before = len(handled.hub.published)
    whole = _filled(({} if act == "review" else {"handled_by": "甲"}) | body, number)
    path = f"/v1/departments/{one.department}/assignments/{one.assignment_id}/{act}"
    answer = handled.http.post(path, json=whole)
    assert answer.status_code == 422, answer.text
    assert number not in answer.text
    assert len(handled.hub.published) == before


def _filled(value: Any, number: str) -> Any:
    if isinstance(value, str):
        return value.replace("{}", number)
    if isinstance(value, dict):
        return {_filled(key, number): _filled(each, number) for key, each in value.items()}
    return [_filled(each, number) for each in value] if isinstance(value, list) else value
