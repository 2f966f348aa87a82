"""`onething lake`: what the lake holds, its files merged, its tables built again from the log, and asked by SQL."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onething.commands.lake_query import query
from onething.rows import Form, FormOption, Row, written

if TYPE_CHECKING:
    from datetime import date

    from analytics.lake.location import Location
    from analytics.lake.reading import LakeReader
    from onething.settings import Settings

app = typer.Typer(
    name="lake",
    help="数据湖：what the log says as tables: status, compact, rebuild, query. "
    "Exit codes: 0 well, 1 files are missing, 2 failed.",
    no_args_is_help=True,
)
app.command("query")(query)

MISSING: Final = 1

Tables = Annotated[list[str] | None, typer.Argument(help="tables; all of them when none is named", metavar="[TABLE]…")]


@app.command()
def status(output: FormOption = Form.TABLE) -> None:
    """Show each table: rows, files, bytes, days, the newest commit, messages behind the log, and missing files.

    Exit code 1 when a data file is missing; each is named with the command that builds its rows again.
    """
    from analytics.lake.reading import LakeReader  # noqa: PLC0415 - commands import what they need when they run
    from analytics.lake.tables import TABLES  # noqa: PLC0415

    settings, location = _asked()
    reader = LakeReader(location)
    behind = _behind(settings, reader)
    typer.echo(written([_table_row(reader, name, behind) for name in TABLES], output))
    missing = [(name, each) for name in TABLES for each in reader.missing(name)]
    for name, each in missing:
        typer.echo(f"缺失 missing: {name} {each.path}, {each.rows:,} 行 rows", err=True)
    for name, day in sorted({(name, each.day) for name, each in missing}):
        typer.echo(f"→ onething lake rebuild {name} --day {day}", err=True)
    if missing:
        raise typer.Exit(MISSING)


@app.command()
def compact(
    tables: Tables = None,
    delete_unused: Annotated[
        bool, typer.Option("--delete-unused", help="delete files too that no table has named for a day")
    ] = False,
    output: FormOption = Form.TABLE,
) -> None:
    """Merge every day's files into one now; the writer and readers may go on meanwhile."""
    from analytics.lake.compaction import compact as merged  # noqa: PLC0415
    from analytics.lake.compaction import vacuum  # noqa: PLC0415

    _, location = _asked()
    names = _named(tables)
    rows: list[Row] = [
        {
            "table": each.table,
            "day": each.day.isoformat(),
            "files": each.files,
            "rows": each.rows,
            "bytes_before": each.bytes_before,
            "bytes_after": each.bytes_after,
        }
        for each in merged(location, names, quiet_s=0)
    ]
    if rows or output is not Form.TABLE:
        typer.echo(written(rows, output))
    typer.echo(f"合并 merged: {len(rows)} 个文件 files in the place of {sum(_files(row) for row in rows)}", err=True)
    if delete_unused:
        typer.echo(f"清理 deleted: {vacuum(location, names)} 个文件 files", err=True)


@app.command()
def rebuild(
    table: Annotated[str, typer.Argument(help="which table", metavar="TABLE")],
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="only the rows of this day; every day when left out")
    ] = None,
    output: FormOption = Form.TABLE,
) -> None:
    """Read a table's rows from the log again and put them in the place of its files; the writer may go on meanwhile."""
    from analytics.lake.rebuild import rebuild as rebuilt  # noqa: PLC0415
    from onething.endpoints import kafka_options  # noqa: PLC0415

    settings, location = _asked()
    (name,) = _named([table])
    came = rebuilt(kafka_options(settings), location, name, None if day is None else day.date(), _tell_progress)
    typer.echo("", err=True)
    row: dict[str, Any] = {
        "table": came.table,
        "day": None if came.day is None else came.day.isoformat(),
        "messages": came.messages,
        "files_before": came.files_before,
        "rows_before": came.rows_before,
        "files": came.files,
        "rows": came.rows,
    }
    typer.echo(written([row], output))


def _tell_progress(read: int, total: int) -> None:
    typer.echo(f"\r… {read:,} / {total:,} 条 messages", err=True, nl=False)


def _asked() -> "tuple[Settings, Location]":
    from onething.lake import lake_location  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    return settings, lake_location(settings)


def _named(tables: list[str] | None) -> list[str]:
    from analytics.lake.tables import TABLES  # noqa: PLC0415

    unknown = [each for each in tables or () if each not in TABLES]
    if unknown:
        raise typer.BadParameter(
            f"数据湖没有表 (the lake has no table) {', '.join(unknown)}; it has: {', '.join(TABLES)}"
        )
    return tables or list(TABLES)


def _files(row: Row) -> int:
    return int(row["files"] or 0)


def _table_row(reader: "LakeReader", name: str, behind: "dict[str, int] | None") -> Row:
    listed = reader.files(name)
    days = [each.day for each in listed.files]
    return {
        "table": name,
        "rows": listed.rows,
        "files": len(listed.files),
        "bytes": listed.bytes,
        "first_day": _written_day(min(days, default=None)),
        "last_day": _written_day(max(days, default=None)),
        "version": listed.version if listed.version >= 0 else None,
        "committed_at": None if listed.committed_at is None else listed.committed_at.isoformat(timespec="seconds"),
        "behind": None if behind is None else behind.get(name, 0),
        "missing": len(reader.missing(name)),
    }


def _written_day(day: "date | None") -> str | None:
    return None if day is None else day.isoformat()


def _behind(settings: "Settings", reader: "LakeReader") -> dict[str, int] | None:
    """Table → messages that the log has and the lake does not; None when no Kafka answers."""
    from analytics.door.log_ends import LogEnds  # noqa: PLC0415
    from analytics.lake.tables import table_of  # noqa: PLC0415
    from onething.endpoints import NotRunning, kafka_options  # noqa: PLC0415

    try:
        ends = LogEnds(kafka_options(settings), reader.location)()
    except NotRunning:
        return None
    if ends is None:
        return None
    positions, behind = reader.positions(), dict[str, int]()
    for place, end in ends.items():
        table = table_of(place[0])
        if table is not None:
            behind[table.name] = behind.get(table.name, 0) + max(0, end - positions.get(place, 0))
    return behind
