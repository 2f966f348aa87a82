"""堵点: where cases wait, the slowest step of each bundle, complaints, and which data would help most."""

from functools import partial
from typing import Any, Final

from nicegui import ui

from onething.console.elements import box, bullets, note, section, text
from onething.console.frame import console_page
from onething.console.hub import hub, segment
from onething.console.instants import minute
from onething.console.language import Words, t
from onething.console.markup import Markup, bar_markup, link_markup, unbroken
from onething.console.server_table import Column, Filter, Row, Rows, Wanted, server_table
from onething.console.states import empty, loaded
from onething.console.tables import folded_table, plain_table

BY: Final = {
    "department": Words("部门", "department"),
    "item": Words("事项", "item"),
    "bundle": Words("一件事", "bundle"),
}
_SHOWN: Final = 200
_SHORTEST: Final = 0.1

Found = dict[str, Any]


def register() -> None:
    """Waits of a period, and what is behind them."""

    @console_page("/bottlenecks", Words("办事堵点", "Bottlenecks"), group="bureau", order=50)
    async def bottlenecks(by: str = "department", begin: str = "", end: str = "") -> None:
        _asked(by, begin, end)
        asked = {"from": begin, "to": end}
        await loaded(lambda: hub().get("/v1/bottlenecks", **asked, by=by), partial(_waits, by))
        await loaded(lambda: hub().get("/v1/bottlenecks/resources", **asked), _resources)
        await loaded(lambda: hub().get("/v1/bottlenecks/paths", **asked), _paths)
        await _complaints(asked)

    @console_page("/bottlenecks/of/{by}/{key}", Words("堵点明细", "Behind a bottleneck"))
    async def behind(by: str, key: str) -> None:
        await server_table(
            assignment_columns(),
            partial(assignments, {by: key}),
            caption=t("分派明细", "assignments"),
            filters=(Filter("overdue", t("逾期", "Overdue"), {"true": t("逾期", "overdue")}),),
            nothing=t("没有这样的分派", "No such assignment"),
        )


def _asked(by: str, begin: str, end: str) -> None:
    form = ui.element("form").classes("filters").props("method=get")
    form.props["aria-label"] = t("期间与分组", "Period and grouping")
    with form:
        with box("field"):
            text(t("分组", "By"), "label").props["for"] = "bottlenecks-by"
            with ui.element("select").props("id=bottlenecks-by name=by"):
                for key, words in BY.items():
                    option = text(words, "option").props(f"value={key}")
                    if key == by:
                        option.props("selected")
        for name, label, value in (("begin", t("自", "From"), begin), ("end", t("至", "To"), end)):
            with box("field"):
                text(label, "label").props["for"] = f"bottlenecks-{name}"
                day = ui.element("input").props(f"id=bottlenecks-{name} name={name} type=date")
                day.props["value"] = value
        text(t("查看", "Show"), "button", "button primary").props("type=submit")


def _waits(by: str, found: Found) -> None:
    with section(t(f"在哪里等：按{BY[by]}", f"Where cases wait: by {BY[by]}")):
        if not found["rows"]:
            empty(t("期内没有分派", "Nothing was assigned in this period"))
            return
        folded_table(
            t("堵点", "bottlenecks"),
            (
                (str(BY[by]), partial(_key, by)),
                (t("办件", "Cases"), lambda each: str(each["cases"])),
                (t("在办", "Open"), lambda each: str(each["open"])),
                (t("等待（小时）", "Wait, h"), lambda each: unbroken(spread(each["waiting_hours"]))),
                (t("办理（天）", "Days"), lambda each: unbroken(spread(each["handling_days"]))),
                (t("逾期", "Overdue"), lambda each: str(each["overdue"])),
                (t("补正", "Supplements"), lambda each: str(each["supplements"])),
                (t("转办", "Passed on"), lambda each: str(each["passed_on"])),
                (t("差评", "Bad"), lambda each: str(each["bad"])),
                (t("投诉", "Complaints"), lambda each: str(each["complaints"])),
            ),
            found["rows"][:_SHOWN],
            figures=range(1, 10),
        )
        if found["total"] > _SHOWN:
            note(t(f"共 {found['total']} 行，只列前 {_SHOWN} 行。", f"The first {_SHOWN} of {found['total']}."))
        note(
            t(
                f"{found['from']} 至 {found['to']}；等待和办理为第 50、90、99 百分位数。",
                f"{found['from']} to {found['to']}; waits and handling at the 50th, 90th and 99th percentile.",
            )
        )


def _key(by: str, row: Found) -> Markup:
    return link_markup(row["name"], f"/bottlenecks/of/{by}/{segment(row['key'])}")


def spread(measure: Found | None) -> str:
    """Percentiles; a dash where nothing ended."""
    if measure is None:
        return "—"
    return " / ".join(measured(measure[name]) for name in ("p50", "p90", "p99"))


def measured(value: float) -> str:
    """A length of time with one decimal; what is too short for it is told as such."""
    return "< 0.1" if 0 < value < _SHORTEST else f"{value:.1f}"


def _resources(found: Found) -> None:
    with section(t("最能提高办成率的五项数据资源", "The five data resources that would help most")):
        if not found["resources"]:
            empty(t("期内没有因缺数据而未办成的办件", "No case fell short for want of data"))
            return
        note(
            t(
                f"期内 {found['cases']} 件，由数据办成 {found['served']} 件（{found['share']:.0%}）；"
                f"五项补齐后可达 {found['would_be_served']} 件（{found['share_would_be']:.0%}）。",
                f"Of {found['cases']} cases data served {found['served']} ({found['share']:.0%}); "
                f"with these five it would be {found['would_be_served']} ({found['share_would_be']:.0%}).",
            )
        )
        plain_table(
            t("数据资源", "resources"),
            (
                (t("数据资源", "Resource"), _resource),
                (t("提供部门", "Provider"), lambda each: each["department_name"]),
                (t("可多办成", "Would serve"), lambda each: str(each["gain"])),
                (t("涉及办件", "Cases touched"), lambda each: str(each["touched"])),
                (t("原因", "Causes"), lambda each: "；".join(f"{c['name']} {c['times']}" for c in each["causes"])),
            ),
            found["resources"],
            figures=(2, 3),
        )


def _resource(row: Found) -> Markup:
    return link_markup(row["name"], f"/catalogue/{segment(row['resource'])}")


def _paths(found: Found) -> None:
    with section(t("每件事最慢的环节", "The slowest step of each bundle")):
        if not found["bundles"]:
            empty(t("期内没有办结的办件", "No case ended in this period"))
            return
        plain_table(
            t("关键路径", "critical paths"),
            (
                (t("一件事", "Bundle"), _bundle),
                (t("牵头部门", "Lead"), lambda each: each["lead_name"]),
                (t("办件", "Cases"), lambda each: str(each["cases"])),
                (t("中位用时（天）", "Median days"), lambda each: measured(each["median_days"])),
                (t("最慢环节", "Slowest step"), lambda each: each["slowest"]["name"]),
                (t("占全程", "Its share"), lambda each: bar_markup(each["slowest"]["share"], each["slowest"]["name"])),
            ),
            found["bundles"],
            figures=(2, 3),
        )


def _bundle(row: Found) -> Markup:
    return link_markup(row["name"], f"/bundles/{segment(row['bundle'])}")


def assignment_columns() -> list[Column]:
    """What is shown of every assignment."""
    return [
        Column("case_id", t("办件编号", "Case"), _case),
        Column("bundle", t("一件事", "Bundle"), lambda row: row["bundle_name"]),
        Column("item", t("事项", "Item"), lambda row: row["item_name"]),
        Column("department", t("部门", "Department"), lambda row: row["department_name"]),
        Column("dispatched_at", t("派出", "Assigned"), lambda row: unbroken(minute(row["dispatched_at"]))),
        Column("ended_at", t("办结", "Ended"), lambda row: unbroken(minute(row["ended_at"]))),
        Column("outcome", t("结果", "Outcome"), lambda row: row["outcome_name"]),
        Column("waiting_hours", t("等待（小时）", "Wait, h"), lambda row: _figure(row["waiting_hours"]), align="end"),
        Column("handling_days", t("办理（天）", "Days"), lambda row: _figure(row["handling_days"]), align="end"),
    ]


def _case(row: Row) -> Markup:
    return link_markup(row["case_id"], f"/applications/{segment(row['case_id'])}", "mono")


def _figure(value: float | None) -> str:
    return "—" if value is None else measured(value)


async def assignments(key: dict[str, str], wanted: Wanted) -> Rows:
    """One page of assignments."""
    found = await hub().get(
        "/v1/bottlenecks/assignments", **key, **wanted.filters, after=wanted.after, limit=wanted.limit
    )
    following = found["next_after"]
    return Rows(found["assignments"], None if following is None else str(following), found["total"])


async def _complaints(asked: dict[str, str]) -> None:
    with section(t("热线诉求", "Hotline complaints")):
        await server_table(
            (
                Column("received_at", t("时间", "When"), lambda row: unbroken(minute(row["received_at"]))),
                Column("category", t("类别", "Category"), lambda row: row.get("category_name") or row["category"]),
                Column("channel", t("渠道", "Channel"), lambda row: row.get("channel_name") or row["channel"]),
                Column("links", t("关联", "Linked to"), lambda row: partial(_linked, row)),
            ),
            partial(complaints, asked),
            caption=t("热线诉求", "complaints"),
            nothing=t("期内没有诉求", "No complaint in this period"),
        )


async def complaints(asked: dict[str, str], wanted: Wanted) -> Rows:
    """One page of complaints."""
    found = await hub().get("/v1/bottlenecks/complaints", **asked, after=wanted.after, limit=wanted.limit)
    following = found["next_after"]
    return Rows(found["complaints"], None if following is None else str(following), found["total"])


def _linked(row: Row) -> None:
    named = ("bundle_name", "item_name", "department_name", "case_id")
    bullets(str(row[name]) for name in named if row.get(name))
