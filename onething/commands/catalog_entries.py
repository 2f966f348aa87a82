"""`onething catalog submit|return|review|publish|withdraw|check|versions|attached|import|export-table|trial`."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onething.rows import Form, FormOption, written

if TYPE_CHECKING:
    from catalog.register.entry_import import RowResult
    from catalog.register.plan import Standing
    from catalog.register.trial import Trial
    from onething.catalog_client import CatalogClient

app = typer.Typer()

FOUND: Final = 1
OFFICE: Final = "data-bureau"
CHINA: Final = timezone(timedelta(hours=8))
TRIED: Final = 1000

CodeArgument = Annotated[str, typer.Argument(metavar="CODE", help="资源标识 department.name")]
ActorOption = Annotated[str, typer.Option(help="经办：who does it")]
OrganisationOption = Annotated[
    str | None, typer.Option("--organisation", help="机构：for which organisation; the entry's provider when left out")
]
OfficeOption = Annotated[str, typer.Option("--organisation", help="机构：for which organisation")]
ReasonOption = Annotated[str, typer.Option(help="事由：why; kept on record")]


@app.command()
def submit(code: CodeArgument, actor: ActorOption, organisation: OrganisationOption = None) -> None:
    """提交审核：the provider submits a draft, or the next version of what is published.

    Example: onething catalog submit tax.arrears --actor 张三
    """
    with _client() as client:
        acting = organisation or str(client.entity("resource", code)["state"]["provider"])
        _done(client, code, "submitted", {"actor": actor, "payload": {"organisation": acting}})


@app.command("return")
def return_(code: CodeArgument, actor: ActorOption, reason: ReasonOption, organisation: OfficeOption = OFFICE) -> None:
    """退回：the data office sends a submitted entry back.

    Example: onething catalog return tax.arrears --actor 李四 --reason 摘要过简
    """
    with _client() as client:
        payload = {"organisation": organisation}
        _done(client, code, "returned", {"actor": actor, "payload": payload, "reason": reason})


@app.command()
def review(
    code: CodeArgument,
    actor: ActorOption,
    organisation: OfficeOption = OFFICE,
    confirm_guesses: Annotated[
        bool, typer.Option("--confirm-guesses", help="every guessed item was looked at")
    ] = False,
) -> None:
    """审核：another person of the data office accepts it; binding and compatibility are judged here.

    Example: onething catalog review tax.arrears --actor 李四 --confirm-guesses
    """
    with _client() as client:
        payload = {"organisation": organisation, "confirm_guesses": confirm_guesses}
        _done(client, code, "reviewed", {"actor": actor, "payload": payload})


@app.command()
def publish(code: CodeArgument, actor: ActorOption, organisation: OfficeOption = OFFICE) -> None:
    """发布：a reviewed entry becomes the version that holds.

    Example: onething catalog publish tax.arrears --actor 李四
    """
    with _client() as client:
        _done(client, code, "published", {"actor": actor, "payload": {"organisation": organisation}})


@app.command()
def withdraw(
    code: CodeArgument, actor: ActorOption, reason: ReasonOption, organisation: OrganisationOption = None
) -> None:
    """撤销：an entry holds no longer; its history stays.

    Example: onething catalog withdraw tax.arrears --actor 张三 --reason 职责调整
    """
    with _client() as client:
        payload = {"organisation": organisation} if organisation else {}
        _done(client, code, "withdrawn", {"actor": actor, "payload": payload, "reason": reason})


@app.command()
def check(
    codes: Annotated[list[str] | None, typer.Argument(metavar="[CODE]...", help="all that are not withdrawn")] = None,
    errors_only: Annotated[bool, typer.Option("--errors-only", help="leave out what only asks for a look")] = False,
    output: FormOption = Form.TABLE,
) -> None:
    """检查：the usual faults of entries, each with field, reason and remedy; exit code 1 when there is an error.

    Example: onething catalog check tax.arrears
    """
    from onething.entry_rows import checked, fault_row  # noqa: PLC0415 - commands import what they need

    with _client() as client:
        found = checked(client, codes or [], _today())
    rows = [fault_row(code, fault) for code, fault in found if fault.severity == "error" or not errors_only]
    typer.echo(written(rows, output))
    errors = sum(fault.severity == "error" for _, fault in found)
    typer.echo(f"{errors} 处错误 error(s), {len(found) - errors} 处提示 warning(s)", err=True)
    raise typer.Exit(FOUND if errors else 0)


@app.command()
def versions(
    code: CodeArgument,
    between: Annotated[tuple[int, int] | None, typer.Option("--between", help="two versions: what differs")] = None,
    output: FormOption = Form.TABLE,
) -> None:
    """发布版本：each published version, by whom and when; or what differs between two, field by field.

    Example: onething catalog versions tax.arrears --between 1 2
    """
    from onething.entry_rows import difference_rows, version_rows  # noqa: PLC0415

    with _client() as client:
        history = client.history("resource", code)
    rows = version_rows(history) if between is None else difference_rows(history, *between)
    if rows is None:
        typer.echo(f"没有这样的版本 no such version: {between}", err=True)
        raise typer.Exit(2)
    typer.echo(written(rows, output))


@app.command()
def attached(
    seen: Annotated[int, typer.Option(min=1, help="newest messages of each partition to look at")] = 2000,
    output: FormOption = Form.TABLE,
) -> None:
    """挂接：measured for every published entry: topic, schema, facts seen; never declared.

    Example: onething catalog attached
    """
    from catalog.register.life_attached import attachments  # noqa: PLC0415
    from onething.attachment import HubMeasuring  # noqa: PLC0415
    from onething.endpoints import endpoints, kafka_options  # noqa: PLC0415
    from onething.entry_rows import attachment_row, entry_of  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    with _client() as client:
        entries = [entry_of(each["state"]) for each in client.every("resource", {"state": "published"})]
    found = attachments(entries, HubMeasuring(kafka_options(settings), endpoints(settings, "archive"), seen))
    typer.echo(written([attachment_row(each) for each in found], output))
    typer.echo(f"已挂接 attached: {sum(each.attached for each in found)} / {len(found)}", err=True)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help=".xlsx or .csv")],
    actor: ActorOption,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="ask the register's rules, change nothing")] = False,
    output: FormOption = Form.TABLE,
) -> None:
    """导入：entries from the guideline's columns, or tables of departments, as drafts; all of them or none.

    Each row's result is told; a second import of the same file changes nothing. Exit code 1 when a cell is refused.

    Example: onething catalog import 目录.xlsx --actor 张三 --dry-run
    """
    from catalog.register.entry_import import commands_of, import_results  # noqa: PLC0415
    from onething.entry_rows import fault_rows, result_row  # noqa: PLC0415

    with _client() as client:
        entries, faults = _entries(client, file)
        results = import_results(entries, _standing(client))
        commands = [] if faults or _refused(results) else commands_of(results)
        if len(commands) > _most_at_once():
            raise typer.BadParameter(
                f"一次最多导入 {_most_at_once()} 条变更，请分成几个文件 / at most {_most_at_once()}"
            )
        if commands:
            client.do_all({"actor": actor, "dry_run": dry_run, "commands": commands})
    typer.echo(written([result_row(each) for each in results], output))
    told = [*faults, *(fault for each in results for fault in each.faults)]
    for line in (*fault_rows(told), *(note for each in results for note in each.notes)):
        typer.echo(line, err=True)
    if told:
        typer.echo("未作更改 nothing was changed", err=True)
        raise typer.Exit(FOUND)
    typer.echo(f"{'试运行，未作更改 dry run' if dry_run else '已导入 imported'}: {len(commands)}", err=True)


@app.command("export-table")
def export_table(
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help=".xlsx or .csv")],
    where: Annotated[list[str] | None, typer.Option(help="条件 field=value, repeatable: provider=tax")] = None,
) -> None:
    """导出：entries in the guideline's columns, one row a data item; importing the file again changes nothing.

    Example: onething catalog export-table 目录.xlsx --where provider=tax
    """
    from catalog.register.excel import write_sheets  # noqa: PLC0415
    from catalog.register.life import content_in_preparation  # noqa: PLC0415
    from catalog.register.sheet_export import entries_sheet  # noqa: PLC0415
    from onething.entry_rows import published_on  # noqa: PLC0415

    wrong = [each for each in where or [] if "=" not in each]
    if wrong:
        raise typer.BadParameter(f"field=value is due, not: {', '.join(wrong)}")
    fields = dict(each.split("=", 1) for each in where or [])
    with _client() as client:
        states = [each["state"] for each in client.every("resource", fields) if each["state"]["state"] != "withdrawn"]
        names = {each["entity_id"]: each["state"]["name"] for each in client.every("organisation")}
    sheet = entries_sheet([content_in_preparation(each) for each in states], names, published_on(states))
    write_sheets(file, [sheet])
    typer.echo(f"已导出 exported: {len(states)} → {file}", err=True)


@app.command()
def trial(
    code: Annotated[str | None, typer.Argument(metavar="[CODE]", help="资源标识：its next version is tried")] = None,
    schema: Annotated[
        Path | None, typer.Option("--schema", exists=True, dir_okay=False, help="a changed record schema (.avsc)")
    ] = None,
    last: Annotated[int, typer.Option(min=0, help="newest messages of each partition to read with it")] = TRIED,
    output: FormOption = Form.TABLE,
) -> None:
    """试变更：a change on recorded traffic and on everybody who reads it, before it is published.

    Exit code 1 when it may not follow, a message cannot be read, or a reader would break.

    Example: onething catalog trial --schema PenaltyImposed.v2.avsc --last 5000
    """
    from onething.entry_trials import tried_entry, tried_schema  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    if (code is None) == (schema is None):
        raise typer.BadParameter("CODE 与 --schema 必须且只能给出一个 / give a CODE or --schema, one of them")
    # What is no UTF-8 is no schema either: the trial tells it.
    text = schema.read_text(encoding="utf-8", errors="replace") if schema else ""
    with _client() as client:
        if code is not None:
            found = tried_entry(load_settings(), client, code, last)
        else:
            found = tried_schema(load_settings(), client, text, last)
    _tell(found, output)
    raise typer.Exit(0 if found.is_harmless else FOUND)


def _tell(found: "Trial", output: Form) -> None:
    from onething.entry_rows import trial_rows  # noqa: PLC0415

    typer.echo(written(trial_rows(found), output))
    traffic = found.traffic
    typer.echo(
        f"试读 {traffic.tried} 条记录，{traffic.unread} 条不能读取；{len(found.broken)} 处读者将受影响 "
        f"messages tried {traffic.tried}, unread {traffic.unread}, readers broken {len(found.broken)}",
        err=True,
    )


def _entries(client: "CatalogClient", file: Path) -> tuple[Any, Any]:
    from catalog.register.excel import read_sheets  # noqa: PLC0415
    from catalog.register.sheet_entries import names_of, sheet_entries  # noqa: PLC0415
    from catalog.register.tables_import import is_tables, table_entries  # noqa: PLC0415

    sheets = read_sheets(file)
    if len(sheets) == 1 and is_tables(sheets[0]):
        return table_entries(sheets[0]), ()
    return sheet_entries(sheets, names_of([each["state"] for each in client.every("organisation")]))


def _standing(client: "CatalogClient") -> "dict[str, Standing]":
    from catalog.register.plan import Standing  # noqa: PLC0415

    return {each["entity_id"]: Standing(each["version"], each["state"]) for each in client.every("resource")}


def _refused(results: "tuple[RowResult, ...]") -> bool:
    return any(each.outcome == "refused" for each in results)


def _most_at_once() -> int:
    from catalog.register.http_commands import MOST_COMMANDS  # noqa: PLC0415

    return MOST_COMMANDS


def _done(client: "CatalogClient", code: str, action: str, body: dict[str, Any]) -> None:
    from onething.entry_rows import change_line  # noqa: PLC0415

    for change in client.do("resource", code, action, body)["changes"]:
        typer.echo(change_line(change))


def _client() -> "CatalogClient":
    # Looked up when it is called, so that a test can put another in its place.
    from onething import catalog_client  # noqa: PLC0415

    return catalog_client.catalog_client()


def _today() -> str:
    return datetime.now(UTC).astimezone(CHINA).date().isoformat()
