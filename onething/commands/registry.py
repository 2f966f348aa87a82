"""`onething registry`: the schemas that topics carry, read from their log with no server between."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onething.rows import Form, FormOption, Row, written

if TYPE_CHECKING:
    from catalog.registry.state import RegistryState

app = typer.Typer(
    name="registry",
    help="模式登记：the schemas that topics carry. Exit codes: 0 done, 1 no, 2 failed.",
    no_args_is_help=True,
)

NO = 1
SubjectArgument = Annotated[str, typer.Argument(help="主题-模式全名：<topic>-<full name of the record>")]


@app.command("list")
def list_(
    prefix: Annotated[str, typer.Option(help="subjects that start so")] = "", output: FormOption = Form.TABLE
) -> None:
    """List the versions of every subject."""
    state = _state()
    rows: list[Row] = [
        {"subject": each.subject, "version": each.version, "id": each.schema_id}
        for subject in state.subjects()
        if subject.startswith(prefix)
        for each in state.versions(subject)
    ]
    typer.echo(written(rows, output))


@app.command()
def show(schema_id: Annotated[int, typer.Argument(help="模式编号：the schema's id, as messages carry it")]) -> None:
    """Show the schema of an id as JSON; exit code 1 when there is none."""
    text = _state().texts.get(schema_id)
    if text is None:
        typer.echo(f"没有此编号 no schema has the id {schema_id}", err=True)
        raise typer.Exit(NO)
    typer.echo(json.dumps(json.loads(text), ensure_ascii=False, indent=2))


@app.command()
def check(
    subject: SubjectArgument,
    file: Annotated[Path, typer.Argument(help="模式文件：an Avro schema as JSON", exists=True, dir_okay=False)],
) -> None:
    """Check whether a schema could be registered; exit code 1, with the place of every fault, when not."""
    from catalog.registry import RegistryRefusal, decisions  # noqa: PLC0415 - commands import what they need

    try:
        records, found = decisions.register(_state(), subject, file.read_text(encoding="utf-8"))
    except RegistryRefusal as refusal:
        typer.echo(f"不可登记 refused: {refusal}", err=True)
        raise typer.Exit(NO) from refusal
    known = "would be" if records else "is"
    typer.echo(f"可以登记 fits: it {known} version {found.version} of {subject}, id {found.schema_id}")


def _state() -> "RegistryState":
    from contextlib import closing  # noqa: PLC0415

    from catalog.registry import SchemaLog  # noqa: PLC0415
    from catalog.registry.state import RegistryState  # noqa: PLC0415
    from onething.endpoints import kafka_options  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    with closing(SchemaLog(kafka_options(load_settings()))) as log:
        return RegistryState(log.read_on())
