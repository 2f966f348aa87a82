"""`onething demo`: a simulated city, its archives, and one bundle answered; ends by itself."""

from pathlib import Path
from typing import Annotated, Final

import typer

app = typer.Typer(name="demo", help="两分钟演示：a simulated city, its archives, and one bundle answered.")

FAILED: Final = 1
BESIDE: Final = Path("../shared/data/registrations-shaanxi.csv")
"""Where a file of real registrations may lie: beside the project."""


@app.command()
def demo(
    enterprises: Annotated[int, typer.Option(min=1, help="how many enterprises the city has")] = 2000,
    persons: Annotated[int, typer.Option(min=1, help="how many persons it has")] = 3000,
    seed: Annotated[int, typer.Option(help="the same one gives the same city")] = 1,
    registrations: Annotated[
        Path | None, typer.Option(help=f"a file of real registrations; {BESIDE} is taken when it is there")
    ] = None,
) -> None:
    """两分钟演示：a city publishes, archives are kept, an enterprise is verified; everything is stopped at the end.

    Exit codes: 0 all as it should be, 1 a step failed (it says which, and ends with the last log lines).
    """
    from rich.console import Console  # noqa: PLC0415 - read when it runs

    from onething.demonstration import StepFailed, Wishes, demonstrate  # noqa: PLC0415
    from onething.logs import configure_logs  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    configure_logs(settings.log.model_copy(update={"level": "warning"}), "demo")
    found = registrations or (BESIDE if BESIDE.is_file() else None)
    try:
        demonstrate(settings, Wishes(enterprises, persons, seed, found), Console())
    except StepFailed as failure:
        typer.echo(f"\n{failure}\n→ {failure.remedy}", err=True)
        raise typer.Exit(FAILED) from failure
