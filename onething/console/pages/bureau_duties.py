"""义务看板: who owes what by when, by department, down to each duty and what happened to it."""

from functools import partial
from typing import Any, Final

from catalog.duties.board import STANDING_NAMES
from catalog.duties.limits import KIND_NAMES
from onething.console.catalog_names import departments
from onething.console.elements import Tone, box, facts, figure, link, note, paragraph, section
from onething.console.frame import console_page, retitle
from onething.console.hub import hub, segment
from onething.console.instants import day, due_day, minute
from onething.console.language import Words, t
from onething.console.markup import Markup, badge_markup, link_markup, unbroken
from onething.console.server_table import Column, Filter, Row, Rows, Wanted, server_table
from onething.console.states import empty, loaded
from onething.console.tables import folded_table, plain_table

STANDINGS: Final[dict[str, tuple[Words, Tone]]] = {
    "overdue": (Words(STANDING_NAMES["overdue"], "overdue"), "bad"),
    "due-soon": (Words(STANDING_NAMES["due-soon"], "due soon"), "warning"),
    "open": (Words(STANDING_NAMES["open"], "open"), "running"),
    "suspended": (Words(STANDING_NAMES["suspended"], "suspended"), "quiet"),
    "fulfilled": (Words(STANDING_NAMES["fulfilled"], "in time"), "good"),
    "fulfilled-late": (Words(STANDING_NAMES["fulfilled-late"], "late"), "warning"),
    "lapsed": (Words(STANDING_NAMES["lapsed"], "lapsed"), "quiet"),
}
"""How duties stand, what presses first in front."""

COUNTING: Final = Words(
    "收到当日不计，自次日起按工作日计；期限截至最后一个工作日 24 时。中止期间不计。",
    "Working days from the day after receipt to the end of the last one; a suspension stops the count.",
)

Names = dict[str, str]


def register() -> None:
    """The board, the duties behind a figure, and one duty."""

    @console_page("/duties", Words("义务看板", "Duty board"), group="bureau", order=30)
    async def duties() -> None:
        names = await departments()
        await loaded(lambda: hub().get("/v1/duties/board"), partial(_board, names))
        await loaded(lambda: hub().get("/v1/duties/limits"), _limits)

    @console_page("/duties/of/{department}", Words("部门义务", "Duties of a department"))
    async def behind(department: str, stands: str = "") -> None:
        names = await departments()
        retitle(t(f"{names.get(department, department)}：义务", f"{names.get(department, department)}: duties"))
        await server_table(
            columns(names),
            partial(rows, department),
            caption=t("义务", "duties"),
            filters=filters(stands),
            nothing=t("没有这样的义务", "No such duty"),
            next_step=t("回到义务看板", "Back to the board"),
            next_href="/duties",
        )
        note(COUNTING)

    @console_page("/duties/{duty_id}", Words("义务", "Duty"))
    async def one(duty_id: str) -> None:
        names = await departments()
        await loaded(lambda: hub().get(f"/v1/duties/{segment(duty_id)}"), partial(_one, names))


def _board(names: Names, found: dict[str, Any]) -> None:
    lines = found["departments"]
    if not lines:
        empty(
            t("还没有义务", "There are no duties yet"),
            t("目录条目提交、需求申请、校核都会产生义务。", "Submitted entries, demands and corrections open them."),
        )
        return
    with box("figures"):
        for name, (words, _) in STANDINGS.items():
            figure(sum(line["counts"][name] for line in lines), words)
    with section(t("按部门", "By department")):
        folded_table(
            t("义务看板", "duty board"),
            (
                (t("部门", "Department"), partial(_department, names)),
                *((str(words), partial(_count, name)) for name, (words, _) in STANDINGS.items()),
                (t("按期率", "In time"), lambda line: share(line["in_time"])),
            ),
            sorted(lines, key=_pressing),
            figures=range(1, len(STANDINGS) + 2),
        )
        note(t(f"截至 {minute(found['at'])}。", f"As of {minute(found['at'])}. ") + str(COUNTING))


def _pressing(line: dict[str, Any]) -> tuple[int, int, str]:
    return -line["counts"]["overdue"], -line["counts"]["due-soon"], line["department"]


def _department(names: Names, line: dict[str, Any]) -> Markup:
    code = line["department"]
    return link_markup(names.get(code, code), f"/duties/of/{segment(code)}")


def _count(name: str, line: dict[str, Any]) -> object:
    count = line["counts"][name]
    if not count:
        return "0"
    return link_markup(count, f"/duties/of/{segment(line['department'])}?stands={name}")


def share(value: float | None) -> str:
    """A share in per cent; a dash where there is no denominator."""
    return "—" if value is None else f"{value:.1%}"


def _limits(found: dict[str, Any]) -> None:
    with section(t("法定期限", "Limits in force and past")):
        plain_table(
            t("法定期限", "limits"),
            (
                (t("义务", "Duty"), lambda each: KIND_NAMES.get(each["kind"], each["kind"])),
                (t("依据", "Basis"), lambda each: each["basis"]),
                (t("期限", "Limit"), lambda each: unbroken(_working_days(each["working_days"]))),
                (t("可延长", "Extension"), _extension),
                (t("施行", "In force"), _in_force),
                (t("原文", "Text"), lambda each: _known(each["known"])),
            ),
            found["limits"],
        )


def _working_days(count: int | None) -> str:
    return t("未载明", "unstated") if count is None else t(f"{count} 个工作日", f"{count} working days")


def _extension(limit: dict[str, Any]) -> str:
    if not limit["extensions"]:
        return "—"
    unit = t("个工作日", "working days") if limit["extension_unit"] == "working-days" else t("日", "days")
    return t(
        f"至多 {limit['extension_days']} {unit}，{limit['extensions']} 次",
        f"up to {limit['extension_days']} {unit}, {limit['extensions']} ×",
    )


def _in_force(limit: dict[str, Any]) -> Markup:
    since, until = limit["in_force_from"], limit["in_force_until"]
    return unbroken(t(f"{since} 至 {until}", f"{since} to {until}") if until else t(f"{since} 起", f"since {since}"))


def _known(how: str) -> str:
    return t("原文载明", "stated") if how == "stated" else t("转述，未见原文", "second-hand")


def columns(names: Names) -> list[Column]:
    """What the list of a department's duties shows."""
    return [
        Column("id", t("编号", "Duty"), _code),
        Column("kind", t("义务", "What"), lambda row: KIND_NAMES.get(row["kind"], row["kind"])),
        Column("counterpart", t("对方", "To"), lambda row: names.get(row["counterpart"], row["counterpart"])),
        Column("received_at", t("收到", "Received"), lambda row: unbroken(day(row["received_at"]))),
        Column("due_at", t("期限", "Due"), lambda row: unbroken(due_day(row["due_at"]))),
        Column("working_days_left", t("剩余工作日", "Days left"), _days_left, align="end"),
        Column("stands", t("状态", "State"), _standing),
    ]


def _days_left(row: Row) -> str:
    return "—" if row["working_days_left"] is None else str(row["working_days_left"])


def _standing(row: Row) -> Markup:
    return badge_markup(*STANDINGS[row["stands"]])


def _code(row: Row) -> Markup:
    return link_markup(row["id"], f"/duties/{segment(row['id'])}", "mono")


def filters(stands: str) -> list[Filter]:
    """What the list can be narrowed by."""
    standings = {name: str(words) for name, (words, _) in STANDINGS.items()}
    return [
        Filter("stands", t("状态", "State"), standings, stands),
        Filter("kind", t("义务", "What"), dict(KIND_NAMES)),
    ]


async def rows(department: str, wanted: Wanted) -> Rows:
    """One page of a department's duties, those that end first in front."""
    path = f"/v1/duties/board/{segment(department)}"
    found = await hub().get(path, **wanted.filters, after=wanted.after or "0", limit=wanted.limit)
    following = found["next_after"]
    return Rows(found["duties"], None if following is None else str(following), found["count"])


def _one(names: Names, found: dict[str, Any]) -> None:
    duty = found["state"]
    retitle(KIND_NAMES.get(duty["kind"], duty["kind"]))
    with section(t("概况", "At a glance")):
        facts(
            (
                (t("编号", "Id"), duty["id"]),
                (t("责任部门", "Owed by"), names.get(duty["department"], duty["department"])),
                (t("对方", "To"), names.get(duty["counterpart"], duty["counterpart"])),
                (t("所涉", "About"), partial(_about, duty)),
                (t("收到", "Received"), minute(duty["received_at"])),
                (t("期限截至", "Due"), _due(duty)),
                (t("法定期限", "Limit"), duty["limit"] or t("未载明", "unstated")),
                (t("警示次数", "Warnings"), duty["warned"]),
            )
        )
        paragraph(COUNTING)
    with section(t("经过", "What happened")):
        plain_table(
            t("经过", "what happened"),
            (
                (t("时间", "When"), lambda each: unbroken(minute(each["at"]))),
                (t("事实", "What"), lambda each: str(HAPPENED.get(each["action"], each["action"]))),
                (t("说明", "Remark"), _remark),
            ),
            duty["facts"],
        )


HAPPENED: Final[dict[str, Words]] = {
    "opened": Words("收到", "received"),
    "suspended": Words("中止", "suspended"),
    "resumed": Words("恢复", "resumed"),
    "extended": Words("延长", "extended"),
    "fulfilled": Words("办结", "fulfilled"),
    "lapsed": Words("终止", "lapsed"),
    "escalated": Words("争议上移", "escalated"),
    "settled": Words("争议了结", "settled"),
}

_PAGES: Final = {"resource": "/catalogue", "demand": "/departments/demands", "correction": "/corrections"}


def _about(duty: dict[str, Any]) -> None:
    where = _PAGES.get(duty["entity"])
    if where is None:
        note(duty["entity_id"])
    else:
        link(duty["entity_id"], f"{where}/{segment(duty['entity_id'])}", "mono")


def _due(duty: dict[str, Any]) -> str:
    if duty.get("due_at") is None:
        return t("已终止或未载明", "ended, or unstated")
    told = due_day(duty["due_at"])
    return told + (
        t("（假日安排未公布，暂定）", " (provisional: holidays not arranged)") if duty["provisional"] else ""
    )


def _remark(happened: dict[str, Any]) -> str:
    told = [str(happened.get(name) or "") for name in ("reason", "outcome", "rung")]
    told += happened.get("evidence", ())
    return "；".join(each for each in told if each)
