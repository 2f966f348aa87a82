"""拒收记录: what this department sent and the hub refused, with reasons in words and the way to each."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from onething.console.bulk import Act, act_on_many
from onething.console.department import BUREAU, HUB, Desk, desk, in_whose_name, reason_field
from onething.console.elements import badge, box, bullets, button, figure, link, note, text
from onething.console.field_words import Names, field_names, label_of
from onething.console.frame import console_page
from onething.console.hub import HubFault, hub, segment
from onething.console.instants import minute
from onething.console.language import Words, t
from onething.console.server_table import Column, Filter, Row, Rows, ServerTable, Wanted, server_table

PATH: Final = "/departments/refusals"
TONES: Final[Mapping[str, Any]] = {"open": "warning", "mended": "good", "dismissed": "quiet"}
_MOST_REASONS: Final = 3


def register() -> None:
    """The list of a department's refused records."""

    @console_page(PATH, Words("拒收记录", "Refused records"), group="departments", order=30)
    async def refusals(state: str = "open", reason: str = "", of: str = "") -> None:
        place = await desk()
        if place is None:
            return
        code = of if of in place.codes else place.code
        if place.code == BUREAU:
            _other_list(code)
        found = await hub().get(f"/v1/departments/{segment(code)}/refusals/counts")
        _figures(code, found)
        many = _Many(place, code)
        many.draw()
        many.table = await server_table(
            _columns(),
            partial(_rows, code),
            caption=t("拒收记录", "refused records"),
            filters=_filters(found, state, reason),
            nothing=t("没有符合条件的拒收记录", "No refused record fits"),
            next_step=t("看上报情况", "See what was published"),
            next_href="/departments/publishing",
            sort="-last_at",
            select=True,
            key="event_id",
        )


class _Many:
    """What can be done with the records that are ticked."""

    def __init__(self, place: Desk, code: str) -> None:
        self.table: ServerTable | None = None
        self._place, self._path = place, f"/v1/departments/{segment(code)}/refusals"

    def draw(self) -> None:
        """The buttons above the table."""
        with box("actions"):
            button(t("批量原样重报", "Send as they are"), self._resend)
            button(t("批量搁置", "Put aside"), self._put_aside)

    async def _resend(self) -> None:
        async def act(row: Row, _: Mapping[str, Any]) -> str:
            path, body = f"{self._path}/{row['event_id']}/retry", {"mended_by": self._place.person, "changes": []}
            checked = await hub().post(path, {**body, "dry_run": True})
            if not checked["publishable"]:
                raise HubFault(t("仍有问题", "Still wrong"), faults=tuple(checked["faults"]))
            told = await hub().post(path, body)
            return t("已上报：", "published: ") + str(told["settled"]["receipt"])

        def asked() -> Mapping[str, Any]:
            note(
                t(
                    "规则或目录更新后，原记录可能已可接收；仍有问题的逐条告知。",
                    "What is still wrong is told one by one.",
                )
            )
            in_whose_name(self._place)
            return {}

        await self._each(t("批量原样重报", "Send as they are"), asked, act)

    async def _put_aside(self) -> None:
        async def act(row: Row, said: Mapping[str, Any]) -> str:
            body = {"dismissed_by": self._place.person, "reason": said["reason"]}
            await hub().post(f"{self._path}/{row['event_id']}/dismissal", body)
            return t("已搁置", "put aside")

        def asked() -> Mapping[str, Any]:
            in_whose_name(self._place)
            return {"reason": reason_field()}

        await self._each(t("批量搁置", "Put aside"), asked, act)

    async def _each(self, title: str, asked: Callable[[], Mapping[str, Any]], act: Act) -> None:
        table = self.table
        rows = [] if table is None else [row for row in table.selected if row["state"] == "open"]
        if table is None or not rows:
            raise HubFault(
                t("没有勾选待处理的记录", "No open records are ticked"), "", t("请先勾选。", "tick some first")
            )
        await act_on_many(title, rows, asked, act, _named, table.load)


def _named(row: Row) -> str:
    return f"{row['resource_name'] or t('未能识别', 'not told')} · {minute(row['last_at'])}"


def record_path(row: Row) -> str:
    """The page of one refused record."""
    return f"{PATH}/{row['department']}/{row['event_id']}"


def state_badge(row: Row) -> None:
    """What became of it so far."""
    names = {"open": t("待处理", "open"), "mended": t("已更正", "mended"), "dismissed": t("已搁置", "put aside")}
    badge(names[row["state"]], TONES[row["state"]])


def reasons_of(row: Row) -> None:
    """Why it was refused, in words; the first few."""
    names = row.get("names", {})
    shown = [f"{_place(each, names)}{each['reason']}" for each in row["reasons"][:_MOST_REASONS]]
    more = len(row["reasons"]) - len(shown)
    bullets(shown + ([t(f"另有 {more} 处", f"{more} more")] if more > 0 else []))


def _place(reason: Mapping[str, str], names: Names) -> str:
    return f"{label_of(reason['field'], names)}：" if reason["field"] else ""


def _figures(code: str, found: Mapping[str, Any]) -> None:
    with box("figures"):
        for state, words in (
            ("open", t("待处理", "open")),
            ("mended", t("已更正上报", "mended")),
            ("dismissed", t("已搁置", "put aside")),
        ):
            of = f"&of={HUB}" if code == HUB else ""
            figure(f"{found['states'][state]:,}", words, f"{PATH}?state={state}{of}")
    if found["behind"]:
        text(
            t(f"索引尚有 {found['behind']:,} 条未读入，数字仍会增加。", f"{found['behind']:,} still to be read."),
            "p",
            "note",
        )


def _other_list(code: str) -> None:
    with box("inline"):
        if code == HUB:
            link(t("返回本部门的拒收记录", "This department's own"), PATH)
        else:
            link(t("查看来源不明的拒收记录", "Records that are nobody's"), f"{PATH}?of={HUB}")


def _columns() -> list[Column]:
    return [
        Column("last_at", t("拒收时间", "Refused"), lambda row: lambda: _when(row), sortable=True),
        Column("resource", t("数据资源", "Resource"), lambda row: lambda: _what(row), sortable=True),
        Column("reasons", t("拒收原因", "Reasons"), lambda row: lambda: reasons_of(row)),
        Column("door", t("来路", "Door"), lambda row: lambda: text(row["door_name"], classes="nowrap"), sortable=True),
        Column("origin", t("出处", "Origin"), lambda row: row["origin"]),
        Column("state", t("状态", "State"), lambda row: lambda: state_badge(row)),
    ]


def _when(row: Row) -> None:
    link(minute(row["last_at"]), record_path(row), "nowrap")
    if row["times"] > 1:
        text(t(f"（共 {row['times']} 次）", f" ({row['times']} times)"), classes="note")


def _what(row: Row) -> None:
    text(row["resource_name"] or t("未能识别", "not told"), classes="nowrap")


def _filters(counts: Mapping[str, Any], state: str, reason: str) -> list[Filter]:
    states = {"open": t("待处理", "open"), "mended": t("已更正", "mended"), "dismissed": t("已搁置", "put aside")}
    return [
        Filter("state", t("状态", "State"), states, state),
        Filter("reason", t("原因", "Reason"), _options(counts["reasons"]), reason),
        Filter("door", t("来路", "Door"), _options(counts["doors"])),
        Filter("resource", t("数据资源", "Resource"), _options([each for each in counts["resources"] if each["key"]])),
    ]


def _options(groups: list[dict[str, Any]]) -> dict[str, str]:
    return {each["key"]: f"{each['name']}（{each['count']:,}）" for each in groups}


async def _rows(code: str, wanted: Wanted) -> Rows:
    query = {"state": "any", **wanted.query()}
    found = await hub().get(f"/v1/departments/{segment(code)}/refusals", **query)
    rows = [{**each, "names": await field_names(each["resource"])} for each in found["refusals"]]
    return Rows(rows, found["next_after"], found["total"])
