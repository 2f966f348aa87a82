"""待办: everything that waits at a department, handled, reviewed by a second person, one by one or many at once."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from onething.console.bulk import Act, act_on_many
from onething.console.case_words import word
from onething.console.department import Desk, confirm, desk, in_whose_name, option_field
from onething.console.elements import badge, box, button, facts, link, note, text, text_field
from onething.console.frame import console_page
from onething.console.hub import HubFault, hub, segment
from onething.console.inbox import CHECK, HANDLED, ITEM, KINDS, OPEN, STATES, answer_words, inbox_page, registered
from onething.console.instants import left, minute, now, when
from onething.console.language import Words, t
from onething.console.masking import masked, subject_name
from onething.console.merging import Row
from onething.console.server_table import Column, Filter, ServerTable, server_table

PATH: Final = "/departments/inbox"
Form = Callable[[list[Row]], Mapping[str, Any]]


def register() -> None:
    """The department's inbox."""

    @console_page(PATH, Words("待办", "Inbox"), group="departments", order=10)
    async def inbox(state: str = "", kind: str = "") -> None:
        place = await desk()
        if place is not None:
            await _Inbox(place).draw(state, kind)


class _Inbox:
    """The list, and what can be done with the rows that are ticked."""

    def __init__(self, place: Desk) -> None:
        self._place = place
        self._path = f"/v1/departments/{segment(place.code)}"
        self._table: ServerTable | None = None

    async def draw(self, state: str, kind: str) -> None:
        note(
            t(
                "经办和审核须为两人；先到期的在前。可勾选多行批量办理，逐行告知结果。",
                "One person handles, another reviews. Tick rows to act on many at once; each has its own outcome.",
            )
        )
        with box("actions"):
            button(t("批量答复核查", "Answer checks"), self._answer_many)
            button(t("批量办理通过", "Approve items"), self._approve_many)
            button(t("批量审核", "Review"), self._review_many)
        self._table = await server_table(
            self._columns(),
            partial(inbox_page, self._place.code),
            caption=t("待办", "inbox"),
            filters=_filters(state, kind),
            nothing=t("没有待办事项", "Nothing waits"),
            next_step=t("查看办件", "See the cases"),
            next_href="/cases",
            select=True,
            key="text",
        )

    def _columns(self) -> list[Column]:
        return [
            Column("due_at", t("期限", "Due"), lambda row: lambda: _due(row)),
            Column(
                "kind",
                t("类别", "Kind"),
                lambda row: lambda: text(KINDS.get(row["kind"], row["kind"]), classes="nowrap"),
            ),
            Column("text", t("事项", "What"), lambda row: lambda: self._what(row)),
            Column("subject", t("主体", "Subject"), lambda row: lambda: _subject(row)),
            Column("state", t("状态", "State"), lambda row: lambda: _state(row)),
            Column("act", t("办理", "Act"), lambda row: lambda: self._acts(row)),
        ]

    def _what(self, row: Row) -> None:
        if row["kind"] == CHECK:
            link(row["text"], row["case_path"])
        else:
            link(row["text"], f"{PATH}/{row['id']}")
        if row["purpose"]:
            text(row["purpose"], "p", "note")

    def _acts(self, row: Row) -> None:
        if row["kind"] != CHECK:
            link(
                t("办理", "Handle") if row["state"] == OPEN else t("查看", "Look"),
                f"{PATH}/{row['id']}",
                "button nowrap",
            )
        elif row["state"] == OPEN:
            button(t("答复", "Answer"), partial(self._answer, row)).classes("nowrap")
        elif row["state"] == HANDLED:
            button(t("审核", "Review"), partial(self._review, row)).classes("nowrap")

    async def _reload(self) -> None:
        if self._table is not None:
            await self._table.load()

    async def _answer(self, row: Row) -> None:
        async def act(said: Mapping[str, Any]) -> str:
            return await self._answered(row, said)

        await confirm(t("答复核查", "Answer"), partial(self._answer_form, [row]), act, self._reload)

    async def _review(self, row: Row) -> None:
        async def act(said: Mapping[str, Any]) -> str:
            return await self._reviewed(row, said)

        await confirm(t("审核", "Review"), partial(self._review_form, [row]), act, self._reload)

    async def _answer_many(self) -> None:
        rows = self._ticked(lambda row: row["kind"] == CHECK and row["state"] == OPEN, t("待经办的核查", "open checks"))
        await self._many(t("批量答复核查", "Answer checks"), rows, self._answer_form, self._answered)

    async def _approve_many(self) -> None:
        rows = self._ticked(
            lambda row: row["kind"] == ITEM and row["state"] == OPEN, t("待经办的办理事项", "open items")
        )
        await self._many(t("批量办理通过", "Approve items"), rows, self._approve_form, self._approved)

    async def _review_many(self) -> None:
        rows = self._ticked(lambda row: row["state"] == HANDLED, t("待审核的事项", "rows to be reviewed"))
        await self._many(t("批量审核", "Review"), rows, self._review_form, self._reviewed)

    def _ticked(self, fits: Any, words: str) -> list[Row]:
        chosen = [] if self._table is None else [row for row in self._table.selected if fits(row)]
        if not chosen:
            raise HubFault(t(f"没有勾选{words}", f"No {words} are ticked"), "", t("请先勾选。", "tick some first"))
        return chosen

    async def _many(self, title: str, rows: list[Row], form: Form, act: Act) -> None:
        await act_on_many(title, rows, partial(form, rows), act, _in_words, self._reload)

    def _answer_form(self, rows: list[Row]) -> Mapping[str, Any]:
        _about(rows)
        in_whose_name(self._place)
        return {
            "answer": option_field(t("答复", "Answer"), answer_words(), "clear"),
            "note": text_field(t("说明（不得含个人信息）", "Note (no personal data)"), long=True),
        }

    def _approve_form(self, rows: list[Row]) -> Mapping[str, Any]:
        _about(rows)
        note(
            t(
                "经办后由另一人审核；须填写收费金额的事项请逐项办理。",
                "Another person reviews; fees are set one by one.",
            )
        )
        in_whose_name(self._place)
        return {}

    def _review_form(self, rows: list[Row]) -> Mapping[str, Any]:
        _about(rows)
        in_whose_name(self._place)
        verdicts = {"yes": t("审核通过", "approved"), "no": t("退回重办", "returned")}
        return {
            "approved": option_field(t("审核意见", "Verdict"), verdicts, "yes"),
            "note": text_field(t("说明", "Note"), long=True),
        }

    async def _answered(self, row: Row, said: Mapping[str, Any]) -> str:
        body = {"answer": said["answer"], "handled_by": self._place.person, "note": said["note"] or None}
        told = await hub().post(f"{self._path}/tasks/{row['id']}/answer", body)
        return stands(told["status"])

    async def _approved(self, row: Row, _: Mapping[str, Any]) -> str:
        issue = bool((await registered(row)).get("result"))
        body = {"decision": "approve", "handled_by": self._place.person, "issue": issue}
        told = await hub().post(f"{self._path}/assignments/{row['id']}/decision", body)
        return stands(told["state"])

    async def _reviewed(self, row: Row, said: Mapping[str, Any]) -> str:
        kind = "tasks" if row["kind"] == CHECK else "assignments"
        body = {
            "approved": said["approved"] == "yes",
            "reviewed_by": self._place.person,
            "note": said["note"] or None,
        }
        told = await hub().post(f"{self._path}/{kind}/{row['id']}/review", body)
        return stands(told["status"] if row["kind"] == CHECK else told["state"])


def stands(state: str) -> str:
    """How a row stands now, in words."""
    return t("现为：", "now ") + str(word(STATES, state)[0])


def _filters(state: str, kind: str) -> list[Filter]:
    states = {OPEN: str(STATES[OPEN][0]), HANDLED: str(STATES[HANDLED][0])}
    kinds = {each: str(words) for each, words in KINDS.items()}
    return [Filter("state", t("状态", "State"), states, state), Filter("kind", t("类别", "Kind"), kinds, kind)]


def _in_words(row: Row) -> str:
    return f"{row['text']} · {_named(row)}"


def _named(row: Row) -> str:
    return subject_name(row["subject"])


def _subject(row: Row) -> None:
    text(_named(row), classes="mono nowrap")


def _due(row: Row) -> None:
    text(minute(row["due_at"]))
    late = row["overdue"] or (row["due_at"] is not None and left(row["due_at"], now()).startswith(t("已逾期", "over")))
    with box():
        badge(left(row["due_at"], now()), "bad" if late else "quiet")


def _state(row: Row) -> None:
    words, tone = word(STATES, row["state"])
    badge(words, tone)
    if row["state"] == HANDLED and row["proposed"] is not None:
        told, why = row["proposed"]
        text(f"{row['handled_by']}：{told}" + (f"（{masked(why)}）" if why else ""), "p", "note")
    elif row["review_note"]:
        text(t("审核退回：", "Returned: ") + masked(row["review_note"]), "p", "note")


def _about(rows: list[Row]) -> None:
    if len(rows) > 1:
        note(t(f"共 {len(rows)} 项，逐项提交。", f"{len(rows)} rows, one by one."))
        return
    row = rows[0]
    told = row["proposed"]
    proposed = [] if told is None else [(t("经办意见", "Proposed"), f"{row['handled_by']}：{told[0]} {told[1] or ''}")]
    facts(
        [
            (t("事项", "What"), row["text"]),
            (t("主体", "Subject"), _named(row)),
            (t("用途", "Purpose"), row["purpose"]),
            (t("期限", "Due"), when(row["due_at"])),
            *proposed,
        ]
    )
