"""One catalogue entry: what art. 13 demands of it, its faults, its versions and their differences, its next steps."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from nicegui import ui

from onething.console.acting import actor, ask_who
from onething.console.catalog_names import departments
from onething.console.catalogue_words import (
    ACTIONS,
    ITEM_CLASSES,
    LEVELS,
    SHARING,
    STATES,
    TYPES,
    UNSTATED,
    actor_name,
    days,
    field_name,
    said,
)
from onething.console.elements import (
    badge,
    box,
    button,
    choice_field,
    facts,
    link,
    note,
    paragraph,
    section,
    tell,
    text_field,
    tick,
)
from onething.console.frame import console_page, retitle
from onething.console.hub import hub, segment
from onething.console.instants import minute
from onething.console.language import Words, t
from onething.console.markup import Markup, badge_markup, unbroken
from onething.console.states import Region, empty, loaded
from onething.console.tables import plain_table
from onething.entry_rows import difference_rows, version_rows

OFFICE: Final = "data-bureau"

Entry = dict[str, Any]
Reload = Callable[[], Any]


def register() -> None:
    """The page of an entry."""

    @console_page("/catalogue/{code}", Words("目录条目", "Entry"))
    async def entry(code: str) -> None:
        names = await departments()
        path = f"/v1/catalog/resource/{segment(code)}"
        held: list[Region[Entry]] = []

        async def again() -> None:
            await held[0].load()

        async def drawn(found: Entry) -> None:
            _entry(names, again, found)
            await loaded(lambda: hub().get(f"{path}/faults"), _faults)
            await loaded(lambda: hub().get(f"{path}/history"), _history)

        held.append(await loaded(lambda: hub().get(path), drawn))


def _entry(names: dict[str, str], again: Reload, found: Entry) -> None:
    state = found["state"]
    life = state.get("life") or {}
    retitle(state["name"])
    _steps(state, life.get("stage", state["state"]), again)
    with section(t("概况", "At a glance")):
        facts(
            (
                (t("资源标识", "Code"), state["code"]),
                (t("目录代码", "Catalogue code"), state["catalogue_code"] or UNSTATED),
                (t("提供部门", "Provider"), names.get(state["provider"], state["provider"])),
                (t("状态", "State"), partial(_state, state, life)),
                (t("摘要", "Summary"), state["summary"] or UNSTATED),
                (t("资源格式", "Format"), said({}, state["format"])),
                (t("更新周期", "Update cycle"), days(state["update_cycle_days"])),
                (t("共享属性", "Sharing"), said(SHARING, state["sharing_class"])),
                (t("共享方式", "Means"), "、".join(state["sharing_means"]) or UNSTATED),
                (t("共享条件", "Conditions"), state["conditions_of_use"] or "—"),
                (t("使用范围", "Scope"), state["scope_of_use"] or "—"),
                (t("依据", "Legal basis"), "、".join(state["legal_basis"]) or UNSTATED),
                (t("不予共享理由", "Why withheld"), state["withheld_reason"] or "—"),
                (t("分类分级", "Classification"), said({}, state["classification"])),
                (t("主题", "Theme"), said({}, state["theme"])),
                (t("层级", "Level"), said(LEVELS, state["level"])),
                (t("主题（Kafka）", "Topic"), state["topic"] or UNSTATED),
                (t("记录结构", "Record schema"), state["schema_name"] or UNSTATED),
            )
        )
        if life.get("update_due"):
            paragraph(t(f"应更新：{life['update_due']}", f"Update due: {life['update_due']}"))
    _items(state["data_items"])


def _state(state: Entry, life: Entry) -> None:
    words, tone = STATES[state["state"]]
    with box("inline"):
        badge(words, tone)
        note(t(f"第 {state['version']} 版", f"version {state['version']}"))
        if life.get("revision"):
            badge(t(f"新版本{STATES[life['stage']][0].zh}", f"next: {STATES[life['stage']][0].en}"), "running")


def _items(items: list[Entry]) -> None:
    with section(t(f"信息项（{len(items)}）", f"Data items ({len(items)})")):
        if not items:
            empty(t("没有登记信息项", "No data item is stated"))
            return
        plain_table(
            t("信息项", "data items"),
            (
                (t("名称", "Name"), lambda each: each["name"]),
                (t("字段", "Field"), lambda each: each["field"]),
                (t("类型", "Type"), lambda each: said(TYPES, each["type"])),
                (t("类别", "Class"), lambda each: said(ITEM_CLASSES, each["item_class"])),
                (t("审核", "Review"), lambda each: t("待确认", "guessed") if each["guessed"] else "—"),
            ),
            items,
        )


def _steps(state: Entry, stage: str, again: Reload) -> None:
    """What may be done next, as the rule of entries takes it; the rule decides, with its reasons."""
    code = state["code"]
    office = {"organisation": OFFICE}
    with box("actions"):
        if stage == "draft":
            mine = {"organisation": state["provider"]}
            button(t("提交审核", "Submit"), partial(_act, code, "submitted", mine, "", again), "primary")
        if stage == "submitted":
            button(t("审核通过…", "Review…"), partial(_review, state, again), "primary")
            button(t("退回…", "Return…"), partial(_with_reason, code, "returned", office, again))
        if stage == "reviewed":
            button(t("发布", "Publish"), partial(_act, code, "published", office, "", again), "primary")
            button(t("退回…", "Return…"), partial(_with_reason, code, "returned", office, again))
        if state["state"] == "published":
            link(t("提出共享需求", "Apply for it"), "/departments/demands?role=requester", "button")
            button(t("撤销…", "Withdraw…"), partial(_with_reason, code, "withdrawn", office, again), "danger")


async def _act(code: str, action: str, payload: Entry, reason: str, again: Reload) -> None:
    who = actor()
    if not who.person:
        await ask_who()
        return
    body = {"actor": who.person, "payload": payload} | ({"reason": reason} if reason else {})
    await hub().post(f"/v1/catalog/resource/{segment(code)}/{action}", body)
    tell(t(f"已{ACTIONS[action].zh}", f"done: {ACTIONS[action].en}"))
    await again()


def _review(state: Entry, again: Reload) -> None:
    content = (state.get("life") or {}).get("revision") or state
    guessed = [each["name"] for each in content["data_items"] if each["guessed"]]
    with ui.dialog(value=True) as dialog, ui.card().classes("dialog"), section(t("审核通过", "Review"), 2, ""):
        note(t("审核人不得是编写人或提交人。", "Whoever wrote or submitted it does not review it."))
        confirmed = None
        if guessed:
            paragraph(t("以下信息项的类型或类别为推定：", "Guessed: ") + "、".join(guessed))
            confirmed = tick(t("已逐项核对", "Every one was looked at"))

        async def reviewed() -> None:
            payload = {"organisation": OFFICE, "confirm_guesses": bool(confirmed and confirmed.value)}
            await _act(state["code"], "reviewed", payload, "", again)
            dialog.close()

        with box("actions"):
            button(t("审核通过", "Accept"), reviewed, "primary")
            button(t("取消", "Cancel"), dialog.close)


def _with_reason(code: str, action: str, payload: Entry, again: Reload) -> None:
    with ui.dialog(value=True) as dialog, ui.card().classes("dialog"), section(ACTIONS[action], 2, ""):
        reason = text_field(t("理由", "Reason"), long=True)

        async def given() -> None:
            await _act(code, action, payload, str(reason.value or "").strip(), again)
            dialog.close()

        with box("actions"):
            button(ACTIONS[action], given, "primary")
            button(t("取消", "Cancel"), dialog.close)


def _faults(found: Entry) -> None:
    faults = found["faults"]
    errors = [each for each in faults if each["severity"] == "error"]
    with section(t(f"检查：{len(errors)} 处须改正", f"Checker: {len(errors)} to mend")):
        if not faults:
            empty(t("没有发现问题", "Nothing is missing"))
            return
        plain_table(
            t("检查结果", "faults"),
            (
                (t("轻重", "Weight"), _weight),
                (t("字段", "Field"), lambda each: field_name(each["field"])),
                (t("问题", "Fault"), lambda each: t(each["reason"], each["reason_en"])),
                (t("怎么办", "What to do"), lambda each: t(each["remedy"], each["remedy_en"])),
            ),
            [*errors, *(each for each in faults if each["severity"] != "error")],
        )


def _weight(fault: Entry) -> Markup:
    if fault["severity"] == "error":
        return badge_markup(t("须改正", "error"), "bad")
    return badge_markup(t("请核对", "look"), "warning")


def _history(found: Entry) -> None:
    changes = found["changes"]
    _versions(changes)
    with section(t(f"全部变更（{len(changes)}）", f"Every change ({len(changes)})")):
        plain_table(
            t("全部变更", "changes"),
            (
                (t("时间", "When"), lambda each: unbroken(minute(each["at"]))),
                (t("操作", "What"), lambda each: said(ACTIONS, each["action"])),
                (t("经办人", "By"), lambda each: actor_name(each["actor"])),
                (t("理由", "Reason"), lambda each: each["reason"] or "—"),
            ),
            list(reversed(changes)),
        )


def _versions(changes: list[Entry]) -> None:
    versions = version_rows(changes)
    numbers = [int(str(each["version"])) for each in versions]
    with section(t(f"发布版本（{len(versions)}）", f"Published versions ({len(versions)})")):
        if len(numbers) < 2:  # noqa: PLR2004  two versions are what differs
            note(t("只有一个发布版本，无可比较。", "There is one published version: nothing to compare."))
            return
        shown = box()
        options = {number: t(f"第 {number} 版", f"version {number}") for number in numbers}
        with box("filters"):
            first = choice_field(t("从", "From"), options, numbers[-2])
            second = choice_field(t("到", "To"), options, numbers[-1])

        def compare() -> None:
            shown.clear()
            with shown:
                _differences(difference_rows(changes, first.value, second.value) or [])

        first.on_value_change(compare)
        second.on_value_change(compare)
        shown.move(target_index=-1)
        compare()


def _differences(rows: list[Any]) -> None:
    if not rows:
        note(t("两个版本没有差异。", "They do not differ."))
        return
    plain_table(
        t("版本差异", "differences"),
        (
            (t("字段", "Field"), lambda each: field_name(str(each["field"]))),
            (t("原为", "Before"), lambda each: str(each["before"])),
            (t("改为", "After"), lambda each: str(each["after"])),
        ),
        rows,
    )
