"""`onething lake query`: the lake asked by SQL that only reads, through the hub's door or straight where it lies."""

import csv
import getpass
import io
import json
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onething.rows import Form, Row, written

if TYPE_CHECKING:
    from analytics.door.asking import Question
    from onething.settings import Settings

PARQUET: Final = "application/vnd.apache.parquet"
_WAIT_S: Final = 20.0
"""How much longer than its own time a query may take at the door: it waits for its turn there."""


class QueryForm(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    CSV = "csv"
    PARQUET = "parquet"


class QueryRefused(Exception):  # noqa: N818  named for the fact
    """The lake gave no answer; ``remedy`` says what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


def query(
    sql: Annotated[
        str, typer.Argument(metavar="[SQL]", help="语句：one statement that reads; - reads it from stdin")
    ] = "",
    file: Annotated[
        Path | None, typer.Option("--file", "-f", exists=True, dir_okay=False, help="语句文件：a file that holds it")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="参数：value of $NAME; repeatable"),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="行数：rows wanted at most; never more than the hub allows")] = 1000,
    out: Annotated[Path | None, typer.Option(help="输出文件：write the answer there")] = None,
    output: Annotated[
        QueryForm, typer.Option("--output", "-o", help="table, or json, yaml, csv, parquet for programs")
    ] = QueryForm.TABLE,
) -> None:
    """查询数据湖（只读）：ask the lake by SQL, through the hub when it runs, else straight where the lake lies.

    Tables: facts, coverages, marks, cases, reads, catalog_changes, refusals, complaints. Exit codes: 0 answered,
    2 refused.

    Examples: onething lake query "SHOW TABLES"
    onething lake query "SELECT department, count(*) AS n FROM facts GROUP BY ALL ORDER BY n DESC" -o csv
    onething lake query -f rates.sql -p day=2026-06-30 -o parquet --out rates.parquet
    """
    from onething.settings import load_settings  # noqa: PLC0415 - commands import what they need when they run

    text = _statement(sql, file)
    parameters = _parameters(parameter or ())
    if output is QueryForm.PARQUET and out is None and sys.stdout.isatty():
        raise typer.BadParameter("parquet 须写入文件 / parquet goes to a file: --out FILE", param_hint="--output")
    body, is_cut = asked(load_settings(), text, parameters, limit, parquet=output is QueryForm.PARQUET)
    if is_cut:
        typer.echo("结果已截断，更多行未列出 / cut: there are more rows (--limit)", err=True)
    if output is QueryForm.PARQUET:
        _write_bytes(body, out)
        return
    told = json.loads(body)
    _write_bytes(f"{formed(told, output)}\n".encode(), out)


def asked(
    settings: "Settings", sql: str, parameters: Mapping[str, str], rows: int, *, parquet: bool
) -> tuple[bytes, bool]:
    """The answer as the door writes it, JSON or Parquet, and whether there are more rows.

    Raises:
        QueryRefused, GatewayFault: there is none.
    """
    from analytics.door.asking import Question  # noqa: PLC0415
    from onething.endpoints import NotRunning, endpoint  # noqa: PLC0415

    try:
        url = endpoint(settings, "gateway")
    except NotRunning:
        form = "parquet" if parquet else "json"
        wanted = min(rows, settings.analyst.sql_rows)
        return _asked_here(settings, Question(sql, dict(parameters), wanted, form))  # type: ignore[arg-type]
    return _asked_there(settings, url, {"sql": sql, "parameters": dict(parameters), "limit": rows}, parquet=parquet)


def formed(told: Mapping[str, Any], form: QueryForm) -> str:
    """The rows of an answer as text."""
    names = _distinct([each["name"] for each in told["columns"]])
    if form is QueryForm.CSV:
        return _csv(names, told["rows"])
    if form is QueryForm.JSON:
        return json.dumps([dict(zip(names, row, strict=True)) for row in told["rows"]], ensure_ascii=False)
    rows: list[Row] = [dict(zip(names, map(_cell, row), strict=True)) for row in told["rows"]]
    return written(rows, Form(form.value)) or "  ".join(names)


def _asked_there(settings: "Settings", url: str, body: Mapping[str, Any], *, parquet: bool) -> tuple[bytes, bool]:
    from urllib.parse import quote  # noqa: PLC0415

    import httpx2  # noqa: PLC0415

    from onething.gateway.client import GatewayUnreachable  # noqa: PLC0415

    headers = {"X-Reader": quote(f"cli:{getpass.getuser()}", safe=":")} | ({"Accept": PARQUET} if parquet else {})
    wait_s = settings.analyst.sql_time_limit_s + _WAIT_S
    try:
        answer = httpx2.post(f"{url}/v1/lake/query", json=body, headers=headers, timeout=wait_s, trust_env=False)
    except httpx2.TransportError as fault:
        said = f"网关没有应答 the gateway does not answer at {url} ({type(fault).__name__})"
        raise GatewayUnreachable(said, "see what runs: onething doctor") from fault
    if not answer.is_success:
        raise _refused(answer)
    return answer.content, answer.headers.get("X-Truncated") == "true"


def _refused(answer: Any) -> QueryRefused:
    try:
        problem = answer.json()
        return QueryRefused(f"{problem['title']}\n{problem['detail']}", problem["remedy"])
    except (ValueError, KeyError):
        return QueryRefused(f"HTTP {answer.status_code}", "see what runs: onething doctor")


def _asked_here(settings: "Settings", question: "Question") -> tuple[bytes, bool]:
    import threading  # noqa: PLC0415

    from analytics.door.asking import Refusal  # noqa: PLC0415
    from analytics.door.worker_process import SqlWorker  # noqa: PLC0415
    from onething.analyst import sql_work  # noqa: PLC0415

    worker = SqlWorker(sql_work(settings))
    try:
        said = worker.ask(question, settings.analyst.sql_time_limit_s, threading.Event())
    finally:
        worker.end()
    if isinstance(said, Refusal):
        raise QueryRefused(f"{said.title}\n{said.detail}", said.remedy)
    return said.body, said.truncated


def _statement(sql: str, file: Path | None) -> str:
    if (not sql) == (file is None):
        raise typer.BadParameter("请给出语句或 --file 之一 / give a statement, or --file", param_hint="SQL")
    if file is not None:
        return file.read_text(encoding="utf-8")
    return sys.stdin.read() if sql == "-" else sql


def _parameters(given: Sequence[str]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    if wrong := [name for name, equals, _ in pairs if not equals or not name]:
        said = f"应为 名称=值 / should be NAME=VALUE: {', '.join(wrong)}"
        raise typer.BadParameter(said, param_hint="--parameter")
    return {name.removeprefix("$"): value for name, _, value in pairs}


def _csv(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    sheet = csv.writer(text, lineterminator="\n")
    sheet.writerow(names)
    sheet.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().rstrip("\n")


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, a later one that was there before with its number behind it."""
    return [
        name if name not in names[:place] else f"{name}_{names[: place + 1].count(name)}"
        for place, name in enumerate(names)
    ]


def _write_bytes(body: bytes, out: Path | None) -> None:
    if out is not None:
        out.write_bytes(body)
        return
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()
