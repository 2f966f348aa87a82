"""首页: where to start, what is due next, what came last."""

import asyncio
from typing import Any, Final

from onething.console.case_words import CASE_STATES, word
from onething.console.elements import box, figure, paragraph, section
from onething.console.frame import console_page
from onething.console.hub import hub
from onething.console.instants import due_day, minute
from onething.console.language import Words, t
from onething.console.markup import badge_markup, link_markup
from onething.console.masking import subject_name
from onething.console.pages.cases import case_path
from onething.console.states import empty, loaded
from onething.console.tables import plain_table

SHOWN: Final = 6


def register() -> None:
    """The console's first page."""

    @console_page("/", Words("首页", "Overview"), group="services", order=0)
    async def home() -> None:
        paragraph(t("一条日志，一份档案，一次办好。", "One log, one archive, one answer."))
        with box("figures"):
            figure(t("办一件事", "Apply"), t("一次告知、一表申报、预审", "notice, form, pre-check"), "/bundles")
            figure(t("申请核查", "Verify"), t("各部门同时核查，一份报告", "all checks at once"), "/verifications/new")
            figure(t("查办件", "Cases"), t("进展、期限、结果", "progress, terms, results"), "/cases")
            figure(t("查档", "Archives"), t("一企一档、一人一档", "of enterprises and persons"), "/archives")
        await loaded(_cases, _draw)


async def _cases() -> tuple[dict[str, Any], dict[str, Any]]:
    asked = hub()
    return await asyncio.gather(
        asked.get("/v1/cases", state="open", order="due", page_size=SHOWN),
        asked.get("/v1/cases", page_size=SHOWN),
    )


def _draw(found: tuple[dict[str, Any], dict[str, Any]]) -> None:
    due, newest = found
    with section(t("最先到期的在办件", "Due next")):
        _listed(due["cases"], t("没有在办件", "Nothing is open"), due=True)
    with section(t("最新提交", "Newest")):
        _listed(newest["cases"], t("还没有办件", "No case yet"), due=False)


def _listed(cases: list[dict[str, Any]], nothing: str, *, due: bool) -> None:
    if not cases:
        empty(nothing, t("去办一件事", "Apply for a bundle"), "/bundles")
        return
    last = (
        (t("期限", "Due"), lambda each: due_day(each["deadline_at"]))
        if due
        else (t("提交时间", "Submitted"), lambda each: minute(each["requested_at"]))
    )
    plain_table(
        t("办件", "cases"),
        (
            (t("一件事", "Bundle"), lambda each: link_markup(each["bundle_name"], case_path(each))),
            (t("申请人", "Applicant"), lambda each: subject_name(each["subject"])),
            (t("状态", "State"), lambda each: badge_markup(*word(CASE_STATES, each["status"]))),
            last,
        ),
        cases,
    )
