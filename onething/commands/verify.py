"""`onething verify`: an enterprise verified, line by line."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer()

COMPLETE = 0
SOMETHING_MISSING = 1


class Output(StrEnum):
    """How the result is written."""

    TABLE = "table"
    JSON = "json"
    TEXT = "text"


@app.command()
def verify(
    uscc: Annotated[str, typer.Argument(help="统一社会信用代码：the enterprise's unified social credit code")],
    bundle: Annotated[str, typer.Option(help="一件事：the bundle")] = "listing-compliance",
    purpose: Annotated[str, typer.Option(help="用途：what the verification is for; kept on record")] = "企业上市",
    look_back_years: Annotated[
        int | None, typer.Option(help="追溯年限：years to look back; the bundle's default when left out")
    ] = None,
    territory: Annotated[
        str, typer.Option(help="核查地域：leading digits of a region code; anywhere if left out")
    ] = "",
    deadline_s: Annotated[
        int | None, typer.Option(help="办结时限（秒）：seconds until the report goes out, whatever is missing")
    ] = None,
    include_related: Annotated[
        bool, typer.Option("--include-related", help="含控股股东和实际控制人：also ask about those who control it")
    ] = False,
    requested_by: Annotated[str, typer.Option(help="申请单位：who asks; kept on record")] = "命令行",
    save: Annotated[
        Path | None, typer.Option(help="where the report goes (.json, and .txt beside it); the data directory if not")
    ] = None,
    output: Annotated[
        Output, typer.Option("--output", "-o", help="table; json or text print the report")
    ] = Output.TABLE,
) -> None:
    """核查一家企业：the lines fill in as they are answered, then the report is saved.

    Exit codes: 0 every line verified, 1 something is missing in the report, 2 no report.
    """
    from onething.endpoints import endpoint  # noqa: PLC0415 - commands import what they need when they run
    from onething.gateway.client import HubClient  # noqa: PLC0415
    from onething.gateway.progress import is_complete  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    asked = {
        "bundle": bundle,
        "subject": uscc,
        "purpose": purpose,
        "requested_by": requested_by,
        "territory": territory,
        "include_related": include_related,
        "look_back_years": look_back_years,
        "deadline_s": deadline_s,
    }
    body = {name: value for name, value in asked.items() if value is not None}
    with HubClient(endpoint(settings, "gateway")) as client:
        view = run_verification(client, body, settings.lang, quiet=output is not Output.TABLE)
        text = client.report_text(view["case_id"], settings.lang)
    place = save or settings.data_dir / "reports" / f"{view['case_id']}.json"
    saved = save_report(view["report"], text, place)
    if output is Output.TABLE:
        typer.echo(_told(settings.lang, saved))
    else:
        typer.echo(text if output is Output.TEXT else json.dumps(view["report"], ensure_ascii=False, indent=2))
    raise typer.Exit(COMPLETE if is_complete(view) else SOMETHING_MISSING)


def run_verification(client: Any, body: dict[str, Any], lang: Any, *, quiet: bool = False) -> dict[str, Any]:
    """Ask, show the lines as they fill in (on stdout, or on stderr when quiet), and return the case with its report.

    Raises:
        GatewayFault: the gateway does not answer or refuses.
    """
    from rich.console import Console  # noqa: PLC0415

    from onething.gateway.progress import show_progress  # noqa: PLC0415

    case_id = client.request_verification(body)
    try:
        return show_progress(client.watch(case_id), Console(stderr=quiet), lang)
    except KeyboardInterrupt:
        typer.echo(_left(lang, case_id), err=True)
        raise


def save_report(report: dict[str, Any], text: str, place: Path) -> list[Path]:
    """Write the report as JSON and as text side by side; the files written."""
    saved = [place.with_suffix(".json"), place.with_suffix(".txt")]
    place.parent.mkdir(parents=True, exist_ok=True)
    saved[0].write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    saved[1].write_text(text, encoding="utf-8")
    return saved


def _left(lang: str, case_id: str) -> str:
    where = f"GET /v1/verifications/{case_id}"
    return f"核查仍在进行，稍后查看：{where}" if lang == "zh" else f"it goes on; look at it later: {where}"


def _told(lang: str, saved: list[Path]) -> str:
    where = "　".join(map(str, saved)) if lang == "zh" else " and ".join(map(str, saved))
    return f"报告已存：{where}" if lang == "zh" else f"report saved: {where}"
