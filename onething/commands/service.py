"""`onething bundle notice|form|precheck`: what a bundle asks of one applicant, before anything is submitted."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

app = typer.Typer(name="service", help="办事服务：what a bundle asks of an applicant.", no_args_is_help=True)

FAULTY: Final = 1
#: Members of an application that the pre-check looks at; the others are about how it is submitted.
PRECHECKED: Final = ("subject", "purpose", "choices", "form", "materials", "delivery")
SUBMITTING: Final = frozenset(
    ("bundle", "submitted_by", "channel", "mode", "received_at", "handled_at", "agent", "authority")
)


class Output(StrEnum):
    """How the answer is written."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


BundleArgument = Annotated[str, typer.Argument(metavar="ID", help="一件事：the bundle's id")]
SubjectOption = Annotated[
    str,
    typer.Option(help="申请人：统一社会信用代码、enterprise:<代码> 或 person:<token>；- 从标准输入读公民身份号码"),
]
ChoiceOption = Annotated[
    list[str] | None, typer.Option("--choice", help="情形：<问题>=<选项>; repeat for each question", metavar="Q=C")
]
PurposeOption = Annotated[str, typer.Option(help="用途：kept on record; the bundle's name when left out")]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="table, or json or yaml for programs")]


@app.command()
def notice(
    bundle: BundleArgument,
    subject: SubjectOption,
    choice: ChoiceOption = None,
    purpose: PurposeOption = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """一次告知：which items apply, what the hub holds already, what is still needed and why, time and fee.

    Example: onething bundle notice restaurant-opening --subject 91440300708461136T --choice signboard=yes
    """
    from onething.service_tables import print_notice  # noqa: PLC0415 - commands import what they need when they run

    _tell(_served(bundle, "notice", _body(subject, choice, purpose)), output, print_notice)


@app.command()
def form(
    bundle: BundleArgument,
    subject: SubjectOption,
    choice: ChoiceOption = None,
    purpose: PurposeOption = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """一表申报：the one form of all applying items, filled from the archive with each value's source.

    Example: onething bundle form restaurant-opening --subject 91440300708461136T --choice signboard=yes
    """
    from onething.service_tables import print_form  # noqa: PLC0415

    _tell(_served(bundle, "form", _body(subject, choice, purpose)), output, print_form)


@app.command()
def precheck(
    bundle: BundleArgument,
    file: Annotated[Path, typer.Option("--file", "-f", help="申请：a JSON file as for an application; - reads stdin")],
    output: OutputOption = Output.TABLE,
) -> None:
    """预审：an application held against its bundle and the archive, every fault at once; nothing is submitted.

    Example: onething bundle precheck restaurant-opening --file application.json

    Exit codes: 0 it may be submitted, 1 faults were found, 2 refused.
    """
    from onething.service_tables import print_precheck  # noqa: PLC0415

    found = _served(bundle, "precheck", _application(bundle, file))
    _tell(found, output, print_precheck)
    raise typer.Exit(0 if found["passes"] else FAULTY)


def _served(bundle: str, what: str, body: dict[str, Any]) -> dict[str, Any]:
    from onething.endpoints import endpoint  # noqa: PLC0415
    from onething.gateway.client import HubClient  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    with HubClient(endpoint(load_settings(), "gateway")) as client:
        return client.served(bundle, what, body)


def _body(subject: str, choices: list[str] | None, purpose: str) -> dict[str, Any]:
    asked = {"purpose": purpose} if purpose else {}
    return {"subject": _subject(subject), "choices": dict(map(_choice, choices or ())), **asked}


def _subject(text: str) -> str | dict[str, str]:
    return {"resident_id": sys.stdin.readline().strip()} if text == "-" else text


def _choice(text: str) -> tuple[str, str]:
    question, sign, chosen = text.partition("=")
    if not (question and sign and chosen):
        raise typer.BadParameter(f"情形写作 <问题>=<选项> / a choice is written question=choice, not {text!r}")
    return question, chosen


def _application(bundle: str, file: Path) -> dict[str, Any]:
    """The part of an application that is checked; members that nobody knows go along and are refused by name."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        asked = json.loads(text)
    except OSError as fault:
        raise typer.BadParameter(f"读不了文件 / cannot be read: {file}: {fault.strerror}") from fault
    except (UnicodeDecodeError, json.JSONDecodeError) as fault:
        # Not the decoder's own words: they may quote the application.
        raise typer.BadParameter(f"不是 JSON / is no JSON in UTF-8: {file}") from fault
    if not isinstance(asked, dict):
        raise typer.BadParameter(f"应为一个 JSON 对象 / one JSON object is due: {file}")
    if asked.get("bundle", bundle) != bundle:
        raise typer.BadParameter(f"申请的是另一件事 / the application is for another bundle: {file}")
    return {name: value for name, value in asked.items() if name in PRECHECKED or name not in SUBMITTING}


def _tell(found: dict[str, Any], output: Output, show: Any) -> None:
    from onething.nested import yaml_text  # noqa: PLC0415

    if output is Output.TABLE:
        show(found)
    else:
        typer.echo(yaml_text(found) if output is Output.YAML else json.dumps(found, ensure_ascii=False, indent=2))
