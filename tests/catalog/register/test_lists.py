"""Lists are drawn up from the register, signed off by another person, published, and never changed after."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openpyxl import load_workbook

from catalog.register.canonical import plain
from catalog.register.changes import DRAWN_UP, LIST, PUBLISHED, RETURNED, SIGNED_OFF, Command, State, Step
from catalog.register.excel import csv_text, write_sheets
from catalog.register.list_rows import COLUMNS, KINDS, AsOf, ListKind, RowDifferences, row_differences, rows_of
from catalog.register.list_sheets import body, difference_rows, header, list_sheets
from catalog.register.lists import list_id, list_of, list_rule
from catalog.register.model import DataItem, LegalBasis, RegisteredOrganisation, Resource, System

AT = 1_795_000_000_000_000
OFFICE = {"organisation": "data-bureau"}


def resource(code: str, **more: Any) -> State:
    fields: dict[str, Any] = {"name": f"{code} 信息", "state": "published", "provider": code.partition(".")[0]}
    items = (DataItem(name="决定书文号", field="decision_number"),)
    return plain(Resource(code=code, **{"data_items": items, **fields, **more}))


REGISTER: Mapping[str, Mapping[str, State]] = {
    "organisation": {
        "tax": plain(RegisteredOrganisation(code="tax", name="市税务局", level="vertical", kind="department"))
    },
    "legal-basis": {"b-1": plain(LegalBasis(id="b-1", title="某条例", article="第一条", in_force_from="2025-08-01"))},
    "resource": {
        "tax.arrears": resource(
            "tax.arrears", sharing_class="conditional", sharing_means=("interface", "file"), legal_basis=("b-1",)
        ),
        "court.case": resource("court.case", negative_list=True, withheld_reason="涉密", sharing_class="withheld"),
        "tax.draft": resource("tax.draft", state="draft"),
    },
    "system": {
        "s-2": plain(System(code="s-2", name="无批次", vertical=True, owner="tax", state="to-clean-up")),
        "s-1": plain(System(code="s-1", name="第一批", vertical=True, batch=1, state="connected")),
        "s-0": plain(System(code="s-0", name="自建", state="own")),
    },
    "demand": {
        "d-1": {
            "id": "d-1",
            "state": "granted",
            "requester": "housing",
            "provider": "tax",
            "scope": [{"resource": "tax.arrears", "fields": ["decision_number"]}],
            "basis": ["b-1", "三定方案"],
            "scenario": "公租房",
            "purpose": "核验",
            "sharing": "conditional",
            "means": ["interface"],
        },
        "d-2": {"id": "d-2", "state": "withdrawn"},
    },
}
LOOKUP = AsOf(REGISTER)


def do(state: State | None, action: str, lookup: AsOf = LOOKUP, **more: Any) -> Step:
    period = more.pop("period", "2026-Q4")
    drawing = {"kind": "responsibility", "period": period}
    command = Command(
        entity=LIST,
        entity_id=more.pop("entity_id", f"responsibility.{period}"),
        action=action,
        actor=more.pop("actor", "张三"),
        at=AT,
        command_id="c",
        payload=more.pop("payload", drawing if action == DRAWN_UP else OFFICE),
        reason=more.pop("reason", None),
    )
    return list_rule(state, command, lookup)


def done(state: State | None, action: str, lookup: AsOf = LOOKUP, **more: Any) -> State:
    step = do(state, action, lookup, **more)
    assert step.refusals == ()
    (change,) = step.changes
    return change.state


def published(period: str, lookup: AsOf = LOOKUP) -> State:
    drawn = done(None, DRAWN_UP, lookup, period=period)
    signed = done(drawn, SIGNED_OFF, actor="李四", period=period)
    return done(signed, PUBLISHED, actor="王五", period=period)


def test_only_published_entries_are_promised_by_department() -> None:
    rows = rows_of("responsibility", LOOKUP)
    assert [row["resource"] for row in rows] == ["court.case", "tax.arrears"]
    assert rows[1]["department_name"] == "市税务局"
    assert rows[1]["legal_basis"] == "某条例第一条"
    assert rows_of("responsibility", LOOKUP, "tax") == rows[1:]


def test_vertical_systems_stand_by_batch_and_others_not_at_all() -> None:
    rows = rows_of("vertical-system", LOOKUP)
    assert [(row["system"], row["batch"], row["stands"]) for row in rows] == [
        ("s-1", 1, "connected"),
        ("s-2", None, "to-clean-up"),
    ]


def test_a_demand_names_its_data_and_not_its_withdrawn_neighbours() -> None:
    (row,) = rows_of("demand", LOOKUP)
    assert (row["resources"], row["fields"], row["basis"]) == (
        "tax.arrears 信息",
        "决定书文号",
        "某条例第一条；三定方案",
    )


def test_the_negative_list_holds_what_is_marked_for_it() -> None:
    assert [(row["resource"], row["withheld_reason"]) for row in rows_of("negative", LOOKUP)] == [
        ("court.case", "涉密")
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_has_a_value_and_every_value_a_column(kind: ListKind) -> None:
    for row in rows_of(kind, LOOKUP):
        assert {*row} == {"key", *COLUMNS[kind]}


def test_a_list_is_drawn_up_signed_off_by_another_and_published() -> None:
    found = list_of(published("2026-Q4"))
    assert (found.state, found.row_count, found.drawn_up_by, found.signed_off_by, found.published_by) == (
        "published",
        2,
        "张三",
        "李四",
        "王五",
    )


@pytest.mark.parametrize(
    ("action", "more", "field"),
    [
        (SIGNED_OFF, {"actor": " 张三"}, "actor"),
        (SIGNED_OFF, {"actor": "李四", "payload": {}}, "payload.organisation"),
        (PUBLISHED, {"actor": "李四"}, "state"),
        (RETURNED, {"actor": "李四"}, "reason"),
        (DRAWN_UP, {"entity_id": "responsibility.2026-Q3"}, "entity_id"),
        ("withdrawn", {}, "action"),
    ],
)
def test_what_is_not_due_is_refused_with_its_field(action: str, more: dict[str, Any], field: str) -> None:
    step = do(done(None, DRAWN_UP), action, **more)
    assert [refusal.field for refusal in step.refusals] == [field]
    assert step.changes == ()


def test_who_drew_it_up_does_not_publish_it_either() -> None:
    signed = done(done(None, DRAWN_UP), SIGNED_OFF, actor="李四")
    assert [each.field for each in do(signed, PUBLISHED).refusals] == ["actor"]


@pytest.mark.parametrize("action", [DRAWN_UP, SIGNED_OFF, RETURNED, PUBLISHED])
def test_a_published_list_never_changes(action: str) -> None:
    step = do(published("2026-Q4"), action, actor="赵六", reason="更正")
    assert [each.field for each in step.refusals] == ["state"]


def test_a_list_that_never_was_is_not_signed_off() -> None:
    assert [each.field for each in do(None, SIGNED_OFF).refusals] == ["entity_id"]


def test_drawn_up_again_without_other_rows_changes_nothing() -> None:
    assert do(done(None, DRAWN_UP), DRAWN_UP, actor="李四") == Step()


def test_a_returned_list_is_drawn_up_again() -> None:
    signed = done(done(None, DRAWN_UP), SIGNED_OFF, actor="李四")
    back = done(signed, RETURNED, actor="李四", reason="缺系统")
    assert (back["state"], back["signed_off_by"], back["returned_because"]) == ("returned", "", "缺系统")
    assert done(back, DRAWN_UP)["state"] == "drawn-up"


@pytest.mark.parametrize("period", ["2026-13", "2026-Q5", "26", "2026-00", "2026-Q4\n"])
def test_no_period_no_list(period: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        do(None, DRAWN_UP, payload={"kind": "demand", "period": period})


def test_where_no_negative_list_is_kept_none_is_drawn_up() -> None:
    none = AsOf({**REGISTER, "resource": {"tax.arrears": REGISTER["resource"]["tax.arrears"]}})
    step = do(None, DRAWN_UP, none, entity_id="negative.2026", payload={"kind": "negative", "period": "2026"})
    assert [each.field for each in step.refusals] == ["payload.kind"]


def test_a_list_that_no_message_takes_is_drawn_up_by_department() -> None:
    many = {f"tax.r-{number}": resource(f"tax.r-{number}", scope_of_use="用" * 4000) for number in range(80)}
    step = do(None, DRAWN_UP, AsOf({**REGISTER, "resource": many}))
    assert [each.field for each in step.refusals] == ["payload.department"]


def test_the_next_period_is_compared_with_the_last_that_was_published() -> None:
    first = published("2026-Q3")
    resources = {**REGISTER["resource"], "tax.arrears": resource("tax.arrears", update_cycle_days=7)}
    resources |= {"tax.new": resource("tax.new")}
    del resources["court.case"]
    later = AsOf({**REGISTER, "resource": resources, LIST: {"responsibility.2026-Q3": first}})
    drawn = list_of(done(None, DRAWN_UP, later))
    assert drawn.compared_with == "responsibility.2026-Q3"
    assert (drawn.differences.added, drawn.differences.removed) == (("tax.new",), ("court.case",))
    assert {*dict(drawn.differences.changed)["tax.arrears"]} == {
        "sharing_class",
        "sharing_means",
        "legal_basis",
        "update_cycle_days",
    }
    rows = list(difference_rows(list_of(first), drawn))
    assert ("变更", "tax.arrears", "更新周期（天）", "", "7") in rows


def test_equal_lists_differ_in_nothing() -> None:
    rows = rows_of("responsibility", LOOKUP)
    assert row_differences(rows, rows) == RowDifferences()


def test_ids_name_kind_period_and_department() -> None:
    assert list_id("demand", "2026-11") == "demand.2026-11"
    assert list_id("responsibility", "2026", "tax") == "responsibility.2026.tax"


def test_officials_read_words_not_codes() -> None:
    shown = [dict(zip(header("responsibility"), row, strict=True)) for row in body("responsibility", LOOKUP_ROWS)]
    assert shown[1]["共享属性"] == "有条件共享"
    assert shown[1]["共享方式"] == "接口、文件"
    assert [each["序号"] for each in shown] == ["1", "2"]


LOOKUP_ROWS = rows_of("responsibility", LOOKUP)


def test_a_list_goes_out_as_excel_and_csv(tmp_path: Path) -> None:
    drawn = list_of(published("2026-Q4"))
    write_sheets(tmp_path / "list.xlsx", list_sheets(drawn))
    book = load_workbook(tmp_path / "list.xlsx")
    assert book.sheetnames == ["政务数据共享责任清单", "编制说明", "与上期差异"]
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0] == header("responsibility")
    assert len(rows) == 3
    assert csv_text(list_sheets(drawn)[0]).splitlines()[0] == ",".join(header("responsibility"))


HIGH: dict[str, Any] = {"kind": "high-frequency", "period": "2026-Q3", "as_of": "2026-09-30", "rule_version": 1}
SERVICE = dict.fromkeys(("key", *COLUMNS["high-frequency"]), "") | {"key": "item:1", "volume": 12}


def high(action: str = DRAWN_UP, actor: str = "张三", organisation: str = "", **payload: Any) -> Command:
    office = {"organisation": organisation} if organisation else {}
    return Command(
        command_id=f"{action}-{actor}",
        actor=actor,
        at=AT,
        entity=LIST,
        entity_id="high-frequency.2026-Q3",
        action=action,
        payload={**payload, **office},
    )


def test_rows_computed_elsewhere_are_brought_with_what_they_rest_on() -> None:
    step = list_rule(None, high(**HIGH, rows=[SERVICE]), AsOf(REGISTER))
    (change,) = step.changes
    drawn = list_of(change.state)
    assert (drawn.row_count, drawn.as_of, drawn.rule_version) == (1, "2026-09-30", 1)
    assert ("统计截至", "2026-09-30，口径第 1 版") in list_sheets(drawn)[1].rows


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        ({"kind": "high-frequency", "period": "2026-Q3"}, 1),
        ({**HIGH, "rows": [{"key": "item:1"}]}, 1),
        ({**HIGH, "rows": [SERVICE, SERVICE]}, 1),
        ({**HIGH, "rule_version": 0, "rows": [{"key": "a"}, {"key": "a"}]}, 3),
    ],
)
def test_rows_that_do_not_fit_are_refused_all_at_once(payload: dict[str, Any], fields: int) -> None:
    step = list_rule(None, high(**payload), AsOf(REGISTER))
    assert step.changes == ()
    assert [each.field for each in step.refusals] == ["payload.rows"] * fields


def test_rows_of_the_register_are_not_brought() -> None:
    command = msgspec.structs.replace(
        high(kind="demand", period="2026-Q3", rows=[], as_of="2026-09-30"), entity_id="demand.2026-Q3"
    )
    assert [each.field for each in list_rule(None, command, AsOf(REGISTER)).refusals] == ["payload.rows"]


def test_the_office_of_the_kind_signs_off_and_publishes() -> None:
    (drawn,) = list_rule(None, high(**HIGH, rows=[SERVICE]), AsOf(REGISTER)).changes
    refused = list_rule(drawn.state, high(SIGNED_OFF, "李四", "data-bureau"), AsOf(REGISTER))
    assert [each.field for each in refused.refusals] == ["payload.organisation"]
    (signed,) = list_rule(drawn.state, high(SIGNED_OFF, "李四", "admin-approval"), AsOf(REGISTER)).changes
    (published,) = list_rule(signed.state, high(PUBLISHED, "李四", "admin-approval"), AsOf(REGISTER)).changes
    assert list_of(published.state).state == "published"
