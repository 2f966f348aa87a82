import asyncio

import httpx2
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from onething.console.guard import CONTENT_POLICY, Guard, is_local

HERE = "127.0.0.1:8600"


@pytest.mark.parametrize(
    ("address", "host", "origin", "local"),
    [
        ("127.0.0.1", HERE, None, True),
        ("127.0.0.1", "localhost:8600", "http://localhost:8600", True),
        ("::1", "[::1]:8600", None, True),
        ("192.0.2.7", HERE, None, False),
        ("127.0.0.1", "hub.example.gov.cn", None, False),
        ("127.0.0.1", HERE, "http://evil.example", False),
        ("127.0.0.1", HERE, "http://127.0.0.1:9999", False),
        ("127.0.0.1", HERE, "null", False),
        ("127.0.0.1", "", None, False),
        ("nonsense", HERE, None, False),
    ],
)
def test_only_this_machine_under_its_own_name_and_from_its_own_pages(
    address: str, host: str, origin: str | None, *, local: bool
) -> None:
    assert is_local(address, host, origin) is local


async def _page(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("page", headers={"Content-Security-Policy": "default-src *"})(scope, receive, send)


def _asked(**headers: str) -> httpx2.Response:
    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(Guard(_page), client=("127.0.0.1", 5))
        async with httpx2.AsyncClient(transport=transport, base_url=f"http://{HERE}") as http:
            return await http.get("/", headers=headers)

    return asyncio.run(ask())


def test_every_answer_forbids_what_is_not_the_consoles_own() -> None:
    answer = _asked()
    assert answer.headers.get_list("content-security-policy") == [CONTENT_POLICY]
    assert "http" not in CONTENT_POLICY


def test_another_name_is_refused_and_told_why() -> None:
    answer = _asked(host="hub.example.gov.cn")
    assert answer.status_code == 403
    assert "仅限本机访问" in answer.text


def test_a_socket_from_a_foreign_page_is_closed() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    scope = {
        "type": "websocket",
        "client": ("127.0.0.1", 5),
        "headers": [(b"host", HERE.encode()), (b"origin", b"http://evil.example")],
    }
    asyncio.run(Guard(_page)(scope, receive, send))
    assert [each["type"] for each in sent] == ["websocket.close"]
