"""A catalogue's file on its way through the console: handed on as it is, bounded, refusals told."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from onething.console import file_imports
from onething.console.file_imports import PATH, answered, import_router
from onething.console.hub import Hub, HubFault

QUERY = {"file": "目录.csv", "actor": "张三", "dry_run": "true"}


def sent(content: bytes, gateway: Callable[[httpx2.Request], httpx2.Response]) -> dict[str, Any]:
    async def send() -> httpx2.Response:
        app = FastAPI()
        app.include_router(import_router(Hub(lambda: "http://gateway", transport=httpx2.MockTransport(gateway))))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://console") as http:
            return await http.post(PATH, params=QUERY, content=content)

    told: dict[str, Any] = asyncio.run(send()).json()
    return told


def test_the_bytes_and_what_is_asked_reach_the_register_as_they_are() -> None:
    seen: list[httpx2.Request] = []

    def gateway(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"counts": {"new": 1}})

    assert answered(sent(b"\xef\xbb\xbf\x00\xff", gateway)) == {"counts": {"new": 1}}
    assert seen[0].content == b"\xef\xbb\xbf\x00\xff"
    assert (seen[0].url.path, dict(seen[0].url.params)) == ("/v1/catalog/imports", QUERY)


def test_a_refusal_names_every_fault() -> None:
    fault = {"field": "目录!B3", "reason": "没有登记机构"}
    problem = {"title": "文件有误 / faults", "detail": "d", "remedy": "r", "faults": [fault]}
    refused = sent(b"a", lambda _: httpx2.Response(422, json=problem))
    with pytest.raises(HubFault, match="文件有误") as told:
        answered(refused)
    assert [each["field"] for each in told.value.faults] == ["目录!B3"]


def test_what_is_too_large_goes_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_imports, "LARGEST_BYTES", 10)
    asked: list[httpx2.Request] = []
    told = sent(b"x" * 11, lambda request: asked.append(request) or httpx2.Response(200, json={}))  # type: ignore[func-returns-value]
    assert asked == []
    with pytest.raises(HubFault, match="文件超过"):
        answered(told)
