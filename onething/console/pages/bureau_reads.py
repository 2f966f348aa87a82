"""读取记录: who read what, for which purpose and on which ground; refused reads too."""

from functools import partial
from typing import Final

from onething.console.catalog_names import resources
from onething.console.elements import badge, box, link, note, text
from onething.console.frame import console_page
from onething.console.hub import hub, segment
from onething.console.instants import when
from onething.console.language import Words, t
from onething.console.masking import subject_name
from onething.console.server_table import Column, Filter, Row, Rows, Wanted, server_table

_NAMED: Final = 3


def register() -> None:
    """The list of reads."""

    @console_page("/reads", Words("读取记录", "Who read what"), group="bureau", order=70)
    async def reads(subject: str = "", reader: str = "", resource: str = "") -> None:
        names = {code: each.name for code, each in (await resources()).items()}
        await server_table(
            columns(names),
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


def columns(names: dict[str, str]) -> list[Column]:
    """What the list shows."""
    return [
        Column("at", t("时间", "When"), lambda row: when(row["at"]), sortable=True),
        Column("reader", t("谁", "Who"), sortable=True),
        Column("subjects", t("查阅对象", "Whom"), lambda row: partial(_subjects, row)),
        Column("resources", t("数据资源", "What"), lambda row: partial(_resources, names, row)),
        Column("purpose", t("用途", "Purpose"), sortable=True),
        Column("ground", t("依据", "Ground"), lambda row: partial(_ground, row)),
        Column("record_count", t("记录数", "Records"), sortable=True, align="end"),
        Column("refused_reason", t("结果", "Outcome"), lambda row: partial(_outcome, row)),
    ]


def _subjects(row: Row) -> None:
    _some([_subject(each) for each in row["subjects"]], row["subject_count"])


def _subject(subject: str) -> str:
    kind, _, name = subject.partition(":")
    if name == "*":
        return t("全部企业", "every enterprise") if kind == "enterprise" else t("全部个人", "every person")
    return subject_name(subject)


def _resources(names: dict[str, str], row: Row) -> None:
    if row["resource_count"]:
        _some([names.get(each, each) for each in row["resources"]], row["resource_count"])
    else:
        text(t("全部可读", "all that may be read"))


def _some(names: list[str], count: int) -> None:
    told = "、".join(names[:_NAMED])
    text(told + t(f" 等 {count} 项", f" and others, {count} in all") if count > _NAMED else told)


def _ground(row: Row) -> None:
    with box():
        if row["case_id"]:
            text(t("办件 ", "case "))
            link(row["case_id"], f"/cases?subject={segment(row['case_id'])}", "mono")
        if row["grant_id"]:
            text(t("授权 ", "grant ") + row["grant_id"])
        if not (row["case_id"] or row["grant_id"]):
            text("—")


def _outcome(row: Row) -> None:
    if row["refused_reason"]:
        badge(t("已拒绝", "refused"), "bad")
        note(row["refused_reason"])
    else:
        badge(t("已提供", "given"), "good")


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
