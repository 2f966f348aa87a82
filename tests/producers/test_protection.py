from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx2
import msgspec
import pytest
import stamina
from fastapi import FastAPI
from fastapi.testclient import TestClient

from connectors.keyring import KeyRing
from producers.protection import (
    PROTECTION_PATH,
    LocalProtector,
    Protected,
    ProtectionUnavailable,
    Protector,
    ProtectRequest,
    Secret,
)
from producers.protection_client import HttpProtector
from producers.protection_http import protection_router
from topics.identifiers import make_resident_id

NUMBER = make_resident_id("610102", date(1990, 3, 7), 1)
REQUESTS = [
    ProtectRequest(persons=(NUMBER, "another")),
    ProtectRequest(),
    ProtectRequest(secrets=(Secret(b"place", "张三".encode()), Secret(b"elsewhere", bytes(range(256))))),
]


@pytest.fixture
def hub(keyring: KeyRing) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(protection_router(keyring, largest_body_bytes=1 << 20))
    with TestClient(app, base_url="http://hub") as client:
        yield client


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


def answering(handler: Any) -> HttpProtector:
    return HttpProtector("http://hub/", client=httpx2.Client(transport=httpx2.MockTransport(handler)))


class ThroughHub(httpx2.BaseTransport):
    """Carries a client's requests to the application under test."""

    def __init__(self, hub: TestClient) -> None:
        self._hub = hub

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answered = self._hub.post(request.url.path, content=request.read(), headers=dict(request.headers))
        return httpx2.Response(answered.status_code, content=answered.content)


@pytest.fixture(params=["local", "http"])
def protector(request: pytest.FixtureRequest, keyring: KeyRing, hub: TestClient) -> Protector:
    if request.param == "local":
        return LocalProtector(keyring)
    return HttpProtector("http://hub", client=httpx2.Client(transport=ThroughHub(hub)))


def test_every_protector_answers_item_for_item(protector: Protector, keyring: KeyRing) -> None:
    first, second, third = protector.protect(REQUESTS)
    assert first == Protected(tokens=(keyring.person_token(NUMBER), keyring.person_token("another")))
    assert second == Protected()
    assert [
        keyring.unseal(each.sealed, place) for each, place in zip(third.secrets, (b"place", b"elsewhere"), strict=True)
    ] == [
        "张三".encode(),
        bytes(range(256)),
    ]
    assert third.secrets[0].digest == keyring.digest("张三".encode(), b"place")
    assert protector.protect([]) == []
    assert protector.protect(REQUESTS) == [first, second, third]


def test_a_hub_that_stumbles_is_asked_again() -> None:
    answers: Iterator[Exception | int] = iter([httpx2.ConnectError("refused"), 503, 200])

    def handle(_: httpx2.Request) -> httpx2.Response:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer, content=b"[{}]")

    assert answering(handle).protect([ProtectRequest()]) == [Protected()]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b""),
        (503, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'[{"tokens": []}]'),
        (200, b'[{"tokens": ["a", "b"]}]'),
    ],
)
def test_an_answer_that_does_not_fit_protects_nothing(status: int, body: bytes) -> None:
    """One answer too few would shift the others, and name every person by another's token."""
    with pytest.raises(ProtectionUnavailable) as told:
        answering(lambda _: httpx2.Response(status, content=body)).protect([ProtectRequest(persons=(NUMBER,))])
    assert NUMBER not in str(told.value) + repr(told.value.__context__ and "")
    assert told.value.remedy


def test_a_hub_that_is_gone_is_told() -> None:
    with pytest.raises(ProtectionUnavailable, match=r"does not answer at http://127\.0\.0\.1:9"):
        HttpProtector("http://127.0.0.1:9").protect(REQUESTS)


def test_the_route_refuses_what_it_cannot_read_without_repeating_it(hub: TestClient) -> None:
    for body in (b"", b"{}", f'["{NUMBER}"]'.encode(), f'[{{"persons": "{NUMBER}"}}]'.encode(), b"\xff"):
        answered = hub.post(PROTECTION_PATH, content=body)
        assert answered.status_code == 400
        assert answered.headers["content-type"] == "application/problem+json"
        assert NUMBER not in answered.text
    assert hub.post(PROTECTION_PATH, content=b" " * (1 << 20) + b"[]").status_code == 413


def test_the_routes_description_is_openapi(hub: TestClient) -> None:
    described = hub.get("/openapi.json").json()["paths"][PROTECTION_PATH]["post"]
    assert "application/json" in described["requestBody"]["content"]
    assert msgspec.json.encode(described)
