"""办件: every case of both kinds, searched and paged by the hub."""

from functools import partial
from typing import Any, Final

from onething.console.case_words import CASE_STATES, word
from onething.console.frame import console_page
from onething.console.hub import hub
from onething.console.instants import due_day, minute
from onething.console.language import Words, t
from onething.console.markup import Markup, badge_markup, inline, link_markup, mono
from onething.console.masking import subject_name
from onething.console.server_table import Column, Filter, Row, Rows, Wanted, server_table

ORDERS: Final = {
    "requested_at": "oldest",
    "-requested_at": "newest",
    "deadline_at": "due",
    "-deadline_at": "due-last",
}
"""A heading's order → the hub's word for it."""


def register() -> None:
    """The list of cases."""

    @console_page("/cases", Words("办件查询", "Cases"), group="services", order=20)
    async def cases(bundle: str = "", subject: str = "", state: str = "", department: str = "") -> None:
        found = await hub().get("/v1/bundles")
        await server_table(
            columns(),
            partial(rows, department=department),
            caption=t("办件", "cases"),
            filters=filters(found["bundles"], {"bundle": bundle, "subject": subject, "state": state}),
            nothing=t("没有符合条件的办件", "No case fits"),
            next_step=t("去办一件事", "Apply for a bundle"),
            next_href="/bundles",
        )


def case_path(row: Row) -> str:
    """The page of a case."""
    kind = "verifications" if row["kind"] == "verification" else "applications"
    return f"/{kind}/{row['case_id']}"


def state_badge(row: Row) -> Markup:
    """How far a case is."""
    words, tone = word(CASE_STATES, row["status"])
    late = [badge_markup(t("逾期", "overdue"), "bad")] if row["overdue"] else []
    return inline([badge_markup(words, tone), *late])


def columns() -> list[Column]:
    """What the list shows."""
    return [
        Column("case_id", t("办件编号", "Case"), lambda row: link_markup(row["case_id"], case_path(row), "mono")),
        Column("bundle_name", t("一件事", "Bundle")),
        Column("subject", t("申请人", "Applicant"), lambda row: mono(subject_name(row["subject"]))),
        Column("lead_name", t("牵头部门", "Lead")),
        Column("status", t("状态", "State"), state_badge),
        Column("requested_at", t("提交时间", "Submitted"), lambda row: minute(row["requested_at"]), sortable=True),
        Column("deadline_at", t("期限", "Due"), lambda row: due_day(row["deadline_at"]), sortable=True),
    ]


def filters(bundles: list[dict[str, Any]], given: dict[str, str]) -> list[Filter]:
    """What the list can be narrowed by."""
    states = {"open": t("在办", "open"), "ended": t("已办结", "ended")}
    states |= {state: str(words) for state, (words, _) in CASE_STATES.items() if state != "submitted"}
    kinds = {"handling": t("办理", "handling"), "verification": t("核查", "verification")}
    return [
        Filter("subject", t("申请人（统一社会信用代码）", "Applicant (USCC)"), value=given["subject"]),
        Filter("bundle", t("一件事", "Bundle"), {each["id"]: each["name"] for each in bundles}, given["bundle"]),
        Filter("state", t("状态", "State"), states, given["state"]),
        Filter("kind", t("类别", "Kind"), kinds),
        Filter("overdue", t("逾期", "Overdue"), {"true": t("逾期", "overdue"), "false": t("未逾期", "in time")}),
    ]


async def rows(wanted: Wanted, department: str = "") -> Rows:
    """One page of cases."""
    found = await hub().get(
        "/v1/cases",
        **wanted.filters,
        department=department,
        order=ORDERS.get(wanted.sort, "newest"),
        page=wanted.after,
        page_size=wanted.limit,
    )
    return Rows(found["cases"], found["next_page"], found["total"])
