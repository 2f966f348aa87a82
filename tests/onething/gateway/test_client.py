"""The commands against a gateway in memory: what people type, and what they see."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from rich.console import Console
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from onething.cli import app
from onething.gateway import client as client_module
from onething.gateway.client import GatewayRefused, GatewayUnreachable, HubClient
from onething.gateway.progress import is_complete, show_progress

USCC = "91440300708461136T"
Run = Callable[..., Result]


@pytest.fixture
def run(gateway: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command of ours; its HTTP goes to the gateway in memory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONETHING_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("onething.endpoints.endpoint", lambda *_: "http://testserver")
    opened = client_module.HubClient
    monkeypatch.setattr(client_module, "HubClient", lambda url: opened(url, gateway.http._transport))

    def typed(*words: str) -> Result:
        # The gateway logs in this very process here: its lines are none of the command's output.
        with capture_logs():
            return CliRunner().invoke(app, list(words))

    return typed


@pytest.fixture
def hub(gateway: Any) -> HubClient:
    return HubClient("http://testserver", gateway.http._transport)


def test_verify_shows_every_line_and_saves_the_report(run: Run, tmp_path: Path) -> None:
    result = run("verify", USCC, "--look-back-years", "5")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("未发现记录") == 18
    assert "7 ms" in result.stdout
    (saved,) = (tmp_path / "data" / "reports").glob("*.json")
    assert saved.with_suffix(".txt").read_text(encoding="utf-8").lstrip().startswith("企业上市合法合规信息核查报告")
    assert json.loads(saved.read_text(encoding="utf-8"))["look_back"]["years"] == 5
    assert str(saved) in result.stdout.replace("\n", "")


def test_verify_says_with_its_exit_code_that_something_is_missing(run: Run, gateway: Any) -> None:
    gateway.hub.answers = "no-such-subject"
    result = run("verify", USCC)
    assert result.exit_code == 1
    assert "查无此主体 17 项" in result.stdout


def test_verify_prints_the_report_for_programs_and_for_the_file(run: Run, tmp_path: Path) -> None:
    as_json = run("verify", USCC, "-o", "json", "--save", str(tmp_path / "mine.json"))
    assert json.loads(as_json.stdout)["summary"] == {"clear": 17}
    assert (tmp_path / "mine.txt").is_file()
    assert run("verify", USCC, "-o", "text").stdout.lstrip().startswith("企业上市合法合规信息核查报告")


def test_verify_tells_every_fault_with_a_remedy(run: Run) -> None:
    result = run("verify", "91440300708461136X", "--deadline-s", "1")
    assert result.exit_code == 2
    assert "subject: check character" in result.output
    assert "deadline_s: 1 is outside" in result.output
    assert "→" in result.output


def test_a_gateway_that_does_not_answer_is_told_with_a_remedy() -> None:
    with HubClient("http://127.0.0.1:9") as client, pytest.raises(GatewayUnreachable) as told:
        client.tasks("tax", "open")
    assert "onething up" in told.value.remedy


def test_an_answer_that_is_no_problem_document_is_told_too() -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(502, text="<html>bad gateway</html>"))
    with HubClient("http://x", transport) as client, pytest.raises(GatewayRefused, match="HTTP 502"):
        client.tasks("tax", "open")


def test_a_department_answers_its_tasks_from_the_command_line(run: Run, gateway: Any) -> None:
    gateway.hub.answers = "source-behind"
    gateway.ask()
    (row,) = json.loads(run("task", "list", "tax", "-o", "json").stdout)["tasks"]
    handled = run("task", "answer", "tax", row["task_id"], "--answer", "clear", "--handled-by", "张三")
    assert "待审核" in handled.stdout
    same = run("task", "review", "tax", row["task_id"], "--reviewed-by", "张三")
    assert (same.exit_code, "经办人不得审核自己的答复" in same.output) == (2, True)
    returned = run("task", "review", "tax", row["task_id"], "--reviewed-by", "李四", "--return", "--note", "请补充")
    assert "待经办" in returned.stdout


def test_an_archive_is_shown_with_marks_provenance_and_what_is_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def archive(_: HubClient, subject: str, query: list[tuple[str, str]], wait_s: float, reader: str) -> dict[str, Any]:
        assert reader == ""
        asked.append((subject, query, wait_s))
        return _archive()

    monkeypatch.setattr(HubClient, "archive", archive)
    words = ("archive", "show", USCC, "--purpose", "上市", "--case", "01A", "--after", "registration.tax/1/7")
    result = run(*words, "--history")
    assert result.exit_code == 0, result.output
    assert asked == [
        (f"enterprise:{USCC}", [("purpose", "上市"), ("case", "01A"), ("after", "registration.tax/1/7")], 10.0)
    ]
    for shown in (
        "⚠ 有争议",
        "已撤回",
        "registration.tax/1/7",
        "2026-09-21 22:13:20",
        "应有而未见 1 类",
        "tax-clearance",
    ):
        assert shown in result.stdout
    assert json.loads(run(*words, "-o", "json").stdout) == _archive()


def test_an_id_number_is_no_subject_and_is_not_repeated(run: Run) -> None:
    result = run("archive", "show", "11010519491231002X", "--purpose", "x", "--case", "y")
    assert result.exit_code == 2
    assert "11010519491231002X" not in result.output


def test_on_a_terminal_the_table_is_redrawn(hub: HubClient) -> None:
    console = Console(force_terminal=True, width=160, record=True)
    case_id = hub.request_verification({"subject": USCC, "purpose": "上市"})
    shown = show_progress(hub.watch(case_id), console, "en")
    assert is_complete(shown)
    assert "no record found: 17" in console.export_text()


def test_lines_that_wait_for_a_department_say_so(hub: HubClient, gateway: Any) -> None:
    gateway.hub.answers = "source-behind"
    case_id = hub.request_verification({"subject": USCC, "purpose": "上市"})
    console = Console(width=160, record=True)
    show_progress([hub.verification(case_id)], console, "zh")
    assert console.export_text().count("待部门答复") == 17


def _archive() -> dict[str, Any]:
    record = {
        "record_type": "administrative-penalty",
        "record_id": "p-1",
        "resource": "tax.administrative-penalty",
        "source": "tax",
        "version": 2,
        "valid_at": 1_790_000_000_000_000,
        "known_at": 1_790_000_000_000_000,
        "withdrawn": False,
        "content": {"state": "in-force"},
        "provenance": {"topic": "registration.tax", "partition": 1, "offset": 7},
    }
    older = record | {"withdrawn": True, "version": 1}
    missing = {"record_type": "tax-clearance", "resources": ["tax.tax-clearance"], "reason": "每户企业应有"}
    return {
        "subject": f"enterprise:{USCC}",
        "records": [record | {"disputed": True, "history": [older]}],
        "missing": [missing],
    }
