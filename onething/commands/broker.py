"""`onething broker`: the private Kafka of this machine."""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from connectors.broker import BrokerOptions, RunningBroker, Store

app = typer.Typer(
    name="broker",
    help="本机自带的 Kafka：the private Kafka of this machine. Exit codes: 0 done, 1 no, 2 failed.",
    no_args_is_help=True,
)

NO = 1
FAILED = 2
MB = 1 << 20


class Output(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"


OutputOption = Annotated[Output, typer.Option("--output", "-o", help="table, or json for programs")]


@app.command()
def start(
    output: OutputOption = Output.TABLE,
    owner_pid: Annotated[
        int | None, typer.Option(help="stop the broker when this process has gone, however it ended")
    ] = None,
) -> None:
    """Start the broker, or find it running, and wait until it answers."""
    from dataclasses import replace  # noqa: PLC0415

    from connectors import broker  # noqa: PLC0415 - commands import what they need when they run

    with _told():
        _print_running(broker.start(replace(_options(), owner_pid=owner_pid)), output)


@app.command()
def stop(
    output: OutputOption = Output.TABLE,
    timeout_s: Annotated[float, typer.Option(help="seconds to wait before it is forced")] = 30,
) -> None:
    """Stop the broker and wait until it is gone; nothing to do is fine too."""
    from connectors import broker  # noqa: PLC0415

    with _told():
        stopped = broker.stop(_options(), timeout_s)
    _print({"stopped": stopped}, "stopped" if stopped else "was not running", output)


@app.command()
def status(output: OutputOption = Output.TABLE) -> None:
    """Show the running broker; exit code 1 when none runs."""
    from connectors import broker  # noqa: PLC0415

    with _told():
        running = broker.status(_options())
    if running is None:
        _print({"running": False}, "not running", output)
        raise typer.Exit(NO)
    _print_running(running, output)


@app.command()
def reset(
    output: OutputOption = Output.TABLE,
    keys: Annotated[bool, typer.Option("--keys", help="clear the key ring too")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
) -> None:
    """Clear every store of the data directory, after naming each; the key ring stays unless --keys is given."""
    from connectors import broker  # noqa: PLC0415

    with _told():
        options = _options()
        stores = broker.clearable(options, keys=keys)
        if output is Output.TABLE:
            _print_stores("to clear", stores)
            _print_stores("kept", broker.kept(options, keys=keys))
        if not yes and not _agreed(len(stores)):
            raise typer.Exit(NO)
        cleared = broker.reset(options, keys=keys)
    told = {"cleared": list(map(str, cleared)), "kept": [str(it.path) for it in broker.kept(options, keys=keys)]}
    _print(told, f"{len(cleared)} stores cleared", output)


@app.command()
def lock(
    kafka_version: Annotated[str | None, typer.Option(help="another version of Kafka than the locked one")] = None,
    to: Annotated[Path | None, typer.Option(help="the file to write; the project's own when not given")] = None,
) -> None:
    """Resolve Kafka's jars anew and write their lock file (for whoever maintains the project)."""
    from connectors.broker.lockfile import LOCK_FILE, read_lock, written  # noqa: PLC0415
    from connectors.broker.repository import resolve_lock  # noqa: PLC0415

    with _told(), tempfile.TemporaryDirectory() as folder:
        version = kafka_version or read_lock().kafka_version
        resolved = resolve_lock(version, Path(folder), _options().jar_mirror)
        (to or LOCK_FILE).write_text(written(resolved), encoding="utf-8")
    typer.echo(f"{len(resolved.jars)} jars of Kafka {version} locked in {to or LOCK_FILE}")


def _options() -> "BrokerOptions":
    from onething.settings import load_settings  # noqa: PLC0415

    return load_settings().broker_options()


@contextmanager
def _told() -> Iterator[None]:
    """Tell what went wrong and what to do, and end with the code for it."""
    from connectors.broker import BrokerError  # noqa: PLC0415

    try:
        yield
    except BrokerError as error:
        typer.echo(f"error: {error}\n{error.remedy}", err=True)
        raise typer.Exit(FAILED) from error
    except OSError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(FAILED) from error


def _agreed(count: int) -> bool:
    """Ask; somebody who cannot be asked has not agreed."""
    if not sys.stdin.isatty():
        typer.echo("nothing cleared: nobody is there to ask; --yes clears without asking", err=True)
        return False
    return typer.confirm(f"Clear these {count} stores?", err=True)


def _print(told: dict[str, Any], line: str, output: Output) -> None:
    typer.echo(json.dumps(told, ensure_ascii=False) if output is Output.JSON else line)


def _print_running(running: "RunningBroker", output: Output) -> None:
    told = {"running": True} | asdict(running)
    if output is Output.JSON:
        typer.echo(json.dumps(told, ensure_ascii=False, default=str))
        return
    width = max(map(len, told))
    for name, value in told.items():
        typer.echo(f"{name:{width}}  {value}")


def _print_stores(title: str, stores: "Sequence[Store]") -> None:
    from connectors.broker.stores import size_bytes  # noqa: PLC0415

    typer.echo(f"{title}:" if stores else f"{title}: nothing")
    for store in stores:
        typer.echo(f"  {store.path}  ({size_bytes(store.path) / MB:.1f} MB) {store.what}")
