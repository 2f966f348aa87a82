"""`onething bulletin` and `onething services` against a gateway that answers what it is told to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner, Result

from onething import figures_client as client_module
from onething.cli import app
from onething.commands import bulletin
from onething.figures_client import FiguresClient

Run = Callable[..., Result]

BULLETIN = {
    "title": "关于2026年10月“高效办成一件事”工作推进情况的通报",
    "as_of": "2026-10-31",
    "provisional": False,
    "departments": [{"code": "tax", "name": "市税务局"}, {"code": "health", "name": "市卫生健康委"}],
    "footing": {"positions_digest": "0123456789abcdef"},
}
SERVICE = {
    "service_kind": "事项",
    "name": "税务登记",
    "department_name": "",
    "grounds": "办件量大",
    "volume": 12,
    "growth": "20.0%",
    "online_share": "80.0%",
    "good_share": "无评价",
    "to_improve": "",
}
DRAFT = {"from": "2026-08-01", "to": "2026-10-31", "rule_version": 1, "rows": [SERVICE], "differences": None}
PAGE = {
    "name": "市税务局",
    "paragraphs": ["工作台账方面，共2项。"],
    "live_url": "http://console/rates?as_of=2026-10-31",
}


@pytest.fixture
def asked() -> list[tuple[str, str, Any]]:
    return []


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, asked: list[tuple[str, str, Any]]) -> Run:
    def answer(request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        asked.append((request.method, path, json.loads(request.content) if request.content else None))
        told: dict[str, Any] = {
            "/v1/bulletins": {"months": [{"month": "2026-11", "provisional": True}]},
            "/v1/bulletins/2026-10": BULLETIN,
            "/v1/bulletins/2026-09": BULLETIN,
            "/v1/bulletins/2026-10/tax": {"as_of": "2026-10-31", "page": PAGE},
            "/v1/high-frequency-services/draft": DRAFT,
            "/v1/high-frequency-services": {"versions": []},
        }
        if request.method == "POST":
            return httpx2.Response(200, json={})
        if path.endswith((".pdf", ".xlsx")):
            return httpx2.Response(200, content=path.encode())
        if path == "/v1/bulletins/2026-09" and len(asked) == 1:
            being_drawn = {"type": "urn:onething:problem:bulletin-being-drawn", "title": "正在编制"}
            return httpx2.Response(503, json=being_drawn)
        if path not in told:
            problem = {"title": "未找到 / not found", "detail": path, "remedy": "看看有哪些 / list them"}
            return httpx2.Response(404, json=problem)
        return httpx2.Response(200, json=told[path])

    transport = httpx2.MockTransport(answer)
    monkeypatch.setattr(client_module, "figures_client", lambda: FiguresClient("http://gateway", transport))
    return lambda *words: CliRunner().invoke(app, list(words))


def test_the_whole_is_written_as_both_files(run: Run, tmp_path: Path) -> None:
    made = run("bulletin", "make", "2026-10", "--out", str(tmp_path / "new"))
    assert made.exit_code == 0, made.output
    assert {each.name for each in (tmp_path / "new").iterdir()} == {"通报 2026-10 全部.pdf", "通报 2026-10 全部.xlsx"}
    assert "湖位摘要 0123456789abcdef" in made.stdout


def test_departments_alone_or_each_as_well(run: Run, tmp_path: Path) -> None:
    run("bulletin", "make", "2026-10", "-d", "tax", "--file", "pdf", "--out", str(tmp_path))
    assert [each.name for each in tmp_path.iterdir()] == ["通报 2026-10 市税务局.pdf"]
    assert (tmp_path / "通报 2026-10 市税务局.pdf").read_bytes() == b"/v1/bulletins/2026-10/tax.pdf"
    run("bulletin", "make", "2026-10", "--each", "--file", "xlsx", "--out", str(tmp_path / "each"))
    assert len(list((tmp_path / "each").iterdir())) == 3


def test_a_department_without_a_page_is_told_before_anything_is_written(run: Run, tmp_path: Path) -> None:
    refused = run("bulletin", "make", "2026-10", "-d", "nobody", "--out", str(tmp_path))
    assert refused.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_sentences_and_months_are_shown(run: Run) -> None:
    assert "工作台账方面，共2项。" in run("bulletin", "show", "2026-10", "-d", "tax").stdout
    assert "暂计" in run("bulletin", "list").stdout
    assert run("bulletin", "show", "2026-08").exit_code == 2


def test_what_is_being_drawn_up_is_waited_for(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulletin, "_AGAIN_S", 0.0)
    made = run("bulletin", "make", "2026-09", "--file", "pdf", "--out", str(tmp_path))
    assert made.exit_code == 0, made.output
    assert "正在编制" in made.stderr


def test_a_list_is_drawn_up_of_the_draft(run: Run, asked: list[tuple[str, str, Any]]) -> None:
    done = run("services", "draw-up", "2026-10", "--actor", "张三", "--as-of", "2026-10-31")
    assert done.exit_code == 0, done.output
    method, path, body = asked[-1]
    assert (method, path) == ("POST", "/v1/lists/high-frequency.2026-10/drawn-up")
    assert body == {
        "actor": "张三",
        "payload": {
            "kind": "high-frequency",
            "period": "2026-10",
            "rows": [SERVICE],
            "as_of": "2026-10-31",
            "rule_version": 1,
        },
    }


def test_signing_off_and_publishing_name_the_office(run: Run, asked: list[tuple[str, str, Any]]) -> None:
    for word, action in (("sign-off", "signed-off"), ("publish", "published")):
        assert run("services", word, "2026-10", "--actor", "李四").exit_code == 0
        assert asked[-1][1:] == (
            f"/v1/lists/high-frequency.2026-10/{action}",
            {"actor": "李四", "payload": {"organisation": "admin-approval"}},
        )


def test_a_day_that_is_not_over_is_not_drawn_up(run: Run, asked: list[tuple[str, str, Any]]) -> None:
    for day in ("2199-01-01", "soon"):
        assert run("services", "draw-up", "2026-10", "--actor", "张三", "--as-of", day).exit_code == 2
    assert asked == []


def test_the_draft_is_a_table(run: Run) -> None:
    told = run("services", "draft", "--as-of", "2026-10-31")
    assert all(word in told.stdout for word in ("税务登记", "办件量大", "未载明"))
    assert "无上一版可对照" in told.stderr
