"""`onething grant`: who may read what for what: found, shown, tried on a read, ended."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any, Final

import typer

from onething.rows import Cell, Form, FormOption, written

app = typer.Typer(name="grant", help="授权：who may read what for what.", no_args_is_help=True)

REFUSED: Final = 1
CHINA: Final = timezone(timedelta(hours=8))
STATES: Final = {"issued": "有效", "ended": "终止"}

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="编号：a grant's id, see `onething grant list`")]


@app.callback()
def grant() -> None:
    """授权：who may read what for what. Exit codes: 0 done or allowed, 1 a read would be refused, 2 refused."""


@app.command("list")
def list_(
    reader: Annotated[str, typer.Option(help="读取者：an organisation or an account, as granted")] = "",
    resource: Annotated[str, typer.Option(help="数据资源：a resource's code; * grants of everything")] = "",
    state: Annotated[str, typer.Option(help="状态：issued or ended")] = "",
    output: FormOption = Form.TABLE,
) -> None:
    """授权清单：grants by id, standing ones too. Example: onething grant list --reader finance --state issued."""
    from onething.catalog_client import catalog_client  # noqa: PLC0415 - commands import what they need

    asked = {"reader": reader, "resources": resource, "state": state}
    with catalog_client() as client:
        rows = [_row(each["state"]) for each in client.every("grant", {n: v for n, v in asked.items() if v})]
    typer.echo(written(rows, output))


@app.command()
def show(grant_id: IdArgument, output: FormOption = Form.TABLE) -> None:
    """一项授权：everything that it grants. Example: onething grant show notice:restaurant-opening."""
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    with catalog_client() as client:
        found = client.entity("grant", grant_id)
    if output is not Form.TABLE:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for name, value in found["state"].items():
        if value not in (None, "", []):
            typer.echo(f"{name:<16}{_text(name, value)}")


@app.command()
def check(
    grant_id: IdArgument,
    reader: Annotated[str, typer.Option(help="读取者：<organisation>:<account>")],
    subject: Annotated[str, typer.Option(help="主体：enterprise:<USCC> or person:<token>")],
    purpose: Annotated[str, typer.Option(help="用途")],
    resource: Annotated[list[str] | None, typer.Option(help="数据资源；repeatable")] = None,
    field: Annotated[list[str] | None, typer.Option(help="信息项；repeatable")] = None,
    means: Annotated[str, typer.Option(help="方式")] = "interface",
) -> None:
    """试查：would this read be answered? Nothing is read, and nothing put on record.

    Example: onething grant check G-1 --reader finance:王五 --subject enterprise:91610111MAXYG64X7Q --purpose 资格审查
    """
    from catalog.demands.check import Read, Refused, check_read, permit_of  # noqa: PLC0415
    from catalog.demands.grants import grant_of  # noqa: PLC0415
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    with catalog_client() as client:
        found = grant_of(client.entity("grant", grant_id)["state"])
    at = time.time_ns() // 1000
    read = Read(reader, purpose, subject, at, tuple(resource or ()), tuple(field or ()), means)
    judged = check_read(permit_of(found), read)
    if isinstance(judged, Refused):
        typer.echo(f"拒绝 refused: {judged.text} ({judged.code})")
        raise typer.Exit(REFUSED)
    granted = judged.fields
    shown = "全部 everything" if granted is None else "; ".join(_shown(*each) for each in granted.items())
    typer.echo(f"允许 allowed: {shown}")


@app.command()
def end(
    grant_id: IdArgument,
    actor: Annotated[str, typer.Option("--actor", help="经办：who ends it")],
    reason: Annotated[str, typer.Option("--reason", help="理由：why")],
) -> None:
    """终止：end a grant, at once and for good. Example: onething grant end G-1 --actor 张三 --reason 超范围使用."""
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    with catalog_client() as client:
        client.do("grant", grant_id, "ended", {"actor": actor, "reason": reason})
    show(grant_id)


def _row(state: Mapping[str, Any]) -> dict[str, Cell]:
    return {
        "id": str(state["id"]),
        "state": f"{STATES[state['state']]} {state['state']}",
        "reader": ", ".join(state["reader"]),
        "resources": ", ".join(state["resources"]),
        "purpose": state["purpose"],
        "means": ", ".join(state["means"]),
        "until": _day(state["until"]),
        "demand": state["demand"],
    }


def _shown(resource: str, fields: Any) -> str:
    return f"{resource}: {'全部 all' if fields is None else ', '.join(sorted(fields))}"


def _text(name: str, value: Any) -> str:
    if name in ("since", "until", "ended_at"):
        return _day(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _day(instant_us: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant_us)
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"
