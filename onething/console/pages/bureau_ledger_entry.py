"""A ledger entry: the source's words, milestones, progress, team, problems, and the close-out with its evidence."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from nicegui import ui

from onething.console.acting import actor, ask_who
from onething.console.catalog_names import resources
from onething.console.elements import (
    Tone,
    badge,
    box,
    bullets,
    button,
    choice_field,
    facts,
    heading,
    note,
    paragraph,
    section,
    tell,
    text_field,
)
from onething.console.frame import console_page, retitle
from onething.console.hub import hub, segment
from onething.console.language import Words, t
from onething.console.markup import Markup, over, tagged
from onething.console.pages.bureau_ledger import per_cent, state_badge, stated
from onething.console.states import Region, empty, loaded
from onething.console.tables import plain_table

_MOST_MISSING: Final = 5

Found = dict[str, Any]
Names = Mapping[str, str]
Reload = Callable[[], Any]

DONE: Final = Words("已登记，稍后在台账中显示", "Recorded; the ledger shows it in a moment")


def register() -> None:
    """The page of an entry."""

    @console_page("/ledger/{entry_id}", Words("台账条目", "Ledger entry"))
    async def entry(entry_id: str, period: str = "month", at: str = "") -> None:
        names = {code: each.name for code, each in (await resources()).items()}
        held: list[Region[Found]] = []

        async def again() -> None:
            await held[0].load()

        path = f"/v1/ledger/{segment(entry_id)}"
        held.append(await loaded(lambda: hub().get(path, period=period, at=at), partial(_entry, names, again)))


def _entry(names: Names, again: Reload, found: Found) -> None:
    retitle(found["name"])
    _acts(found, again)
    with section(t("概况", "At a glance")):
        facts(
            (
                (t("来源", "Source"), f"{found['document']}　{found['kind_name']} {found['number'] or ''}"),
                (t("牵头单位", "Lead"), stated(found["lead_text"])),
                (t("责任单位", "Responsible"), stated(found["responsible_text"])),
                (t("状态", "State"), state_badge(found)),
                (t("完成", "Done"), per_cent(found["done_share"])),
                (t("计划", "Planned"), per_cent(found["planned_share"])),
                (t("逾期天数", "Days late"), found["days_late"] or "—"),
            )
        )
        if found["text"] not in ("", "unstated"):
            paragraph(found["text"])
    _milestones(found["milestones"])
    _standards(names, found)
    _team(found["team"])
    _problems(found["problems"])
    _progress(found["progress"])


def _milestones(milestones: list[Found]) -> None:
    with section(t(f"目标与期限（{len(milestones)}）", f"Milestones ({len(milestones)})")):
        if not milestones:
            empty(t("来源未载明期限和数量", "The source states no deadline and no quantity"))
        for each in milestones:
            heading(each["name"], 3)
            if each["quote"]:
                paragraph(f"“{each['quote']}”", "note")
            facts(
                (
                    (t("期限", "Due"), _due(each)),
                    (t("数量", "Quantity"), _quantity(each)),
                    (t("已完成", "Done"), _amount(each["done"], each["unit"])),
                    (t("应完成", "Planned by now"), _amount(each["planned"], each["unit"])),
                    (t("推算", "How planned"), each["how_planned_name"]),
                    (t("按目前进度", "At this pace"), each["forecast"]["reaches_on"] or each["forecast"]["why"]),
                    (t("状态", "State"), state_badge(each)),
                )
            )
            bullets(each["readings"])


def _quantity(milestone: Found) -> str:
    return stated(milestone["quantity_text"])


def _due(milestone: Found) -> str:
    words, day = stated(milestone["due_text"]), milestone["due"]
    return f"{words}（{day}）" if day else words


def _amount(amount: float | None, unit: str) -> str:
    return t("没有填报", "not reported") if amount is None else f"{amount:g} {unit}"


MET: Final[dict[bool | None, tuple[Words, Tone]]] = {
    True: (Words("符合", "met"), "good"),
    False: (Words("不符合", "not met"), "bad"),
    None: (Words("无法测算，须书面说明", "not measurable: a statement is needed"), "warning"),
}


def _standards(names: Names, found: Found) -> None:
    with section(t("销号的三条标准", "The three standards of the close-out")):
        for standard in found["standards"]:
            heading(standard["name"], 3)
            words, tone = MET[standard["met"]]
            badge(words, tone)
            plain_table(
                standard["name"],
                (
                    (t("测算", "Criterion"), lambda each: each["name"]),
                    (t("结果", "Measured"), _measured),
                    (t("销号要求", "Needed"), lambda each: _needed(each["closes_at"])),
                    (t("差距", "Missing"), partial(_missing, names)),
                ),
                standard["criteria"],
            )


def _measured(criterion: Found) -> str:
    if criterion["why_unmeasured"]:
        return str(criterion["why_unmeasured"])
    return f"{criterion['count']} / {criterion['of']}（{per_cent(criterion['share'])}）"


def _missing(names: Names, criterion: Found) -> object:
    missing = [names.get(each, each) for each in criterion["missing"]]
    if len(missing) <= _MOST_MISSING:
        return "；".join(missing) or "—"
    rest = missing[_MOST_MISSING:]
    words = tagged("summary", t(f"其余 {len(rest)} 项", f"{len(rest)} more"))
    return over("；".join(missing[:_MOST_MISSING]), tagged("details", Markup(words + tagged("p", "；".join(rest)))))


def _needed(closes_at: float | None) -> str:
    return t("仅供参考", "for information") if closes_at is None else per_cent(closes_at)


def _team(team: Found | None) -> None:
    with section(t("专班（一事一组）", "Team")):
        if team is None:
            empty(t("尚未组建专班", "No team yet"))
            return
        plain_table(
            t("专班成员", "members"),
            (
                (t("单位", "Organisation"), lambda each: each.get("name") or each["organisation"]),
                (t("分工", "Role"), lambda each: each.get("role", "—")),
                (t("联系岗位", "Contact"), lambda each: each.get("contact", "—")),
            ),
            team["members"],
        )


def _problems(problems: list[Found]) -> None:
    if problems:
        with section(t(f"问题（{len(problems)}）", f"Problems ({len(problems)})")):
            plain_table(
                t("问题", "problems"),
                (
                    (t("编号", "Id"), lambda each: each["id"]),
                    (t("问题", "Problem"), lambda each: each["text"]),
                    (t("请谁解决", "Asked of"), lambda each: each.get("asked_of") or "—"),
                    (t("结果", "Outcome"), lambda each: each.get("outcome") or t("未解决", "open")),
                ),
                problems,
            )


def _progress(progress: list[Found]) -> None:
    with section(t("填报的进展", "Reported progress")):
        if not progress:
            empty(t("还没有填报进展", "Nothing was reported yet"))
            return
        plain_table(
            t("进展", "progress"),
            (
                (t("日期", "On"), lambda each: each["on"]),
                (t("目标", "Milestone"), lambda each: each["milestone"]),
                (t("完成量", "Done"), lambda each: f"{each['done']:g}"),
                (t("说明", "Note"), lambda each: each.get("note") or "—"),
                (t("凭据", "Evidence"), lambda each: "、".join(each.get("evidence", ())) or "—"),
                (t("填报人", "By"), lambda each: each.get("by") or each.get("actor") or "—"),
            ),
            list(reversed(progress)),
        )


def _acts(found: Found, again: Reload) -> None:
    with box("actions"):
        if found["life"] == "closed":
            button(t("重新打开…", "Reopen…"), partial(_with_reason, found, "reopened", again))
            return
        if found["milestones"]:
            button(t("填报进展…", "Report progress…"), partial(_report, found, again), "primary")
        button(t("提出问题…", "Raise a problem…"), partial(_raise, found, again))
        if found["life"] == "open":
            button(t("申请销号…", "Ask for close-out…"), partial(_close, found, again))
        else:
            button(
                t("审核销号", "Consent to close-out"), partial(_act, found, "closing-reviewed", {}, again), "primary"
            )
            button(t("退回销号…", "Return…"), partial(_with_reason, found, "closing-returned", again))


async def _act(found: Found, action: str, payload: Found, again: Reload, reason: str = "") -> bool:
    who = actor()
    if not (who.person and who.department):
        await ask_who()
        return False
    body = {"actor": who.person, "payload": {"organisation": who.department, **payload}}
    path = f"/v1/catalog/ledger-entry/{segment(found['id'])}/{action}"
    await hub().post(path, body | ({"reason": reason} if reason else {}))
    tell(DONE)
    await again()
    return True


def _report(found: Found, again: Reload) -> None:
    with ui.dialog(value=True) as dialog, ui.card().classes("dialog"), section(t("填报进展", "Progress"), 2, ""):
        milestones = {each["id"]: each["name"] for each in found["milestones"]}
        milestone = choice_field(t("目标", "Milestone"), milestones, next(iter(milestones)))
        done = text_field(t("累计完成量", "Done in all"))
        told = text_field(t("说明", "Note"), long=True)
        evidence = text_field(t("凭据（用、分隔）", "Evidence"))

        async def reported() -> None:
            payload = {
                "milestone": milestone.value,
                "done": _number(done.value),
                "note": str(told.value or ""),
                "evidence": [each.strip() for each in str(evidence.value or "").split("、") if each.strip()],
            }
            if await _act(found, "progress-reported", payload, again):
                dialog.close()

        _confirm(dialog, t("填报", "Report"), reported)


def _number(value: object) -> object:
    """A number where it is one; anything else goes as it is, and the register says what is wrong with it."""
    try:
        return float(str(value))
    except ValueError:
        return value


def _raise(found: Found, again: Reload) -> None:
    with ui.dialog(value=True) as dialog, ui.card().classes("dialog"), section(t("提出问题", "A problem"), 2, ""):
        told = text_field(t("问题", "Problem"), long=True)
        asked = text_field(t("请谁解决", "Asked of"))

        async def raised() -> None:
            payload = {
                "id": f"p-{len(found['problems']) + 1}",
                "text": str(told.value or ""),
                "asked_of": str(asked.value or ""),
            }
            if await _act(found, "problem-raised", payload, again):
                dialog.close()

        _confirm(dialog, t("提出", "Raise"), raised)


def _close(found: Found, again: Reload) -> None:
    unmeasured = [each for each in found["standards"] if each["needs_statement"]]
    with ui.dialog(value=True) as dialog, ui.card().classes("dialog"), section(t("申请销号", "Close-out"), 2, ""):
        note(
            t(
                "须三条标准全部符合；无法测算的须书面说明并附凭据，由另外的人审核。",
                "All three must be met; what cannot be measured needs a statement with evidence, reviewed by others.",
            )
        )
        fields = {
            each["id"]: (
                text_field(t(f"{each['name']}：说明", f"{each['name']}: statement"), long=True),
                text_field(t(f"{each['name']}：凭据", f"{each['name']}: evidence")),
            )
            for each in unmeasured
        }

        async def asked() -> None:
            statements = [
                {"standard": name, "text": str(told.value), "evidence": [str(proof.value)] if proof.value else []}
                for name, (told, proof) in fields.items()
                if told.value
            ]
            payload = {"statements": statements, "reductions": found["reductions"]}
            if await _act(found, "closing-requested", payload, again):
                dialog.close()

        _confirm(dialog, t("申请销号", "Ask"), asked)


def _with_reason(found: Found, action: str, again: Reload) -> None:
    with ui.dialog(value=True) as dialog, ui.card().classes("dialog"), section(t("理由", "Reason"), 2, ""):
        reason = text_field(t("理由", "Reason"), long=True)

        async def given() -> None:
            if await _act(found, action, {}, again, str(reason.value or "").strip()):
                dialog.close()

        _confirm(dialog, t("确定", "Do it"), given)


def _confirm(dialog: ui.dialog, words: str, act: Callable[[], Any]) -> None:
    with box("actions"):
        button(words, act, "primary")
        button(t("取消", "Cancel"), dialog.close)
