import json
import time
from pathlib import Path
from typing import Any

import pytest

from catalog.resources import load_resources
from connectors.keyring import refusal_context
from producers.drafts import DraftRules
from producers.mappings import (
    ImportAccount,
    MappingDoesNotFit,
    check_file,
    import_file,
    load_mapping,
    shown,
    summary,
    write_reconciliation,
)
from topics.events import EnterpriseRegistered, RecordRefused
from topics.identifiers import make_uscc

REAL = Path(__file__).parents[4] / "shared" / "data" / "registrations-shaanxi.csv"
HEADER = "企业名称,统一社会信用代码,注册日期,企业类型,法人代表,注册资金,经营范围,所在省份,地区,注册地址"
CODES = [make_uscc("91", "610104", 9_000 + number) for number in range(6)]


def line(code: str, **changes: str) -> str:
    cells = {
        "name": f"西安{code[-4:]}商贸有限公司",
        "code": code,
        "date": "2001-08-09",
        "type": "N/A",
        "head": "",
        "capital": '"1,000(万元人民币)"',
        "scope": '"百货,五金"',
        "province": "陕西",
        "district": "西安",
        "address": "西安市莲湖区某路1号",
    } | changes
    return ",".join(cells.values())


ROWS = [
    line(CODES[0]),
    line(CODES[1], capital="1,000(万)"),  # a comma that is not quoted: 11 cells
    line(CODES[2]),
    line(CODES[2]),  # the same once more
    line(CODES[2], capital="5万元"),  # the same version, other content
    line(CODES[3][:-1] + ("0" if CODES[3][-1] != "0" else "1")),
    line(CODES[4], head="王某某"),
    "",
    line(CODES[5], capital="欧阳某某", province="普通合伙"),
    line(CODES[5], scope='"百货'),
]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "registrations.csv"
    path.write_text("\n".join([HEADER, *ROWS]) + "\n", encoding="utf-8")
    return path


def checked(path: Path) -> ImportAccount:
    mapping = load_mapping("registrations-shaanxi")
    return check_file(path, mapping, DraftRules(mapping.source, load_resources()), time.time_ns() // 1000)


def test_every_row_is_accounted_for(table: Path) -> None:
    account = checked(table)

    assert (account.rows, account.blank_lines, account.published) == (9, 1, 5)
    assert [row.line for row in account.refused] == [3, 7, 10, 11]
    assert account.adds_up
    assert (account.duplicates, account.conflicts, account.archives) == (1, 1, 3)


def test_the_reconciliation_names_line_value_and_reason_and_no_person(table: Path, tmp_path: Path) -> None:
    write_reconciliation(checked(table), tmp_path / "out" / "account.json")
    told = json.loads((tmp_path / "out" / "account.json").read_text(encoding="utf-8"))
    rows = {row["line"]: row["faults"] for row in told["refused_rows"]}

    assert rows[3][0]["reason"] == "列数与表头不同：11 列，应为 10 列"
    assert rows[3][0]["value"] == CODES[1]
    assert rows[7][0]["value"] == ROWS[5].split(",")[1]
    assert rows[10][0]["value"] == "（4 字，不显示）"
    assert rows[11][0]["reason"] == "无法读取：引号未闭合"
    assert "欧阳" not in json.dumps(told, ensure_ascii=False)
    assert "王某某" not in json.dumps(told, ensure_ascii=False)


def test_another_header_is_refused_before_anything_is_published(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")

    with pytest.raises(MappingDoesNotFit, match="企业名称"):
        checked(path)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("916108212240046410", "916108212240046410"),
        ("91610100****46410X", "91610100****46410X"),
        ("2001-13-45", "2001-13-45"),
        ("1,000(万美元)", "1,000(万美元)"),
        ("N/A", "N/A"),
        ("", ""),
        (None, None),
        ("王某某", "（3 字，不显示）"),
        ("JOHN SMITH", "（10 字，不显示）"),
        ("11010519491231002X", "（18 字，不显示）"),
        ("110105 19491231 002X", "（20 字，不显示）"),
        ("百\x7f货", "（3 字，不显示） 第 2 字为 U+007F"),
    ],
)
def test_only_what_can_name_no_person_is_shown(value: str | None, told: str | None) -> None:
    assert shown(value) == told


@pytest.mark.broker
def test_refused_rows_are_kept_byte_for_byte_and_a_second_import_changes_nothing(
    table: Path, publisher: Any, read: Any, keyring: Any
) -> None:
    mapping = load_mapping("registrations-shaanxi")
    accounts = [import_file(table, mapping, publisher("market-regulation", door="file")) for _ in range(2)]
    lines = table.read_bytes().splitlines(keepends=True)

    assert [(each.published, len(each.refused), each.duplicates, each.archives) for each in accounts] == [
        (5, 4, 1, 3)
    ] * 2
    assert summary(accounts[0])["refused_rows"] == summary(accounts[1])["refused_rows"]
    facts = [
        event
        for _, event in read("registration.market-regulation")
        if isinstance(event, EnterpriseRegistered) and event.subject.removeprefix("enterprise:") in CODES
    ]
    assert len(facts) == 10
    assert len({event.event_id for event in facts}) == 4
    kept = {
        event.origin: keyring.unseal(event.body, refusal_context("market-regulation")) if event.sealed else event.body
        for _, event in read("rejected.market-regulation")
        if isinstance(event, RecordRefused) and event.door == "file"
    }
    assert kept == {f"registrations.csv:{number}": lines[number - 1] for number in (3, 7, 10, 11)}


@pytest.mark.skipif(not REAL.is_file(), reason="the file of real registrations does not lie beside the project")
def test_the_real_registrations_reconcile_to_the_row() -> None:
    account = checked(REAL)

    assert account.adds_up
    assert (account.rows, account.published, len(account.refused)) == (37_124, 37_103, 21)
    assert (account.archives, account.duplicates, account.conflicts) == (37_103, 0, 0)
    counts = [row.line for row in account.refused if row.faults[0].fault.code == "wrong-cell-count"]
    assert counts == [25_629, 25_631, 25_633, 25_637]
    slipped = next(row for row in account.refused if row.line == 11_545)
    assert {each.column for each in slipped.faults} == {"注册资金", "所在省份"}
