"""What the commands of the ledger share: options, and how commands and questions reach the hub."""

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer

from onething.rows import Form

ENTRY: Final = "ledger-entry"
TEAM: Final = "team"

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="编号：an entry's id, see `onething ledger list`")]
BundleArgument = Annotated[str, typer.Argument(metavar="BUNDLE", help="一件事代码：whose team it is")]
ActorOption = Annotated[str, typer.Option("--actor", help="经办：who does it")]
ForOption = Annotated[str, typer.Option("--for", help="单位：for which organisation, by its code")]
ReasonOption = Annotated[str, typer.Option("--reason", help="理由：why")]
EvidenceOption = Annotated[list[str], typer.Option("--evidence", "-e", help="凭据：id of what shows it; repeatable")]
OnOption = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="日期：of which day; today when left out")
]
AtOption = Annotated[
    datetime | None, typer.Option("--at", formats=["%Y-%m-%d"], help="时点：as of the end of this day; else today")
]
PeriodOption = Annotated[str, typer.Option("--period", help="期：ten-days 旬, month 月, quarter 季, year 年")]

COMMAND_WORDS: Final = "已记入登记簿，入湖后即见于台账 taken; the ledger shows it once the lake has it"


def asked(path: str, query: Mapping[str, Any]) -> Any:
    """What the gateway answers to a question about the ledger; what is empty is not asked."""
    from onething.figures_client import figures_client  # noqa: PLC0415 - commands import what they need

    with figures_client() as client:
        return client.get(path, {name: str(value) for name, value in query.items() if value})


def entry_path(entry_id: str) -> str:
    """Where an entry is shown."""
    return f"/v1/ledger/{quote(entry_id, safe='')}"


def do(entity: str, entity_id: str, action: str, actor: str, payload: Mapping[str, Any], reason: str = "") -> None:
    """One command to the register; what it changed is told."""
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    body = {"actor": actor, "payload": dict(payload), "reason": reason or None}
    with catalog_client() as client:
        answer = client.do(entity, entity_id, action, body)
    if not answer["changes"]:
        typer.echo("没有变化 nothing changed")
    for change in answer["changes"]:
        typer.echo(f"{change['entity']} {change['entity_id']} v{change['version']} {change['action']}")
    typer.echo(COMMAND_WORDS, err=True)


class NoEntry(Exception):  # noqa: N818  the name is the fact
    """The file holds no entry; ``remedy`` says what to do."""

    remedy: Final = "write the entry as docs/ledger.md shows it"


def read_entry(file: Path) -> dict[str, Any]:
    """What a file says of an entry, with its id; days as texts.

    Raises:
        NoEntry: no such file, no TOML, or no id in it.
    """
    try:
        said: dict[str, Any] = json.loads(json.dumps(tomllib.loads(file.read_text(encoding="utf-8")), default=str))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as broken:
        raise NoEntry(f"{file}: {broken}") from broken
    if not said.get("id"):
        raise NoEntry(f"{file}: 没有 id no id")
    return said


def day(at: datetime | None) -> str:
    """A day as the hub takes it; empty for none."""
    return "" if at is None else f"{at:%Y-%m-%d}"


def told(value: Any, form: Form) -> None:
    """A whole answer for programs."""
    from onething.nested import yaml_text  # noqa: PLC0415

    typer.echo(yaml_text(value) if form is Form.YAML else json.dumps(value, ensure_ascii=False, indent=2))


def pairs(words: list[str], named: str) -> dict[str, str]:
    """``KEY=VALUE`` words by their keys.

    Raises:
        typer.BadParameter: a word has no equals sign, or a key stands twice.
    """
    found: dict[str, str] = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not (key and sign) or key in found:
            raise typer.BadParameter(f"{word}: {named}, each key once")
        found[key] = value
    return found
