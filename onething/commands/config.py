"""`onething config`: every setting and where it came from."""

import json
from enum import StrEnum
from typing import Annotated

import typer

app = typer.Typer(name="config", help="设置：every setting, its value, and where it came from.", no_args_is_help=True)


class Output(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"


@app.callback()
def config() -> None:
    """设置：every setting, its value, and where it came from."""


@app.command()
def show(
    output: Annotated[Output, typer.Option("--output", "-o", help="table, or json for programs")] = Output.TABLE,
) -> None:
    """Show each setting, its value (secrets masked) and its origin: default, the file, or the environment."""
    from onething.settings import load_settings, setting_origins  # noqa: PLC0415 - read when it runs

    rows = setting_origins(load_settings())
    if output is Output.JSON:
        told = [{"name": name, "value": value, "origin": origin} for name, value, origin in rows]
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    names, values = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, value, origin in rows:
        typer.echo(f"{name:{names}}  {value:{values}}  {origin}")
