"""`onething live`: what happens in the hub now: figures, sources and their health, alerts."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from onething.rows import Form, FormOption, Row, written

app = typer.Typer(name="live", help="实时监测：what happens now.", no_args_is_help=True)

FIRES: Final = 1
HEALTH: Final = {"good": "良好", "bad": "不良", "unknown": "未知"}
UNITS: Final = {"天": 86_400, "小时": 3_600, "分": 60}
STATES: Final = {"firing": "告警", "pending": "待观察"}

Found = Mapping[str, Any]


class Span(StrEnum):
    """A stretch of time that is added up."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@app.callback()
def live() -> None:
    """实时监测：what happens in the hub now. Exit codes: 0 done, 1 an alert fires, 2 not there or no answer."""


@app.command()
def figures(
    span: Annotated[
        Span, typer.Option(help="时段：minute, hour, day or month, for departments and bundles")
    ] = Span.HOUR,
    output: FormOption = Form.TABLE,
) -> None:
    """实时数据：totals of the last minute, hour, day and month, and how far views are behind.

    Example: onething live figures --span day -o json
    """
    found = _asked("/v1/live", {"span": span.value})
    if output is not Form.TABLE:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    typer.echo(f"截至 as of: {found['now']}")
    typer.echo(written([_total(each) for each in found["totals"]], output))
    if found["views"]:
        typer.echo("\n" + written([_view(each) for each in found["views"]], output))


@app.command()
def sources(output: FormOption = Form.TABLE) -> None:
    """数源健康：every source, the bad ones first, and why.

    Example: onething live sources
    """
    found = _asked("/v1/live/sources")["sources"]
    order = ("bad", "unknown", "good")
    rows = [_source(each) for each in sorted(found, key=lambda each: order.index(each["health"]))]
    typer.echo(written(rows, output))


@app.command()
def source(
    department: Annotated[str, typer.Argument(metavar="CODE", help="部门代码：a department's code")],
    output: FormOption = Form.TABLE,
) -> None:
    """一个数源：its answers by outcome, its coverage by resource, and the limits in force.

    Example: onething live source tax
    """
    found = _asked(f"/v1/live/sources/{department}")
    if output is not Form.TABLE:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    typer.echo("\n".join(_page(found)))


@app.command()
def alerts(output: FormOption = Form.TABLE) -> None:
    """告警：what somebody should know now, and what to do about it; exit code 1 while one fires.

    Example: onething live alerts
    """
    found = _asked("/v1/live/alerts")["alerts"]
    if not found and output is Form.TABLE:
        typer.echo("没有告警 no alert")
    else:
        typer.echo(written([_alert(each) for each in found], output))
    if any(each["state"] == "firing" for each in found):
        raise typer.Exit(FIRES)


def _asked(path: str, query: Mapping[str, str] | None = None) -> Any:
    from onething.figures_client import figures_client  # noqa: PLC0415 - commands import what they need

    with figures_client() as client:
        return client.get(path, query)


def _total(each: Found) -> Row:
    spans = {"minute": "近1分钟", "hour": "近1小时", "day": "近24小时", "month": "近31天"}
    return {"指标": each["name"], **{title: each[span] for span, title in spans.items()}, "figure": each["figure"]}


def _view(each: Found) -> Row:
    return {"视图": each["view"], "滞后（条）": each["lag"], "上报时间": each["told_at"]}


def _source(each: Found) -> Row:
    return {
        "部门": each["name"],
        "code": each["department"],
        "健康": HEALTH[each["health"]],
        "成功率": _share(each["success_share"]),
        "p50": _seconds(each["p50_s"]),
        "p95": _seconds(each["p95_s"]),
        "覆盖滞后": _seconds(each["coverage_lag_s"]),
        "样本": each["sample"],
        "原因": "；".join(each["why"]),
    }


def _alert(each: Found) -> Row:
    return {
        "状态": STATES[each["state"]],
        "级别": each["severity"],
        "告警": each["summary"],
        "自": each["since"],
        "处置": each["remedy"],
        "id": each["id"],
    }


def _page(found: Found) -> Iterator[str]:
    yield f"{found['name']}（{found['department']}）：{HEALTH[found['health']]}"
    yield from (f"  {each}" for each in found["why"])
    yield f"最近所见 last seen: {found['last_seen'] or '—'}"
    yield from _table("答复 answers", (_answers(each) for each in found["answers"]))
    yield from _table("覆盖 coverage", (_coverage(each) for each in found["coverage"]))
    limits = found["limits"].items()
    yield from _table("限值 limits", ({"limit": name, "项": each["name"], **_bounds(each)} for name, each in limits))


def _table(title: str, rows: Iterable[Row]) -> Sequence[str]:
    found = list(rows)
    return ["", title, written(found, Form.TABLE)] if found else []


def _answers(each: Found) -> Row:
    outcomes = "，".join(f"{outcome} {count}" for outcome, count in sorted(each["outcomes"].items()))
    return {
        "means": each["means"],
        "样本": each["sample"],
        "成功率": _share(each["success_share"]),
        "p50": _seconds(each["p50_s"]),
        "p95": _seconds(each["p95_s"]),
        "结果": outcomes,
    }


def _coverage(each: Found) -> Row:
    cycles = each["cycles"]
    return {
        "数据资源": each["resource"],
        "完整至": each["complete_until"],
        "更新周期（天）": each["update_cycle_days"],
        "滞后周期数": None if cycles is None else f"{cycles:.1f}",
    }


def _bounds(each: Found) -> Row:
    sign = "<" if each["least"] else ">"
    if each["unit"] == "%":
        return {"不良": f"{sign} {each['bad']:.0%}", "恢复": f"{each['good']:.0%}"}
    return {"不良": f"{sign} {each['bad']:g} {each['unit']}", "恢复": f"{each['good']:g} {each['unit']}"}


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def _seconds(value: float | None) -> str:
    if value is None:
        return "—"
    for unit, length_s in UNITS.items():
        if value >= length_s:
            return f"{value / length_s:.1f} {unit}"
    return f"{value:.2f} 秒"
