from collections import Counter
from pathlib import Path

import pytest

from catalog.organisations import load_organisations
from catalog.register.entry_import import commands_of, import_results
from catalog.register.excel import Sheet, read_sheets
from catalog.register.plan import Standing
from catalog.register.tables_import import HEADER, PROVIDERS, is_tables, table_entries

SHARED = Path(__file__).parents[4] / "shared" / "data" / "department-tables.csv"
SMALL = Sheet(
    "tables",
    (
        HEADER,
        ("dw_sw_qsxx", "欠税信息", "tax nm", "纳税人名称", "string"),
        ("dw_sw_qsxx", "欠税信息", "amount", "欠税金额", "double"),
        ("dw_sw_qsxx", "欠税信息", "", "更新时间", ""),
        ("dw_sw_qsxx", "欠税信息", "amount", "滞纳金额", "double"),
        ("dw_kj_gxqy", "高新技术企业", "idcard", "法定代表人身份证号", "varchar"),
        ("dw_kj_gxqy", "高新技术企业", "cert_date", "发证日期", "datetime"),
        ("dw_kj_gxqy", "高新技术企业", "入库", "入库时间", "datetime"),
    ),
)


def test_each_table_becomes_a_draft_with_its_fields() -> None:
    first, second = table_entries(SMALL)
    assert (first.code, first.provider, first.name) == ("tax.dw-sw-qsxx", "tax", "欠税信息")
    assert [(item.name, item.stated["field"], item.stated["type"]) for item in first.items] == [
        ("纳税人名称", "tax_nm", "text"),
        ("欠税金额", "amount", "number"),
        ("更新时间", "item_3", "unstated"),
        ("滞纳金额", "amount_4", "number"),
    ]
    assert [(item.stated["item_class"], item.stated["type"]) for item in second.items] == [
        ("sensitive-personal", "text"),
        ("ordinary", "date"),
        ("ordinary", "instant"),
    ]
    assert second.items[2].stated["note"] == "来源的字段名为“入库”"


def test_a_second_import_changes_nothing() -> None:
    first = import_results(table_entries(SMALL), {})
    assert {each.outcome for each in first} == {"new"}
    register = {
        each.code: Standing(1, {**each.change.payload, "state": "draft", "version": 0})
        for each in first
        if each.change is not None
    }
    again = import_results(table_entries(SMALL), register)
    assert {each.outcome for each in again} == {"same"}
    assert commands_of(again) == []


def test_a_table_that_tells_no_provider_is_refused_with_its_cell() -> None:
    (entry,) = table_entries(Sheet("t", (HEADER, ("dw_xx_a", "某表", "a", "甲"))))
    assert [each.cell for each in entry.faults] == ["t!A2", "t!A2"]


def test_providers_are_organisations_of_the_hub() -> None:
    assert set(PROVIDERS.values()) <= set(load_organisations().by_code)


@pytest.mark.skipif(not SHARED.exists(), reason="the file of a real city's tables lies outside the project")
def test_a_real_citys_57_tables_come_in_with_801_data_items() -> None:
    (sheet,) = read_sheets(SHARED)
    assert is_tables(sheet)
    found = import_results(table_entries(sheet), {})
    assert Counter(each.outcome for each in found) == {"new": 57}
    items = [item for each in found if each.change is not None for item in each.change.payload["data_items"]]
    assert len(items) == 801
    classes = Counter(item["item_class"] for item in items)
    assert all(classes[each] > 10 for each in ("personal", "sensitive-personal", "trade-secret", "ordinary"))
    assert all(item["guessed"] for item in items)
