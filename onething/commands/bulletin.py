"""`onething bulletin`: the month's bulletin, one page a department and the city's whole, as XLSX and PDF."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onething.rows import Form, FormOption, Row, written

if TYPE_CHECKING:
    from onething.figures_client import FiguresClient

app = typer.Typer(name="bulletin", help="通报：the month's bulletin.", no_args_is_help=True)

PATH: Final = "/v1/bulletins"
_BEING_DRAWN: Final = "bulletin-being-drawn"
_AGAIN_S: Final = 3.0
MonthArgument = Annotated[str, typer.Argument(metavar="MONTH", help="月份：YYYY-MM, such as 2026-10")]


class File(StrEnum):
    """What files are made."""

    XLSX = "xlsx"
    PDF = "pdf"


@app.callback()
def bulletin() -> None:
    """通报：the month's bulletin. Exit codes: 0 done, 2 refused or not there."""


@app.command("list")
def list_(output: FormOption = Form.TABLE) -> None:
    """有数据的月份：the months that a bulletin can be made of. Example: onething bulletin list."""
    from onething.figures_client import figures_client  # noqa: PLC0415 - commands import what they need when they run

    with figures_client() as client:
        found = client.get(PATH)
    if output is Form.JSON:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    rows: list[Row] = [
        {"月份": each["month"], "说明": "暂计（未结束）" if each["provisional"] else ""} for each in found["months"]
    ]
    typer.echo(written(rows, output) or "（湖中尚无数据 the lake is empty）")


@app.command()
def make(
    month: MonthArgument,
    department: Annotated[
        list[str] | None, typer.Option("--department", "-d", help="部门代码，again for more: these pages only")
    ] = None,
    out: Annotated[Path, typer.Option(help="文件夹：where the files go; made when it is not there")] = Path(),
    file: Annotated[list[File] | None, typer.Option("--file", help="xlsx or pdf; both when left out")] = None,
    each: Annotated[bool, typer.Option("--each", help="另为每个部门单出文件：files of every department, too")] = False,
) -> None:
    """制作通报：write the files; the same month again gives the same bytes, once the month is over.

    Example: onething bulletin make 2026-10 --department tax --out bulletins
    """
    from onething.figures_client import figures_client  # noqa: PLC0415

    with figures_client() as client:
        found = _drawn_up(client, month)
        out.mkdir(parents=True, exist_ok=True)
        for page in _pages(found, department or [], each=each):
            for kind in file or list(File):
                _write(client, month, page, kind, out)
    note = "（暂计：该月尚未结束 provisional）" if found["provisional"] else ""
    typer.echo(f"{found['title']}，统计截至 {found['as_of']}{note}；湖位摘要 {found['footing']['positions_digest']}")


@app.command()
def show(
    month: MonthArgument,
    department: Annotated[
        str, typer.Option("--department", "-d", help="部门代码；the city's whole when left out")
    ] = "",
    output: FormOption = Form.TABLE,
) -> None:
    """通报正文：its sentences. Example: onething bulletin show 2026-10 --department tax."""
    from onething.figures_client import figures_client  # noqa: PLC0415

    with figures_client() as client:
        _drawn_up(client, month)
        found = client.get(f"{PATH}/{month}/{department or 'city'}")
    if output is not Form.TABLE:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(f"{found['page']['name']}（统计截至 {found['as_of']}）")
    for sentence in found["page"]["paragraphs"]:
        typer.echo(f"  {sentence}")
    typer.echo(f"→ {found['page']['live_url']}", err=True)


def _drawn_up(client: "FiguresClient", month: str) -> dict[str, Any]:
    """The bulletin, waited for as long as it is being drawn up."""
    import time  # noqa: PLC0415

    from onething.gateway.client import GatewayRefused  # noqa: PLC0415

    while True:
        try:
            found: dict[str, Any] = client.get(f"{PATH}/{month}")
        except GatewayRefused as refused:
            if not str(refused.problem.get("type", "")).endswith(_BEING_DRAWN):
                raise
            typer.echo("… 正在编制 being drawn up", err=True)
            time.sleep(_AGAIN_S)
        else:
            return found


def _pages(found: dict[str, Any], wanted: list[str], *, each: bool) -> list[tuple[str, str]]:
    """(code, name) of the pages that files are made of; code "" is the whole bulletin."""
    names = {page["code"]: page["name"] for page in found["departments"]}
    if unknown := [code for code in wanted if code not in names]:
        raise typer.BadParameter(f"没有分页 / no page of {', '.join(unknown)}; known: {', '.join(names)}")
    if wanted:
        return [(code, names[code]) for code in wanted]
    return [("", "全部"), *(names.items() if each else ())]


def _write(client: "FiguresClient", month: str, page: tuple[str, str], kind: File, out: Path) -> None:
    code, name = page
    path = f"{PATH}/{month}/{code}.{kind}" if code else f"{PATH}/{month}.{kind}"
    content = client.file(path)
    target = out / f"通报 {month} {name}.{kind}"
    # Written beside it first: what stands under the name is whole or was there before.
    fresh = target.with_name(f".{target.name}.tmp")
    fresh.write_bytes(content)
    fresh.replace(target)
    typer.echo(f"{target}  {len(content):,} 字节 bytes", err=True)
