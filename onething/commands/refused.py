"""`onething event refused|retry|dismiss`: what the hub refused, mended and sent again, or put aside."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onething.rows import Form, FormOption, Row, written

if TYPE_CHECKING:
    from onething.gateway.refusal_client import RefusalClient

STILL_REFUSED: Final = 1
DepartmentArgument = Annotated[
    str, typer.Argument(metavar="DEPT", help="部门代码：market-regulation, …; hub for records that are nobody's")
]
RecordArgument = Annotated[str, typer.Argument(metavar="ID", help="拒收编号：32 hexadecimal characters")]


def refused(
    department: DepartmentArgument,
    record: Annotated[str, typer.Argument(metavar="[ID]", help="one record, with what it said")] = "",
    state: Annotated[str, typer.Option(help="open | mended | dismissed | any")] = "open",
    reason: Annotated[str, typer.Option(help="a reason's code, such as missing-field")] = "",
    door: Annotated[str, typer.Option(help="sdk | intake | file | archive | coordinator")] = "",
    since: Annotated[str, typer.Option(help="ISO 8601 with offset")] = "",
    until: Annotated[str, typer.Option(help="ISO 8601 with offset, not included")] = "",
    after: Annotated[str, typer.Option(help="the next page, as the page before names it")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    opened_by: Annotated[str, typer.Option(help="who opens the record to mend it; recorded; masked without")] = "",
    output: FormOption = Form.TABLE,
) -> None:
    """拒收记录：what was refused of a department, newest first; with ID one of them, and what is wrong with it now."""
    with _gateway() as client:
        if record:
            _tell_record(client.record(department, record, opened_by), output)
            return
        query = [
            *(("state", state), ("reason", reason), ("door", door), ("since", since), ("until", until)),
            *(("after", after), ("limit", str(limit))),
        ]
        found = client.refused(department, [(name, value) for name, value in query if value])
    if output is Form.JSON:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(written([_row(each) for each in found["refusals"]], output))
    shown = f"{len(found['refusals'])} / {found['total']} 条 records"
    typer.echo(shown + (f" · --after {found['next_after']}" if found["next_after"] else ""), err=True)


def retry(
    department: DepartmentArgument,
    record: RecordArgument,
    by: Annotated[str, typer.Option(help="更正人：who mends it")],
    change: Annotated[
        list[str] | None, typer.Option("--set", help="更正一项：<path>=<text> or <path>:=<JSON>; repeatable")
    ] = None,
    remove: Annotated[list[str] | None, typer.Option(help="删去一项：<path>; repeatable")] = None,
    file: Annotated[Path | None, typer.Option(help="整条更正：a JSON file with the whole record; - is stdin")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查：say what is wrong, keep nothing")] = False,
    output: FormOption = Form.TABLE,
) -> None:
    """更正并重新上报：mend a refused record and send it again.

    Single places are changed on what was refused, which need not be opened; --file sends another record whole.
    Exit codes: 0 published, 1 it would be refused (--dry-run), 2 not done.
    """
    body: dict[str, Any] = {"mended_by": by, "dry_run": dry_run}
    if file is not None:
        body["text"] = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    if file is None or change or remove:
        body["changes"] = [*map(_change, change or ()), *({"path": each, "removed": True} for each in remove or ())]
    with _gateway() as client:
        told = client.retry(department, record, body)
    if dry_run:
        _tell_faults(told, output)
        return
    _tell_settled(told, output)


def dismiss(
    department: DepartmentArgument,
    record: RecordArgument,
    by: Annotated[str, typer.Option(help="经办人：who puts it aside")],
    reason: Annotated[str, typer.Option(help="理由")],
    output: FormOption = Form.TABLE,
) -> None:
    """搁置：a refused record is not mended, for a reason; its bytes stay kept."""
    with _gateway() as client:
        _tell_settled(client.dismiss(department, record, {"dismissed_by": by, "reason": reason}), output)


@contextmanager
def _gateway() -> "Iterator[RefusalClient]":
    from onething.endpoints import endpoint  # noqa: PLC0415 - commands import what they need when they run
    from onething.gateway.refusal_client import RefusalClient  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    with RefusalClient(endpoint(load_settings(), "gateway")) as client:
        yield client


def _change(told: str) -> dict[str, Any]:
    """``content.state=in-force`` is a text, ``content.amount_fen:=5`` any JSON."""
    path, parted, value = told.partition("=")
    if not parted or not path.removesuffix(":"):
        raise typer.BadParameter(f"{told!r} is not written <path>=<text> or <path>:=<JSON>")
    if not path.endswith(":"):
        return {"path": path, "value": value}
    try:
        return {"path": path[:-1], "value": json.loads(value)}
    except ValueError as fault:
        raise typer.BadParameter(f"{told!r}: what follows := is no JSON") from fault


def _row(record: dict[str, Any]) -> Row:
    first = record["reasons"][0] if record["reasons"] else {"field": "", "reason": ""}
    more = len(record["reasons"]) - 1
    return {
        "id": record["event_id"],
        "last": record["last_at"],
        "state": record["state"],
        "door": record["door"],
        "resource": record["resource"],
        "place": first["field"],
        "reason": first["reason"] + (f" (+{more})" if more > 0 else ""),
        "origin": record["origin"],
    }


def _tell_record(record: dict[str, Any], output: Form) -> None:
    if output is Form.JSON:
        typer.echo(json.dumps(record, ensure_ascii=False))
        return
    typer.echo(written([_fault(each) for each in record["reasons"]], output))
    shown = record["text"] if record["record"] is None else json.dumps(record["record"], ensure_ascii=False, indent=2)
    typer.echo(shown or "（无法读作一条记录 it cannot be read as a record）")
    typer.echo(f"{record['state_name']} {record['state']}", err=True)


def _tell_faults(told: dict[str, Any], output: Form) -> None:
    if output is Form.JSON:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        typer.echo(written([_fault(each) for each in told["faults"]], output))
        verdict = "可上报 publishable" if told["publishable"] else f"{len(told['faults'])} 处 faults"
        typer.echo(verdict, err=True)
    if not told["publishable"]:
        raise typer.Exit(STILL_REFUSED)


def _fault(told: dict[str, Any]) -> Row:
    return {name: told[name] for name in ("field", "code", "reason", "remedy")}


def _tell_settled(told: dict[str, Any], output: Form) -> None:
    if output is Form.JSON:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    settled = told["settled"]
    became = f" → {settled['became']} ({settled['receipt']})" if settled["became"] else ""
    typer.echo(f"{settled['outcome_name']} {settled['outcome']}: {told['event_id']}{became}")
