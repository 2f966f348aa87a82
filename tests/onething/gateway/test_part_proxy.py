"""Other parts' paths at the gateway: passed on as they are, and refused with a remedy when nobody is there."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from onething.endpoints import Role
from onething.gateway.part_proxy import FORWARDED, PartProxy, forwarding_router
from onething.gateway.problems import install_problems


class Register(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    def do_GET(self) -> None:
        self._answer(200)

    def do_POST(self) -> None:
        self._answer(422)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, status: int) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        key = self.headers.get("idempotency-key", "")
        told = f"{self.command} {self.path} {key} {body.decode()}".encode()
        self.send_response(status)
        self.send_header("content-type", "application/problem+json")
        self.send_header("content-length", str(len(told)))
        self.send_header("set-cookie", "not passed back")
        self.end_headers()
        self.wfile.write(told)


@pytest.fixture
def register() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Register) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


PATHS = [(role, name) for role, names in FORWARDED.items() for name in names]


def gateway(urls: list[str], role: Role = "catalog") -> FastAPI:
    proxy = PartProxy(role, lambda: urls)
    app = FastAPI()
    app.include_router(forwarding_router(proxy, largest_body_bytes=100))
    app.router.on_shutdown.append(proxy.close)
    install_problems(app)
    return app


def test_a_request_is_passed_on_and_its_answer_back(register: str) -> None:
    with TestClient(gateway([register])) as client:
        asked = client.get("/v1/catalog/resource/税务.甲?from=1&to=2%26")
        assert asked.status_code == 200
        assert asked.text.split()[:2] == ["GET", "/v1/catalog/resource/%E7%A8%8E%E5%8A%A1.%E7%94%B2?from=1&to=2%26"]
        posted = client.post("/v1/demands/d-1/applied", content="{}", headers={"Idempotency-Key": "k-1"})
        assert (posted.status_code, posted.headers["content-type"]) == (422, "application/problem+json")
        assert posted.text == "POST /v1/demands/d-1/applied k-1 {}"
        assert "set-cookie" not in posted.headers


@pytest.mark.parametrize(("role", "name"), PATHS)
def test_every_path_of_a_part_is_forwarded(register: str, role: Role, name: str) -> None:
    with TestClient(gateway([register], role)) as client:
        assert client.get(f"/v1/{name}").text.split() == ["GET", f"/v1/{name}"]
        assert client.get(f"/v1/{name}/a/b/c").text.split() == ["GET", f"/v1/{name}/a/b/c"]


@pytest.mark.parametrize("role", FORWARDED)
@pytest.mark.parametrize("urls", [[], ["http://127.0.0.1:9"]])
def test_a_part_that_is_not_there_is_a_problem_with_a_remedy(urls: list[str], role: Role) -> None:
    with TestClient(gateway(urls, role)) as client:
        answer = client.get(f"/v1/{FORWARDED[role][0]}")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert f"onething run {role}" in answer.json()["remedy"]


def test_a_body_beyond_the_gateways_bound_is_not_passed_on(register: str) -> None:
    with TestClient(gateway([register])) as client:
        assert client.post("/v1/catalog/commands", content="x" * 101).status_code == 413
