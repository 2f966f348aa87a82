"""校核: every disputed value, how its dispute ended, and who consumed a wrong one."""

from functools import partial
from typing import Any, Final

from onething.console.catalog_names import departments, resources
from onething.console.elements import Tone, box, button, facts, figure, note, section, text
from onething.console.frame import console_page
from onething.console.hub import hub, segment
from onething.console.instants import minute
from onething.console.language import Words, t
from onething.console.markup import Markup, badge_markup, link_markup, over, tagged, unbroken
from onething.console.masking import masked, subject_name
from onething.console.server_table import Column, Filter, Row, Rows, Wanted, server_table
from onething.console.states import empty, loaded
from onething.console.tables import plain_table

STATES: Final[dict[str, tuple[Words, Tone]]] = {
    "disputed": (Words("有争议", "disputed"), "warning"),
    "corrected": (Words("已更正", "corrected"), "good"),
    "mark-removed": (Words("已撤销标注", "mark removed"), "good"),
    "undeterminable": (Words("无法判定", "undeterminable"), "quiet"),
    "withdrawn": (Words("已撤回", "withdrawn"), "quiet"),
}

Found = dict[str, Any]
Names = dict[str, str]


def register() -> None:
    """The list of disputes, and one of them with its recall."""

    @console_page("/corrections", Words("校核", "Corrections"), group="bureau", order=45)
    async def corrections(state: str = "") -> None:
        names = await departments()
        titles = {code: each.name for code, each in (await resources()).items()}
        await server_table(
            columns(names, titles),
            rows,
            caption=t("校核", "corrections"),
            filters=filters(names, state),
            nothing=t("没有争议", "Nothing is disputed"),
            next_step=t(
                "谁能读到一个值，谁就可以提出异议：onething correction dispute", "Whoever may read may dispute."
            ),
            sort="-changed_at",
        )

    @console_page("/corrections/{correction}", Words("校核", "Correction"))
    async def one(correction: str) -> None:
        names = await departments()
        titles = {code: each.name for code, each in (await resources()).items()}
        await loaded(lambda: hub().get(f"/v1/corrections/{segment(correction)}"), partial(_one, names, titles))


def columns(names: Names, titles: Names) -> list[Column]:
    """What the list shows."""
    return [
        Column("subject", t("对象", "Whose"), _link),
        Column("resource", t("数据资源", "Resource"), lambda row: _named(titles, row["state"]["resource"]), True),
        Column("provider", t("数源部门", "Source"), lambda row: _named(names, row["state"]["provider"]), True),
        Column(
            "disputed_by", t("提出部门", "Disputed by"), lambda row: _named(names, row["state"]["disputed_by"]), True
        ),
        Column("reason", t("理由", "Reason"), _reason),
        Column("changed_at", t("最近变更", "Changed"), lambda row: unbroken(minute(row["changed_at"])), True),
        Column("state", t("状态", "State"), lambda row: _state(row["state"]), True),
    ]


def _named(names: Names, code: str) -> str:
    return names.get(code, code)


def _link(row: Row) -> Markup:
    shown = link_markup(subject_name(row["state"]["subject"]), f"/corrections/{segment(row['entity_id'])}")
    return over(shown, row["entity_id"], "mono note")


def _reason(row: Row) -> Markup:
    return tagged("div", masked(row["state"]["reason"]), class_="some")


def _state(correction: Found) -> Markup:
    return badge_markup(*STATES[correction["state"]])


def filters(names: Names, state: str) -> list[Filter]:
    """What the list can be narrowed by."""
    return [
        Filter("state", t("状态", "State"), {name: str(words) for name, (words, _) in STATES.items()}, state),
        Filter("provider", t("数源部门", "Source"), names),
        Filter("disputed_by", t("提出部门", "Disputed by"), names),
    ]


async def rows(wanted: Wanted) -> Rows:
    """One page of disputes."""
    found = await hub().get("/v1/corrections", **wanted.query())
    return Rows(found["entities"], found["next_after"], found["total"])


def _one(names: Names, titles: Names, found: Found) -> None:
    state = found["state"]
    value = state["value"]
    with section(t("争议", "Dispute")):
        facts(
            (
                (t("状态", "State"), _state(state)),
                (t("对象", "Whose"), subject_name(state["subject"])),
                (t("数据资源", "Resource"), _resource(titles, state["resource"])),
                (t("记录", "Record"), state["record_id"]),
                (t("信息项", "Field"), value.get("field") or t("整条记录", "the whole record")),
                (t("理由", "Reason"), masked(state["reason"])),
                (t("提出部门", "Disputed by"), _named(names, state["disputed_by"])),
                (t("提出时间", "Since"), minute(state["disputed_at"])),
                (t("数源部门", "Source"), _named(names, state["provider"])),
                (t("办结时间", "Ended"), minute(state["ended_at"])),
                (t("办结说明", "Outcome"), masked(state["end_reason"])),
            )
        )
    _recalled(found["entity_id"])


def _resource(titles: Names, code: str) -> Markup:
    return over(link_markup(_named(titles, code), f"/catalogue/{segment(code)}"), code, "mono note")


def _recalled(correction: str) -> None:
    """Whom to tell; reading the log takes a while, so it is asked for by hand."""
    with section(t("追溯：谁用过这个值", "Recall: who consumed the value")):
        note(t("从该值出现到更正，逐条读取日志，可能需要数秒。", "Read from the log, from its appearance on."))
        place = box()

        async def recall() -> None:
            place.clear()
            with place:
                words = t("正在读取日志…", "Reading the log…")
                await loaded(lambda: hub().get(f"/v1/corrections/{segment(correction)}/recall"), _recall, words=words)

        button(t("开始追溯", "Recall"), recall, "primary")


def _recall(found: Found) -> None:
    with box("figures"):
        figure(len(found["departments"]), t("单位", "organisations"))
        figure(len(found["cases"]), t("办件", "cases"))
        figure(len(found["reports"]), t("报告", "reports"))
    if not found["consumptions"]:
        empty(t("没有人用过这个值", "Nobody consumed it"))
        return
    plain_table(
        t("追溯", "consumptions"),
        (
            (t("时间", "When"), lambda each: unbroken(minute(each.get("at")))),
            (t("方式", "How"), lambda each: each["kind_name"]),
            (t("单位", "Who"), lambda each: each["department_name"]),
            (t("办件", "Case"), lambda each: each.get("case") or "—"),
        ),
        found["consumptions"],
    )
    text(t(f"共 {len(found['consumptions'])} 次", f"{len(found['consumptions'])} times"))
