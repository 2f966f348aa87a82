"""What the bureau's pages say of figures, states and gaps: pure functions of what the hub answers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onething.console import catalogue_words
from onething.console.file_imports import answered
from onething.console.hub import HubFault
from onething.console.pages import (
    bureau_bottlenecks,
    bureau_catalogue_import,
    bureau_ledger,
    bureau_lists,
    bureau_live,
    bureau_rates,
    bureau_reads,
    bureau_registers,
)


@pytest.mark.parametrize(
    ("value", "why", "told"),
    [(0.948, None, "94.8%"), (None, "分母为零", "分母为零"), (None, None, "—"), (0.0, None, "0.0%")],
)
def test_a_rate_is_told_or_why_there_is_none(value: float | None, why: str | None, told: str) -> None:
    assert bureau_rates.per_cent(value, why) == told


@pytest.mark.parametrize(
    ("target", "told"),
    [(None, "无目标"), ({"met": None}, "尚无数值"), ({"met": True}, "已达到"), ({"met": False}, "未达到")],
)
def test_a_target_is_told_with_a_word(target: dict[str, Any] | None, told: str) -> None:
    assert bureau_rates.target_state(target)[0].zh == told


GROUPS = st.lists(
    st.fixed_dictionaries({"value": st.none() | st.floats(0, 1), "denominator": st.integers(0, 1000)}), max_size=30
)


@given(GROUPS)
def test_the_worst_group_is_in_front_and_those_without_a_figure_last(groups: list[dict[str, Any]]) -> None:
    shown = bureau_rates.worst_first(groups)
    values = [each["value"] for each in shown if each["value"] is not None]
    assert values == sorted(values)
    assert all(each["value"] is None for each in shown[len(values) :])
    assert sorted(map(repr, shown)) == sorted(map(repr, groups))


@pytest.mark.parametrize(
    ("words", "told"), [("unstated", "未载明"), ("", "未载明"), (None, "未载明"), ("市税务局", "市税务局")]
)
def test_what_no_source_states_is_told_so(words: str | None, told: str) -> None:
    assert bureau_ledger.stated(words) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("unstated", "未载明"),
        (["tax", "unstated"], "tax、未载明"),
        ([], "—"),
        (None, "—"),
        (True, "是"),
        (False, "否"),
        (0, "0"),
    ],
)
def test_a_lists_cell_is_told_in_words(value: object, told: str) -> None:
    assert bureau_lists.told(value) == told


@pytest.mark.parametrize(("value", "told"), [(0.0, "0.0"), (0.004, "< 0.1"), (0.1, "0.1"), (12.34, "12.3")])
def test_what_is_too_short_for_a_decimal_is_told_as_such(value: float, told: str) -> None:
    assert bureau_bottlenecks.measured(value) == told


def test_percentiles_stand_beside_each_other() -> None:
    assert bureau_bottlenecks.spread({"p50": 0.01, "p90": 2.0, "p99": 30.04}) == "< 0.1 / 2.0 / 30.0"
    assert bureau_bottlenecks.spread(None) == "—"


@pytest.mark.parametrize(
    ("reader", "told"),
    [
        ("tax:王五", "市税务局·王五"),
        ("tax", "市税务局"),
        ("archive-0", "平台"),
        ("follower", "平台"),
        ("cli:root", "root"),
        ("申请人", "申请人"),
    ],
)
def test_a_reader_is_told_by_name(reader: str, told: str) -> None:
    assert told in str(bureau_reads.reader_name(reader, {"tax": "市税务局"}))


def test_a_readers_name_is_never_taken_for_markup() -> None:
    assert "<b>" not in str(bureau_reads.reader_name("cli:<b>", {}))


@pytest.mark.parametrize(("actor", "told"), [("declaration", "系统登记"), ("clock", "系统（到期）"), ("张三", "张三")])
def test_what_the_hub_does_by_itself_is_told_so(actor: str, told: str) -> None:
    assert catalogue_words.actor_name(actor) == told


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("summary", "摘要"),
        ("data_items[3].type", "信息项"),
        ("信息资源名称", "信息资源名称"),
        ("data_items.guessed", "信息项的推测"),
    ],
)
def test_fields_are_told_by_their_names(field: str, told: str) -> None:
    assert catalogue_words.field_name(field) == told


def test_kinds_of_records_are_told_by_their_names() -> None:
    assert catalogue_words.said(catalogue_words.record_types(), "administrative-penalty") != "administrative-penalty"


@pytest.mark.parametrize(("batch", "kept"), [("2", 2), (" 3 ", 3), ("", None), ("第二批", "第二批"), ("-1", "-1")])
def test_a_batch_goes_as_a_number_or_as_it_was_written(batch: str, kept: object) -> None:
    fields = bureau_registers.declared_fields("connected", batch, is_vertical=False)
    assert fields == {"state": "connected", "batch": kept, "vertical": False}


def test_a_change_of_a_system_tells_its_state() -> None:
    assert bureau_registers.what_it_said({"state": {"state": "connected", "batch": 2}}) == "已对接，第 2 批"
    assert bureau_registers.what_it_said({"state": {"state": "own", "batch": None}}) == "自建"
    assert bureau_registers.what_it_said({"state": {"name": "市税务局"}}) == "—"


def test_sources_are_counted_by_how_often_they_name_an_organisation() -> None:
    named: list[dict[str, Any]] = [
        {"source": "a", "numbers": [1, 2]},
        {"source": "a", "numbers": []},
        {"source": "b", "numbers": [3]},
    ]
    assert bureau_registers.mentions(named) == "a（3 处）；b（1 处）"


FOUND = {"file": "f.csv", "taken": False, "acceptable": True, "fault_count": 0, "counts": {"new": 0, "changed": 0}}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, "“f.csv”检查通过"),
        ({"taken": True}, "“f.csv”已导入"),
        ({"acceptable": False, "fault_count": 3}, "“f.csv”有 3 处须改正"),
    ],
)
def test_what_came_of_a_file_is_told_in_a_line(more: dict[str, Any], told: str) -> None:
    assert bureau_catalogue_import.title_of(FOUND | more) == told


def test_a_file_is_offered_for_taking_only_if_it_passes_and_changes_something() -> None:
    new = FOUND | {"counts": {"new": 1, "changed": 0}}
    assert bureau_catalogue_import.is_worth_taking(new)
    assert not bureau_catalogue_import.is_worth_taking(FOUND)
    assert not bureau_catalogue_import.is_worth_taking(new | {"acceptable": False})


def test_refused_rows_stand_in_front_and_the_others_keep_the_files_order() -> None:
    rows = [{"outcome": outcome, "n": n} for n, outcome in enumerate(("same", "new", "refused", "new", "changed"))]
    shown = [each["n"] for each in bureau_catalogue_import.pressing_first(rows)]
    assert shown == [2, 1, 3, 4, 0]


def test_a_changed_field_is_told_once() -> None:
    row = {"outcome": "changed", "fields": ["data_items[0].type", "data_items[1].name", "summary"]}
    assert bureau_catalogue_import.changed_fields(row) == "信息项、摘要"
    assert bureau_catalogue_import.changed_fields({"outcome": "new", "fields": ["name"]}) == "—"


@pytest.mark.parametrize(("sent", "told"), [({"missing": True}, "还没有选择文件"), ({"large": True}, "超过 8 MB")])
def test_what_is_not_sent_says_what_to_do(sent: dict[str, Any], told: str) -> None:
    with pytest.raises(HubFault, match=told) as refused:
        answered(sent)
    assert refused.value.remedy


def test_a_refusal_of_the_register_comes_back_whole() -> None:
    fault = {"title": "文件有误", "detail": "d", "remedy": "r", "faults": [{"field": "目录!B3"}], "status": 422}
    with pytest.raises(HubFault, match="文件有误") as refused:
        answered({"fault": fault})
    assert refused.value.faults == ({"field": "目录!B3"},)


def test_lags_and_shares_without_a_sample_are_dashes() -> None:
    assert (bureau_live.share(None), bureau_live.lag(None)) == ("—", "—")
    assert (bureau_live.share(0.954), bureau_live.lag(90)) == ("95.4%", "1 分 30 秒")


def test_bad_sources_stand_in_front_then_those_that_are_asked_most() -> None:
    told = [("good", 0, "甲"), ("good", 5, "乙"), ("bad", 0, "丙"), ("unknown", 9, "丁")]
    sources = [{"health": health, "sample": sample, "name": name} for health, sample, name in told]
    assert [each["name"] for each in sorted(sources, key=bureau_live.pressing)] == ["丙", "丁", "乙", "甲"]


@pytest.mark.parametrize(
    ("units", "denominator", "unstated", "told"),
    [
        (146, 146, 0, ""),
        (146, 146, 146, "其中 146 个未载明"),
        (157, 154, 3, "另有 3 个未载明、不计入"),
        (10, 8, 5, "其中 3 个未载明，另有 2 个未载明、不计入"),
        (4, 60, 1, "其中 1 个未载明"),
    ],
)
def test_what_nobody_states_is_told_within_or_beside_the_denominator(
    units: int, denominator: int, unstated: int, told: str
) -> None:
    rate = {"units": units, "denominator": denominator, "unstated": unstated}
    assert bureau_rates.unstated_in_words(rate) == told
