from pathlib import Path
from typing import Any

import pytest

from catalog.register.changes import RESOURCE, Command, State
from catalog.register.entry_import import RowResult, commands_of, import_results
from catalog.register.excel import Sheet, read_sheets, write_sheets
from catalog.register.life import content_in_preparation
from catalog.register.plan import Standing
from catalog.register.sheet_columns import COLUMNS, GUIDELINE
from catalog.register.sheet_entries import names_of, sheet_entries
from catalog.register.sheet_export import entries_sheet
from tests.catalog.register.entries import AT, ITEMS, RULE, Around, published

ORGANISATIONS = names_of(
    [
        {"code": "tax", "name": "市税务局", "full_name": "国家税务总局西安市税务局", "aliases": ["地税局"]},
        {"code": "science", "name": "市科技局"},
    ]
)
HEADER = ("信息资源名称", "信息资源提供方", "信息项名称", "数据类型", "数据长度", "更新周期", "共享类型")
TWO = Sheet(
    "目录",
    (
        HEADER,
        ("欠税公告", "市税务局", "纳税人名称", "字符型", "200", "每季度", "无条件共享"),
        ("", "", "法定代表人姓名", "字符型", "50", "", ""),
        ("", "", "欠税金额", "货币型", "18,2", "", ""),
        ("科技型企业", "市科技局", "企业名称", "字符型C", "", "每年", "有条件"),
    ),
)


def results(*sheets: Sheet, register: dict[str, Standing] | None = None) -> tuple[RowResult, ...]:
    entries, faults = sheet_entries(sheets, ORGANISATIONS)
    assert faults == ()
    return import_results(entries, register or {})


def applied(found: tuple[RowResult, ...], register: dict[str, Standing] | None = None) -> dict[str, Standing]:
    """The register after the commands of an import, by the rule of entries."""
    after = dict(register or {})
    for number, each in enumerate(commands_of(found)):
        command = Command(
            entity=RESOURCE,
            entity_id=each["entity_id"],
            action=each["action"],
            actor="张三",
            at=AT,
            command_id=str(number),
            payload=each["payload"],
        )
        standing = after.get(command.entity_id)
        step = RULE(None if standing is None else standing.state, command, Around())
        assert step.refusals == (), step.refusals
        (change,) = step.changes
        after[command.entity_id] = Standing(1 if standing is None else standing.version + 1, change.state)
    return after


def test_rows_become_entries_with_their_data_items() -> None:
    found = results(TWO)
    assert [(each.outcome, each.cell) for each in found] == [("new", "目录!A2"), ("new", "目录!A5")]
    state = next(iter(applied(found).values())).state
    assert (state["provider"], state["update_cycle_days"], state["sharing_class"]) == ("tax", 90, "unconditional")
    assert [(item["name"], item["type"], item["length"], item["item_class"]) for item in state["data_items"]] == [
        ("纳税人名称", "text", 200, "ordinary"),
        ("法定代表人姓名", "text", 50, "personal"),
        ("欠税金额", "number", 18, "trade-secret"),
    ]
    assert all(item["guessed"] for item in state["data_items"])


def test_a_second_import_changes_nothing() -> None:
    register = applied(results(TWO))
    assert [each.outcome for each in results(TWO, register=register)] == ["same", "same"]
    assert commands_of(results(TWO, register=register)) == []


def test_a_changed_cell_changes_its_field_and_no_other() -> None:
    register = applied(results(TWO))
    rows = [list(row) for row in TWO.rows]
    rows[1][5] = "每月"
    (first, second) = results(Sheet("目录", tuple(map(tuple, rows))), register=register)
    assert second.outcome == "same"
    assert first.change is not None
    assert [(each.field, each.before, each.after) for each in first.change.differences] == [
        ("update_cycle_days", 90, 30)
    ]


@pytest.mark.parametrize(
    ("place", "text", "cell"),
    [
        ((1, 0), "", "目录!A2"),
        ((1, 1), "市某局", "目录!B2"),
        ((2, 3), "玄学型", "目录!D3"),
        ((2, 4), "零", "目录!E3"),
        ((3, 4), "-2", "目录!E4"),
        ((1, 5), "偶尔", "目录!F2"),
        ((1, 6), "看心情", "目录!G2"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_of_its_entry_is_taken(place: tuple[int, int], text: str, cell: str) -> None:
    rows = [list(row) for row in TWO.rows]
    rows[place[0]][place[1]] = text
    first, second = results(Sheet("目录", tuple(map(tuple, rows))))
    assert (first.outcome, first.change) == ("refused", None)
    assert [each.cell for each in first.faults] == [cell]
    assert all(each.reason and each.reason_en and each.remedy and each.remedy_en for each in first.faults)
    assert second.outcome == "new"


def test_every_bad_cell_of_an_entry_is_told_at_once() -> None:
    rows = [list(row) for row in TWO.rows]
    rows[1][5], rows[2][4], rows[3][3] = "偶尔", "零", "玄学型"
    first = results(Sheet("目录", tuple(map(tuple, rows))))[0]
    assert sorted(each.cell for each in first.faults) == ["目录!D4", "目录!E3", "目录!F2"]


def test_a_header_may_take_two_rows() -> None:
    upper = ("资源名称", "提供方", "信息项信息", "", "", "更新周期", "共享属性")
    lower = ("", "", "信息项名称", "数据类型", "数据长度", "", "共享类型")
    sheet = Sheet("目录", (("西安市政务信息资源目录",), upper, lower, *TWO.rows[1:]))
    assert [each.outcome for each in results(sheet, register=applied(results(TWO)))] == ["same", "same"]


def test_an_entry_that_stands_twice_is_refused_both_times() -> None:
    rows = (*TWO.rows, *TWO.rows[1:3])
    found = results(Sheet("目录", rows))
    assert [each.outcome for each in found] == ["refused", "new", "refused"]


def test_a_sheet_without_the_header_is_told() -> None:
    assert [each.column for each in sheet_entries([Sheet("a", (("甲", "乙"),))], ORGANISATIONS)[1]] == ["信息资源名称"]
    assert [each.column for each in sheet_entries([Sheet("a", (("信息资源名称",),))], ORGANISATIONS)[1]] == [
        "信息资源提供方"
    ]


def test_what_the_register_does_not_keep_is_noted() -> None:
    sheet = Sheet("a", (("信息资源名称", "信息资源提供方", "开放条件"), ("欠税公告", "地税局", "依申请")))
    (found,) = results(sheet)
    assert (found.outcome, found.notes) == ("new", ("a!C2 开放条件：未登记",))


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_what_is_exported_comes_back_as_it_is(tmp_path: Path, ending: str) -> None:
    state: State = published(
        sharing_class="conditional", scope_of_use="信贷审核", conditions_of_use="经授权", legal_basis=("tax-law",)
    )
    register = {"tax.arrears": Standing(4, state), **applied(results(TWO))}
    contents = [content_in_preparation(each.state) for each in register.values()]
    path = tmp_path / f"目录.{ending}"
    write_sheets(path, [entries_sheet(contents, {"tax": "市税务局"}, {"tax.arrears": "2026-11-18"})])
    sheets = read_sheets(path)
    assert sheets[0].rows[0] == COLUMNS
    assert COLUMNS[: len(GUIDELINE)] == GUIDELINE
    assert [each.outcome for each in results(*sheets, register=register)] == ["same", "same", "same"]


def test_a_guess_does_not_stand_against_what_was_confirmed() -> None:
    register = applied(results(TWO))
    contents = [content_in_preparation(each.state) for each in register.values()]
    guessed = entries_sheet(contents, {}, {})
    confirmed: dict[str, Any] = {
        code: Standing(
            each.version,
            {**each.state, "data_items": [{**item, "guessed": False} for item in each.state["data_items"]]},
        )
        for code, each in register.items()
    }
    assert [each.outcome for each in results(guessed, register=confirmed)] == ["same", "same"]


def test_the_class_of_a_code_does_not_undo_its_sequence() -> None:
    state = published(data_items=ITEMS)
    sheet = Sheet("a", (("信息资源分类", "信息资源名称", "信息资源提供方"), ("301001", state["name"], "tax")))
    (found,) = results(sheet, register={"tax.arrears": Standing(4, state)})
    assert (found.code, found.outcome) == ("tax.arrears", "same")
