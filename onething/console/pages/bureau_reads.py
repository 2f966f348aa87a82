"""读取记录: who read what, for which purpose and on which ground; refused reads too."""

import re
from functools import partial
from typing import Final

from onething.console.catalog_names import departments, resources
from onething.console.elements import note
from onething.console.frame import console_page
from onething.console.hub import hub, segment
from onething.console.instants import when
from onething.console.language import Words, t
from onething.console.markup import Markup, badge_markup, link_markup, over, tagged, unbroken
from onething.console.masking import subject_name
from onething.console.server_table import Column, Filter, Row, Rows, Wanted, server_table

Names = dict[str, str]

_NAMED: Final = 3
_OWN_PART: Final = re.compile(r"(archive|coordinator|follower|gateway|lake|analyst)(-\d+)?")


def register() -> None:
    """The list of reads."""

    @console_page("/reads", Words("读取记录", "Who read what"), group="bureau", order=70)
    async def reads(subject: str = "", reader: str = "", resource: str = "") -> None:
        names = {code: each.name for code, each in (await resources()).items()}
        await server_table(
            columns(names, await departments()),
            rows,
            caption=t("读取记录", "reads"),
            filters=filters(subject, reader, resource),
            nothing=t("没有这样的读取", "No such read"),
            sort="-at",
        )
        note(
            t(
                "每次查档都指明用途和依据；个人标识只显示前几位。记录入湖后显示，约需数秒。",
                "Every read names purpose and ground; persons' tokens are cut short. Shown once in the lake.",
            )
        )


def columns(names: Names, who: Names) -> list[Column]:
    """What the list shows."""
    return [
        Column("at", t("时间", "When"), _at, sortable=True),
        Column("reader", t("谁", "Who"), lambda row: reader_name(row["reader"], who), sortable=True),
        Column("subjects", t("查阅对象", "Whom"), _subjects),
        Column("resources", t("数据资源", "What"), partial(_resources, names)),
        Column("purpose", t("用途", "Purpose"), sortable=True),
        Column("ground", t("依据", "Ground"), _ground),
        Column("record_count", t("结果", "Outcome"), _outcome, sortable=True),
    ]


def _at(row: Row) -> Markup:
    day, _, time = when(row["at"]).partition(" ")
    return over(unbroken(day), time, "note")


def reader_name(reader: str, who: Names) -> object:
    """Who read, by the organisation's name; the hub's own parts are called so, with their name under it."""
    organisation, _, account = reader.partition(":")
    if organisation in who:
        return f"{who[organisation]}·{account}" if account else who[organisation]
    if _OWN_PART.fullmatch(reader):
        return over(t("平台", "the hub"), reader, "nowrap mono note")
    return over(unbroken(account), organisation, "nowrap mono note") if account else unbroken(reader)


def _subjects(row: Row) -> str:
    return _some([_subject(each) for each in row["subjects"]], row["subject_count"])


def _subject(subject: str) -> str:
    kind, _, name = subject.partition(":")
    if name == "*":
        return t("全部企业", "every enterprise") if kind == "enterprise" else t("全部个人", "every person")
    return subject_name(subject)


def _resources(names: Names, row: Row) -> Markup:
    if not row["resource_count"]:
        return unbroken(t("全部可读", "all that may be read"))
    told = _some([names.get(each, each) for each in row["resources"]], row["resource_count"])
    return tagged("div", told, class_="some")


def _some(names: list[str], count: int) -> str:
    told = "、".join(names[:_NAMED])
    return told + t(f" 等 {count} 项", f" and others, {count} in all") if count > _NAMED else told


def _ground(row: Row) -> object:
    told = []
    if row["case_id"]:
        case = link_markup(row["case_id"], f"/applications/{segment(row['case_id'])}", "mono")
        told.append(over(t("办件", "case"), case, "ground"))
    if row["grant_id"]:
        told.append(over(t("授权", "grant"), row["grant_id"], "mono ground"))
    return Markup("".join(told)) if told else "—"


def _outcome(row: Row) -> Markup:
    if row["refused_reason"]:
        return over(badge_markup(t("已拒绝", "refused"), "bad"), row["refused_reason"])
    count = row["record_count"]
    return over(badge_markup(t("已提供", "given"), "good"), t(f"{count:,} 条", f"{count:,} records"))


def filters(subject: str, reader: str, resource: str) -> list[Filter]:
    """What the list can be narrowed by."""
    return [
        Filter("subject", t("查阅对象", "Whom"), value=subject),
        Filter("reader", t("谁", "Who"), value=reader),
        Filter("resource", t("数据资源代码", "Resource code"), value=resource),
        Filter("purpose", t("用途", "Purpose")),
        Filter("refused", t("结果", "Outcome"), {"true": t("已拒绝", "refused"), "false": t("已提供", "given")}),
    ]


async def rows(wanted: Wanted) -> Rows:
    """One page of reads."""
    found = await hub().get("/v1/reads", **wanted.query())
    return Rows(found["reads"], found["next_after"], found["total"])
