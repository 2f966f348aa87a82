"""数据目录: what there is; found by words and facets, listed in any order."""

from functools import partial
from typing import Any, Final

from nicegui import ui

from onething.console.catalog_names import departments
from onething.console.catalogue_words import SHARING, STATES, days, record_types, said
from onething.console.elements import box, link, note, text
from onething.console.frame import console_page
from onething.console.hub import hub, segment
from onething.console.instants import day
from onething.console.language import Words, t
from onething.console.markup import Markup, badge_markup, inline, link_markup, over, unbroken
from onething.console.server_table import Column, Filter, Row, Rows, Wanted, server_table

FACETS: Final = {
    "department": Words("提供部门", "Provider"),
    "state": Words("状态", "State"),
    "sharing_class": Words("共享属性", "Sharing"),
    "theme": Words("主题", "Theme"),
    "record_type": Words("记录类型", "Record type"),
}
_FIELDS: Final = {"department": "provider"}
"""Where a facet of the search has another name in the register."""

_PLACES: Final = {
    "name": Words("名称", "name"),
    "summary": Words("摘要", "summary"),
    "data_items": Words("信息项", "data items"),
}


def register() -> None:
    """The list of entries, by search or in order."""

    @console_page("/catalogue", Words("数据目录", "Catalogue"), group="bureau", order=40)
    async def catalogue(q: str = "", department: str = "") -> None:
        names = await departments()
        found = await hub().get("/v1/catalog/search", q=q, limit=1)
        _search_field(q)
        with box("actions"):
            link(t("导入目录文件", "Import a file"), "/catalogue/import", "button")
            link(t("信息系统", "Systems"), "/systems", "button")
            link(t("机构", "Organisations"), "/organisations", "button")
        if q:
            note(t(f"“{q}”：找到 {found['total']:,} 条，最贴切的在前。", f"“{q}”: {found['total']:,}, the best first."))
        await server_table(
            columns(names, searched=bool(q)),
            partial(searched if q else listed, q),
            caption=t("数据目录", "catalogue"),
            filters=filters(found["facets"], names, department),
            nothing=t("没有符合条件的目录条目", "No entry fits"),
            next_step=t("换一个词语，或清除筛选", "Other words, or no filter"),
            next_href="/catalogue",
        )


def _search_field(q: str) -> None:
    form = ui.element("form").classes("filters").props("role=search method=get action=/catalogue")
    form.props["aria-label"] = t("检索目录", "Search the catalogue")
    with form:
        label = text(t("检索词语", "Words"), "label", "search-words")
        label.props["for"] = "catalogue-words"
        words = ui.element("input").props("id=catalogue-words name=q type=search autocomplete=off").classes("field")
        words.props["value"] = q
        words.props["placeholder"] = t("例如：执照、行政处罚", "for example: 执照")
        text(t("检索", "Search"), "button", "button primary").props("type=submit")


def columns(names: dict[str, str], *, searched: bool) -> list[Column]:
    """What the list shows; what was searched for stands in the search's own order."""
    found_in = [Column("found_in", t("命中", "Found in"), lambda row: _place(row["found_in"]))] if searched else []
    return [
        Column("name", t("资源名称", "Resource"), _name, sortable=not searched),
        Column("provider", t("提供部门", "Provider"), partial(_provider, names), sortable=not searched),
        Column("sharing_class", t("共享属性", "Sharing"), _sharing, sortable=not searched),
        Column("update_cycle_days", t("更新周期", "Cycle"), lambda row: days(row["state"].get("update_cycle_days"))),
        Column("version", t("版本", "Version"), lambda row: str(row["state"]["version"]), align="end"),
        Column("state", t("状态", "State"), _state, sortable=not searched),
        *found_in,
        *([] if searched else [Column("changed_at", t("最近变更", "Changed"), _changed, sortable=True)]),
    ]


def _place(found_in: str) -> str:
    return str(_PLACES.get(found_in, "—"))


def _name(row: Row) -> Markup:
    code = row["entity_id"]
    return over(link_markup(row["state"]["name"], f"/catalogue/{segment(code)}"), code, "mono note")


def _provider(names: dict[str, str], row: Row) -> str:
    code = row["state"]["provider"]
    return str(names.get(code, code))


def _sharing(row: Row) -> str:
    return said(SHARING, row["state"]["sharing_class"])


def _state(row: Row) -> Markup:
    state = row["state"]
    stage = (state.get("life") or {}).get("stage", state["state"])
    badges = [badge_markup(*STATES[state["state"]])]
    if stage != state["state"]:
        badges.append(badge_markup(t(f"新版本{STATES[stage][0].zh}", f"next: {STATES[stage][0].en}"), "running"))
    return inline(badges)


def _changed(row: Row) -> Markup:
    return unbroken(day(row["changed_at"]))


def filters(facets: dict[str, Any], names: dict[str, str], department: str) -> list[Filter]:
    """The facets, each value with how many entries have it."""
    return [
        Filter(
            name,
            str(words),
            {
                each["value"]: f"{_value(name, each['value'], names)}（{each['count']}）"
                for each in facets.get(name, ())
            },
            department if name == "department" else "",
        )
        for name, words in FACETS.items()
    ]


def _value(facet: str, value: str, names: dict[str, str]) -> str:
    if facet == "department":
        return names.get(value, value)
    if facet == "state":
        return str(STATES[value][0])
    return said(record_types() if facet == "record_type" else SHARING, value)


async def searched(q: str, wanted: Wanted) -> Rows:
    """One page of what the words find, the best first."""
    found = await hub().get("/v1/catalog/search", q=q, **wanted.filters, after=wanted.after, limit=wanted.limit)
    return Rows(found["entries"], found["next_after"], found["total"])


async def listed(_q: str, wanted: Wanted) -> Rows:
    """One page of all entries, in the order that was asked for."""
    fields = {_FIELDS.get(name, name): value for name, value in wanted.filters.items()}
    found = await hub().get("/v1/catalog/resource", **fields, sort=wanted.sort, after=wanted.after, limit=wanted.limit)
    return Rows(found["entities"], found["next_after"], found["total"])
