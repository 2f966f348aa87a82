"""Whatever is sent to the doors of handled cases: never a server error, every refusal a problem, the case as it was."""

from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.onething.gateway.handled_hub import BUNDLE, CHOICES, LEAD, USCC, Handled

WORDS = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    [USCC, BUNDLE, LEAD, "approve", "supplement", "pass-on", "tax", "mail", "\x00", "application-statement"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
DECENT = {
    "bundle": BUNDLE,
    "subject": USCC,
    "submitted_by": "企业经办",
    "choices": CHOICES,
    "decision": "approve",
    "handled_by": "张三",
    "reviewed_by": "李四",
    "approved": True,
    "department": LEAD,
    "by": "王五",
    "reason": "理由",
    "withdrawn_by": "企业经办",
    "supplemented_by": "企业经办",
    "evaluated_by": "企业经办",
    "stars": 3,
    "answer": "已整改",
    "material": "change-resolution",
    "kept": True,
}
MORE = ["materials", "form", "delivery", "agent", "authority", "results", "missing", "pass_on_to", "fee_fen", "items"]
BODIES = (
    st.dictionaries(st.sampled_from([*DECENT, *MORE, "received_at", "evidence", "comment"]), VALUES, max_size=3).map(
        lambda changed: {**DECENT, **changed}
    )
    | VALUES
)
ACTS = ["supplement", "withdraw", "evaluation", "suspend", "resume", "delivery", "commitments", "rectification"]
OFTEN = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _forget(handled: Handled) -> None:
    """No case is left, and none that was submitted a moment ago."""
    handled.hub.handlings.clear()
    handled.hub.tick += 60_000_000


def _fresh_case(handled: Handled) -> str:
    _forget(handled)
    return handled.opened()


def _demand_decent(answer: Any) -> None:
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"title", "detail", "remedy", "status"} <= answer.json().keys()


@OFTEN
@given(body=BODIES, only=st.none() | st.sampled_from(list(DECENT)))
def test_no_application_breaks_the_door(handled: Handled, body: Any, only: str | None) -> None:
    _forget(handled)
    wanted = ("bundle", "subject", "submitted_by", "choices", *MORE, "received_at")
    sent = {name: each for name, each in body.items() if name in wanted} if isinstance(body, dict) else body
    if isinstance(sent, dict) and only:
        sent.pop(only, None)
    _demand_decent(handled.http.post("/v1/applications", json=sent))


@OFTEN
@given(body=BODIES, act=st.sampled_from(ACTS))
def test_no_act_breaks_a_case(handled: Handled, body: Any, act: str) -> None:
    case_id = _fresh_case(handled)
    published = len(handled.hub.published)
    answer = handled.http.post(f"/v1/applications/{case_id}/{act}", json=body, params={"wait_s": 1})
    _demand_decent(answer)
    assert (len(handled.hub.published) > published) == (answer.status_code < 400)


@OFTEN
@given(body=BODIES, act=st.sampled_from(["decision", "review"]))
def test_no_decision_breaks_an_assignment(handled: Handled, body: Any, act: str) -> None:
    _fresh_case(handled)
    (assignment,) = handled.inbox(LEAD)
    path = f"/v1/departments/{LEAD}/assignments/{assignment['assignment_id']}/{act}"
    _demand_decent(handled.http.post(path, json=body))


READS = st.sampled_from(
    [
        "/v1/applications/{}",
        "/v1/applications/{}/form",
        "/v1/applications/{}/receipt",
        "/v1/applications/{}/evaluation",
        "/v1/departments/{}/assignments",
        "/v1/departments/{}/assignments/{}",
        "/v1/departments/{}/cases",
        "/v1/bundles/{}/savings",
        "/v1/cases",
        "/v1/evaluations",
        "/v1/evaluations/counts",
    ]
)
QUERIES = st.dictionaries(
    st.sampled_from(
        ["subject", "page", "page_size", "state", "kind", "due_before", "place", "purpose", "by", "overdue"]
    ),
    WORDS,
    max_size=4,
)


@OFTEN
@given(path=READS, word=WORDS, query=QUERIES)
def test_no_path_and_no_query_breaks_the_doors(handled: Handled, path: str, word: str, query: dict[str, str]) -> None:
    quoted = quote(word, safe="")
    _demand_decent(handled.http.get(path.format(quoted, quoted), params=query))
