import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from onething.cli import app as hub
from onething.endpoints import kafka_options
from onething.preparation import prepare_log
from onething.settings import load_settings
from topics.identifiers import make_resident_id, make_uscc

NUMBER = make_resident_id("610105", date(1992, 2, 29), 7)
HEADER = "type,source,resource,subject_kind,subject_id,record_id,version,valid_at,content.reason"


@pytest.fixture(autouse=True)
def folder(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    return data_dir


def run(*arguments: str, code: int = 0) -> Any:
    result = CliRunner().invoke(hub, ["event", *arguments])
    assert result.exit_code == code, result.output
    return result


def withdrawal(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "type": "LicenceWithdrawn",
        "source": "urban-management",
        "resource": "urban-management.gas-licence",
        "subject": {"kind": "enterprise", "id": make_uscc("91", "610112", number)},
        "record_id": f"l-{number}",
        "version": 2,
        "valid_at": "2024-05-01T09:00:00+08:00",
        "content": {"reason": "重复录入"},
    } | changes


def file_of(folder: Path, *drafts: Any) -> str:
    path = folder / "drafts.jsonl"
    path.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in drafts))
    return str(path)


def test_a_check_names_line_field_reason_and_remedy(folder: Path) -> None:
    path = file_of(folder, withdrawal(1), "broken", withdrawal(2, version=None, content={"reason": NUMBER}))
    result = run("check", path, code=1)
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["line", "field", "code", "reason", "remedy"]
    assert [line.split()[0] for line in lines[1:]] == ["2", "3", "3"]
    assert "缺少必填项" in result.stdout
    assert "3 条 records · 1 可上报 publishable · 2 拒收 refused" in result.stderr
    assert NUMBER not in result.output


def test_a_check_for_programs(folder: Path) -> None:
    told = json.loads(
        run("check", file_of(folder, withdrawal(1), withdrawal(2, type="x")), "-o", "json", code=1).stdout
    )
    assert (told["records"], told["good"], told["refused"], told["codes"]) == (2, 1, 1, {"unknown-event-type": 1})
    assert told["faults"][0]["line"] == 2
    assert run("check", file_of(folder, withdrawal(1))).stdout == ""


def test_english(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONETHING_LANG", "en")
    assert "is missing and required" in run("check", file_of(folder, withdrawal(2, version=None)), code=1).stdout


def test_what_is_no_file_of_drafts_fails_with_a_remedy(folder: Path) -> None:
    path = folder / "x.csv"
    path.write_text("名称,代码\n")
    result = CliRunner().invoke(hub, ["event", "check", str(path)])
    assert result.exit_code == 2
    assert "--mapping" in result.stderr
    assert CliRunner().invoke(hub, ["event", "check", str(folder / "absent.csv")]).exit_code == 2
    (folder / "x.xlsx").write_text("")
    assert CliRunner().invoke(hub, ["event", "check", str(folder / "x.xlsx")]).exit_code == 2


def test_without_kafka_publishing_fails_with_a_remedy(folder: Path) -> None:
    result = CliRunner().invoke(hub, ["event", "publish", file_of(folder, withdrawal(1))])
    assert result.exit_code == 2
    assert "onething up" in result.stderr


@pytest.fixture
def prepared(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONETHING_KAFKA__BOOTSTRAP_SERVERS", kafka)
    settings = load_settings()
    prepare_log(settings, kafka_options(settings))


@pytest.mark.broker
@pytest.mark.usefixtures("prepared")
def test_jsonl_and_csv_are_published(folder: Path) -> None:
    path = file_of(folder, *(withdrawal(number) for number in range(50)), "broken", withdrawal(51, source="nobody"))
    told = json.loads(run("publish", path, "-o", "json", code=1).stdout)
    assert (told["records"], told["good"], told["refused"]) == (52, 50, 2)
    assert told["topics"] == {"licence.urban-management": 50}
    assert [(each["line"], each["code"]) for each in told["faults"]] == [(51, "unreadable"), (52, "unknown-source")]
    sheet = folder / "sheet.csv"
    row = (
        f"LicenceWithdrawn,urban-management,urban-management.gas-licence,enterprise,{make_uscc('91', '610112', 1)},l-1"
    )
    sheet.write_text(f"{HEADER}\n{row},2,2024-05-01T09:00:00+08:00,重复录入\n")
    result = run("publish", str(sheet))
    assert result.stdout == ""
    assert "1 已上报 published · 0 拒收 refused" in result.stderr


@pytest.mark.broker
@pytest.mark.usefixtures("prepared")
def test_a_table_of_another_shape_goes_through_its_mapping(folder: Path) -> None:
    columns = "企业名称,统一社会信用代码,注册日期,企业类型,法人代表,注册资金,经营范围,所在省份,地区,注册地址"
    good = f"西安某某有限公司,{make_uscc('91', '610112', 5)},1998-01-05,N/A,,100(万),建材,陕西,西安,西安市未央区"
    table, report = folder / "table.csv", folder / "report.json"
    table.write_text(f"{columns}\n{good}\n{good.replace('1998-01-05', '1998-13-05')}\n")
    arguments = (str(table), "--mapping", "registrations-shaanxi", "--report", str(report))
    assert "1 可上报 publishable · 1 拒收 refused" in run("check", *arguments, code=1).stderr
    told = json.loads(run("publish", *arguments, "-o", "json", code=1).stdout)
    assert (told["rows"], told["published"], told["refused"]) == (2, 1, 1)
    assert json.loads(report.read_text())["refused_rows"][0]["line"] == 3
