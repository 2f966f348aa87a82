"""`onething up`: everything running under one supervisor, until Ctrl-C."""

import signal
import threading
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from onething.supervisor import RunningHub

app = typer.Typer(name="up", help="全部运行，直到 Ctrl-C：everything running under one supervisor.")


@app.command()
def up() -> None:
    """Start the broker and every part, show where each answers, and keep them running until Ctrl-C."""
    from onething.settings import load_settings  # noqa: PLC0415 - read when it runs
    from onething.supervisor import running_hub  # noqa: PLC0415

    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ending.set())
    try:
        with running_hub(load_settings(), tell=_tell) as hub:
            signal.signal(signal.SIGINT, lambda *_: ending.set())
            _show(hub)
            ending.wait()
            _tell("正在停止 stopping …")
    except KeyboardInterrupt:
        _tell("已中断 interrupted")
        raise typer.Exit(130) from None


def _show(hub: "RunningHub") -> None:
    from rich import box  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table("部件 part", "地址 address", "进程 process", "日志 log", box=box.SIMPLE)
    for place in hub.places():
        table.add_row(place.name, place.url, str(place.pid or "-"), _below(place.log, hub.settings.data_dir))
    console = Console()
    console.print(table)
    console.print(f"数据目录 data: {hub.settings.data_dir}    Ctrl-C 停止 stops everything")


def _below(log: "Path | None", data_dir: "Path") -> str:
    if log is None:
        return "-"
    return str(log.relative_to(data_dir) if log.is_relative_to(data_dir) else log)


def _tell(line: str) -> None:
    typer.echo(line, err=True)
