"""`onething services`: the list of high-frequency services, computed from cases, published by two persons."""

import json
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any, Final

import typer

from onething.rows import Form, FormOption, Row, written

app = typer.Typer(name="services", help="高频服务清单：services that many ask for.", no_args_is_help=True)

OFFICE: Final = "admin-approval"
PATH: Final = "/v1/high-frequency-services"
CHINA: Final = timezone(timedelta(hours=8))

PeriodArgument = Annotated[str, typer.Argument(metavar="PERIOD", help="期次：2026, 2026-H2, 2026-Q3 or 2026-10")]
ActorOption = Annotated[str, typer.Option("--actor", help="经办：who does it")]
AsOfOption = Annotated[
    str, typer.Option("--as-of", help="统计截至日：YYYY-MM-DD, a day that is over; yesterday when left out")
]


@app.callback()
def services() -> None:
    """高频服务清单：services that many ask for. Exit codes: 0 done, 2 refused or not there."""


@app.command("list")
def list_(output: FormOption = Form.TABLE) -> None:
    """各版：every published version, the newest first. Example: onething services list."""
    found = _get(PATH, {})
    _tell(found, [_version(each) for each in found["versions"]], output, "")


@app.command()
def show(
    version: PeriodArgument,
    against: Annotated[str, typer.Option(help="对照：another version than the one before it")] = "",
    output: FormOption = Form.TABLE,
) -> None:
    """一版清单：its services, and what is other than before. Example: onething services show 2026-Q3."""
    found = _get(f"{PATH}/{version}", {"against": against})
    same = "一致" if found["computed_again"]["same"] else "不一致（口径已修订，或条目并非按口径算出）"
    note = f"统计截至 {found['as_of']}，口径第 {found['rule_version']} 版；重新计算{same}；{_differences(found)}"
    _tell(found, [_service(each) for each in found["services"]], output, note)


@app.command()
def draft(
    as_of: Annotated[str, typer.Option("--as-of", help="截至日：YYYY-MM-DD; today when left out")] = "",
    output: FormOption = Form.TABLE,
) -> None:
    """试算：the list as of a day; nothing is drawn up. Example: onething services draft --as-of 2026-09-30."""
    found = _get(f"{PATH}/draft", {"as_of": as_of})
    note = f"{found['from']} 至 {found['to']}，口径第 {found['rule_version']} 版；{_differences(found)}"
    _tell(found, [_service(each) for each in found["rows"]], output, note)


@app.command("draw-up")
def draw_up(period: PeriodArgument, actor: ActorOption, as_of: AsOfOption = "") -> None:
    """编制：draw the list of a period up, as of a day that is over.

    Example: onething services draw-up 2026-Q3 --actor 张三 --as-of 2026-09-30
    """
    day = _day(as_of)
    found = _get(f"{PATH}/draft", {"as_of": day})
    payload = {"kind": "high-frequency", "period": period, "rows": found["rows"], "as_of": day}
    _do(period, "drawn-up", {"actor": actor, "payload": {**payload, "rule_version": found["rule_version"]}})
    typer.echo(f"已编制 drawn up: {period}，{len(found['rows'])} 项；由 {OFFICE} 的另一人审签 sign-off is next")


@app.command("sign-off")
def sign_off(period: PeriodArgument, actor: ActorOption) -> None:
    """审签：another person of the office signs it off. Example: onething services sign-off 2026-Q3 --actor 李四."""
    _do(period, "signed-off", {"actor": actor, "payload": {"organisation": OFFICE}})
    typer.echo(f"已审签 signed off: {period}")


@app.command()
def publish(period: PeriodArgument, actor: ActorOption) -> None:
    """发布：publish the version; it never changes again. Example: onething services publish 2026-Q3 --actor 李四."""
    _do(period, "published", {"actor": actor, "payload": {"organisation": OFFICE}})
    typer.echo(f"已发布 published: {period}")


def _get(path: str, query: dict[str, str]) -> dict[str, Any]:
    from onething.figures_client import figures_client  # noqa: PLC0415 - commands import what they need

    with figures_client() as client:
        found: dict[str, Any] = client.get(path, query)
    return found


def _do(period: str, action: str, body: dict[str, Any]) -> None:
    from onething.figures_client import figures_client  # noqa: PLC0415

    with figures_client() as client:
        client.post(f"/v1/lists/high-frequency.{period}/{action}", body)


def _day(as_of: str) -> str:
    """A day that is over: what is counted of it changes no more."""
    today = datetime.now(CHINA).date()
    if not as_of:
        return (today - timedelta(days=1)).isoformat()
    try:
        day = datetime.strptime(as_of, "%Y-%m-%d").replace(tzinfo=CHINA).date()
    except ValueError as fault:
        raise typer.BadParameter(f"应为 YYYY-MM-DD / a day such as 2026-09-30 is due, not {as_of!r}") from fault
    if day >= today:
        raise typer.BadParameter(f"{as_of} 尚未结束 / that day is not over yet")
    return as_of


def _tell(found: dict[str, Any], rows: list[Row], output: Form, note: str) -> None:
    if output is Form.JSON:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(written(rows, output) or "（没有 none）")
    if note:
        typer.echo(note, err=True)


def _differences(found: dict[str, Any]) -> str:
    differences = found["differences"]
    if differences is None:
        return "无上一版可对照"
    counts = (len(differences[name]) for name in ("added", "removed", "changed"))
    return "与上一版相比：新增 {}，移出 {}，变化 {}".format(*counts)


def _version(each: dict[str, Any]) -> Row:
    return {
        "期次": each["version"],
        "项数": each["rows"],
        "统计截至": each["as_of"],
        "口径": each["rule_version"],
        "编制": each["drawn_up_by"],
        "审签": each["signed_off_by"],
        "发布": f"{each['published_by']} {each['published_at'][:10]}",
    }


def _service(each: dict[str, Any]) -> Row:
    return {
        "类型": each["service_kind"],
        "服务名称": each["name"],
        "牵头部门": each["department_name"] or "未载明",
        "列入理由": each["grounds"],
        "办件量": each["volume"],
        "增长": each["growth"],
        "线上占比": each["online_share"],
        "好评率": each["good_share"],
        "待优化": each["to_improve"],
    }
