"""`onething correction`: a value disputed, its dispute ended, and who consumed it meanwhile."""

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from onething.rows import Form, FormOption, Row, written

if TYPE_CHECKING:
    from onething.catalog_client import CatalogClient

app = typer.Typer(
    name="correction",
    help="校核：a value disputed: its end, and who consumed it meanwhile. Exit codes: 0 done, 2 refused or not there.",
    no_args_is_help=True,
)


class Outcome(StrEnum):
    """How a dispute ends."""

    CORRECTED = "corrected"
    MARK_REMOVED = "mark-removed"
    UNDETERMINABLE = "undeterminable"
    WITHDRAWN = "withdrawn"


class RecallForm(StrEnum):
    """How a recall is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


IdArgument = Annotated[str, typer.Argument(metavar="ID", help="校核编号：see `onething correction list`")]
ReasonOption = Annotated[str, typer.Option("--reason", help="理由：no person's name or number")]


@app.callback()
def correction() -> None:
    """校核：a value disputed, its dispute ended, and who consumed it meanwhile."""


@app.command()
def dispute(
    subject: Annotated[str, typer.Argument(help="主体：enterprise:<credit code> or person:<token>")],
    resource: Annotated[str, typer.Argument(help="数据资源：its code")],
    record_id: Annotated[str, typer.Argument(help="记录标识：see `onething archive show`")],
    reason: ReasonOption,
    department: Annotated[str, typer.Option("--department", "-d", help="提出部门，或受理窗口的部门：its code")],
    by: Annotated[str, typer.Option(help="经办账号：the account")],
    purpose: Annotated[str, typer.Option(help="用途：what it was read for")],
    field: Annotated[str, typer.Option(help="信息项：left out: the whole record")] = "",
    grant: Annotated[str, typer.Option(help="授权：under which it was read")] = "",
    case: Annotated[str, typer.Option(help="办件：for which it was read")] = "",
    evidence: Annotated[list[str] | None, typer.Option("--evidence", "-e", help="证据编号；repeatable")] = None,
    by_subject: Annotated[bool, typer.Option("--by-subject", help="由主体本人在窗口提出")] = False,
) -> None:
    """提出异议：mark a value as disputed wherever it is shown; the source has ten working days.

    Example: onething correction dispute enterprise:… tax.tax-registration R-1 --reason 与现场不符 -d market-regulation
    --by 张三 --purpose 年报核对 --grant G-…
    """
    body = {
        "subject": subject,
        "resource": resource,
        "record_id": record_id,
        "field": field or None,
        "reason": reason,
        "evidence": evidence or [],
        "disputed_by": department,
        "by": by,
        "by_subject": by_subject,
        "purpose": purpose,
        "grant": grant,
        "case": case,
    }
    with _client() as client:
        done = client.post("/v1/corrections", body)
    typer.echo(f"已标注争议 marked as disputed: {done['id']}")


@app.command("list")
def list_(
    state: Annotated[str, typer.Option(help="状态：disputed, corrected, mark-removed, undeterminable, withdrawn")] = "",
    department: Annotated[str, typer.Option("--department", "-d", help="数源部门：of its records")] = "",
    subject: Annotated[str, typer.Option(help="主体")] = "",
    output: FormOption = Form.TABLE,
) -> None:
    """校核清单：disputes by id. Example: onething correction list --state disputed --department tax."""
    fields = {"state": state, "provider": department, "subject": subject}
    with _client() as client:
        found = list(client.every("correction", {name: value for name, value in fields.items() if value}))
    typer.echo(written([_row(each["state"]) for each in found], output))


@app.command()
def end(
    correction_id: IdArgument,
    outcome: Annotated[Outcome, typer.Option("--outcome", help="结果：corrected needs the source's newer record")],
    department: Annotated[str, typer.Option("--department", "-d", help="数源部门；withdrawn: 提出部门")],
    actor: Annotated[str, typer.Option("--actor", help="经办：who does it")],
    reason: ReasonOption,
) -> None:
    """办结：the source ends a dispute, or who disputed withdraws it; the mark is gone within seconds.

    Example: onething correction end C-… --outcome corrected -d tax --actor 李四 --reason 已更正
    """
    with _client() as client:
        if outcome is Outcome.CORRECTED:
            body = {"organisation": department, "actor": actor, "reason": reason}
            client.post(f"/v1/corrections/{correction_id}/corrected", body)
        else:
            payload = {"organisation": department}
            client.do("correction", correction_id, outcome, {"actor": actor, "reason": reason, "payload": payload})
        shown = client.entity("correction", correction_id)
    typer.echo(written([_row(shown["state"])], Form.TABLE))


@app.command()
def recall(
    correction_id: IdArgument,
    output: Annotated[RecallForm, typer.Option("--output", "-o", help="table, json or csv")] = RecallForm.TABLE,
) -> None:
    """追溯：who consumed the value from its appearance to its correction; the log is read, progress on stderr.

    Example: onething correction recall C-… -o csv > recall.csv
    """
    from catalog.corrections import correction_of  # noqa: PLC0415 - commands import what they need
    from onething.endpoints import kafka_options  # noqa: PLC0415
    from onething.recalls import recall_csv, recall_of, recall_rows, recall_view, wrong_value  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    with _client() as client:
        held = correction_of(client.entity("correction", correction_id)["state"])
    found = recall_of(kafka_options(load_settings()), wrong_value(held), _progress)
    sys.stderr.write("\n")
    if output is RecallForm.JSON:
        typer.echo(json.dumps(recall_view(correction_id, found), ensure_ascii=False, indent=2))
    elif output is RecallForm.CSV:
        typer.echo(recall_csv(found), nl=False)
    else:
        typer.echo(written([_consumed(each) for each in recall_rows(found)], Form.TABLE))


def _progress(topics: str, read: int, every: int) -> None:
    sys.stderr.write(f"\r{topics}: {read}/{every}\x1b[K")
    sys.stderr.flush()


def _row(state: dict[str, Any]) -> Row:
    return {
        "编号 id": state["id"],
        "状态 state": state["state"],
        "数源部门 source": state["provider"],
        "提出部门 by": state["disputed_by"],
        "资源 resource": state["resource"],
        "记录 record": state["record_id"],
        "信息项 field": state["value"].get("field") or "",
        "理由 reason": state["reason"],
    }


def _consumed(row: dict[str, Any]) -> Row:
    return {
        "时间 at": row["at"],
        "方式 kind": row["kind_name"],
        "部门 department": row["department_name"] or row["department"],
        "经办 who": row["who"],
        "用途 purpose": row["purpose"],
        "办件 case": row["case"],
        "授权 grant": row["grant"],
        "报告 report": row["report"],
        "已标注 marked": "是" if row["marked"] else "",
    }


def _client() -> "CatalogClient":
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    return catalog_client()
