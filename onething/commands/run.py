"""`onething run`: one part as a process of its own, under any supervisor."""

from enum import StrEnum
from typing import Annotated

import typer

app = typer.Typer(name="run", help="运行一个部件：run one part as a process of its own.")


class Part(StrEnum):
    """The parts that are processes, and what they need on the log before they start."""

    PREPARE = "prepare"
    REGISTRY = "registry"
    ARCHIVE = "archive"
    COORDINATOR = "coordinator"
    FOLLOWER = "follower"
    CATALOG = "catalog"
    LAKE = "lake"
    ANALYST = "analyst"
    LIVE = "live"
    GATEWAY = "gateway"
    CONSOLE = "console"


@app.command()
def run(
    part: Annotated[Part, typer.Argument(help="which part")],
    index: Annotated[int, typer.Option(min=0, help="which of several; each has a port and a store of its own")] = 0,
    owner_pid: Annotated[int | None, typer.Option(hidden=True, help="end when this parent process has gone")] = None,
) -> None:
    """Run a part until it is asked to end (SIGTERM, Ctrl-C)."""
    from onething.logs import configure_logs  # noqa: PLC0415 - read when it runs
    from onething.parent import end_with  # noqa: PLC0415
    from onething.roles import run_part  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    if owner_pid is not None:
        end_with(owner_pid)
    settings = load_settings()
    configure_logs(settings.log, f"{part}-{index}")
    run_part(settings, part.value, index)
