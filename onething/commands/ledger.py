"""`onething ledger`: the tasks and bundles with their goals, progress, problems, meetings, teams and close-out."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from onething.commands.ledger_closing import app as closing
from onething.commands.ledger_team import app as team
from onething.ledger_asking import (
    ENTRY,
    ActorOption,
    AtOption,
    EvidenceOption,
    ForOption,
    IdArgument,
    OnOption,
    PeriodOption,
    ReasonOption,
    asked,
    day,
    do,
    entry_path,
    pairs,
    read_entry,
    told,
)
from onething.rows import Form, FormOption, written

app = typer.Typer(
    name="ledger", help="工作台账：tasks and bundles with their goals, progress and close-out.", no_args_is_help=True
)
app.add_typer(team, name="team")


@app.callback()
def ledger() -> None:
    """工作台账：tasks and bundles with their goals. Exit codes: 0 done, 2 refused or not there."""


@app.command("list")
def list_(
    period: PeriodOption = "month",
    at: AtOption = None,
    lead: Annotated[str, typer.Option(help="牵头单位：by its code")] = "",
    state: Annotated[str, typer.Option(help="状态：on-time, slipping, overdue, closed, undated")] = "",
    kind: Annotated[str, typer.Option(help="类别：task, goal, step, bundle, own")] = "",
    sort: Annotated[str, typer.Option(help="排序：name, state, done, slippage, days_late, due, lead; - reverses")] = "",
    output: FormOption = Form.TABLE,
) -> None:
    """台账：entries with what is planned and done, and how they stand, now or as of a past day.

    Example: onething ledger list --lead data-bureau --state overdue
    """
    from onething.ledger_rows import entry_row  # noqa: PLC0415 - commands import what they need

    query = {"period": period, "at": day(at), "lead": lead, "state": state, "kind": kind, "sort": sort, "limit": 1000}
    found = asked("/v1/ledger", query)
    if output is Form.TABLE:
        typer.echo(written([entry_row(each) for each in found["entries"]], output))
        typer.echo(f"{found['period']['name']}，截至 {found['as_of']}：{found['total']} 项", err=True)
    else:
        told(found, output)


@app.command()
def show(
    entry_id: IdArgument, period: PeriodOption = "month", at: AtOption = None, output: FormOption = Form.TABLE
) -> None:
    """一个条目：the source's words, goals, progress, team, evidence for the close-out, and all that happened.

    Example: onething ledger show bundle.newborn
    """
    from onething.ledger_rows import shown_entry  # noqa: PLC0415

    found = asked(entry_path(entry_id), {"period": period, "at": day(at)})
    if output is Form.TABLE:
        typer.echo("\n".join(shown_entry(found)))
    else:
        told(found, output)


@app.command()
def periods(period: PeriodOption = "month", at: AtOption = None, output: FormOption = Form.TABLE) -> None:
    """一期汇总：by lead how many entries stand how, and what changed since the period before.

    Example: onething ledger periods --period quarter --at 2026-09-30
    """
    from onething.ledger_rows import change_lines, lead_row  # noqa: PLC0415

    found = asked("/v1/ledger", {"period": period, "at": day(at), "limit": 1})
    if output is not Form.TABLE:
        told({name: found[name] for name in ("as_of", "period", "previous", "all", "leads", "changes")}, output)
        return
    lines = [lead_row(each, found["states"]) for each in (*found["leads"], found["all"])]
    typer.echo(f"{found['period']['name']}（截至 {found['as_of']}）")
    typer.echo(written(lines, output))
    changes = list(change_lines(found["changes"]))
    typer.echo("\n".join((f"与{found['previous']['name']}相比：", *(changes or ["没有变化"]))))


@app.command()
def enter(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML：id, name, leads, [[milestones]] …")],
    organisation: ForOption,
    actor: ActorOption,
) -> None:
    """自行列入：an entry of the keepers' own, from a file as docs/ledger.md shows it.

    Example: onething ledger enter joint-inspection.toml --for admin-approval --actor 张三
    """
    said = read_entry(file)
    _do(str(said.pop("id")), "entered", actor, organisation, said)


@app.command()
def report(
    entry_id: IdArgument,
    milestone: Annotated[str, typer.Argument(help="目标：a milestone's id, see `onething ledger show`")],
    done: Annotated[float, typer.Argument(help="完成量：reached in all; what is wanted every period: how often now")],
    organisation: ForOption,
    actor: ActorOption,
    on: OnOption = None,
    note: Annotated[str, typer.Option(help="说明：what was done")] = "",
    evidence: EvidenceOption = [],  # noqa: B006  typer's way of a repeatable option
    reason: ReasonOption = "",
) -> None:
    """填报进展：how much of a milestone is done by a day.

    Example: onething ledger report xian-2024-60.task-3 stations 12 --for admin-approval --actor 张三 -e 验收单7
    """
    payload: dict[str, Any] = {"milestone": milestone, "done": done, "note": note, "evidence": evidence}
    _do(entry_id, "progress-reported", actor, organisation, payload | _on(on), reason)


@app.command()
def plan(
    entry_id: IdArgument,
    milestone: Annotated[str, typer.Argument(help="目标：a milestone's id")],
    goals: Annotated[list[str], typer.Argument(metavar="PERIOD=AMOUNT", help="2026-11-T1=2 2026-11=6 2026-Q4=12")],
    organisation: ForOption,
    actor: ActorOption,
    standing: Annotated[float | None, typer.Option(help="基数：what was there before the first goal")] = None,
) -> None:
    """分解目标：goals by ten days, month, quarter, year; parts must cover the whole. `PERIOD=` takes a goal back.

    Example: onething ledger plan xian-2024-60.task-3 stations 2026-11=6 2026-12=8 --for admin-approval --actor 张三
    """
    amounts = {period: _amount(written_) for period, written_ in pairs(goals, "write PERIOD=AMOUNT").items()}
    payload = {"milestone": milestone, "goals": amounts, "standing": standing}
    _do(entry_id, "goals-planned", actor, organisation, payload)


@app.command()
def milestone(
    entry_id: IdArgument,
    milestone_id: Annotated[str, typer.Argument(metavar="MILESTONE", help="编号：lower-case words and hyphens")],
    name: Annotated[str, typer.Argument(help="目标：what is to be reached")],
    organisation: ForOption,
    actor: ActorOption,
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="期限：the last day")] = None,
    target: Annotated[float | None, typer.Option(help="数量：how much; percent of the work when left out")] = None,
    unit: Annotated[str, typer.Option(help="单位：个, 次, 项 …")] = "",
    every: Annotated[str, typer.Option(help="每：month, quarter, half-year, year")] = "",
) -> None:
    """增列目标：a milestone of the lead's own, marked as such.

    Example: onething ledger milestone bundle.newborn joint-test 联调通过 --due 2026-12-15 --for health --actor 张三
    """
    new: dict[str, Any] = {"id": milestone_id, "name": name, "target": target, "unit": unit, "every": every or None}
    payload = {"milestone": new | {"due": day(due) or None}}
    _do(entry_id, "milestone-planned", actor, organisation, payload)


@app.command()
def problem(
    entry_id: IdArgument,
    problem_id: Annotated[str, typer.Argument(metavar="PROBLEM", help="编号：lower-case words and hyphens")],
    text: Annotated[str, typer.Argument(help="问题：what stands in the way")],
    organisation: ForOption,
    actor: ActorOption,
    asked_of: Annotated[str, typer.Option("--asked-of", help="请谁解决：an organisation's code")] = "",
) -> None:
    """提出问题：what stands in the way (难点堵点).

    Example: onething ledger problem bundle.newborn household-data 户籍数据未共享 --for health --actor 张三
    """
    _do(entry_id, "problem-raised", actor, organisation, {"id": problem_id, "text": text, "asked_of": asked_of})


@app.command()
def resolve(
    entry_id: IdArgument,
    problem_id: Annotated[str, typer.Argument(metavar="PROBLEM", help="编号：of an open problem")],
    outcome: Annotated[str, typer.Argument(help="结果：how it was resolved")],
    organisation: ForOption,
    actor: ActorOption,
) -> None:
    """解决问题：how a problem was resolved.

    Example: onething ledger resolve bundle.newborn household-data 已共享 --for public-security --actor 李四
    """
    _do(entry_id, "problem-resolved", actor, organisation, {"id": problem_id, "outcome": outcome})


@app.command()
def meeting(
    entry_id: IdArgument,
    kind: Annotated[str, typer.Argument(help="会议：quarterly 专题会议, monthly 月调度")],
    subject: Annotated[str, typer.Argument(help="议题：what it was about")],
    organisation: ForOption,
    actor: ActorOption,
    on: OnOption = None,
    decision: Annotated[list[str], typer.Option(help="议定：what was decided; repeatable")] = [],  # noqa: B006
    entry: Annotated[list[str], typer.Option(help="涉及条目：further entries it dealt with; repeatable")] = [],  # noqa: B006
    record: Annotated[str, typer.Option(help="纪要：id of its minutes")] = "",
) -> None:
    """记会议：a meeting that was held, with what was decided.

    Example: onething ledger meeting xian-2024-60.task-27 monthly 11月调度 --for admin-approval --actor 张三
    """
    payload = {"kind": kind, "subject": subject, "decisions": decision, "entries": entry, "record": record}
    held = _on(on) or {"on": f"{datetime.now().astimezone():%Y-%m-%d}"}
    _do(entry_id, "meeting-held", actor, organisation, payload | held)


def _do(entry_id: str, action: str, actor: str, organisation: str, payload: dict[str, Any], reason: str = "") -> None:
    do(ENTRY, entry_id, action, actor, payload | {"organisation": organisation}, reason)


def _on(on: datetime | None) -> dict[str, str]:
    return {"on": day(on)} if on else {}


def _amount(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        raise typer.BadParameter(f"{text}: an amount is a number") from None


app.registered_commands += closing.registered_commands
