"""`onething catalog lists`: lists of a period, drawn up from the register, signed off, published, exported."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onething.rows import Form, FormOption, Row, written

if TYPE_CHECKING:
    from catalog.register.changes import State
    from catalog.register.list_rows import ListKind
    from catalog.register.lists import DrawnList
    from onething.catalog_client import CatalogClient

app = typer.Typer(
    name="lists",
    help="清单：responsibility, demand, vertical-system and negative lists of a period.",
    no_args_is_help=True,
)

DIFFERS: Final = 1
OFFICE: Final = "data-bureau"
PAGE: Final = 1000
CHINA: Final = timezone(timedelta(hours=8))

KindArgument = Annotated[
    str,
    typer.Argument(
        metavar="KIND",
        help="类别：responsibility 责任, demand 需求, vertical-system 对接, negative 负面, high-frequency 高频服务",
    ),
]
PeriodArgument = Annotated[str, typer.Argument(metavar="PERIOD", help="期次：2026, 2026-H2, 2026-Q4 or 2026-11")]
DepartmentOption = Annotated[str, typer.Option("--department", "-d", help="部门：of this one only, by its code")]
ActorOption = Annotated[str, typer.Option("--actor", help="经办：who does it")]
VersionOption = Annotated[
    int | None, typer.Option("--version", help="版本：the version that you saw; refused when it changed since")
]


@app.callback()
def lists() -> None:
    """清单：lists of a period. Exit codes: 0 done, 1 two periods differ, 2 refused or not there."""


@app.command("list")
def list_(
    kind: Annotated[str, typer.Option(help="类别：only of this kind")] = "", output: FormOption = Form.TABLE
) -> None:
    """全部清单：every list with its period and state. Example: onething catalog lists list --kind demand."""
    with _client() as client:
        found = [_read(each) for each in client.every("list", {"kind": kind} if kind else {})]
    typer.echo(written([_line(each) for each in found], output))


@app.command("draw-up")
def draw_up(kind: KindArgument, period: PeriodArgument, actor: ActorOption, department: DepartmentOption = "") -> None:
    """编制：draw a list up from the register as it stands now.

    Example: onething catalog lists draw-up responsibility 2026-Q4 --actor 张三
    """
    payload = {"kind": kind, "period": period, "department": department}
    _do(kind, period, department, "drawn-up", {"actor": actor, "payload": payload})


@app.command("sign-off")
def sign_off(
    kind: KindArgument,
    period: PeriodArgument,
    actor: ActorOption,
    department: DepartmentOption = "",
    version: VersionOption = None,
) -> None:
    """审签：another person of the data office signs the list off.

    Example: onething catalog lists sign-off responsibility 2026-Q4 --actor 李四
    """
    _do(kind, period, department, "signed-off", {**_acting(kind, actor), "expected_version": version})


@app.command("return")
def return_(
    kind: KindArgument,
    period: PeriodArgument,
    actor: ActorOption,
    reason: Annotated[str, typer.Option(help="事由：why it is returned")],
    department: DepartmentOption = "",
) -> None:
    """退回：have the list drawn up again.

    Example: onething catalog lists return demand 2026-Q4 --actor 李四 --reason 缺少用途
    """
    _do(kind, period, department, "returned", {**_acting(kind, actor), "reason": reason})


@app.command()
def publish(
    kind: KindArgument,
    period: PeriodArgument,
    actor: ActorOption,
    department: DepartmentOption = "",
    version: VersionOption = None,
) -> None:
    """发布：publish a list that is signed off; from then on it never changes.

    Example: onething catalog lists publish responsibility 2026-Q4 --actor 李四
    """
    _do(kind, period, department, "published", {**_acting(kind, actor), "expected_version": version})


@app.command()
def show(
    kind: KindArgument, period: PeriodArgument, department: DepartmentOption = "", output: FormOption = Form.TABLE
) -> None:
    """清单内容：the rows of a list. Example: onething catalog lists show responsibility 2026-Q4 -o json."""
    from catalog.register.list_sheets import body, header  # noqa: PLC0415 - commands import what they need

    with _client() as client:
        drawn = _list(client, kind, period, department)
    if output is Form.JSON:
        typer.echo(json.dumps(list(drawn.rows), ensure_ascii=False))
        return
    names = header(drawn.kind)
    typer.echo(written([dict(zip(names, row, strict=True)) for row in body(drawn.kind, drawn.rows)], output))
    typer.echo(_said(drawn), err=True)


@app.command()
def preview(
    kind: KindArgument,
    department: DepartmentOption = "",
    at: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%d %H:%M"], help="时点：as of then, time of China; else now"),
    ] = None,
    output: FormOption = Form.TABLE,
) -> None:
    """预览：what a list would hold, now or as of a past time; nothing is drawn up.

    Example: onething catalog lists preview vertical-system --at 2026-09-30
    """
    from catalog.register.list_rows import AsOf, rows_of  # noqa: PLC0415
    from catalog.register.list_sheets import body, header  # noqa: PLC0415

    known = _kind(kind)
    until = datetime.now(CHINA) if at is None else at.replace(tzinfo=CHINA)
    with _client() as client:
        rows = rows_of(known, AsOf.from_changes(_changes(client, until)), department)
    if output is Form.JSON:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    typer.echo(written([dict(zip(header(known), row, strict=True)) for row in body(known, rows)], output))


@app.command()
def diff(
    kind: KindArgument,
    earlier: PeriodArgument,
    later: PeriodArgument,
    department: DepartmentOption = "",
    output: FormOption = Form.TABLE,
) -> None:
    """期次差异：what came, went and changed between two periods; exit code 1 when something did.

    Example: onething catalog lists diff responsibility 2026-Q3 2026-Q4
    """
    from catalog.register.list_sheets import difference_rows  # noqa: PLC0415

    with _client() as client:
        before, after = (_list(client, kind, period, department) for period in (earlier, later))
    names = ("change", "id", "column", "before", "after")
    rows: list[Row] = [dict(zip(names, row, strict=True)) for row in difference_rows(before, after)]
    typer.echo(written(rows, output))
    if rows:
        raise typer.Exit(DIFFERS)


@app.command()
def export(
    kind: KindArgument,
    period: PeriodArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="文件：.xlsx, or .csv for the rows alone")],
    department: DepartmentOption = "",
) -> None:
    """导出：the list as Excel or CSV in the official layout.

    Example: onething catalog lists export responsibility 2026-Q4 责任清单.xlsx
    """
    from catalog.register.excel import write_sheets  # noqa: PLC0415
    from catalog.register.list_sheets import list_sheets  # noqa: PLC0415

    with _client() as client:
        drawn = _list(client, kind, period, department)
        last = _read(client.entity("list", drawn.compared_with)) if drawn.compared_with else None
    write_sheets(file, list_sheets(drawn, last))
    typer.echo(f"已导出 exported: {file}", err=True)


def _client() -> "CatalogClient":
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    return catalog_client()


def _do(kind: str, period: str, department: str, action: str, body: dict[str, Any]) -> None:
    with _client() as client:
        client.do("list", _id(kind, period, department), action, body)
        typer.echo(_said(_list(client, kind, period, department)))


def _acting(kind: str, actor: str) -> dict[str, Any]:
    from catalog.register.lists import OFFICES  # noqa: PLC0415

    return {"actor": actor, "payload": {"organisation": OFFICES.get(_kind(kind), OFFICE)}}


def _list(client: "CatalogClient", kind: str, period: str, department: str) -> "DrawnList":
    return _read(client.entity("list", _id(kind, period, department)))


def _read(entity: dict[str, Any]) -> "DrawnList":
    from catalog.register.lists import list_of  # noqa: PLC0415

    return list_of(entity["state"])


def _changes(client: "CatalogClient", until: datetime) -> "Iterator[tuple[str, str, State]]":
    """Every change of the register until an instant, itself included, in their order."""
    after: int | None = 0
    while after is not None:
        page = client.get("/v1/catalog/changes", {"after": str(after), "limit": str(PAGE)})
        for change in page["changes"]:
            if datetime.fromisoformat(change["at"]) <= until:
                yield change["entity"], change["entity_id"], change["state"]
        after = page["next_after"]


def _id(kind: str, period: str, department: str) -> str:
    from catalog.register.lists import list_id  # noqa: PLC0415

    return list_id(_kind(kind), period, department)


def _kind(kind: str) -> "ListKind":
    from catalog.register.list_rows import KINDS  # noqa: PLC0415

    known = next((each for each in KINDS if each == kind), None)
    if known is None:
        raise typer.BadParameter(f"{kind}: one of {', '.join(KINDS)}")
    return known


def _line(drawn: "DrawnList") -> Row:
    from catalog.register.http_views import iso  # noqa: PLC0415

    return {
        "id": drawn.id,
        "title": drawn.title,
        "period": drawn.period,
        "state": drawn.state,
        "rows": drawn.row_count,
        "drawn_up_at": iso(drawn.drawn_up_at),
        "published_at": iso(drawn.published_at),
    }


def _said(drawn: "DrawnList") -> str:
    """What stands, in one line."""
    from catalog.register.list_refusals import STATES  # noqa: PLC0415

    found = drawn.differences
    counts = f"新增 {len(found.added)}，删除 {len(found.removed)}，变更 {len(found.changed)}"
    beside = f"，对照 {drawn.compared_with}：{counts}" if drawn.compared_with else ""
    empty = "" if drawn.rows else "（空清单：登记簿中没有这样的条目 empty: the register holds no such entry）"
    return f"{drawn.title} {drawn.period} {STATES[drawn.state]} {drawn.state}: {drawn.row_count} 条{empty}{beside}"
