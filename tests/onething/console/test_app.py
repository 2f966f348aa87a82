"""The whole console in this process, over a gateway that answers, refuses or is not there."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from nicegui import app as pages_app
from nicegui.storage import Storage
from starlette.routing import Route
from starlette.testclient import TestClient

from onething.console.app import console_app
from onething.console.hub import Hub
from onething.console.observation import Figures

HERE = "http://127.0.0.1:8600"


class Gateway:
    """Answers every question of every page the same way."""

    def __init__(self) -> None:
        self.answer: httpx2.Response | None = None

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if self.answer is None:
            raise httpx2.ConnectError("nobody is there", request=request)
        return self.answer


@pytest.fixture(scope="module")
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture(scope="module")
def console(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    Storage.path = tmp_path_factory.mktemp("console")
    figures = Figures()
    hub = Hub(lambda: "http://gateway", transport=httpx2.MockTransport(gateway), observe=figures.asked)
    app = console_app(hub, figures, storage_secret="a secret of this test")
    with TestClient(app, base_url=HERE, client=("127.0.0.1", 50_000)) as client:
        yield client


def routes() -> list[str]:
    """Every page, its parameters filled in with something that does not exist."""
    paths = [each.path for each in pages_app.routes if isinstance(each, Route) and "GET" in (each.methods or ())]
    pages = [path for path in paths if not path.startswith(("/_nicegui", "/favicon", "/console-static"))]
    return sorted({re.sub(r"\{\w+(:\w+)?\}", "1", path) for path in pages})


def test_every_page_stands_without_a_gateway_and_says_what_to_do(console: TestClient, gateway: Gateway) -> None:
    gateway.answer = None
    for path in routes():
        answer = console.get(path)
        assert answer.status_code == 200, path
        assert "页面出错" not in answer.text, path


def test_what_asks_the_gateway_says_that_nobody_answers(console: TestClient, gateway: Gateway) -> None:
    gateway.answer = None
    for path in ("/bundles", "/cases", "/applications/1", "/verifications/1"):
        assert "网关没有应答" in console.get(path).text, path


def test_every_page_stands_a_gateway_that_refuses(console: TestClient, gateway: Gateway) -> None:
    problem = {"title": "没有这个 / none", "detail": "", "remedy": "", "status": 404}
    gateway.answer = httpx2.Response(404, json=problem)
    for path in routes():
        assert "页面出错" not in console.get(path).text, path


def test_a_page_speaks_the_language_of_its_reader(console: TestClient, gateway: Gateway) -> None:
    gateway.answer = httpx2.Response(200, json={"bundles": []})
    assert '<html lang="zh-CN"' in console.get("/bundles").text
    answer = console.get("/language/en?back=/bundles", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/bundles")
    try:
        assert '<html lang="en-US"' in console.get("/bundles").text
    finally:
        console.cookies.delete("onething-lang")


def test_a_switch_of_language_leads_nowhere_else(console: TestClient) -> None:
    answer = console.get("/language/zh?back=//evil.example", follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_no_page_names_another_host(console: TestClient, gateway: Gateway) -> None:
    gateway.answer = None
    for path in routes():
        hosts = set(re.findall(r"(?:src|href)=\"?(?:https?:)?//([^/\"' ]+)", console.get(path).text))
        assert hosts <= {"127.0.0.1:8600"}, path


def test_an_unknown_page_is_told_in_the_frame(console: TestClient) -> None:
    answer = console.get("/nowhere")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text


def test_it_is_ready_without_a_gateway_and_says_so(console: TestClient, gateway: Gateway) -> None:
    gateway.answer = None
    told = console.get("/health/ready").json()
    assert (told["status"], told["checks"]["gateway"]["ok"]) == ("ready", False)


def test_metrics_hold_pages_by_route_and_questions(console: TestClient, gateway: Gateway) -> None:
    gateway.answer = httpx2.Response(200, json={"bundles": []})
    console.get("/bundles")
    metrics = console.get("/metrics").text
    assert 'onething_console_page_seconds_count{route="/bundles",status="200"}' in metrics
    assert 'onething_console_hub_seconds_count{method="GET"}' in metrics
    assert "onething_console_open_pages 0.0" in metrics


def test_another_hosts_name_is_refused_everywhere(console: TestClient) -> None:
    for path in ("/", "/metrics", "/_nicegui_ws/socket.io/", "/download/v1/verifications/1/report"):
        assert console.get(path, headers={"host": "hub.example.gov.cn"}).status_code == 403, path
