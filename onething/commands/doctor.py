"""`onething doctor`: what works, what does not, and what to do."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

app = typer.Typer(name="doctor", help="自检：what works, what does not, and what to do.")


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Look at the machine and at the hub that runs on it; exit code 1 when anything fails."""
    from onething.diagnosis import Verdict, hub_findings, machine_findings  # noqa: PLC0415 - read when it runs
    from onething.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    findings = []
    for finding in (*machine_findings(settings), *hub_findings(settings)):
        findings.append(finding)
        if not as_json:
            typer.echo(f"{finding.verdict}  {finding.name:13} {finding.detail}")
            if finding.hint:
                typer.echo(f"{'':20}→ {finding.hint}")
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    if any(finding.verdict is Verdict.FAIL for finding in findings):
        raise typer.Exit(1)
