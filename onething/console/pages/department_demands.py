"""共享需求: what others ask this department for, with the legal clock, and what it asked others for."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from onething.console.case_words import word
from onething.console.catalog_names import departments, resources
from onething.console.demand_words import SHARING, STATES
from onething.console.department import Desk, desk
from onething.console.elements import badge, box, figure, link, note, text
from onething.console.frame import console_page
from onething.console.hub import hub, segment
from onething.console.instants import minute
from onething.console.language import Words, t
from onething.console.pages.bureau_duties import STANDINGS
from onething.console.server_table import Column, Filter, Row, Rows, Wanted, server_table
from onething.console.states import loaded

PATH: Final = "/departments/demands"
DEMAND: Final = "demand"
TO_ANSWER: Final = "provider"
ASKED: Final = "requester"
_URGENT: Final = ("overdue", "due-soon", "open", "suspended")
_ENDED: Final = frozenset(("fulfilled", "fulfilled-late", "lapsed"))

Duty = Mapping[str, Any]


def register() -> None:
    """The list of demands that concern a department."""

    @console_page(PATH, Words("共享需求", "Demands"), group="departments", order=40)
    async def demands(role: str = TO_ANSWER, state: str = "") -> None:
        place = await desk()
        if place is None:
            return
        role = role if role in (TO_ANSWER, ASKED) else TO_ANSWER
        _roles(role)
        if role == TO_ANSWER:
            await loaded(partial(running_duties, place.code), _figures)
            note(
                t(
                    "期限按各项需求所载依据计算，以工作日计；剩余为负即为逾期。",
                    "Terms follow the basis that each demand names, in working days.",
                )
            )
        await server_table(
            _columns(role),
            partial(_rows, place, role),
            caption=t("共享需求", "demands"),
            filters=[Filter("state", t("状态", "State"), {name: str(word(STATES, name)[0]) for name in STATES}, state)],
            nothing=t("没有共享需求", "There are no demands"),
            next_step=t("在数据目录中查找资源", "Look for data in the catalogue"),
            next_href="/catalogue",
        )


async def running_duties(department: str) -> list[Duty]:
    """The department's duties that follow from demands and have not ended, what is due first standing first."""
    found = await hub().get(f"/v1/duties/board/{segment(department)}")
    return [each for each in found["duties"] if each["entity"] == DEMAND and each["stands"] not in _ENDED]


def clock(duty: Duty | None) -> None:
    """How a duty's clock stands, in working days."""
    if duty is None:
        text("—")
        return
    words, tone = STANDINGS[duty["stands"]]
    text(minute(duty["due_at"]) if duty["due_at"] else t("依据未载明期限", "the source states no term"))
    with box():
        badge(f"{words}{_days(duty['working_days_left'])}", tone)


def _days(days: int | None) -> str:
    if days is None:
        return ""
    return t(f" · 剩 {days} 个工作日", f" · {days} working days left")


def _roles(role: str) -> None:
    with box("inline state-line"):
        for name, words in (
            (TO_ANSWER, t("待本部门答复", "To be answered here")),
            (ASKED, t("本部门提出", "Asked for here")),
        ):
            shown = link(words, f"{PATH}?role={name}", "button primary" if name == role else "button")
            if name == role:
                shown.props("aria-current=page")


def _figures(duties: Sequence[Duty]) -> None:
    with box("figures"):
        for stands in _URGENT:
            words, _ = STANDINGS[stands]
            figure(sum(each["stands"] == stands for each in duties), words)


def _columns(role: str) -> list[Column]:
    party = t("需求方", "Requester") if role == TO_ANSWER else t("提供方", "Provider")
    return [
        Column("id", t("编号", "Id"), lambda row: lambda: link(row["id"], f"{PATH}/{row['id']}", "mono nowrap")),
        Column("party", party),
        Column("resources", t("数据资源", "Resources")),
        Column("purpose", t("用途", "Purpose")),
        Column("sharing", t("共享属性", "Sharing"), lambda row: SHARING.get(row["sharing"], row["sharing"])),
        Column("state", t("状态", "State"), lambda row: lambda: badge(*word(STATES, row["state"]))),
        Column("duty", t("法定期限", "Legal clock"), lambda row: lambda: clock(row["duty"])),
    ]


async def _rows(place: Desk, role: str, wanted: Wanted) -> Rows:
    found = await hub().get("/v1/demands", **{role: place.code}, **wanted.query())
    states = [each["state"] for each in found["entities"]]
    owed = {state["provider"] for state in states} if role == ASKED else {place.code}
    duties: dict[str, Duty] = {}
    for department in sorted(owed):
        for duty in await running_duties(department):
            duties.setdefault(duty["entity_id"], duty)
    names, known = await departments(), await resources()
    other = "requester" if role == TO_ANSWER else "provider"
    rows: list[Row] = [
        {
            **state,
            "party": names.get(state[other], state[other]),
            "resources": "、".join(known[code].name if code in known else code for code in state["resources"]),
            "duty": duties.get(state["id"]),
        }
        for state in states
    ]
    return Rows(rows, found["next_after"], found["total"])
