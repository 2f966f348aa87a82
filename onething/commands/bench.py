"""`onething bench`: every figure beside its raw limit or a peer of the same run."""

import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

app = typer.Typer(name="bench", help="测速：every figure beside its raw limit or a peer of the same run.")

ROOT: Final = Path(__file__).resolve().parents[2]
MODULES: Final = {
    "archive": "benchmarks.archive_assembly",
    "duties": "benchmarks.duties",
    "grants": "benchmarks.grants",
    "read": "benchmarks.archive_read",
    "publish": "benchmarks.publish",
    "verify": "benchmarks.verify",
    "policies": "benchmarks.policies",
    "handlings": "benchmarks.handlings",
    "lake": "benchmarks.lake_writing",
    "rates": "benchmarks.rates",
    "live": "benchmarks.live",
    "console": "benchmarks.console",
    "console-rows": "benchmarks.console_rows",
    "sql": "benchmarks.lake_sql",
}
WITH_EVENTS: Final = ("archive", "read", "publish", "lake", "rates")
WITH_ROUNDS: Final = ("archive", "policies", "grants", "live", "console", "console-rows", "sql", "lake", "rates")


class Benchmark(StrEnum):
    """What can be measured."""

    ARCHIVE = "archive"
    DUTIES = "duties"
    GRANTS = "grants"
    READ = "read"
    PUBLISH = "publish"
    VERIFY = "verify"
    POLICIES = "policies"
    HANDLINGS = "handlings"
    LIVE = "live"
    CONSOLE = "console"
    CONSOLE_ROWS = "console-rows"
    SQL = "sql"
    LAKE = "lake"
    RATES = "rates"
    ALL = "all"


class BenchmarksMissing(Exception):  # noqa: N818  the name is the fact
    """The benchmarks are not installed; they are part of the project's source."""

    remedy = "run it in a checkout of the project: make bench"


@app.command()
def bench(
    what: Annotated[Benchmark, typer.Argument(help="which benchmark")] = Benchmark.ALL,
    events: Annotated[
        int | None, typer.Option(min=1_000, help="facts of archive, read, publish, lake, rates; each with its default")
    ] = None,
    rounds: Annotated[
        int | None, typer.Option(min=1, help="rounds of archive, policies, grants, live and console")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a benchmark, for programs")] = False,
) -> None:
    """Measure on a private broker, with the production topics and schemas; nothing of this hub is touched."""
    if not (ROOT / "benchmarks").is_dir():
        raise BenchmarksMissing("the benchmarks are not part of the installed package")
    names = list(MODULES) if what is Benchmark.ALL else [what.value]
    failed = [name for name in names if _ran(name, _options(name, events, rounds, as_json=as_json)) != 0]
    if failed:
        typer.echo(f"did not run to its end: {', '.join(failed)}", err=True)
        raise typer.Exit(1)


def _options(name: str, events: int | None, rounds: int | None, *, as_json: bool) -> list[str]:
    options = ["--json"] if as_json else []
    if events is not None and name in WITH_EVENTS:
        options += ["--events", str(events)]
    if rounds is not None and name in WITH_ROUNDS:
        options += ["--rounds", str(rounds)]
    return options


def _ran(name: str, options: list[str]) -> int:
    command = [sys.executable, "-m", MODULES[name], *options]
    return subprocess.run(command, cwd=ROOT, check=False).returncode
