"""`onething task`: what a department is asked, and its people's answers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from onething.gateway.client import HubClient

app = typer.Typer(name="task", help="部门待办：what a department is asked, and its answers.", no_args_is_help=True)

STATUS_WORDS = {
    "zh": {"open": "待经办", "handled": "待审核", "answered": "已答复", "closed": "已关闭"},
    "en": {"open": "open", "handled": "waits for review", "answered": "answered", "closed": "closed"},
}
HEADINGS = {
    "zh": ("待办编号\n办件编号", "核查事项", "主体", "状态", "时限"),
    "en": ("task\ncase", "question", "subject", "status", "due"),
}


class Output(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"


class Status(StrEnum):
    """Which tasks are listed."""

    OPEN = "open"
    HANDLED = "handled"
    ANSWERED = "answered"
    CLOSED = "closed"
    ANY = "any"


class Answer(StrEnum):
    """What a department may answer."""

    CLEAR = "clear"
    FOUND = "found"
    DISPUTED = "disputed"
    UNAVAILABLE = "unavailable"
    SOURCE_BEHIND = "source-behind"
    NO_SUCH_SUBJECT = "no-such-subject"


DepartmentArgument = Annotated[str, typer.Argument(help="部门代码：the department's code, such as urban-management")]
TaskArgument = Annotated[str, typer.Argument(help="待办编号：the task's id")]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="table, or json for programs")]


@app.callback()
def task() -> None:
    """部门待办：what a department is asked, and its answers. Exit codes: 0 done, 2 refused."""


@app.command("list")
def list_(
    department: DepartmentArgument,
    status: Annotated[Status, typer.Option(help="which tasks")] = Status.OPEN,
    page: Annotated[str, typer.Option(help="the next page, as the page before names it")] = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """待办列表：the department's tasks, those that are due first."""
    with _gateway() as (client, lang):
        found = client.tasks(department, status.value, page)
    if output is Output.JSON:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _print_tasks(found, lang)


@app.command()
def answer(
    department: DepartmentArgument,
    task_id: TaskArgument,
    answered: Annotated[Answer, typer.Option("--answer", help="核查结论：what was found")],
    handled_by: Annotated[str, typer.Option(help="经办人：who answers")],
    note: Annotated[str | None, typer.Option(help="说明, without personal data")] = None,
    evidence: Annotated[list[str] | None, typer.Option(help="event id of a record that was found; repeatable")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """经办：answer a task; where the bundle asks for it, another person reviews the answer."""
    body = {"answer": answered.value, "handled_by": handled_by, "note": note, "evidence": evidence or []}
    with _gateway() as (client, lang):
        _print_state(client.answer_task(department, task_id, body), lang, output)


@app.command()
def review(
    department: DepartmentArgument,
    task_id: TaskArgument,
    reviewed_by: Annotated[str, typer.Option(help="审核人：another person than who answered")],
    approved: Annotated[bool, typer.Option("--approve/--return", help="通过或退回")] = True,
    note: Annotated[str | None, typer.Option(help="审核意见")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """审核：approve an answer, or return it to who gave it."""
    body = {"approved": approved, "reviewed_by": reviewed_by, "note": note}
    with _gateway() as (client, lang):
        _print_state(client.review_task(department, task_id, body), lang, output)


@contextmanager
def _gateway() -> "Iterator[tuple[HubClient, str]]":
    from onething.endpoints import endpoint  # noqa: PLC0415 - commands import what they need when they run
    from onething.gateway.client import HubClient  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    with HubClient(endpoint(settings, "gateway")) as client:
        yield client, settings.lang


def _print_state(state: dict[str, Any], lang: str, output: Output) -> None:
    if output is Output.JSON:
        typer.echo(json.dumps(state, ensure_ascii=False))
        return
    words = STATUS_WORDS[lang]
    typer.echo(f"{state['task_id']}  {words.get(state['status'], state['status'])}")


def _print_tasks(found: dict[str, Any], lang: str) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table()
    for heading in HEADINGS[lang]:
        table.add_column(heading, overflow="fold", no_wrap="\n" in heading)
    for row in found["tasks"]:
        table.add_row(
            f"{row['task_id']}\n{row['case_id']}",
            row["question"],
            row["subject"].partition(":")[2],
            STATUS_WORDS[lang].get(row["status"], row["status"]),
            row["due_at"][:16].replace("T", " "),
        )
    Console().print(table)
    if following := found["next_page"]:
        typer.echo(f"下一页：--page {following}" if lang == "zh" else f"next page: --page {following}")
