"""The commands of handled cases against doors in memory: what people type, and what they see."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from onething.cli import _command, app
from onething.gateway import case_client
from tests.onething.gateway.handled_hub import BUNDLE, CHOICES, LEAD, USCC, Handled

Run = Callable[..., Result]


@pytest.fixture
def run(handled: Handled, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command of ours; its HTTP goes to the doors in memory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("onething.endpoints.endpoint", lambda *_: "http://testserver")
    opened = case_client.CaseClient
    monkeypatch.setattr(case_client, "CaseClient", lambda url: opened(url, handled.http._transport))

    def typed(*words: str, text: str | None = None) -> Result:
        with capture_logs():
            return CliRunner().invoke(app, list(words), input=text)

    return typed


def _application(**more: object) -> str:
    asked = {"bundle": BUNDLE, "subject": USCC, "submitted_by": "企业经办", "choices": CHOICES}
    return json.dumps(asked | more, ensure_ascii=False)


def _submitted(run: Run, **more: object) -> str:
    answer = run("application", "submit", "-", "-o", "json", text=_application(**more))
    assert answer.exit_code == 0, answer.output
    return str(json.loads(answer.stdout)["case_id"])


def test_a_file_becomes_a_case_and_its_receipt_is_printed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(_application(), encoding="utf-8")
    first = run("application", "submit", "a.json", "--key", "k")
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith("收件凭证\n办件编号：")
    assert run("application", "submit", "a.json", "--key", "k").stdout == first.stdout


def test_every_fault_of_an_application_is_told_with_a_remedy(run: Run) -> None:
    refused = run("application", "submit", "-", text=_application(channel="fax", submitted_by=""))
    assert refused.exit_code == 2
    assert all(each in refused.stderr for each in ("channel:", "submitted_by:", "→"))


@pytest.mark.parametrize("text", ["[1]", "{"])
def test_a_file_that_is_no_application_is_told(run: Run, text: str) -> None:
    refused = run("application", "submit", "-", text=text)
    assert refused.exit_code == 2
    assert "不是 JSON 对象" in refused.stderr
    assert run("application", "submit", "nowhere.json").exit_code == 2


def test_a_case_is_followed_from_its_inbox_to_its_evaluation(run: Run, handled: Handled) -> None:
    case_id = _submitted(run, delivery={"means": "e-licence"})
    listed = run("inbox", "list", LEAD)
    assert "企业变更登记" in listed.stdout
    (row,) = json.loads(run("inbox", "list", LEAD, "-o", "json").stdout)["assignments"]
    id_ = row["assignment_id"]
    decided = run("inbox", "decide", LEAD, id_, "--decision", "approve", "--by", "张三", "--result", "营业执照")
    assert "待审核" in decided.stdout
    refused = run("inbox", "review", LEAD, id_, "--by", "张三")
    assert refused.exit_code == 2
    assert "经办人不得审核" in refused.stderr
    assert "已通过" in run("inbox", "review", LEAD, id_, "--by", "李四").stdout
    assert "企业变更登记" in run("inbox", "show", LEAD, id_).stdout
    handled.approve_all()
    shown = run("application", "show", case_id).stdout
    assert "已送达" in shown
    assert shown.count("通过") == 6
    assert run("application", "evaluate", case_id, "--stars", "5", "--by", "企业经办").exit_code == 0
    assert "★★★★★" in run("case", "show", case_id).stdout
    assert case_id in run("case", "list", "--bundle", BUNDLE).stdout
    assert "办件编号" in run("application", "receipt", case_id).stdout


def test_an_applicant_supplies_and_withdraws(run: Run, handled: Handled) -> None:
    case_id = _submitted(run)
    (row,) = handled.inbox(LEAD)
    run(
        "inbox", "decide", LEAD, row["assignment_id"], "--decision", "supplement", "--by", "张三",
        "--reason", "未签字", "--missing", "application-statement",
    )  # fmt: skip
    assert "待补正" in run("application", "show", case_id).stdout
    supplied = run("application", "supplement", case_id, "--by", "企业经办", "-m", "application-statement=sha256:ab")
    assert supplied.exit_code == 0, supplied.output
    withdrawn = run("application", "withdraw", case_id, "--reason", "改期", "--by", "企业经办")
    assert "已撤回" in withdrawn.stdout


def test_a_lead_steers_and_hands_out(run: Run, handled: Handled) -> None:
    case_id = _submitted(run)
    lead = ("--department", LEAD, "--by", "王五")
    assert "已中止" in run("case", "suspend", case_id, *lead, "--reason", "等待批复").stdout
    assert "办理中" in run("case", "resume", case_id, *lead, "--reason", "已批复").stdout
    handled.approve_all()
    assert "已送达" in run("case", "deliver", case_id, *lead, "--reference", "签收001").stdout
    run("application", "evaluate", case_id, "--stars", "1", "--by", "企业经办")
    assert "已整改" in run("case", "rectify", case_id, *lead, "--answer", "已整改").stdout


def test_a_fee_is_shown(run: Run, handled: Handled) -> None:
    case_id = _submitted(run)
    (row,) = handled.inbox(LEAD)
    handled.decide(LEAD, row["assignment_id"], fee_fen=12000)
    handled.review(LEAD, row["assignment_id"])
    assert "120.00 元" in run("application", "payments", case_id).stdout


def test_figures_are_shown_once_there_are_any(run: Run, handled: Handled) -> None:
    assert "尚无办结的办件" in run("bundle", "savings").stdout
    assert "尚无评价" in run("case", "evaluations").stdout
    case_id = _submitted(run, delivery={"means": "e-licence"})
    handled.approve_all()
    run("application", "evaluate", case_id, "--stars", "1", "--by", "企业经办")
    assert "企业信息变更" in run("bundle", "savings", BUNDLE).stdout
    assert json.loads(run("bundle", "savings", "-o", "json").stdout)["savings"][0]["count"] == 1
    assert "市市场监管局" in run("case", "evaluations", "--by", "lead").stdout


def test_answers_for_programs_are_json_or_yaml(run: Run) -> None:
    case_id = _submitted(run)
    assert json.loads(run("case", "show", case_id, "-o", "json").stdout)["case_id"] == case_id
    assert f'case_id: "{case_id}"' in run("case", "show", case_id, "-o", "yaml").stdout
    assert json.loads(run("case", "list", "-o", "json").stdout)["next_page"] is None


def test_a_case_that_is_not_there_is_told(run: Run) -> None:
    gone = run("case", "show", "nobody")
    assert gone.exit_code == 2
    assert "没有这个办件" in gone.stderr


@pytest.mark.parametrize("command", ["application", "case", "inbox"])
def test_help_names_every_command_with_an_example(command: str) -> None:
    for name, each in _command(command).commands.items():
        assert f"Example: onething {command} {name}" in each.help, name
