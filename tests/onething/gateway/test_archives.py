import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

USCC = "91440300708461136T"
ARCHIVE = f"/v1/enterprises/{USCC}/archive"
GROUND = {"purpose": "上市", "case": "01ABC"}


class Replica(ThreadingHTTPServer):
    """A replica that answers as it is told and keeps what it was asked."""

    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.status = status
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def end(self) -> None:
        self.shutdown()
        self.server_close()


class _Answering(BaseHTTPRequestHandler):
    server: Replica

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append((parts.path, parse_qs(parts.query)))
        body = b'{"subject":"x"}'
        self.send_response(self.server.status)
        self.send_header(
            "Content-Type", "application/json" if self.server.status == 200 else "application/problem+json"
        )
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def replicas(gateway: Any) -> Iterator[Any]:
    running: list[Replica] = []

    def run(*statuses: int) -> list[Replica]:
        running.extend(Replica(each) for each in statuses)
        gateway.replica_urls.extend(each.url for each in running)
        return running

    yield run
    for each in running:
        each.end()


def test_a_read_is_passed_to_a_replica_with_its_ground(gateway: Any, replicas: Any) -> None:
    (replica,) = replicas(200)
    answer = gateway.http.get(
        ARCHIVE,
        params=GROUND | {"as_of": "2026-01-01", "after": ["licence.tax/1/7", "licence.tax/2/9"], "wait_s": 3},
        headers={"X-Reader": "%E5%BC%A0%E4%B8%89"},
    )
    assert (answer.status_code, answer.json()) == (200, {"subject": "x"})
    ((path, query),) = replica.asked
    assert path == f"/v1/archives/enterprise:{USCC}"
    assert query == {
        "reader": ["张三"],
        "purpose": ["上市"],
        "case": ["01ABC"],
        "as_of": ["2026-01-01"],
        "means": ["interface"],
        "wait_s": ["3"],
        "after": ["licence.tax/1/7", "licence.tax/2/9"],
    }


def test_persons_are_read_by_token(gateway: Any, replicas: Any) -> None:
    (replica,) = replicas(200)
    token = "0123456789abcdef" * 2
    assert gateway.http.get(f"/v1/persons/{token}/archive", params={"purpose": "x", "grant": "g"}).status_code == 200
    assert replica.asked[0][0] == f"/v1/archives/person:{token}"


@pytest.mark.parametrize("ground", [{}, {"purpose": "x"}, {"case": "c"}, {"purpose": " ", "grant": "g"}])
def test_a_read_without_ground_is_refused(gateway: Any, replicas: Any, ground: dict[str, str]) -> None:
    (replica,) = replicas(200)
    answer = gateway.http.get(ARCHIVE, params=ground)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:onething:problem:ground-missing")
    assert replica.asked == []


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/v1/enterprises/91440300708461136X/archive", {}, "subject"),
        ("/v1/persons/11010519491231002X/archive", {}, "subject"),
        (ARCHIVE, {"after": "x"}, "after"),
        (ARCHIVE, {"wait_s": "-1"}, "wait_s"),
        (ARCHIVE, {"purpose": "11010519491231002X"}, "purpose"),
    ],
)
def test_a_read_with_faults_is_refused(gateway: Any, path: str, query: dict[str, str], field: str) -> None:
    answer = gateway.http.get(path, params=GROUND | query)
    assert (answer.status_code, answer.json()["faults"][0]["field"]) == (422, field)
    assert "11010519491231002X" not in answer.text


def test_the_next_replica_answers_when_one_fails(gateway: Any, replicas: Any) -> None:
    failing, sound = replicas(503, 200)
    gateway.replica_urls.insert(0, "http://127.0.0.1:9")
    assert [gateway.http.get(ARCHIVE, params=GROUND).status_code for _ in range(4)] == [200] * 4
    assert len(sound.asked) == 4
    assert failing.asked


def test_replicas_take_turns(gateway: Any, replicas: Any) -> None:
    first, second = replicas(200, 200)
    for _ in range(6):
        gateway.http.get(ARCHIVE, params=GROUND)
    assert (len(first.asked), len(second.asked)) == (3, 3)


def test_a_replicas_refusal_is_passed_on(gateway: Any, replicas: Any) -> None:
    replicas(404)
    answer = gateway.http.get(ARCHIVE, params=GROUND)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("statuses", [(), (503, 503)])
def test_without_a_fit_replica_the_answer_is_503_with_a_remedy(
    gateway: Any, replicas: Any, statuses: tuple[int, ...]
) -> None:
    replicas(*statuses)
    answer = gateway.http.get(ARCHIVE, params=GROUND)
    assert answer.status_code == 503
    assert "onething run archive" in answer.json()["remedy"]
