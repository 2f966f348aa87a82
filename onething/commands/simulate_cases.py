"""`onething simulate cases`: every bundle driven by scripted people, and an account of how each case ended."""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from catalog.bundles import Bundle
    from onething.settings import Settings
    from onething.simulated_cases.casting import Cast
    from onething.simulated_cases.playing import Told
    from producers.simulation.cases.profile import CaseProfile

ALL: Final = "all"
MISMATCHED: Final = 1
SHOWN: Final = 20
_ENDS: Final = {
    "delivered": "已办结",
    "refused": "不予通过",
    "withdrawn": "已撤回",
    "handling": "办理中",
    "supplementing": "待补正",
    "not-taken": "未受理",
    "unanswered": "无回音",
}


class Output(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"


def cases(
    bundle: Annotated[list[str] | None, typer.Option(help="一件事 id, again for more; all unless given")] = None,
    count: Annotated[int, typer.Option(min=1, help="cases of each bundle")] = 5,
    seed: Annotated[int, typer.Option(help="the same one draws the same scripts")] = 1,
    run: Annotated[str, typer.Option(help="name of the run, part of the case ids; by default the time")] = "",
    speed: Annotated[float, typer.Option(min=0.1, help="slow departments are so many times as fast")] = 1.0,
    at_once: Annotated[int, typer.Option(min=1, help="cases on their way at a time")] = 500,
    patience: Annotated[float, typer.Option(min=1, help="seconds of silence after which nothing is expected")] = 20.0,
    http: Annotated[float, typer.Option(min=0, max=1, help="share that goes through the HTTP doors")] = 0.1,
    profile: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="shares of behaviour, TOML")] = None,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="on the rule alone, without a hub; the clock is turned 400 days on")
    ] = False,
    own: Annotated[bool, typer.Option("--own", help="on a hub of its own, gone at the end")] = False,
    output: Annotated[Output, typer.Option("--output", "-o", help="table, or json for programs")] = Output.TABLE,
) -> None:
    """模拟办件：drive every bundle with people who answer, are slow, refuse, ask for more, or never answer.

    Each case must end as its definition and its script say; the end is reckoned apart from the hub's own rules.
    Exit codes: 0 every case did, 1 at least one did not, 2 failed.

    Example: onething simulate cases --bundle restaurant-opening --count 20 --rehearse
    """
    from onething.settings import load_settings  # noqa: PLC0415 - commands import what they need when they run

    settings = load_settings()
    wishes = _Wishes(_bundles(bundle or [ALL]), count, seed, run or f"{time.time_ns() // 1_000_000:x}", http)
    behaviour = _profile(profile)
    if rehearse:
        told = _rehearsed(wishes, behaviour)
    else:
        with _hub(settings, own=own) as hub:
            told = _played(hub, wishes, behaviour, _pace(at_once, speed, patience))
    _tell(told, wishes, output)
    if told.account.mismatches:
        raise typer.Exit(MISMATCHED)


class _Wishes:
    """What is asked for."""

    def __init__(self, bundles: "tuple[Bundle, ...]", count: int, seed: int, run: str, http: float) -> None:
        self.bundles, self.count, self.seed, self.run, self.http = bundles, count, seed, run, http

    def cast(self, profile: "CaseProfile", subjects: dict[str, tuple[str, ...]], *, http: bool) -> "Cast":
        from onething.simulated_cases.casting import Wishes, cast  # noqa: PLC0415

        share = self.http if http else 0
        return cast(Wishes(self.bundles, self.count, self.seed, self.run, profile, share), subjects)


def _bundles(names: list[str]) -> "tuple[Bundle, ...]":
    from catalog.bundles import load_bundles  # noqa: PLC0415

    known = load_bundles()
    if ALL in names:
        return tuple(known.values())
    if unknown := [name for name in names if name not in known]:
        raise typer.BadParameter(f"no bundle {', '.join(unknown)}; list them: onething bundle list")
    return tuple(known[name] for name in dict.fromkeys(names))


def _profile(path: Path | None) -> "CaseProfile":
    import msgspec  # noqa: PLC0415

    from producers.simulation.cases.profile import load_case_profile  # noqa: PLC0415

    try:
        return load_case_profile(path)
    except (msgspec.MsgspecError, ValueError) as fault:
        raise typer.BadParameter(f"{path}: {fault}") from fault


def _pace(at_once: int, speed: float, patience_s: float) -> Any:
    from producers.simulation.cases.driving import Pace  # noqa: PLC0415

    return Pace(most_open=at_once, speed=speed, patience_s=patience_s)


def _rehearsed(wishes: _Wishes, profile: "CaseProfile") -> "Told":
    from onething.simulated_cases.playing import rehearse  # noqa: PLC0415
    from topics.identifiers import make_uscc  # noqa: PLC0415

    subjects = {
        "enterprise": tuple(f"enterprise:{make_uscc('91', '610103', number)}" for number in range(wishes.count)),
        "person": tuple(f"person:{number:032x}" for number in range(wishes.count)),
    }
    return rehearse(wishes.cast(profile, subjects, http=False), time.time_ns() // 1000)


@contextmanager
def _hub(settings: "Settings", *, own: bool) -> "Iterator[Settings]":
    """The hub that runs, or one of its own with the facts of a small city."""
    if not own:
        yield settings
        return
    from onething.simulated_cases.hub import own_hub  # noqa: PLC0415

    with own_hub(settings, lambda line: typer.echo(line, err=True)) as mine:
        yield mine


def _played(settings: "Settings", wishes: _Wishes, profile: "CaseProfile", pace: Any) -> "Told":
    from connectors.keyring import KeyRing  # noqa: PLC0415
    from onething.simulated_cases.casting import city_of, known_city  # noqa: PLC0415
    from onething.simulated_cases.playing import play_on_hub  # noqa: PLC0415
    from producers.protection import LocalProtector  # noqa: PLC0415

    protector = LocalProtector(KeyRing.open_or_create(settings.data_dir / "keys"))
    city = known_city(city_of(settings.data_dir), protector)
    return play_on_hub(settings, city, wishes.cast(profile, dict(city.by_kind), http=True), pace, _tell_progress)


def _tell_progress(submitted: int, settled: int) -> None:
    typer.echo(f"… 提交 submitted {submitted:,}，已如期 settled {settled:,}", err=True)


def _tell(told: "Told", wishes: _Wishes, output: Output) -> None:
    import msgspec  # noqa: PLC0415

    if output is Output.JSON:
        summary = {"run": wishes.run, "seed": wishes.seed, **msgspec.to_builtins(told)}
        typer.echo(json.dumps(summary, ensure_ascii=False))
        return
    from rich.console import Console  # noqa: PLC0415

    console = Console(highlight=False)
    console.print(_table(told))
    for line in _lines(told, wishes):
        console.print(line, soft_wrap=True, markup=False)


def _table(told: "Told") -> "Table":
    from rich.table import Table  # noqa: PLC0415

    from catalog.bundles import load_bundles  # noqa: PLC0415

    ends = told.account.ends
    columns = [end for end in _ENDS if any(end in counts for counts in ends.values())]
    table = Table("一件事 bundle", *[f"{_ENDS[end]}" for end in columns], title="办件结局 how cases ended")
    for column in table.columns[1:]:
        column.justify = "right"
    for bundle_id, counts in ends.items():
        table.add_row(load_bundles()[bundle_id].name, *[str(counts.get(end, "")) for end in columns])
    totals = (sum(counts.get(end, 0) for counts in ends.values()) for end in columns)
    table.add_row("合计 total", *map(str, totals), style="bold")
    return table


def _lines(told: "Told", wishes: _Wishes) -> Iterator[str]:
    account = told.account
    yield f"办件 cases {account.cases:,}，种子 seed {wishes.seed}，批次 run {wishes.run}"
    yield f"经办方式 what departments did: {_counts(account.ways)}"
    yield f"事项状态 items: {_counts(account.items)}；监管同步 approvals synchronised {account.supervised:,}"
    if told.seconds:
        yield (
            f"{told.seconds:.1f} s，发布 published {told.published:,}，听到 heard {told.heard:,}，"
            f"其中经 HTTP over HTTP {told.over_http:,}，以证照办结 closed by licences issued {told.issued:,}"
        )
        yield f"无人办理、仍在收件箱 unanswered and in the inbox: {told.in_inboxes}"
    if told.door_refusals:
        yield f"门口未收 not taken at the door: {_counts(told.door_refusals)}"
    if told.late:
        yield f"催办、逾期、升级 late: {_counts(told.late)}；违诺 promises broken {told.broken}"
    yield f"不符 mismatches: {len(account.mismatches)}"
    for each in account.mismatches[:SHOWN]:
        yield f"  {each.bundle} {each.case_id}: {each.what}: 应为 expected {each.expected}，实为 got {each.got}"


def _counts(counts: dict[str, int]) -> str:
    return "，".join(f"{name} {number:,}" for name, number in _sorted(counts.items())) or "—"


def _sorted(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda each: -each[1])
