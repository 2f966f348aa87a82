"""Whatever is sent to the documented routes: never a server error, and every refusal is a problem document."""

from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

USCC = "91440300708461136T"
WORDS = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    [USCC, f"enterprise:{USCC}", "listing-compliance", "tax", "clear", "\x00"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "bundle",
        "subject",
        "subjects",
        "purpose",
        "requested_by",
        "look_back_years",
        "territory",
        "deadline_s",
        "include_related",
        "answer",
        "handled_by",
        "evidence",
        "note",
        "approved",
        "reviewed_by",
    ]
)
BODIES = st.dictionaries(FIELDS, VALUES | WORDS, max_size=8) | VALUES
PATHS = st.sampled_from(
    ["/v1/verifications", f"/v1/departments/tax/tasks/{'0' * 32}/answer", "/v1/departments/tax/tasks/x/review"]
)
READS = st.sampled_from(
    [
        "/v1/verifications",
        "/v1/verifications/{}",
        "/v1/verifications/{}/report",
        "/v1/departments/{}/tasks",
        "/v1/enterprises/{}/archive",
        "/v1/persons/{}/archive",
    ]
)
QUERIES = st.dictionaries(
    st.sampled_from(["status", "subject", "page", "page_size", "purpose", "case", "grant", "as_of", "after", "format"]),
    WORDS,
    max_size=5,
)
OFTEN = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _demand_decent(answer: Any) -> None:
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"title", "detail", "remedy", "status"} <= answer.json().keys()


@OFTEN
@given(path=PATHS, body=BODIES)
def test_no_body_breaks_the_gateway(gateway: Any, path: str, body: Any) -> None:
    _demand_decent(gateway.http.post(path, json=body))


@OFTEN
@given(path=READS, word=WORDS, query=QUERIES)
def test_no_path_and_no_query_breaks_the_gateway(gateway: Any, path: str, word: str, query: dict[str, str]) -> None:
    _demand_decent(gateway.http.get(path.format(quote(word, safe="")), params=query))
