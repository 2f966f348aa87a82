"""指标: every rate with its denominator, twin, target and forecast, as of any past day; down to events and SQL."""

from functools import partial
from typing import Any, Final

from nicegui import ui

from onething.console.elements import (
    Tone,
    badge,
    bar,
    box,
    bullets,
    facts,
    heading,
    link,
    note,
    paragraph,
    section,
    text,
)
from onething.console.frame import console_page, retitle
from onething.console.hub import hub, segment
from onething.console.instants import minute, now
from onething.console.language import Words, t
from onething.console.markup import Markup, badge_markup, bar_markup, link_markup, over, unbroken
from onething.console.server_table import Column, Filter, Row, Rows, Wanted, server_table
from onething.console.states import empty, loaded
from onething.console.tables import folded_table

PERIODS: Final = {
    "month": Words("当月", "this month"),
    "quarter": Words("当季", "this quarter"),
    "year": Words("当年", "this year"),
}
GROUPINGS: Final = {
    "department": Words("部门", "department"),
    "district": Words("区县、开发区", "district or zone"),
    "level": Words("层级", "level"),
    "class": Words("目录分类", "class"),
    "theme": Words("主题", "theme"),
    "month": Words("月份", "month"),
}
_SEEN_MOVES: Final = 10
_MOST_MOVES: Final = 200

Figure = dict[str, Any]


def register() -> None:
    """All rates; one of them; the events behind a unit."""

    @console_page("/rates", Words("共享指标", "Rates"), group="bureau", order=10)
    async def rates(as_of: str = "", period: str = "month") -> None:
        _asked(as_of, period)
        asked = {"as_of": as_of, "period": period}
        await loaded(lambda: hub().get("/v1/rates", **asked), partial(_overview, asked))

    @console_page("/rates/events", Words("凭据事件", "Events behind a figure"))
    async def evidence(event: str = "") -> None:
        wanted = [each for each in event.split(",") if each]
        await loaded(lambda: hub().get("/v1/rates/events", event=wanted), _events)

    @console_page("/rates/{rate}", Words("指标", "Rate"))
    async def one(rate: str, as_of: str = "", period: str = "month", by: str = "department") -> None:
        _asked(as_of, period, by)
        asked = {"as_of": as_of, "period": period}
        path = f"/v1/rates/{segment(rate)}"

        async def drawn(found: Figure) -> None:
            _one(by, found)
            await _units(path, asked)
            await loaded(lambda: hub().get(f"{path}/moves", **asked), _moves)
            await loaded(lambda: hub().get(f"{path}/sql", **asked), _sql)

        await loaded(lambda: hub().get(path, **asked, by=by), drawn)


def _asked(as_of: str, period: str, by: str = "") -> None:
    """As of which day, for which period, by what: a form that makes a link, so that a figure can be sent on."""
    form = ui.element("form").classes("filters").props("method=get")
    form.props["aria-label"] = t("截至日与期间", "Day and period")
    with form:
        with box("field"):
            text(t("截至日", "As of"), "label").props["for"] = "as-of"
            day = ui.element("input").props("id=as-of name=as_of type=date")
            day.props["value"] = as_of or now().date().isoformat()
            day.props["max"] = now().date().isoformat()
        _select("period", t("期间", "Period"), PERIODS, period)
        if by:
            _select("by", t("分组", "By"), GROUPINGS, by)
        text(t("查看", "Show"), "button", "button primary").props("type=submit")


def _select(name: str, label: str, options: dict[str, Words], value: str) -> None:
    with box("field"):
        text(label, "label").props["for"] = f"choose-{name}"
        with ui.element("select").props(f"id=choose-{name} name={name}"):
            for key, words in options.items():
                option = text(words, "option").props(f"value={key}")
                if key == value:
                    option.props("selected")


def per_cent(value: float | None, why: str | None = None) -> str:
    """A rate; the reason where there is none."""
    return (why or "—") if value is None else f"{value:.1%}"


def _overview(asked: dict[str, str], found: Figure) -> None:
    if found["provisional"]:
        note(t("当日未结束，为暂计。", "The day is not over: the figures are provisional."))
    with box("rates"):
        for each in found["rates"]:
            _card(asked, each)
    note(
        t(
            f"按日志位置 {found['positions_digest']} 计算；每个数值都注明定义版本，过去某日的数值重算不变。",
            f"From log positions {found['positions_digest']}; a past day's figure stays what it was.",
        )
    )


def _card(asked: dict[str, str], rate: Figure) -> None:
    query = "&".join(f"{name}={value}" for name, value in asked.items() if value)
    with box("card rate", "article"):
        with heading("", 2):
            link(rate["name"], f"/rates/{rate['id']}?{query}")
        text(per_cent(rate["value"]), "p", "rate-value")
        if rate["value"] is None:
            paragraph(rate["why_null"])
        else:
            bar(max(0.0, min(1.0, rate["value"])), rate["name"])
        note(_fraction(rate))
        _target(rate["target"])
        _change(rate["previous"])
        for twin in rate["twins"]:
            note(f"{twin['name']}：{twin['count']}")
        note(t(f"定义第 {rate['version']} 版", f"definition {rate['version']}"))


def _fraction(rate: Figure) -> str:
    told = f"{rate['numerator']:,} / {rate['denominator']:,} {rate['unit']}"
    return told + (f"，{unstated}" if (unstated := unstated_in_words(rate)) else "")


def unstated_in_words(rate: Figure) -> str:
    """How many units nobody states enough of: those within the denominator, and those that it leaves out."""
    outside = min(rate["unstated"], max(0, rate["units"] - rate["denominator"]))
    inside = rate["unstated"] - outside
    told = [t(f"其中 {inside:,} 个未载明", f"{inside:,} of them unstated")] if inside else []
    told += [t(f"另有 {outside:,} 个未载明、不计入", f"{outside:,} more unstated, left out")] if outside else []
    return "，".join(told)


def target_state(target: Figure | None) -> tuple[Words, Tone]:
    """How a figure stands towards its target."""
    if target is None:
        return Words("无目标", "no target"), "quiet"
    if target["met"] is None:
        return Words("尚无数值", "no figure yet"), "quiet"
    return (Words("已达到", "met"), "good") if target["met"] else (Words("未达到", "not met"), "warning")


def _target(target: Figure | None) -> None:
    words, tone = target_state(target)
    with box("inline"):
        badge(words, tone)
        if target is not None:
            text(_wanted(target), classes="note")


def _wanted(target: Figure) -> str:
    if target["value"] is None:
        return t(f"{target['by']} 前，数值未载明", f"by {target['by']}, no value stated")
    return t(f"{target['by']} 前达到 {target['value']:.0%}", f"{target['value']:.0%} by {target['by']}")


def _change(previous: Figure | None) -> None:
    if previous is not None and previous["change"] is not None:
        points = previous["change"] * 100
        sign = t("上升" if points > 0 else "下降", "up" if points > 0 else "down") if points else t("持平", "same")
        since = previous["as_of"]
        note(t(f"较 {since} {sign} {abs(points):.1f} 个百分点", f"{sign} {abs(points):.1f} points since {since}"))


def _one(by: str, rate: Figure) -> None:
    retitle(rate["name"])
    with section(t("数值", "Figure")):
        text(per_cent(rate["value"]), "p", "rate-value")
        if rate["value"] is None:
            paragraph(rate["why_null"])
        facts(
            (
                (t("截至", "As of"), rate["as_of"] + (t("（暂计）", " (provisional)") if rate["provisional"] else "")),
                (t("分子", "Numerator"), f"{rate['numerator']:,}　{rate['numerator_is']}"),
                (t("分母", "Denominator"), f"{rate['denominator']:,}　{rate['denominator_is']}"),
                (t("未载明", "Unstated"), unstated_in_words(rate) or "0"),
                (t("对照", "Twins"), lambda: bullets(f"{each['name']}：{each['count']}" for each in rate["twins"])),
                (t("目标", "Target"), partial(_target, rate["target"])),
                (t("按目前进度", "At this pace"), _forecast(rate["forecast"])),
                (t("依据", "Basis"), lambda: bullets(rate["basis"])),
                (t("定义版本", "Definition"), t(f"第 {rate['version']} 版", f"version {rate['version']}")),
            )
        )
        if rate["target"] is not None:
            paragraph(f"“{rate['target']['text']}”——{rate['target']['source']}", "note")
    with section(t(f"按{GROUPINGS[by]}", f"By {GROUPINGS[by]}")):
        _groups(by, rate["groups"] if by == "month" else worst_first(rate["groups"]))


def worst_first(groups: list[Figure]) -> list[Figure]:
    """Those with the lowest figure in front, the larger ones among equals; those without one at the end."""
    return sorted(groups, key=lambda each: (each["value"] is None, each["value"] or 0.0, -each["denominator"]))


def _forecast(forecast: Figure | None) -> str:
    if forecast is None:
        return "—"
    return str(forecast["reaches_on"] or forecast["why"])


def _reaches(group: Figure) -> object:
    forecast = group["forecast"]
    return unbroken(forecast["reaches_on"]) if forecast and forecast["reaches_on"] else _forecast(forecast)


def _groups(by: str, groups: list[Figure]) -> None:
    if not groups:
        empty(t("没有数据", "Nothing to group"))
        return
    forecast = [(t("按目前进度", "At this pace"), _reaches)]
    folded_table(
        t("分组", "groups"),
        (
            (str(GROUPINGS[by]), lambda each: each["name"]),
            (t("数值", "Rate"), _value),
            (t("分子", "Numerator"), lambda each: f"{each['numerator']:,}"),
            (t("分母", "Denominator"), lambda each: f"{each['denominator']:,}"),
            (t("未载明", "Unstated"), lambda each: str(each["unstated"])),
            *(forecast if "forecast" in groups[0] else ()),
        ),
        groups,
        figures=(2, 3, 4),
    )


def _value(group: Figure) -> object:
    if group["value"] is None:
        return group.get("why_null") or "—"
    return bar_markup(group["value"], group["name"])


async def _units(path: str, asked: dict[str, str]) -> None:
    with section(t("明细与凭据", "Units and evidence")):
        counted = {"true": t("计入分子", "counted"), "false": t("未计入", "not counted")}
        unstated = {"true": t("未载明", "unstated"), "false": t("已载明", "stated")}
        await server_table(
            (
                Column("unit_name", t("名称", "Name"), _unit, sortable=True),
                Column("department", t("部门", "Department"), lambda row: row["department_name"], sortable=True),
                Column("counts", t("计入", "Counted"), _counted, sortable=True),
                Column("why", t("原因", "Why"), lambda row: row["why_name"], sortable=True),
                Column("evidence", t("凭据", "Evidence"), _evidence),
            ),
            partial(unit_rows, path, asked),
            caption=t("明细", "units"),
            filters=(
                Filter("counted", t("计入", "Counted"), counted),
                Filter("unstated", t("载明", "Stated"), unstated),
            ),
            nothing=t("没有这样的明细", "No such unit"),
        )


async def unit_rows(path: str, asked: dict[str, str], wanted: Wanted) -> Rows:
    """One page of what is counted, or not."""
    query = {**asked, **wanted.filters, "sort": wanted.sort, "after": wanted.after, "limit": wanted.limit}
    found = await hub().get(f"{path}/units", **query)
    return Rows(found["units"], found["next_after"], found["total"])


def _unit(row: Row) -> Markup:
    return over(row["unit_name"], row["unit"], "mono note")


def _counted(row: Row) -> Markup:
    if row["unstated"]:
        return badge_markup(t("未载明", "unstated"), "quiet")
    if row["counted"]:
        return badge_markup(t("计入", "counted"), "good")
    return badge_markup(t("未计入", "not counted"), "warning")


def _evidence(row: Row) -> object:
    events = [f"{each['table']}/{each['event_id']}/{each['day']}" for each in row["evidence"]]
    if not events:
        return "—"
    return link_markup(t(f"{len(events)} 个事件", f"{len(events)} events"), f"/rates/events?event={','.join(events)}")


def _moves(found: Figure) -> None:
    with section(t(f"较 {found['against']} 的进出", f"What moved since {found['against']}")):
        _moved(t("新计入", "Entered"), found["entered"])
        _moved(t("退出", "Left"), found["left"])


def _moved(title: str, units: list[Figure]) -> None:
    heading(f"{title}（{len(units)}）", 3)
    told = [f"{each['unit_name']}（{each['department_name']}）" for each in units]
    bullets(told[:_SEEN_MOVES])
    if len(told) > _SEEN_MOVES:
        rest = told[_SEEN_MOVES:_MOST_MOVES]
        with ui.element("details").classes("fold"):
            text(t(f"展开其余 {len(rest)} 个", f"Show {len(rest)} more"), "summary")
            bullets(rest)
    if len(told) > _MOST_MOVES:
        note(t(f"只列前 {_MOST_MOVES} 个。", f"The first {_MOST_MOVES} of them."))


def _sql(found: Figure) -> None:
    with section(t("计算所用 SQL", "The SQL")), ui.element("details"):
        text(t("展开", "Show"), "summary")
        text(found["sql"], "pre", "sql")
        facts((f"${name}", value) for name, value in found["parameters"].items())
        link(t("在 SQL 查询中打开", "Open it in the SQL page"), f"/sql?rate={segment(found['id'])}", "button")


def _events(found: Figure) -> None:
    if not found["events"]:
        empty(t("湖中没有这些事件", "The lake holds none of these events"))
    for each in found["events"]:
        title = f"{each['event']}　{minute(each['known_at'])}"
        with section(title):
            facts((name, _told(value)) for name, value in each.items() if value not in (None, "", []))


def _told(value: object) -> str:
    return value if isinstance(value, str) else str(value)
