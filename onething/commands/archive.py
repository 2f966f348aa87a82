"""`onething archive`: what the hub knows of an enterprise or a person, and where every line comes from."""

import json
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="archive", help="一企一档、一人一档：the archive of an enterprise or a person.", no_args_is_help=True
)

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
STATES = {
    "zh": {"withdrawn": "已撤回", "disputed": "有争议", "current": "有效"},
    "en": {"withdrawn": "withdrawn", "disputed": "disputed", "current": "in force"},
}
HEADINGS = {
    "zh": ("记录", "来源", "状态", "发生时间\n入库时间", "版本\n日志位置"),
    "en": ("record", "source", "state", "happened\nknown", "version\nprovenance"),
}


class Output(StrEnum):
    """How the archive is written."""

    TABLE = "table"
    JSON = "json"


@app.callback()
def archive() -> None:
    """一企一档、一人一档：the archive of an enterprise or a person."""


@app.command()
def show(
    subject: Annotated[str, typer.Argument(help="a credit code, enterprise:<credit code> or person:<token>")],
    purpose: Annotated[str, typer.Option(help="用途：what it is read for; kept on record")],
    case: Annotated[str, typer.Option(help="办件编号：the case it is read for")] = "",
    grant: Annotated[str, typer.Option(help="授权编号：the grant it is read under")] = "",
    reader: Annotated[str, typer.Option(help="读取者：<organisation>:<account>; cli:<this user> when left out")] = "",
    as_of: Annotated[str, typer.Option(help="as the hub knew it then: ISO 8601 with offset, or µs UTC")] = "",
    after: Annotated[
        list[str] | None, typer.Option(help="a receipt topic/partition/offset: wait until it has been reached")
    ] = None,
    wait_s: Annotated[float, typer.Option(help="how long to wait for the receipts")] = 10.0,
    history: Annotated[bool, typer.Option("--history", help="older versions too")] = False,
    output: Annotated[Output, typer.Option("--output", "-o", help="table, or json with all content")] = Output.TABLE,
) -> None:
    """Show an archive: record, state, version, when it happened, when it was known, where it stands on the log.

    Exit codes: 0 shown, 2 refused or not there.
    """
    from onething.endpoints import endpoint  # noqa: PLC0415 - commands import what they need when they run
    from onething.gateway.client import HubClient  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    named = (("purpose", purpose), ("case", case), ("grant", grant), ("as_of", as_of))
    query = [(name, value) for name, value in named if value] + [("after", each) for each in after or ()]
    with HubClient(endpoint(settings, "gateway")) as client:
        body = client.archive(subject_named(subject), query, wait_s, reader)
    if output is Output.JSON:
        typer.echo(json.dumps(body, ensure_ascii=False, indent=2))
    else:
        print_archive(body, settings.lang, history=history)


def subject_named(text: str) -> str:
    """The subject that a user names: a bare credit code is an enterprise.

    Raises:
        typer.BadParameter: it names no subject; the text is not repeated, it may be an ID number.
    """
    from topics.identifiers import check_subject, enterprise_subject  # noqa: PLC0415

    subject = text if ":" in text else enterprise_subject(text)
    if reason := check_subject(subject):
        raise typer.BadParameter(f"主体标识无效 / names no subject: {reason}; persons are read by person:<token>")
    return subject


def print_archive(body: dict[str, Any], lang: str, *, history: bool = False) -> None:
    """Print an archive as a table, and what is missing in it."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console()
    table = Table(title=body["subject"], title_justify="left")
    for heading in HEADINGS[lang]:
        table.add_column(heading, overflow="fold", no_wrap=heading == HEADINGS[lang][3])
    for record in body["records"]:
        table.add_row(*_row(record, lang))
        for older in record["history"] if history else ():
            table.add_row(*_row(older, lang), style="dim")
    console.print(table)
    if closed := body.get("closed"):
        console.print(_closed(closed, lang), style="bold red", highlight=False)
    console.print(_count(body, lang))
    for each in body["missing"]:
        console.print(f"  - {each['record_type']}: {each['reason']}", style="yellow", highlight=False)


def _row(record: dict[str, Any], lang: str) -> tuple[str, ...]:
    place = record["provenance"]
    return (
        f"{_record_type(record['record_type'], lang)}\n{record['record_id']}",
        _source(record["source"], lang),
        _state(record, lang),
        f"{moment(record['valid_at'])}\n{moment(record['known_at'])}",
        f"{record['version']}\n{place['topic']}/{place['partition']}/{place['offset']}",
    )


def _record_type(code: str, lang: str) -> str:
    from catalog.resources import load_resources  # noqa: PLC0415

    known = load_resources().record_types.get(code)
    return known.name if known and lang == "zh" else code


def _source(code: str, lang: str) -> str:
    from catalog.organisations import load_organisations  # noqa: PLC0415

    known = load_organisations().by_code.get(code)
    return known.name if known and lang == "zh" else code


def _state(record: dict[str, Any], lang: str) -> str:
    words = STATES[lang]
    if record["withdrawn"]:
        return words["withdrawn"]
    if record.get("disputed"):
        return f"⚠ {words['disputed']}"
    return str(record["content"].get("state") or record["content"].get("status") or words["current"])


def _closed(closed: dict[str, Any], lang: str) -> str:
    from catalog.organisations import load_organisations  # noqa: PLC0415

    day, source = moment(closed["since"])[:10], closed["department"]
    known = load_organisations().by_code.get(source)
    if lang == "zh":
        said = f"档案已关闭：{closed['state']}，自 {day} 起（{known.name if known else source}）"
        return said + ("；该登记存在争议" if closed["disputed"] else "") + "。记录全部保留，可照常查阅。"
    doubt = "; disputed" if closed["disputed"] else ""
    return f"closed since {day} ({closed['state']}, by {source}{doubt}); all records stay"


def _count(body: dict[str, Any], lang: str) -> str:
    records, missing = len(body["records"]), len(body["missing"])
    if lang == "zh":
        return f"{records} 条记录" + (f"；应有而未见 {missing} 类：" if missing else "；应有记录齐全")
    return f"{records} records; " + (f"{missing} expected record types are missing:" if missing else "nothing missing")


def moment(instant_us: int) -> str:
    """An instant in µs UTC as people in China read it."""
    return (datetime(1970, 1, 1, tzinfo=CHINA) + timedelta(hours=8, microseconds=instant_us)).strftime(
        "%Y-%m-%d %H:%M:%S"
    )
