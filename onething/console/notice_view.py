"""一次告知 as a page shows it: what applies, what the archive holds, what is needed, what may be promised or follow."""

from collections.abc import Mapping
from typing import Any, Final

from nicegui.element import Element

from onething.console.case_words import UNSTATED
from onething.console.elements import badge, box, bullets, facts, heading, section
from onething.console.language import Words, t
from onething.console.markup import Markup, badge_markup, inline, marked
from onething.console.tables import plain_table

KINDS: Final[Mapping[bool, Words]] = {True: Words("告知承诺", "promise"), False: Words("容缺受理", "to follow")}


def notice_view(notice: dict[str, Any]) -> Element:
    """The notice as the applicant reads it."""
    with section(t("二、一次告知", "2. One notice")) as shown:
        if notice["closed"]:
            badge(t("主体已终止，不能办理", "the subject has ended"), "bad")
        if not notice["exists"]:
            badge(t("档案中查无此主体", "no such subject in the archive"), "warning")
        for question in notice["questions"]:
            badge(t("还须回答：", "still to answer: ") + question["text"], "warning")
        facts(
            (
                (t("承诺时限", "Promised"), _days(notice["promised"])),
                (t("法定时限", "By law"), _days(notice["legal"])),
                (t("费用", "Fee"), _fee(notice["fee"])),
                (t("牵头部门", "Lead"), "、".join(notice["lead"]) or str(UNSTATED)),
            )
        )
        _notice_items(notice["items"])
        with box("columns"):
            with box():
                heading(t("档案已有，免于提交", "Held by the archive"), 3)
                bullets([_held(each) for each in notice["held"]] or [t("无", "none")])
            with box():
                heading(t("需要提交", "To be supplied"), 3)
                bullets([f"{each['name']}：{each['text']}" for each in notice["needed"]] or [t("无", "none")])
        _offers(notice["offers"])
    return shown


def _notice_items(items: list[dict[str, Any]]) -> None:
    plain_table(
        t("办理事项", "items"),
        (
            (t("序号", "No."), lambda each: str(each["number"])),
            (t("事项", "Item"), lambda each: each["text"]),
            (t("部门", "Department"), lambda each: "、".join(each["departments"]) or UNSTATED),
            (t("条件", "Conditions"), lambda each: _conditions(each["conditions"])),
            (t("承诺（工作日）", "Promised days"), lambda each: each["promised_days"] or UNSTATED),
        ),
        items,
    )


def _conditions(conditions: list[dict[str, Any]]) -> Markup:
    return Markup("".join(map(_condition, conditions)) or marked(None))


def _condition(condition: dict[str, Any]) -> Markup:
    holds = condition["holds"]
    return inline(
        [badge_markup(condition["reason"], "quiet" if holds is None else "good" if holds else "bad"), condition["text"]]
    )


def _held(each: dict[str, Any]) -> str:
    evidence = each["evidence"]
    return str(each["name"]) + (f"（{evidence['department']}，{each['state']}）" if evidence else "")


def _offers(offers: list[dict[str, Any]]) -> None:
    eligible = [each for each in offers if each["eligible"]]
    if eligible:
        heading(t("可以承诺或后补", "May be promised or brought later"), 3)
        bullets(
            f"{KINDS[each['kind'] == 'promise']}（{each['days']} 个工作日内）：{each['text']}{each['liability']}"
            for each in eligible
        )


def _days(term: dict[str, Any]) -> str:
    if term["days"] is None:
        return str(UNSTATED)
    told = t(f"{term['days']} 个工作日", f"{term['days']} working days")
    unstated = "、".join(map(str, term["unstated"]))
    return told + (t(f"（第 {unstated} 项来源未载明）", f" (not stated for item {unstated})") if unstated else "")


def _fee(fee: dict[str, Any]) -> str:
    told = (
        t("不收费", "none")
        if not fee["total_fen"]
        else t(f"{fee['total_fen'] / 100:.2f} 元", f"¥{fee['total_fen'] / 100:.2f}")
    )
    return told if not fee["unstated"] else told + t("（部分事项来源未载明）", " (not stated for some)")
