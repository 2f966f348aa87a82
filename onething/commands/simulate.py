"""`onething simulate`: a made-up city publishes its facts, and an account says exactly which."""

import json
import os
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onething.commands.simulate_cases import Output, cases
from onething.commands.simulate_complaints import complaints

if TYPE_CHECKING:
    from rich.table import Table

    from onething.settings import Settings
    from producers.publisher import Publisher
    from producers.simulation.account import Account
    from producers.simulation.publication import Published
    from producers.simulation.simulate import Simulation

app = typer.Typer(
    name="simulate",
    help="模拟城市：publish the facts of a made-up city; cases: drive every bundle; complaints: at the hotlines. "
    "Exit codes: 0 done, 1 not as planned, 2 failed.",
)
app.command("cases")(cases)
app.command("complaints")(complaints)

NOT_AS_PLANNED: Final = 1
FAILED: Final = 2
_OWNER_ONLY: Final = 0o600


Share = Annotated[float, typer.Option(min=0, max=0.5, help="share of the facts")]


@app.callback(invoke_without_command=True)
def simulate(
    context: typer.Context,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="first day of which nothing is published, at most tomorrow; required"),
    ] = None,
    enterprises: Annotated[int, typer.Option(min=1, help="how many")] = 2000,
    persons: Annotated[int, typer.Option(min=0, help="how many")] = 3000,
    seed: Annotated[int, typer.Option(help="the same one gives the same city, event for event")] = 1,
    publish: Annotated[
        bool, typer.Option("--publish/--no-publish", help="hand the facts in, or only make them")
    ] = True,
    out: Annotated[
        Path | None, typer.Option(help="write the drafts as JSONL: made-up persons in clear, readable by you alone")
    ] = None,
    account: Annotated[Path | None, typer.Option(help="where the account goes; default: in the data directory")] = None,
    duplicates: Share = 0.02,
    disordered: Share = 0.03,
    late: Share = 0.02,
    malformed: Share = 0.005,
    output: Annotated[Output, typer.Option("--output", "-o", help="table, or json for programs")] = Output.TABLE,
) -> None:
    """Publish the facts of a made-up city: all organisations, valid identifiers, and dirt at stated rates."""
    if context.invoked_subcommand is not None:
        return
    if until is None:
        raise typer.BadParameter("is required, e.g. --until 2026-11-22", param_hint="--until")
    from onething.logs import configure_logs  # noqa: PLC0415 - commands import what they need when they run
    from onething.settings import load_settings  # noqa: PLC0415
    from producers.simulation.planned import Rates  # noqa: PLC0415
    from producers.simulation.simulate import Simulation  # noqa: PLC0415

    settings = load_settings()
    configure_logs(settings.log, "simulate")
    rates = Rates(duplicate=duplicates, disordered=disordered, late=late, malformed=malformed)
    city = Simulation(enterprises, persons, seed, until.date(), rates)
    path = account or settings.data_dir / "simulation" / "account.json"
    if out is not None:
        write_drafts(city, out)
    if not publish:
        made = accounted(city)
        _write_account(path, made)
        _tell(made, None, path, output)
        return
    came = publish_simulation(settings, city, _tell_progress)
    _write_account(path, came.account, came)
    _tell(came.account, came, path, output)
    if came.surprises:
        raise typer.Exit(NOT_AS_PLANNED)


def publish_simulation(
    settings: "Settings", city: "Simulation", progress: Callable[[int], None] | None = None
) -> "Published":
    """Publish a city to the Kafka of these settings, with the hub's own key ring.

    Raises:
        NotRunning: no Kafka is set and no local broker runs.
        PublisherBusy, DeliveryFailed: not everything is in the log; the same call again completes it.
    """
    from catalog.registry import read_schema_ids  # noqa: PLC0415
    from catalog.resources import load_resources  # noqa: PLC0415
    from connectors.keyring import KeyRing  # noqa: PLC0415
    from onething.endpoints import kafka_options  # noqa: PLC0415
    from producers.protection import LocalProtector  # noqa: PLC0415
    from producers.publisher import Publisher  # noqa: PLC0415
    from producers.sending import Sender  # noqa: PLC0415
    from producers.simulation.publication import publish_city  # noqa: PLC0415

    options = kafka_options(settings)
    ids, resources = read_schema_ids(options), load_resources()
    protector = LocalProtector(KeyRing.open_or_create(settings.data_dir / "keys"))
    with Sender(options) as sender:

        @cache
        def publisher_of(source: str) -> "Publisher":
            return Publisher(options, source, protector, ids, resources, sender=sender)

        return publish_city(city, publisher_of, protector, progress)


def accounted(city: "Simulation") -> "Account":
    """The account of a city that is not published; persons have no tokens in it, only numbers."""
    from producers.simulation.account import AccountBook  # noqa: PLC0415

    book = AccountBook(city)
    for planned in city.publications():
        book.note(planned)
    return book.close()


def write_drafts(city: "Simulation", path: Path) -> None:
    """Write what is handed in, a line each, malformed lines as they are; only the owner may read the file."""
    import msgspec  # noqa: PLC0415

    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        for planned in city.publications():
            file.write((planned.raw or msgspec.json.encode(planned.draft)) + b"\n")


def _write_account(path: Path, account: "Account", came: "Published | None" = None) -> None:
    from producers.simulation.account import written  # noqa: PLC0415

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(account, **_receipts(came)))


def _receipts(came: "Published | None") -> dict[str, Any]:
    import msgspec  # noqa: PLC0415

    if came is None:
        return {}
    told: dict[str, Any] = msgspec.to_builtins(came, str_keys=True)
    return {name: told[name] for name in ("accepted", "refused", "receipts", "surprises")}


def _tell_progress(count: int) -> None:
    typer.echo(f"… {count:,} 条 publications", err=True)


def _tell(account: "Account", came: "Published | None", path: Path, output: Output) -> None:
    if output is Output.JSON:
        typer.echo(json.dumps(_summary(account, came, path), ensure_ascii=False))
        return
    from rich.console import Console  # noqa: PLC0415

    console = Console(highlight=False)
    city = account.city
    console.print(
        f"模拟城市 city: {city['enterprises']:,} 企业 enterprises, {city['persons']:,} 人 persons, "
        f"seed {city['seed']}, until {city['until']}"
    )
    for table in _tables(account):
        console.print(table)
    for line in _lines(account, came, path):
        console.print(line, soft_wrap=True)


def _summary(account: "Account", came: "Published | None", path: Path) -> dict[str, Any]:
    told = {
        "city": account.city,
        "publications": account.publications,
        "refusals": account.refusals,
        "subjects": len(account.subjects),
        "records": sum(counts.records for counts in account.subjects.values()),
        "facts": sum(counts.facts for counts in account.subjects.values()),
        "without_coverage": [code for code, until in account.coverage.items() if until is None],
        "account": str(path),
    }
    published = _receipts(came)
    return told | {name: published[name] for name in ("accepted", "refused", "surprises") if name in published}


def _tables(account: "Account") -> "list[Table]":
    families: dict[str, int] = {}
    for topic, kinds in account.topics.items():
        family = topic.partition(".")[0]
        good = sum(number for kind, number in kinds.items() if kind != "malformed")
        families[family] = families.get(family, 0) + good
    return [
        _table("种类 kind", account.publications.items()),
        _table("主题 facts", families.items()),
        _table("应拒收 to be refused for", account.refusals.items()),
    ]


def _table(name: str, rows: Iterable[tuple[str, int]]) -> "Table":
    from rich.table import Table  # noqa: PLC0415

    table = Table(name, "条数 publications")
    table.columns[1].justify = "right"
    for label, number in sorted(rows, key=lambda row: -row[1]):
        table.add_row(label, f"{number:,}")
    return table


def _lines(account: "Account", came: "Published | None", path: Path) -> list[str]:
    told = _summary(account, came, path)
    lagging = ", ".join([*told["without_coverage"], *account.city["feed"]["behind_days"]])
    lines = [
        f"应有档案 archives due: {told['subjects']:,}",
        f"其中记录 their records: {told['records']:,}，事实 facts: {told['facts']:,}",
        f"覆盖声明滞后或缺失 coverage behind or not stated: {lagging}",
        f"账目 account: {path}",
    ]
    if came is not None:
        lines.insert(0, f"已接收 accepted {came.accepted:,}，已拒收 refused {came.refused:,}")
        lines += [f"不符 not as planned: {each}" for each in came.surprises]
    return lines
