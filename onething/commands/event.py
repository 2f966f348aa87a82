"""`onething event`: check and publish facts from files; see what was refused, mend it and send it again."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onething.commands.refused import dismiss, refused, retry
from onething.rows import Form, FormOption, Row, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onething.settings import Settings
    from producers.faults import Fault, Language
    from producers.files import FileForm
    from producers.intake import Intake
    from producers.intake.reading import Record
    from producers.mappings.import_account import ImportAccount
    from producers.mappings.mapping import Mapping
    from producers.outcomes import Outcome
    from producers.protection import Protector

app = typer.Typer(
    name="event",
    help="上报数据：check and publish facts; mend what was refused. Exit codes: 0 all good, 1 some refused, 2 failed.",
    no_args_is_help=True,
)

app.command()(refused)
app.command()(retry)
app.command()(dismiss)

SOME_REFUSED: Final = 1
_PUBLISHABLE: Final = "可上报 publishable"
_PUBLISHED: Final = "已上报 published"
_CHUNK: Final = 5000
_PROGRESS_S: Final = 0.5


class FormName(StrEnum):
    """How a file of drafts is written, as an option."""

    JSONL = "jsonl"
    CSV = "csv"


FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="JSONL or CSV")]
FormNameOption = Annotated[
    FormName | None, typer.Option("--form", help="how the file is written, when its name does not say")
]
MappingOption = Annotated[
    str | None, typer.Option(help="a mapping of columns for a CSV file of another shape: its name, or a TOML file")
]
HubOption = Annotated[
    str | None, typer.Option(help="address of the hub that protects personal data, where its key ring is not")
]
ReportOption = Annotated[
    Path | None, typer.Option(help="with --mapping: write every refused row with line, value and reason, as JSON")
]


@dataclass
class FileAccount:
    """What became of a file's records; ``refused`` holds (line, faults)."""

    file: str
    records: int = 0
    refused: "list[tuple[int, Sequence[Fault]]]" = field(default_factory=list)
    by_topic: Counter[str] = field(default_factory=Counter)

    @property
    def good(self) -> int:
        """How many were not refused."""
        return self.records - len(self.refused)


@app.command()
def check(
    file: FileArgument,
    form: FormNameOption = None,
    mapping: MappingOption = None,
    report: ReportOption = None,
    output: FormOption = Form.TABLE,
) -> None:
    """Say what would be refused, with line, field, reason and remedy; nothing is sent, and no Kafka is needed."""
    from catalog.resources import load_resources  # noqa: PLC0415 - commands import what they need when they run
    from onething.settings import load_settings  # noqa: PLC0415
    from producers.drafts import DraftRules  # noqa: PLC0415
    from producers.files import check_records, read_records  # noqa: PLC0415
    from producers.mappings.importing import check_file  # noqa: PLC0415

    settings, resources, now_us = load_settings(), load_resources(), time.time_ns() // 1000
    if mapping is not None:
        mapped = _mapping(mapping)
        checked = check_file(file, mapped, DraftRules(mapped.source, resources), now_us)
        _end_import(checked, report, settings, output, _PUBLISHABLE)
        return
    account = FileAccount(file.name)
    for record, faults in check_records(read_records(file, _form(file, form)), resources, now_us):
        _note(account, record, faults)
    _end(account, settings.lang, output, _PUBLISHABLE)


@app.command()
def publish(
    file: FileArgument,
    form: FormNameOption = None,
    mapping: MappingOption = None,
    report: ReportOption = None,
    hub: HubOption = None,
    output: FormOption = Form.TABLE,
) -> None:
    """Publish a file; bad records are kept on rejected.<department> and stop no good one. A repeat changes nothing."""
    from onething.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    if mapping is not None:
        _end_import(_imported(settings, file, _mapping(mapping), hub), report, settings, output, _PUBLISHED)
        return
    _end(_published(settings, file, _form(file, form), hub), settings.lang, output, _PUBLISHED)


def _published(settings: "Settings", file: Path, form: "FileForm", hub: str | None) -> FileAccount:
    from producers.files import read_records  # noqa: PLC0415

    account, records = FileAccount(file.name), read_records(file, form)
    intake = _intake(settings, hub)
    progress = _Progress()
    try:
        while chunk := list(islice(records, _CHUNK)):
            for record, outcome in zip(chunk, intake.accept_all(chunk, None), strict=True):
                _note_outcome(account, record, outcome)
            progress.tell(account.records)
    finally:
        intake.close()
    progress.end()
    return account


def _imported(settings: "Settings", file: Path, mapping: "Mapping", hub: str | None) -> "ImportAccount":
    from catalog.registry import read_schema_ids  # noqa: PLC0415
    from catalog.resources import load_resources  # noqa: PLC0415
    from onething.endpoints import kafka_options  # noqa: PLC0415
    from producers.mappings.importing import import_file  # noqa: PLC0415
    from producers.publisher import Publisher  # noqa: PLC0415

    options, progress = kafka_options(settings), _Progress()
    ids, resources = read_schema_ids(options), load_resources()
    with Publisher(options, mapping.source, _protector(settings, hub), ids, resources, door="file") as publisher:
        account = import_file(file, mapping, publisher, progress.tell)
    progress.end()
    return account


def _intake(settings: "Settings", hub: str | None) -> "Intake":
    from catalog.registry import read_schema_ids  # noqa: PLC0415
    from catalog.resources import load_resources  # noqa: PLC0415
    from onething.endpoints import kafka_options  # noqa: PLC0415
    from producers.intake import Intake  # noqa: PLC0415

    options = kafka_options(settings)
    return Intake(options, _protector(settings, hub), read_schema_ids(options), load_resources(), door="file")


def _protector(settings: "Settings", hub: str | None) -> "Protector":
    from connectors.keyring import KeyRing  # noqa: PLC0415
    from producers.protection import LocalProtector  # noqa: PLC0415
    from producers.protection_client import HttpProtector  # noqa: PLC0415

    return HttpProtector(hub) if hub else LocalProtector(KeyRing.open_or_create(settings.data_dir / "keys"))


def _form(file: Path, form: FormName | None) -> "FileForm":
    from producers.files import FileForm, form_of  # noqa: PLC0415

    return form_of(file) if form is None else FileForm(form.value)


def _mapping(name: str) -> "Mapping":
    from producers.mappings.mapping import load_mapping  # noqa: PLC0415

    return load_mapping(name)


def _note_outcome(account: FileAccount, record: "Record", outcome: "Outcome") -> None:
    from producers.outcomes import Receipt  # noqa: PLC0415

    if isinstance(outcome, Receipt):
        account.by_topic[outcome.topic] += 1
    _note(account, record, () if isinstance(outcome, Receipt) else outcome.faults)


def _note(account: FileAccount, record: "Record", faults: "Sequence[Fault]") -> None:
    account.records += 1
    if faults:
        account.refused.append((record.line or 0, faults))


def _end(account: FileAccount, lang: "Language", output: Form, good: str) -> None:
    rows = list(_fault_rows(account, lang))
    if output is Form.TABLE:
        _tell_table(rows)
        _tell_end(account.file, account.records, account.good, len(account.refused), good)
    elif output is Form.JSON:
        typer.echo(json.dumps(_summary(account, rows), ensure_ascii=False))
    else:
        typer.echo(written(rows, output))
    if account.refused:
        raise typer.Exit(SOME_REFUSED)


def _fault_rows(account: FileAccount, lang: "Language") -> Iterator[Row]:
    for line, faults in account.refused:
        for each in faults:
            reason, remedy = each.told(lang)
            yield {"line": line, "field": each.field, "code": each.code, "reason": reason, "remedy": remedy}


def _summary(account: FileAccount, rows: "Sequence[Row]") -> dict[str, Any]:
    return {
        "file": account.file,
        "records": account.records,
        "good": account.good,
        "refused": len(account.refused),
        "topics": dict(account.by_topic),
        "codes": dict(Counter(str(row["code"]) for row in rows)),
        "faults": [dict(row) for row in rows],
    }


def _end_import(account: "ImportAccount", report: Path | None, settings: "Settings", output: Form, good: str) -> None:
    from producers.mappings.reconciliation import summary, write_reconciliation  # noqa: PLC0415

    told = summary(account, settings.lang)
    if report is not None:
        write_reconciliation(account, report, settings.lang)
    if output is Form.JSON:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        _tell_table([_reason_row(each) for each in told["reasons"]])
        _tell_end(account.file, account.rows, account.published, len(account.refused), good)
        _tell_more(told, report)
    if account.refused:
        raise typer.Exit(SOME_REFUSED)


def _reason_row(reason: dict[str, Any]) -> Row:
    return {"rows": reason["rows"], "column": reason["column"], "reason": reason["reason"]}


def _tell_more(told: dict[str, Any], report: Path | None) -> None:
    typer.echo(
        f"{told['archives']} 份档案 archives · {told['duplicates']} 条重复 duplicates · "
        f"{told['conflicts']} 条冲突 conflicts · {told['blank_lines']} 空行 blank lines",
        err=True,
    )
    if report is not None:
        typer.echo(f"逐行说明 every refused row: {report}", err=True)


def _tell_table(rows: "Sequence[Row]") -> None:
    if rows:
        typer.echo(written(rows, Form.TABLE))


def _tell_end(file: str, records: int, good: int, refused: int, verb: str) -> None:
    typer.echo(f"{file}: {records} 条 records · {good} {verb} · {refused} 拒收 refused", err=True)


class _Progress:
    """How far it is, on a terminal, twice a second."""

    def __init__(self) -> None:
        self._next_s = time.monotonic() + _PROGRESS_S
        self._told = False

    def tell(self, count: int) -> None:
        """So many records have their outcome."""
        if sys.stderr.isatty() and time.monotonic() >= self._next_s:
            self._next_s, self._told = time.monotonic() + _PROGRESS_S, True
            typer.echo(f"\r{count} …", err=True, nl=False)

    def end(self) -> None:
        """Clear the line."""
        if self._told:
            typer.echo("\r\x1b[K", err=True, nl=False)
