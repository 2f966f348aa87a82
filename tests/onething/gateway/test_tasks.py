from typing import Any

import pytest

TASKS = "/v1/departments/urban-management/tasks"


@pytest.fixture
def task_id(gateway: Any) -> str:
    """A task of urban-management: the hub's data could not answer."""
    gateway.hub.answers = "source-behind"
    gateway.ask({"Prefer": "wait=0"})
    found = gateway.http.get(TASKS).json()
    assert len(found["tasks"]) == 1
    return str(found["tasks"][0]["task_id"])


def _answer(gateway: Any, task_id: str, **body: Any) -> Any:
    return gateway.http.post(f"{TASKS}/{task_id}/answer", json={"answer": "clear", "handled_by": "张三"} | body)


def _review(gateway: Any, task_id: str, **body: Any) -> Any:
    return gateway.http.post(f"{TASKS}/{task_id}/review", json={"approved": True, "reviewed_by": "李四"} | body)


def test_a_task_is_answered_by_one_person_and_reviewed_by_another(gateway: Any, task_id: str) -> None:
    handled = _answer(gateway, task_id, note="经查无记录", evidence=["0" * 32])
    assert (handled.status_code, handled.json()["status"]) == (200, "handled")
    reviewed = _review(gateway, task_id)
    assert (reviewed.status_code, reviewed.json()["status"]) == (200, "answered")
    assert [topic for topic, _ in gateway.hub.published[1:]] == ["case.answers.urban-management"] * 2
    assert gateway.http.get(TASKS).json()["tasks"] == []
    assert len(gateway.http.get(TASKS, params={"status": "answered"}).json()["tasks"]) == 1


def test_who_handled_an_answer_cannot_review_it(gateway: Any, task_id: str) -> None:
    _answer(gateway, task_id)
    refused = _review(gateway, task_id, reviewed_by=" 张三 ")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:onething:problem:same-person")
    assert len(gateway.hub.published) == 2


def test_a_returned_answer_opens_the_task_again(gateway: Any, task_id: str) -> None:
    _answer(gateway, task_id)
    assert _review(gateway, task_id, approved=False, note="请补充").json()["status"] == "open"
    assert _answer(gateway, task_id).json()["status"] == "handled"


def test_nothing_to_review_is_a_conflict(gateway: Any, task_id: str) -> None:
    assert _review(gateway, task_id).status_code == 409


def test_a_task_belongs_to_its_department_only(gateway: Any, task_id: str) -> None:
    other = gateway.http.post(
        f"/v1/departments/tax/tasks/{task_id}/answer", json={"answer": "clear", "handled_by": "张三"}
    )
    unknown = gateway.http.post(f"{TASKS}/{'0' * 32}/answer", json={"answer": "clear", "handled_by": "张三"})
    assert [each.status_code for each in (other, unknown)] == [404, 404]
    assert gateway.http.get("/v1/departments/no-such/tasks").status_code == 404


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"answer": "timed-out"}, ["answer"]),
        ({"answer": "no", "handled_by": "", "evidence": ["x"]}, ["handled_by", "answer", "evidence.0"]),
        ({"note": "11010519491231002X"}, ["note"]),
        ({"surprise": 1}, ["surprise"]),
        ({"evidence": "x"}, ["evidence"]),
    ],
)
def test_an_answer_with_faults_is_refused(gateway: Any, task_id: str, body: dict[str, Any], fields: list[str]) -> None:
    refused = _answer(gateway, task_id, **body)
    assert refused.status_code == 422
    assert [fault["field"] for fault in refused.json()["faults"]] == fields


def test_a_review_without_a_decision_is_refused(gateway: Any, task_id: str) -> None:
    assert _review(gateway, task_id, approved=None).json()["faults"][0]["field"] == "approved"


def test_what_the_log_did_not_confirm_is_told(gateway: Any, task_id: str) -> None:
    gateway.hub.is_down = True
    assert _answer(gateway, task_id).status_code == 503


def test_an_answer_that_no_coordinator_took_in_time_is_accepted(gateway: Any, task_id: str) -> None:
    gateway.hub.is_silent = True
    accepted = gateway.http.post(
        f"{TASKS}/{task_id}/answer?wait_s=0.05", json={"answer": "clear", "handled_by": "张三"}
    )
    assert (accepted.status_code, accepted.json()["status"]) == (202, "open")
