import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from onething.console.hub import Hub, HubFault, pairs, segment, spoken_part
from onething.endpoints import NotRunning

Answer = Callable[[httpx2.Request], httpx2.Response]


def asked(answer: Answer, ask: Callable[[Hub], Any], url: Callable[[], str] = lambda: "http://gateway") -> Any:
    async def run() -> Any:
        hub = Hub(url, transport=httpx2.MockTransport(answer))
        try:
            return await ask(hub)
        finally:
            await hub.close()

    return asyncio.run(run())


def fault_of(answer: Answer, ask: Callable[[Hub], Any], url: Callable[[], str] = lambda: "http://gateway") -> HubFault:
    with pytest.raises(HubFault) as caught:
        asked(answer, ask, url)
    return caught.value


def test_a_query_leaves_out_what_says_nothing() -> None:
    assert pairs({"a": "", "b": None, "c": [1, 2], "d": True, "e": 0}) == [
        ("c", "1"),
        ("c", "2"),
        ("d", "true"),
        ("e", "0"),
    ]


def test_a_text_is_one_segment_of_a_path() -> None:
    assert segment("a/b ?c") == "a%2Fb%20%3Fc"


def test_a_problem_is_told_with_its_faults_and_remedy() -> None:
    problem = {
        "title": "请求内容有误 / the request holds faults",
        "detail": "d",
        "remedy": "r",
        "faults": [{"field": "subject", "reason": "missing"}],
    }
    fault = fault_of(lambda _: httpx2.Response(422, json=problem), lambda hub: hub.get("/v1/x"))
    assert (fault.title, fault.remedy, fault.status) == ("请求内容有误", "r", 422)
    assert fault.faults == ({"field": "subject", "reason": "missing"},)


def test_an_answer_that_is_no_problem_document_is_told_by_its_status() -> None:
    fault = fault_of(lambda _: httpx2.Response(502, text="<html>"), lambda hub: hub.get("/v1/x"))
    assert fault.title == "HTTP 502"


@pytest.mark.parametrize(
    ("told", "zh"),
    [
        ("没有这个办件 / no such case", "没有这个办件"),
        ("读取被拒绝 the read is refused", "读取被拒绝"),
        ("the read is refused", "the read is refused"),
        ("没有 onething 命令", "没有 onething 命令"),
    ],
)
def test_of_a_title_in_two_languages_the_pages_own_is_shown(told: str, zh: str) -> None:
    assert spoken_part(told) == zh


def test_a_gateway_that_does_not_run_is_told_with_a_remedy() -> None:
    def url() -> str:
        raise NotRunning("gateway 0 未运行", "run: onething up")

    fault = fault_of(lambda _: httpx2.Response(200), lambda hub: hub.get("/v1/x"), url)
    assert fault.status == 0
    assert "onething up" in fault.remedy


def test_a_gateway_that_has_moved_is_found_again() -> None:
    """It started again on another port: the first request after that reaches it all the same."""
    places = iter(["http://old", "http://new"])
    hosts: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        hosts.append(request.url.host)
        if request.url.host == "old":
            raise httpx2.ConnectError("gone", request=request)
        return httpx2.Response(200, json={"found": True})

    assert asked(answer, lambda hub: hub.get("/v1/x"), lambda: next(places)) == {"found": True}
    assert hosts == ["old", "new"]


def test_a_request_that_may_have_been_taken_is_not_sent_again() -> None:
    sent: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request.method)
        raise httpx2.ReadTimeout("late", request=request)

    fault_of(answer, lambda hub: hub.post("/v1/x", {"a": 1}))
    assert sent == ["POST"]


def test_events_are_told_as_they_come_and_heartbeats_are_not() -> None:
    stream = b'id: 1\nevent: case\ndata: {"revision": 1}\n\n: still here\n\nid: 2\ndata: {"revision": 2}\n\n'

    async def collect(hub: Hub) -> list[dict[str, Any]]:
        return [each async for each in hub.events("/v1/x/events")]

    assert asked(lambda _: httpx2.Response(200, content=stream), collect) == [{"revision": 1}, {"revision": 2}]


def test_a_stream_that_is_refused_says_why() -> None:
    async def collect(hub: Hub) -> list[dict[str, Any]]:
        return [each async for each in hub.events("/v1/x/events")]

    problem = {"title": "没有这个办件 / no such case", "detail": "", "remedy": ""}
    assert fault_of(lambda _: httpx2.Response(404, json=problem), collect).is_missing
