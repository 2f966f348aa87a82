"""工作台账: tasks and bundles by period, with what is planned and done, and how far behind each is."""

from functools import partial
from typing import Any, Final

from nicegui import ui

from onething.console.catalog_names import departments
from onething.console.elements import Tone, box, bullets, figure, note, section, text
from onething.console.frame import console_page
from onething.console.hub import hub, segment
from onething.console.instants import now
from onething.console.language import Words, t
from onething.console.markup import Markup, badge_markup, bar_markup, link_markup, over, unbroken
from onething.console.server_table import Column, Filter, Row, Rows, Wanted, server_table
from onething.console.states import loaded
from onething.console.tables import folded_table

PERIODS: Final = {
    "ten-days": Words("旬", "ten days"),
    "month": Words("月", "month"),
    "quarter": Words("季", "quarter"),
    "year": Words("年", "year"),
}
STATES: Final[dict[str, tuple[Words, Tone]]] = {
    "overdue": (Words("逾期", "overdue"), "bad"),
    "slipping": (Words("滞后", "slipping"), "warning"),
    "on-time": (Words("按期", "on time"), "good"),
    "closed": (Words("已销号", "closed out"), "good"),
    "undated": (Words("未定期限", "undated"), "quiet"),
}
KINDS: Final = {
    "task": Words("任务", "task"),
    "goal": Words("总体目标", "goal"),
    "step": Words("区级步骤", "district step"),
    "bundle": Words("一件事", "bundle"),
    "own": Words("自列", "own"),
}
_MOST_CHANGES: Final = 8

Found = dict[str, Any]


def register() -> None:
    """The ledger of a period."""

    @console_page("/ledger", Words("工作台账", "Ledger"), group="bureau", order=20)
    async def ledger(period: str = "month", at: str = "") -> None:
        _asked(period, at)
        names = await departments()
        asked = {"period": period, "at": at}
        await loaded(lambda: hub().get("/v1/ledger", **asked, limit=1), _period)
        with section(t("条目", "Entries")):
            await server_table(
                columns(),
                partial(rows, asked),
                caption=t("台账条目", "entries"),
                filters=filters(names),
                nothing=t("没有这样的条目", "No such entry"),
            )


def _asked(period: str, at: str) -> None:
    form = ui.element("form").classes("filters").props("method=get")
    form.props["aria-label"] = t("时期", "Period")
    with form:
        with box("field"):
            text(t("时期", "Period"), "label").props["for"] = "ledger-period"
            with ui.element("select").props("id=ledger-period name=period"):
                for key, words in PERIODS.items():
                    option = text(words, "option").props(f"value={key}")
                    if key == period:
                        option.props("selected")
        with box("field"):
            text(t("截至日", "As of"), "label").props["for"] = "ledger-at"
            day = ui.element("input").props("id=ledger-at name=at type=date")
            day.props["value"] = at or now().date().isoformat()
        text(t("查看", "Show"), "button", "button primary").props("type=submit")


def _period(found: Found) -> None:
    whole = found["all"]
    note(t(f"{found['period']['name']}，截至 {found['as_of']}", f"{found['period']['id']}, as of {found['as_of']}"))
    with box("figures"):
        figure(whole["entries"], t("条目", "entries"))
        for name, (words, _) in STATES.items():
            figure(whole["states"][name], words)
        figure(whole["open_problems"], t("未解决的问题", "open problems"))
    with section(t("按牵头单位", "By lead")):
        folded_table(
            t("按牵头单位", "by lead"),
            (
                (t("牵头单位", "Lead"), lambda each: stated(each["name"])),
                (t("条目", "Entries"), lambda each: str(each["entries"])),
                *((str(words), partial(_count, name)) for name, (words, _) in STATES.items()),
                (t("计划", "Planned"), lambda each: per_cent(each["planned_share"])),
                (t("完成", "Done"), lambda each: per_cent(each["done_share"])),
            ),
            sorted(found["leads"], key=_pressing),
            figures=range(1, len(STATES) + 4),
            shown=10,
        )
    with section(t(f"与{found['previous']['name']}相比", f"Since {found['previous']['id']}")):
        changes = found["changes"]
        if not changes:
            note(t("没有变化。", "Nothing changed."))
        bullets(map(_changed, changes[:_MOST_CHANGES]))
        if len(changes) > _MOST_CHANGES:
            with ui.element("details").classes("fold"):
                rest = len(changes) - _MOST_CHANGES
                text(t(f"展开其余 {rest} 项", f"Show the other {rest}"), "summary")
                bullets(map(_changed, changes[_MOST_CHANGES:]))


def _changed(change: Found) -> str:
    return f"{change['name']}：{change['told']}"


def _pressing(line: Found) -> tuple[int, int, int]:
    return -line["states"]["overdue"], -line["states"]["slipping"], -line["entries"]


def stated(words: str | None) -> str:
    """What a source says; that it says nothing where it does not."""
    return t("未载明", "unstated") if words in (None, "", "unstated") else str(words)


def _count(name: str, line: Found) -> str:
    return str(line["states"][name])


def per_cent(share: float | None) -> str:
    """A share; a dash where there is nothing to measure."""
    return "—" if share is None else f"{share:.0%}"


def columns() -> list[Column]:
    """What the list shows."""
    return [
        Column("name", t("条目", "Entry"), _name, sortable=True),
        Column("kind", t("类别", "Kind"), lambda row: unbroken(row["kind_name"])),
        Column("lead", t("牵头单位", "Lead"), lambda row: stated(row["lead_text"]), sortable=True),
        Column("due", t("下一期限", "Next due"), lambda row: unbroken(row["next_due"]), sortable=True),
        Column("done", t("完成 / 计划", "Done / planned"), _progress, sortable=True),
        Column("days_late", t("逾期天数", "Days late"), lambda row: str(row["days_late"] or "—"), True, "end"),
        Column("state", t("状态", "State"), state_badge, sortable=True),
    ]


def _name(row: Row) -> Markup:
    number = f"第 {row['number']} 项" if row["number"] else ""
    return over(
        link_markup(row["name"], f"/ledger/{segment(row['id'])}"), f"{row['document']}　{number}".strip(), "note entry"
    )


def _progress(row: Row) -> Markup:
    done = "—" if row["done_share"] is None else bar_markup(row["done_share"], row["name"])
    planned = per_cent(row["planned_share"])
    return over(done, t(f"计划 {planned}", f"planned {planned}"))


def state_badge(row: Row) -> Markup:
    """How an entry stands."""
    return badge_markup(*STATES[row["state"]])


def filters(names: dict[str, str]) -> list[Filter]:
    """What the list can be narrowed by."""
    return [
        Filter("lead", t("牵头单位", "Lead"), names),
        Filter("state", t("状态", "State"), {name: str(words) for name, (words, _) in STATES.items()}),
        Filter("kind", t("类别", "Kind"), {name: str(words) for name, words in KINDS.items()}),
    ]


async def rows(asked: dict[str, str], wanted: Wanted) -> Rows:
    """One page of entries."""
    query = {**asked, **wanted.filters, "sort": wanted.sort, "after": wanted.after, "limit": wanted.limit}
    found = await hub().get("/v1/ledger", **query)
    return Rows(found["entries"], found["next_after"], found["total"])
