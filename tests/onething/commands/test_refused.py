import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner, Result

from onething.cli import app as hub
from onething.commands import refused
from onething.gateway.refusal_client import RefusalClient

ID = "ab" * 16
ROW = {
    "event_id": ID,
    "state": "open",
    "state_name": "待处理",
    "door": "file",
    "resource": None,
    "last_at": "2026-11-22T18:00:00.000+08:00",
    "origin": "a.csv:3",
    "reasons": [
        {"code": "missing-field", "field": "content.state", "reason": "缺少必填项", "remedy": "补填后重发"},
        {"code": "bad-date", "field": "content.valid_to", "reason": "不是有效日期", "remedy": "写作 2024-05-01"},
    ],
}
SETTLED = {
    "event_id": ID,
    "state": "mended",
    "settled": {"outcome": "mended", "outcome_name": "已更正", "became": "cd" * 16, "receipt": "licence.tax/0/7"},
}
ANSWERS: dict[str, Any] = {
    f"GET /v1/departments/tax/refusals/{ID}": {**ROW, "record": {"type": "LicenceIssued"}, "text": None},
    "GET /v1/departments/tax/refusals": {"refusals": [ROW], "total": 3, "next_after": "5b5d", "behind": 0},
    f"POST /v1/departments/tax/refusals/{ID}/retry": SETTLED,
    f"POST /v1/departments/tax/refusals/{ID}/dismissal": {
        **SETTLED,
        "settled": {**SETTLED["settled"], "outcome": "dismissed", "became": None},  # type: ignore[dict-item]
    },
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[httpx2.Request]:
    """What the gateway was asked."""
    heard: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        heard.append(request)
        if request.content and json.loads(request.content).get("dry_run"):
            return httpx2.Response(200, json={"publishable": False, "faults": ROW["reasons"]})
        return httpx2.Response(200, json=ANSWERS[f"{request.method} {request.url.path}"])

    @contextmanager
    def gateway() -> Iterator[RefusalClient]:
        with RefusalClient("http://gateway", httpx2.MockTransport(answer)) as client:
            yield client

    monkeypatch.setattr(refused, "_gateway", gateway)
    return heard


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(hub, ["event", *arguments])
    assert result.exit_code == code, result.output
    return result


def body(request: httpx2.Request) -> Any:
    return json.loads(request.content)


def test_the_list_tells_the_first_reason_and_the_next_page(asked: list[httpx2.Request]) -> None:
    told = run("refused", "tax", "--reason", "missing-field", "--limit", "1")
    assert "content.state  缺少必填项 (+1)" in told.stdout
    assert "1 / 3 条 records · --after 5b5d" in told.stderr
    assert dict(asked[0].url.params) == {"state": "open", "reason": "missing-field", "limit": "1"}


def test_one_record_is_told_with_its_reasons(asked: list[httpx2.Request]) -> None:
    told = run("refused", "tax", ID, "--opened-by", "张三")
    assert "补填后重发" in told.stdout
    assert '"type": "LicenceIssued"' in told.stdout
    assert dict(asked[0].url.params) == {"opened_by": "张三"}


def test_single_places_are_mended(asked: list[httpx2.Request]) -> None:
    told = run(
        "retry", "tax", ID, "--by", "张三", "--set", "content.state=有效=1", "--set", "version:=7", "--remove", "x"
    )
    assert "已更正 mended" in told.stdout
    assert "licence.tax/0/7" in told.stdout
    assert body(asked[0]) == {
        "mended_by": "张三",
        "dry_run": False,
        "changes": [
            {"path": "content.state", "value": "有效=1"},
            {"path": "version", "value": 7},
            {"path": "x", "removed": True},
        ],
    }


def test_a_whole_record_is_sent_as_it_is_written(asked: list[httpx2.Request], tmp_path: Path) -> None:
    file = tmp_path / "mended.json"
    file.write_text('{"type": 1 }', encoding="utf-8")
    run("retry", "tax", ID, "--by", "张三", "--file", str(file))
    assert body(asked[0]) == {"mended_by": "张三", "dry_run": False, "text": '{"type": 1 }'}


def test_a_dry_run_tells_what_is_left(asked: list[httpx2.Request]) -> None:
    told = run("retry", "tax", ID, "--by", "张三", "--dry-run", code=1)
    assert "2 处 faults" in told.stderr
    assert body(asked[0])["changes"] == []


@pytest.mark.parametrize("change", ["state", "=x", "version:=x"])
def test_a_change_that_says_nothing_is_no_change(asked: list[httpx2.Request], change: str) -> None:
    run("retry", "tax", ID, "--by", "张三", "--set", change, code=2)
    assert asked == []


def test_a_record_is_put_aside(asked: list[httpx2.Request]) -> None:
    run("dismiss", "tax", ID, "--by", "张三", "--reason", "测试数据")
    assert body(asked[0]) == {"dismissed_by": "张三", "reason": "测试数据"}
