from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from catalog.register import import_http
from catalog.register.excel import Sheet, csv_text, write_sheets
from catalog.register.http_problems import install_problems
from catalog.register.http_routes import RegisterDoor
from catalog.register.import_http import import_router
from catalog.register.reader import CatalogReader
from catalog.register.registrar import Registrar
from catalog.register.rulebook import Rulebook
from catalog.register.store import CatalogStore
from tests.catalog.register.entries import RULE
from tests.catalog.register.registering import CODEC, RULEBOOK, command
from tests.catalog.register.test_registrar import Log

HEADER = ("信息资源名称", "信息资源提供方", "信息项名称", "数据类型", "更新周期", "共享类型")
ROWS = (
    HEADER,
    ("欠税公告", "市税务局", "纳税人名称", "字符型", "每季度", "无条件共享"),
    ("", "", "欠税金额", "货币型", "", ""),
    ("纳税信用", "市税务局", "等级", "字符型", "每年", "有条件"),
)
WRONG = (
    HEADER,
    ("欠税公告", "市税务局", "纳税人名称", "字符型", "每季度", "看情况"),
    ("甲", "没有这个局", "", "", "", ""),
)


class Door:
    def __init__(self, client: TestClient, reader: CatalogReader) -> None:
        self.client, self.reader = client, reader

    def send(self, content: bytes, file: str = "目录.csv", **query: Any) -> Any:
        asked = {"file": file, "actor": "张三", **query}
        return self.client.post("/v1/catalog/imports", params=asked, content=content)

    def entries(self) -> list[str]:
        return [each.state["name"] for each in self.reader.all("resource")]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    rules = Rulebook(rules={**RULEBOOK.rules, "resource": RULE}, reactions=())
    registrar = Registrar(lambda: CatalogStore(url, rules, CODEC.encode), Log())
    registrar.start()
    tax = {"code": "tax", "name": "市税务局", "level": "city", "kind": "department"}
    registrar.submit([command("organisation", "tax", "declared", "c-1", payload=tax)]).result()
    app = FastAPI()
    install_problems(app)
    with CatalogReader(url) as reader:
        app.include_router(import_router(RegisterDoor(registrar, reader)))
        with TestClient(app) as client:
            yield Door(client, reader)
    registrar.close()


def sheet(*rows: tuple[str, ...]) -> bytes:
    return csv_text(Sheet("目录", rows)).encode("utf-8-sig")


def test_a_dry_run_tells_every_row_and_changes_nothing(door: Door) -> None:
    found = door.send(sheet(*ROWS)).json()
    assert found["counts"] == {"new": 2, "changed": 0, "same": 0, "refused": 0}
    assert [(each["name"], each["outcome"], each["cell"]) for each in found["results"]] == [
        ("欠税公告", "new", "目录!A2"),
        ("纳税信用", "new", "目录!A4"),
    ]
    assert (found["dry_run"], found["taken"], found["acceptable"]) == (True, False, True)
    assert door.entries() == []


def test_a_file_is_taken_once_and_a_second_time_changes_nothing(door: Door) -> None:
    assert door.send(sheet(*ROWS), dry_run=False).json()["taken"]
    assert sorted(door.entries()) == ["欠税公告", "纳税信用"]
    again = door.send(sheet(*ROWS), dry_run=False).json()
    assert again["counts"]["same"] == 2


def test_an_excel_file_is_taken_alike(door: Door, tmp_path: Path) -> None:
    write_sheets(tmp_path / "目录.xlsx", [Sheet("目录", ROWS)])
    found = door.send((tmp_path / "目录.xlsx").read_bytes(), "目录.xlsx", dry_run=False).json()
    assert found["counts"]["new"] == 2


def test_every_faulty_cell_is_told_and_nothing_is_taken(door: Door) -> None:
    found = door.send(sheet(*WRONG)).json()
    assert not found["acceptable"]
    assert {each["cell"] for each in found["faults"]} == {"目录!F2", "目录!B3"}
    assert all(each["reason"] and each["remedy"] for each in found["faults"])
    refused = door.send(sheet(*WRONG), dry_run=False)
    assert refused.status_code == 422
    assert len(refused.json()["faults"]) == found["fault_count"]
    assert door.entries() == []


@pytest.mark.parametrize(
    ("content", "file", "told"),
    [
        (b"", "目录.csv", "没有文件内容"),
        (b"\xff\xff\xff", "目录.csv", "编码"),
        (b"nothing", "目录.xlsx", "打不开"),
        (b"a,b", "目录.pdf", "不是 .xlsx 或 .csv 文件"),
    ],
)
def test_what_is_no_sheet_is_refused_with_what_to_do(door: Door, content: bytes, file: str, told: str) -> None:
    refused: Response = door.send(content, file)
    assert refused.status_code == 422
    assert told in refused.json()["faults"][0]["reason"]
    assert "请" in refused.json()["faults"][0]["remedy"]


def test_a_file_larger_than_a_catalogues_is_refused(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_http, "LARGEST_FILE_BYTES", 1 << 20)
    refused = door.send(b"x" * ((1 << 20) + 1))
    assert refused.status_code == 422
    assert "超过 1 MB" in refused.json()["detail"]


def test_more_changes_than_the_register_takes_at_once_are_refused(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_http, "MOST_COMMANDS", 1)
    refused = door.send(sheet(*ROWS), dry_run=False)
    assert "2 条变更" in refused.json()["detail"]
    assert door.entries() == []


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    monkeypatch.setattr("catalog.register.excel.MOST_UNPACKED_BYTES", 10)
    refused = door.send((tmp_path / "a.xlsx").read_bytes(), "a.xlsx")
    assert "解压后超过" in refused.json()["detail"]
