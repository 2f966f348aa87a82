"""SQL 查询: a read-only question to the lake, within the limits of the hub; ended by the reader or by its time."""

import asyncio
import csv
import io
from collections.abc import Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from nicegui import background_tasks, ui

from onething.console.acting import actor
from onething.console.elements import badge, box, bullets, button, facts, note, section, text
from onething.console.frame import console_page
from onething.console.hub import HubFault, hub, segment
from onething.console.language import Words, t
from onething.console.markup import Markup, badge_markup, link_markup
from onething.console.states import announcer, empty, loaded, refusal
from onething.console.tables import plain_table

ROWS: Final = 1000
SHOWN: Final = 200
EXAMPLES: Final = (
    (
        Words("各部门上报的事实", "facts by department"),
        "SELECT department, count(*) AS facts FROM facts GROUP BY ALL ORDER BY facts DESC",
    ),
    (
        Words("昨天以来谁读了什么", "who read what since yesterday"),
        "SELECT at, reader, purpose, record_count FROM reads WHERE day >= today() - 1 ORDER BY at DESC LIMIT 100",
    ),
    (
        Words("各件事的办件", "cases by bundle"),
        "SELECT bundle, count(DISTINCT case_id) AS cases FROM cases GROUP BY ALL ORDER BY cases DESC",
    ),
    (
        Words("超过期限的义务", "duties past their limit"),
        "SELECT entity_id, action, at FROM duties WHERE action = 'breached' ORDER BY at DESC LIMIT 100",
    ),
)


def register() -> None:
    """The page of questions in SQL, and what the tables hold."""

    @console_page("/sql", Words("SQL 查询", "SQL"), group="bureau", order=80)
    async def sql(rate: str = "") -> None:
        question = await _question(rate)
        SqlPage(*question)
        await loaded(lambda: hub().get("/v1/lake"), _tables)

    @console_page("/sql/tables/{table}", Words("湖表", "A table of the lake"))
    async def columns(table: str) -> None:
        await loaded(lambda: hub().get(f"/v1/lake/tables/{segment(table)}"), _columns)


async def _question(rate: str) -> tuple[str, dict[str, Any]]:
    if not rate:
        return EXAMPLES[0][1], {}
    found = await hub().get(f"/v1/rates/{segment(rate)}/sql")
    return found["sql"], found["parameters"]


class SqlPage:
    """The editor, what goes on, and the answer."""

    def __init__(self, question: str, parameters: dict[str, Any]) -> None:
        self._parameters = parameters
        self._asking: asyncio.Task[Any] | None = None
        note(
            t(
                "只读：一条 SELECT、WITH、DESCRIBE、SHOW 或 SUMMARIZE 语句；限时、限内存、限行数，查询均有记录。",
                "Read only: one SELECT, WITH, DESCRIBE, SHOW or SUMMARIZE; bounded, and on record.",
            )
        )
        self._editor = (
            ui.textarea(t("SQL", "SQL"), value=question).props("outlined autogrow stack-label").classes("sql")
        )
        if parameters:
            facts((f"${name}", value) for name, value in parameters.items())
        with box("actions"):
            self._run = button(t("运行", "Run"), self.run, "primary")
            self._stop = button(t("停止", "Stop"), self.stop)
            self._stop.set_visibility(visible=False)
        with ui.element("details"):
            text(t("例子", "Examples"), "summary")
            bullets(partial(self._example, words, example) for words, example in EXAMPLES)
        self._said = announcer()
        self._answer = box("table-body")

    def _example(self, words: Words, example: str) -> None:
        button(words, partial(self._take, example), "quiet")

    def _take(self, example: str) -> None:
        self._parameters = {}
        self._editor.value = example

    async def run(self) -> None:
        """Ask, with a way to stop; the answer or the refusal takes the place of the one before."""
        self._stop.set_visibility(visible=True)
        self._answer.clear()
        with self._answer, box("state loading").props("role=status"):
            text(t("正在查询…", "Asking…"))
            ui.linear_progress(show_value=False).props("indeterminate")
        sql = str(self._editor.value or "")
        # A rate's question names its parameters; once it is written anew, those that it does not name are none.
        named = {name: value for name, value in self._parameters.items() if f"${name}" in sql}
        body = {"sql": sql, "parameters": named, "limit": ROWS}
        headers = {"X-Reader": quote(actor().reader)}
        asking = hub().ask("POST", "/v1/lake/query", body=body, headers=headers)
        self._asking = background_tasks.create(asking, name="sql")
        try:
            found: dict[str, Any] | HubFault | None = await self._asking
        except HubFault as fault:
            found = fault
        except asyncio.CancelledError:
            found = None
        self._show(found)

    def stop(self) -> None:
        """End what goes on."""
        if self._asking is not None:
            self._asking.cancel()

    def _show(self, found: dict[str, Any] | HubFault | None) -> None:
        self._stop.set_visibility(visible=False)
        self._answer.clear()
        with self._answer:
            if found is None:
                empty(t("已停止", "Stopped"))
            elif isinstance(found, HubFault):
                refusal(found)
            else:
                self._rows(found)

    def _rows(self, found: dict[str, Any]) -> None:
        names, rows = [each["name"] for each in found["columns"]], found["rows"]
        told = t(
            f"{len(rows):,} 行，{found['elapsed_ms']:.0f} 毫秒", f"{len(rows):,} rows in {found['elapsed_ms']:.0f} ms"
        )
        self._said.say(told)
        with box("inline"):
            text(told)
            if found["truncated"]:
                badge(t(f"只取前 {ROWS:,} 行", f"the first {ROWS:,} rows"), "warning")
            button(t("下载 CSV", "Download as CSV"), partial(_download, names, rows))
        if not rows:
            empty(t("没有行", "No rows"))
            return
        plain_table(
            t("查询结果", "rows"),
            [(name, partial(_cell, place)) for place, name in enumerate(names)],
            rows[:SHOWN],
            figures=[place for place, each in enumerate(found["columns"]) if each["type"] in NUMBERS],
        )
        if len(rows) > SHOWN:
            note(t(f"页面只列前 {SHOWN} 行，其余见 CSV。", f"The page shows {SHOWN} rows; the CSV has the rest."))


NUMBERS: Final = frozenset(("BIGINT", "INTEGER", "DOUBLE", "HUGEINT", "SMALLINT", "UBIGINT", "FLOAT"))


def _cell(place: int, row: Sequence[Any]) -> str:
    value = row[place]
    return "—" if value is None else str(value)


def _download(names: list[str], rows: list[list[Any]]) -> None:
    told = io.StringIO()
    writer = csv.writer(told, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows(rows)
    # The mark in front lets office programs read it as UTF-8.
    ui.download(("\ufeff" + told.getvalue()).encode(), "query.csv", "text/csv")


def _tables(found: dict[str, Any]) -> None:
    with section(t("有哪些表", "The tables")):
        plain_table(
            t("湖表", "tables"),
            (
                (t("表", "Table"), lambda each: link_markup(each["table"], f"/sql/tables/{each['table']}", "mono")),
                (t("行数", "Rows"), lambda each: f"{each['rows']:,}"),
                (t("文件", "Files"), lambda each: str(each["files"])),
                (t("字节", "Bytes"), lambda each: f"{each['bytes']:,}"),
                (t("起止日", "Days"), _days),
                (t("状况", "State"), lambda each: _whole(each["absent"])),
            ),
            found["tables"],
            figures=(1, 2, 3),
        )
        note(t("视图：", "Views: ") + "、".join(found["views"]))


def _days(table: dict[str, Any]) -> str:
    return f"{table['first_day']} — {table['last_day']}" if table["first_day"] else "—"


def _whole(absent: list[str]) -> Markup:
    if absent:
        return badge_markup(t(f"缺 {len(absent)} 个文件", f"{len(absent)} files are gone"), "bad")
    return badge_markup(t("完整", "whole"), "good")


def _columns(found: dict[str, Any]) -> None:
    with section(found["table"]):
        plain_table(
            t("列", "columns"),
            (
                (t("列", "Column"), lambda each: each["name"]),
                (t("类型", "Type"), lambda each: each["type"]),
                (t("可空", "May be empty"), lambda each: t("是", "yes") if each["nullable"] else t("否", "no")),
            ),
            found["columns"],
        )
