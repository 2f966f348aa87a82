"""`onething duty`: what is owed by when: lists, the board, one duty, the limits, and the count anew."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onething.rows import Form, FormOption, written

if TYPE_CHECKING:
    from catalog.duties.reading import RecordedDuty

app = typer.Typer(name="duty", help="法定时限：what is owed by when, by the legal clock.", no_args_is_help=True)

CHINA: Final = timezone(timedelta(hours=8))
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DEVIATES: Final = 1

DutyArgument = Annotated[str, typer.Argument(metavar="ID", help="编号：a duty's id, see `onething duty list`")]
DepartmentOption = Annotated[str, typer.Option("--department", "-d", help="责任部门：an organisation's code or name")]
AtOption = Annotated[
    datetime | None,
    typer.Option("--at", formats=["%Y-%m-%d", "%Y-%m-%d %H:%M"], help="时点：as of then, time of China; else now"),
]
ActorOption = Annotated[str, typer.Option("--actor", help="经办：who does it")]
EvidenceOption = Annotated[list[str], typer.Option("--evidence", "-e", help="凭据：id of what shows it; repeatable")]
ReasonOption = Annotated[str, typer.Option("--reason", help="事由：why")]


@app.callback()
def duty() -> None:
    """法定时限：what is owed by when. Exit codes: 0 done, 1 counted anew it differs, 2 refused or not there."""


@app.command("list")
def list_(
    department: DepartmentOption = "",
    kind: Annotated[str, typer.Option(help="义务：reply-conditional, correction, …")] = "",
    stands: Annotated[str, typer.Option(help="状态：open, due-soon, overdue, suspended, fulfilled, …")] = "",
    at: AtOption = None,
    output: FormOption = Form.TABLE,
) -> None:
    """义务清单：the duties, those that end first in front; as JSON with all that happened to them.

    Example: onething duty list --department 市税务局 --stands overdue
    """
    from catalog.duties.board import drilled  # noqa: PLC0415 - commands import what they need
    from catalog.duties.entity import load_law  # noqa: PLC0415
    from onething.duty_rows import listed, told  # noqa: PLC0415

    _known(kind, stands)
    law, instant, names = load_law(), _instant(at), _names()
    recorded = {each.duty.id: each for each in _recorded(at)}
    duties = (each.duty for each in recorded.values())
    found = drilled(duties, instant, law.days, department=_code(department), kind=kind, stands=stands)
    if output is Form.JSON:
        rows = [told(recorded[each.id], instant, law, names) for each in found]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    typer.echo(written([listed(each, instant, law, names) for each in found], output))


@app.command()
def show(duty_id: DutyArgument, output: FormOption = Form.TABLE) -> None:
    """一项义务：what is owed, until when and why, and what happened.

    Example: onething duty show correction:C-1:1
    """
    from catalog.duties.entity import load_law  # noqa: PLC0415
    from onething.catalog_client import catalog_client  # noqa: PLC0415
    from onething.duty_rows import shown_duty, told  # noqa: PLC0415

    with catalog_client() as client:
        found = _recorded_duty(client.entity("duty", duty_id))
    law, at, names = load_law(), _instant(None), _names()
    if output is Form.TABLE:
        typer.echo("\n".join(shown_duty(found.duty, at, law, names)))
    else:
        typer.echo(json.dumps(told(found, at, law, names), ensure_ascii=False, indent=2))


@app.command()
def board(at: AtOption = None, output: FormOption = Form.TABLE) -> None:
    """义务看板：by department what is open, due soon, overdue, fulfilled in time or late; now or as of a day.

    Example: onething duty board --at 2026-11-01
    """
    from catalog.duties import board as boards  # noqa: PLC0415
    from catalog.duties.entity import load_law  # noqa: PLC0415
    from onething.duty_rows import board_row  # noqa: PLC0415

    lines, names = boards.board((each.duty for each in _recorded(at)), _instant(at), load_law().days), _names()
    if output is Form.TABLE:
        typer.echo(written([board_row(each, names) for each in lines], output))
        return
    rows = [{"department": each.department, **each.counts, "in_time": each.in_time} for each in lines]
    typer.echo(json.dumps(rows, ensure_ascii=False) if output is Form.JSON else written(_texts(rows), output))


@app.command()
def limits(
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="施行日：only those in force then")] = None,
    place: Annotated[str, typer.Option(help="地域：in force in this administrative division")] = "610100",
    output: FormOption = Form.TABLE,
) -> None:
    """法定期限：the limits, each with its legal basis and the days on which it is in force.

    Example: onething duty limits --day 2025-12-25
    """
    from catalog.duties.days import day_number  # noqa: PLC0415
    from catalog.duties.limits import load_limits  # noqa: PLC0415
    from onething.duty_rows import limit_row, limits_in_force  # noqa: PLC0415

    found = tuple(load_limits())
    if day is not None:
        found = limits_in_force(found, place, day_number(day.date()))
    typer.echo(written([limit_row(each) for each in found], output))


@app.command()
def replay(
    file: Annotated[
        Path | None, typer.Argument(help="文件：of `onething duty list -o json`; else the register")
    ] = None,
    output: FormOption = Form.TABLE,
) -> None:
    """重算：count every duty again from what happened to it, by this machine's limits and calendar.

    Needs no hub when it is given a file. Example: onething duty replay duties.json
    """
    from catalog.duties.entity import load_law  # noqa: PLC0415
    from catalog.duties.reading import read_duties  # noqa: PLC0415
    from catalog.duties.replay import deviations  # noqa: PLC0415

    law = load_law()
    duties = _recorded(None) if file is None else read_duties(file)
    found = [each for recorded in duties for each in deviations(recorded.duty, recorded.changed_at, law)]
    rows = [
        {"duty": each.duty_id, "field": each.field, "recorded": _text(each.recorded), "counted": _text(each.counted)}
        for each in found
    ]
    typer.echo(written(rows, output))
    typer.echo(f"重算 {len(duties)} 项，不符 {len(found)} 处 counted again, differences", err=True)
    if found:
        raise typer.Exit(DEVIATES)


@app.command()
def suspend(duty_id: DutyArgument, actor: ActorOption, evidence: EvidenceOption, reason: ReasonOption = "") -> None:
    """中止：let the term stand still. Example: onething duty suspend ID --actor 张三 -e 函〔2026〕7号."""
    _do(duty_id, "suspended", actor, {"evidence": evidence, "reason": reason})


@app.command()
def resume(duty_id: DutyArgument, actor: ActorOption, evidence: EvidenceOption) -> None:
    """恢复：let the term run on. Example: onething duty resume ID --actor 张三 -e 函〔2026〕9号."""
    _do(duty_id, "resumed", actor, {"evidence": evidence})


@app.command()
def extend(
    duty_id: DutyArgument,
    actor: ActorOption,
    days: Annotated[int, typer.Option(min=1, help="日数：as the legal basis counts them")],
    evidence: EvidenceOption,
    told: Annotated[list[str] | None, typer.Option("--told", help="告知凭据：how the requester was told")] = None,
) -> None:
    """延长：with consent. Example: onething duty extend ID --actor 张三 --days 5 -e 同意函 --told 告知书."""
    _do(duty_id, "extended", actor, {"days": days, "evidence": evidence, "told": told or []})


@app.command()
def escalate(
    duty_id: DutyArgument,
    actor: ActorOption,
    rung: Annotated[str, typer.Option(help="negotiation, data-office, common-upper-office, government")],
    evidence: EvidenceOption,
) -> None:
    """争议：one rung up the ladder of art. 28.

    Example: onething duty escalate ID --actor 张三 --rung negotiation -e 纪要
    """
    _do(duty_id, "escalated", actor, {"rung": rung, "evidence": evidence})


@app.command()
def settle(
    duty_id: DutyArgument,
    actor: ActorOption,
    outcome: Annotated[str, typer.Option(help="结果：how it was settled")],
    evidence: EvidenceOption,
) -> None:
    """了结争议：the dispute was settled. Example: onething duty settle ID --actor 张三 --outcome 同意共享 -e 纪要."""
    _do(duty_id, "settled", actor, {"outcome": outcome, "evidence": evidence})


def _do(duty_id: str, action: str, actor: str, payload: Mapping[str, Any]) -> None:
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    with catalog_client() as client:
        client.do("duty", duty_id, action, {"actor": actor, "payload": dict(payload)})
    show(duty_id)


def _recorded(at: datetime | None) -> "tuple[RecordedDuty, ...]":
    """The duties of the register, now or as they stood then."""
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    with catalog_client() as client:
        recorded = [_recorded_duty(each) for each in client.every("duty")]
    return tuple(recorded) if at is None else tuple(_stood(recorded, _instant(at)))


def _recorded_duty(entity: Mapping[str, Any]) -> "RecordedDuty":
    from catalog.duties.entity import duty_of  # noqa: PLC0415
    from catalog.duties.reading import RecordedDuty  # noqa: PLC0415

    return RecordedDuty(duty_of(entity["state"]), _us(datetime.fromisoformat(entity["changed_at"])))


def _stood(recorded: "Iterable[RecordedDuty]", at: int) -> "Iterator[RecordedDuty]":
    from catalog.duties.entity import load_law  # noqa: PLC0415
    from catalog.duties.reading import RecordedDuty  # noqa: PLC0415
    from catalog.duties.replay import as_of  # noqa: PLC0415

    law = load_law()
    for each in recorded:
        stood = as_of(each.duty, at, law)
        if stood is not None:
            yield RecordedDuty(stood, at)


def _known(kind: str, stands: str) -> None:
    from catalog.duties.board import STANDINGS  # noqa: PLC0415
    from catalog.duties.limits import KIND_NAMES  # noqa: PLC0415

    for option, value, words in (("--kind", kind, KIND_NAMES), ("--stands", stands, STANDINGS)):
        if value and value not in words:
            raise typer.BadParameter(f"{option} {value}: one of {', '.join(words)}")


def _names() -> dict[str, str]:
    from catalog.organisations import load_organisations  # noqa: PLC0415

    return {code: each.name for code, each in load_organisations().by_code.items()}


def _code(department: str) -> str:
    from catalog.organisations import load_organisations  # noqa: PLC0415

    named = load_organisations().by_name.get(department)
    return department if named is None else named.code


def _instant(at: datetime | None) -> int:
    return _now_us() if at is None else _us(at.replace(tzinfo=CHINA))


def _now_us() -> int:
    return time.time_ns() // 1000


def _us(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _texts(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [{name: str(value) for name, value in row.items()} for row in rows]
