"""清单: lists of a period, drawn up from the register, signed off by another person, published."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from nicegui import ui

from catalog.register.list_rows import COLUMNS, TITLES
from onething.console.acting import actor, ask_who
from onething.console.elements import (
    Tone,
    box,
    bullets,
    button,
    choice_field,
    facts,
    note,
    section,
    tell,
    text_field,
)
from onething.console.frame import console_page, retitle
from onething.console.hub import hub, segment
from onething.console.instants import minute
from onething.console.language import Words, t
from onething.console.markup import Markup, badge_markup, link_markup, unbroken
from onething.console.server_table import Column, Filter, Row, Rows, Wanted, server_table
from onething.console.states import Region, empty, loaded
from onething.console.tables import folded_table

STATES: Final[dict[str, tuple[Words, Tone]]] = {
    "drawn-up": (Words("待审签", "to be signed off"), "running"),
    "returned": (Words("已退回", "returned"), "warning"),
    "signed-off": (Words("待发布", "to be published"), "running"),
    "published": (Words("已发布", "published"), "good"),
}
DIFFERENCES: Final = {
    "added": Words("新列入", "added"),
    "removed": Words("不再列入", "removed"),
    "changed": Words("有变更", "changed"),
}
_OFFICES: Final = {"high-frequency": "admin-approval"}
_SHOWN: Final = 200

Found = dict[str, Any]
Reload = Callable[[], Any]


def register() -> None:
    """All lists, and one of them."""

    @console_page("/lists", Words("清单", "Lists"), group="bureau", order=42)
    async def lists() -> None:
        _draw_up()
        await server_table(
            columns(),
            rows,
            caption=t("清单", "lists"),
            filters=(
                Filter("kind", t("种类", "Kind"), {str(kind): title for kind, title in TITLES.items()}),
                Filter("state", t("状态", "State"), {name: str(words) for name, (words, _) in STATES.items()}),
            ),
            nothing=t("还没有清单", "There is no list yet"),
            next_step=t("选择种类和时期，编制一份。", "Choose a kind and a period."),
            sort="-changed_at",
        )

    @console_page("/lists/{list_id}", Words("清单", "List"))
    async def one(list_id: str) -> None:
        held: list[Region[Found]] = []

        async def again() -> None:
            await held[0].load()

        held.append(await loaded(lambda: hub().get(f"/v1/lists/{segment(list_id)}"), partial(_one, again)))


def _draw_up() -> None:
    with section(t("编制清单", "Draw up a list")):
        note(
            t(
                "清单由登记簿生成，不手工维护；编制、审签、发布须由不同的人经办。",
                "Generated from the register; two persons.",
            )
        )
        with box("filters"):
            kind = choice_field(t("种类", "Kind"), dict(TITLES), "responsibility")
            period = text_field(t("时期", "Period"), hint=t("如 2026-Q4、2026-11", "such as 2026-Q4, 2026-11"))

            async def drawn() -> None:
                if not actor().person:
                    await ask_who()
                    return
                body = {"actor": actor().person, "payload": {"kind": kind.value, "period": period.value or ""}}
                path = f"/v1/lists/{segment(f'{kind.value}.{period.value}')}"
                await hub().post(f"{path}/drawn-up", body)
                ui.navigate.to(f"/lists/{segment(f'{kind.value}.{period.value}')}")

            button(t("编制", "Draw up"), drawn, "primary")


def columns() -> list[Column]:
    """What the table of lists shows."""
    return [
        Column("title", t("清单", "List"), _title),
        Column("kind", t("种类", "Kind"), lambda row: TITLES.get(row["state"]["kind"], row["state"]["kind"]), True),
        Column("period", t("时期", "Period"), lambda row: row["state"]["period"]),
        Column("row_count", t("行数", "Rows"), lambda row: f"{row['state']['row_count']:,}", align="end"),
        Column("changed_at", t("最近变更", "Changed"), lambda row: unbroken(minute(row["changed_at"])), True),
        Column("state", t("状态", "State"), lambda row: _state(row["state"]), True),
    ]


def _title(row: Row) -> Markup:
    return link_markup(row["state"]["title"], f"/lists/{segment(row['entity_id'])}")


def _state(found: Found) -> Markup:
    return badge_markup(*STATES[found["state"]])


async def rows(wanted: Wanted) -> Rows:
    """One page of lists."""
    found = await hub().get("/v1/lists", **wanted.query())
    return Rows(found["entities"], found["next_after"], found["total"])


def _one(again: Reload, found: Found) -> None:
    state = found["state"]
    retitle(state["title"])
    _acts(found, again)
    with section(t("概况", "At a glance")):
        facts(
            (
                (t("状态", "State"), _state(state)),
                (t("时期", "Period"), state["period"]),
                (t("行数", "Rows"), f"{state['row_count']:,}"),
                (t("编制人", "Drawn up by"), state["drawn_up_by"]),
                (t("编制时间", "Drawn up"), minute(state["drawn_up_at"])),
                (t("与上期比较", "Compared with"), state.get("compared_with") or t("此前没有发布过", "none before")),
                (t("摘要", "Digest"), state["digest"]),
            )
        )
        differences = state.get("differences") or {}
        counted = [f"{words}：{len(differences.get(name, ()))}" for name, words in DIFFERENCES.items()]
        if state.get("compared_with"):
            bullets(counted)
    with section(t("内容", "Rows")):
        if state["rows"]:
            _rows(state)
        else:
            empty(t("清单为空", "The list is empty"))


def _rows(state: Found) -> None:
    headings = COLUMNS.get(state["kind"], {}) or {name: name for name in state["rows"][0]}
    folded_table(
        state["title"], [(heading, partial(_cell, name)) for name, heading in headings.items()], state["rows"][:_SHOWN]
    )
    if len(state["rows"]) > _SHOWN:
        export = f"onething catalog lists export {state['kind']}.{state['period']}"
        note(t(f"只列前 {_SHOWN} 行，全部见导出：{export}", f"The first {_SHOWN} rows; all of them: {export}"))


def _cell(name: str, row: Found) -> str:
    return told(row.get(name))


def told(value: object) -> str:
    """A list's cell: what no source states is told as such, wherever it stands."""
    if isinstance(value, list | tuple):
        return "、".join(map(told, value)) or "—"
    if isinstance(value, bool):
        return t("是", "yes") if value else t("否", "no")
    if value in (None, ""):
        return "—"
    return t("未载明", "unstated") if value == "unstated" else str(value)


def _acts(found: Found, again: Reload) -> None:
    state = found["state"]["state"]
    with box("actions"):
        if state == "drawn-up":
            button(t("审签", "Sign off"), partial(_act, found, "signed-off", again), "primary")
        if state == "signed-off":
            button(t("发布", "Publish"), partial(_act, found, "published", again), "primary")


async def _act(found: Found, action: str, again: Reload) -> None:
    if not actor().person:
        await ask_who()
        return
    office = _OFFICES.get(found["state"]["kind"], "data-bureau")
    body = {
        "actor": actor().person,
        "payload": {"organisation": office},
        "expected_version": found["version"],
    }
    await hub().post(f"/v1/lists/{segment(found['entity_id'])}/{action}", body)
    tell(t("已办理", "Done"))
    await again()
