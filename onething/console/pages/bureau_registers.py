"""登记簿：信息系统、机构: what is declared rather than applied for; a system's state is changed with a reason."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from nicegui import ui

from onething.console.acting import actor, ask_who
from onething.console.catalog_names import departments
from onething.console.catalogue_words import ACTIONS, LEVELS, UNSTATED, actor_name, said
from onething.console.elements import (
    Tone,
    box,
    button,
    choice_field,
    facts,
    link,
    note,
    section,
    tell,
    text_field,
    tick,
)
from onething.console.frame import console_page, retitle
from onething.console.hub import hub, segment
from onething.console.instants import minute
from onething.console.language import Words, t
from onething.console.markup import Markup, badge_markup, link_markup, over, unbroken
from onething.console.server_table import Column, Filter, Row, Rows, Wanted, server_table
from onething.console.states import Region, loaded
from onething.console.tables import plain_table

SYSTEM_STATES: Final[dict[str, tuple[Words, Tone]]] = {
    "own": (Words("自建", "own"), "quiet"),
    "to-clean-up": (Words("待清理", "to clean up"), "warning"),
    "connected": (Words("已对接", "connected"), "good"),
    "migrated": (Words("已迁移", "migrated"), "good"),
    "unstated": (UNSTATED, "quiet"),
}
"""How far a system is integrated (整合), as its owner declares it."""

KINDS: Final[dict[str, Words]] = {
    "department": Words("政府部门", "department"),
    "court": Words("法院", "court"),
    "customs": Words("海关", "customs"),
    "bank": Words("银行", "bank"),
    "utility": Words("公用企业", "utility"),
    "operator": Words("运营商", "operator"),
    "public-institution": Words("事业单位", "public institution"),
    "mass-organisation": Words("群团组织", "mass organisation"),
    "military": Words("军事机关", "military"),
    "enterprise": Words("企业", "enterprise"),
    "government": Words("人民政府", "government"),
    "development-zone": Words("开发区管委会", "development zone"),
}

Found = dict[str, Any]
Names = dict[str, str]
Reload = Callable[[], Any]


def register() -> None:
    """Both registers, and one of each."""

    @console_page("/systems", Words("信息系统", "Systems"))
    async def systems() -> None:
        names = await departments()
        note(
            t(
                "整合率按此登记计算：已对接、已迁移计入；未载明的不计入分母。",
                "The rate of integration counts these: connected and migrated ones; unstated ones are left out.",
            )
        )
        await server_table(
            system_columns(names),
            partial(rows, "system"),
            caption=t("信息系统", "systems"),
            filters=(
                Filter("state", t("整合状态", "Integration"), state_names()),
                Filter("level", t("层级", "Level"), {key: str(words) for key, words in LEVELS.items()}),
                Filter("owner", t("主管部门", "Owner"), names),
            ),
            nothing=t("没有这样的系统", "No such system"),
        )

    @console_page("/systems/{code}", Words("信息系统", "System"))
    async def system(code: str) -> None:
        await _shown("system", code, partial(_system, await departments()))

    @console_page("/organisations", Words("机构", "Organisations"))
    async def organisations() -> None:
        await server_table(
            organisation_columns(),
            partial(rows, "organisation"),
            caption=t("机构", "organisations"),
            filters=(
                Filter("level", t("层级", "Level"), {key: str(words) for key, words in LEVELS.items()}),
                Filter("kind", t("类别", "Kind"), {key: str(words) for key, words in KINDS.items()}),
            ),
            nothing=t("没有这样的机构", "No such organisation"),
        )

    @console_page("/organisations/{code}", Words("机构", "Organisation"))
    async def organisation(code: str) -> None:
        await _shown("organisation", code, _organisation)


async def rows(kind: str, wanted: Wanted) -> Rows:
    """One page of a register, in the order that was asked for."""
    found = await hub().get(f"/v1/catalog/{kind}", **wanted.query())
    return Rows(found["entities"], found["next_after"], found["total"])


def system_columns(names: Names) -> list[Column]:
    """What the register of systems shows."""
    return [
        Column("name", t("系统", "System"), partial(_named, "systems"), sortable=True),
        Column("owner", t("主管部门", "Owner"), lambda row: said_name(names, row["state"]["owner"]), sortable=True),
        Column("level", t("层级", "Level"), lambda row: said(LEVELS, row["state"]["level"]), sortable=True),
        Column("batch", t("对接批次", "Batch"), lambda row: _number(row["state"]["batch"]), sortable=True),
        Column("vertical", t("垂直管理", "Vertical"), lambda row: _yes(is_so=row["state"]["vertical"])),
        Column("changed_at", t("最近变更", "Changed"), lambda row: unbroken(minute(row["changed_at"])), sortable=True),
        Column("state", t("整合状态", "Integration"), lambda row: state_of(row["state"]), sortable=True),
    ]


def organisation_columns() -> list[Column]:
    """What the register of organisations shows."""
    return [
        Column("name", t("机构", "Organisation"), partial(_named, "organisations"), sortable=True),
        Column("full_name", t("全称", "Full name"), lambda row: row["state"]["full_name"] or str(UNSTATED)),
        Column("level", t("层级", "Level"), lambda row: said(LEVELS, row["state"]["level"]), sortable=True),
        Column("kind", t("类别", "Kind"), lambda row: said(KINDS, row["state"]["kind"]), sortable=True),
        Column("keeps_records", t("数源", "Source"), lambda row: _yes(is_so=row["state"]["keeps_records"])),
        Column("changed_at", t("最近变更", "Changed"), lambda row: unbroken(minute(row["changed_at"])), sortable=True),
    ]


def state_of(system: Found) -> Markup:
    """How far a system is integrated; that it is withdrawn where it is."""
    if system["withdrawn"]:
        return badge_markup(t("已撤销", "withdrawn"), "quiet")
    return badge_markup(*SYSTEM_STATES[system["state"]])


def state_names() -> dict[str, str]:
    """Every state that a system may be declared in, in words."""
    return {name: str(words) for name, (words, _) in SYSTEM_STATES.items()}


def said_name(names: Names, code: str) -> str:
    """An organisation by its name; that none is stated where none is."""
    return str(UNSTATED) if code in ("", "unstated") else names.get(code, code)


def _named(where: str, row: Row) -> Markup:
    code = row["entity_id"]
    return over(link_markup(row["state"]["name"], f"/{where}/{segment(code)}"), code, "mono note")


def _number(number: int | None) -> str:
    return str(UNSTATED) if number is None else t(f"第 {number} 批", f"batch {number}")


def _yes(*, is_so: bool) -> str:
    return t("是", "yes") if is_so else t("否", "no")


async def _shown(kind: str, code: str, draw: Callable[[Reload, Found], None]) -> None:
    path = f"/v1/catalog/{kind}/{segment(code)}"
    held: list[Region[Found]] = []

    async def again() -> None:
        await held[0].load()

    async def drawn(found: Found) -> None:
        retitle(found["state"]["name"])
        draw(again, found)
        await loaded(lambda: hub().get(f"{path}/history"), _history)

    held.append(await loaded(lambda: hub().get(path), drawn))


def _system(names: Names, again: Reload, found: Found) -> None:
    state = found["state"]
    if not state["withdrawn"]:
        with box("actions"):
            button(t("变更状态…", "Change its state…"), partial(_change, found, again), "primary")
    with section(t("概况", "At a glance")):
        facts(
            (
                (t("系统标识", "Code"), state["code"]),
                (t("整合状态", "Integration"), state_of(state)),
                (t("主管部门", "Owner"), said_name(names, state["owner"])),
                (t("层级", "Level"), said(LEVELS, state["level"])),
                (t("对接批次", "Batch"), _number(state["batch"])),
                (t("垂直管理", "Vertical"), _yes(is_so=state["vertical"])),
                (t("说明", "Note"), state["note"]),
            )
        )


def _organisation(_again: Reload, found: Found) -> None:
    state = found["state"]
    with section(t("概况", "At a glance")):
        facts(
            (
                (t("机构代码", "Code"), state["code"]),
                (t("全称", "Full name"), state["full_name"] or str(UNSTATED)),
                (t("其他写法", "Also written"), "、".join(state["aliases"]) or "—"),
                (t("层级", "Level"), said(LEVELS, state["level"])),
                (t("类别", "Kind"), said(KINDS, state["kind"])),
                (t("数源", "Keeps records"), _yes(is_so=state["keeps_records"])),
                (t("来源", "Named in"), mentions(state["named_in"])),
            )
        )
        with box("actions"):
            link(t("它的目录条目", "Its entries"), f"/catalogue?department={segment(state['code'])}", "button")
            link(t("它的义务", "Its duties"), f"/duties/of/{segment(state['code'])}", "button")


def mentions(named_in: list[Found]) -> str:
    """How often each source document names an organisation."""
    counts: dict[str, int] = {}
    for each in named_in:
        counts[each["source"]] = counts.get(each["source"], 0) + max(1, len(each["numbers"]))
    return "；".join(t(f"{source}（{count} 处）", f"{source} ({count})") for source, count in counts.items()) or "—"


def _history(found: Found) -> None:
    changes = found["changes"]
    with section(t(f"全部变更（{len(changes)}）", f"Every change ({len(changes)})")):
        plain_table(
            t("全部变更", "changes"),
            (
                (t("时间", "When"), lambda each: unbroken(minute(each["at"]))),
                (t("操作", "What"), lambda each: said(ACTIONS, each["action"])),
                (t("内容", "Content"), what_it_said),
                (t("经办人", "By"), lambda each: actor_name(each["actor"])),
                (t("理由", "Reason"), lambda each: each["reason"] or "—"),
            ),
            list(reversed(changes)),
        )


def what_it_said(change: Found) -> str:
    """How far a system was with this change; nothing of organisations, which have no such state."""
    state = change["state"]
    if state.get("state") not in SYSTEM_STATES:
        return "—"
    words = str(SYSTEM_STATES[state["state"]][0])
    return words + (f"，{_number(state['batch'])}" if state["batch"] is not None else "")


def _change(found: Found, again: Reload) -> None:
    state = found["state"]
    title = t("变更整合状态", "Change of integration")
    with ui.dialog(value=True) as dialog, ui.card().classes("dialog"), section(title, 2, ""):
        note(
            t(
                "以主管部门或数据局的申报为准，须写明理由；整合率随之变动，历史数值不变。",
                "As its owner or the office declares, with a reason; past figures stay what they were.",
            )
        )
        chosen = choice_field(t("整合状态", "Integration"), state_names(), state["state"])
        batch = text_field(t("对接批次", "Batch"), "" if state["batch"] is None else str(state["batch"]))
        vertical = tick(t("列入垂直管理系统清单", "On the list of vertical systems"), value=state["vertical"])
        reason = text_field(t("理由", "Reason"), long=True)

        async def declared() -> None:
            fields = declared_fields(chosen.value, str(batch.value or ""), is_vertical=bool(vertical.value))
            if await _declare(found, fields, str(reason.value or "").strip(), again):
                dialog.close()

        with box("actions"):
            button(t("登记", "Declare"), declared, "primary")
            button(t("取消", "Cancel"), dialog.close)


def declared_fields(state: str, batch: str, *, is_vertical: bool) -> Found:
    """The fields of a declaration; a batch that is no number goes as written, and the register says what is wrong."""
    text = batch.strip()
    number: object = int(text) if text.isdecimal() else (text or None)
    return {"state": state, "batch": number, "vertical": is_vertical}


async def _declare(found: Found, fields: Found, reason: str, again: Reload) -> bool:
    if not actor().person:
        await ask_who()
        return False
    if not reason:
        tell(t("请写明理由", "Give a reason"), "warning")
        return False
    body = {"actor": actor().person, "payload": fields, "reason": reason, "expected_version": found["version"]}
    await hub().post(f"/v1/catalog/system/{segment(found['entity_id'])}/changed", body)
    tell(t("已登记", "Declared"))
    await again()
    return True
