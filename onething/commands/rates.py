"""`onething rates`: every rate as of any day, by department, its units, its SQL."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer

from onething.rows import Cell, Form, Row, written

app = typer.Typer(name="rates", help="指标：every rate as of any day.")

CANNOT_COUNT: Final = 1
UNITS_AT_ONCE: Final = 1000
UNSTATED: Final = "未载明"


class Output(StrEnum):
    """How the answer is written."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    CSV = "csv"


class By(StrEnum):
    """What a rate is grouped by."""

    DEPARTMENT = "department"
    DISTRICT = "district"
    LEVEL = "level"
    CLASS = "class"
    THEME = "theme"
    MONTH = "month"


class Period(StrEnum):
    """Over what a rate of a period is counted, up to the day."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@app.command()
def rates(
    rate: Annotated[str, typer.Argument(metavar="[ID]", help="指标代码：one rate; all of them when left out")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="截至日：YYYY-MM-DD; today when left out")] = "",
    period: Annotated[Period, typer.Option("--period", help="期间，自期初至截至日")] = Period.MONTH,
    by: Annotated[By, typer.Option("--by", help="分组维度")] = By.DEPARTMENT,
    units: Annotated[bool, typer.Option("--units", help="明细：what counts and what does not, and why")] = False,
    counted: Annotated[str, typer.Option("--counted", help="with --units: true or false")] = "",
    department: Annotated[str, typer.Option("--department", "-d", help="with --units: one department's")] = "",
    moves: Annotated[bool, typer.Option("--moves", help="较上月进出：what came to count and what went")] = False,
    sql: Annotated[bool, typer.Option("--sql", help="口径的 SQL：as the SQL door runs it")] = False,
    history: Annotated[bool, typer.Option("--history", help="逐月：the ends of the last twelve months")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="不用每日汇总：count the rows themselves")] = False,
    output: Annotated[Output, typer.Option("--output", "-o", help="table, json, yaml or csv")] = Output.TABLE,
) -> None:
    """指标。Exit codes: 0 told, 1 a definition cannot be counted, 2 refused or not there.

    Examples: onething rates --as-of 2026-10-31; onething rates catalogued --by department;
    onething rates shared --units --counted false -o csv.
    """
    asked = {"as_of": as_of, "period": period.value, "raw": "true" if raw else ""}
    if not rate:
        _overview(asked, output)
    elif sql:
        _sql(rate, asked, output)
    elif units:
        _units(rate, {**asked, "counted": counted, "department": department}, output)
    elif moves:
        _moves(rate, asked, output)
    else:
        _one(rate, {**asked, "by": By.MONTH.value if history else by.value}, output)


def _overview(asked: Mapping[str, str], output: Output) -> None:
    found = _get("", asked)
    _tell(found, [_rate(each) for each in found["rates"]], output)
    for fault in found["faults"]:
        typer.echo(f"定义有误 a definition is faulty: {fault}", err=True)
    if output is Output.TABLE:
        typer.echo(_dated(found), err=True)
    if found["faults"] or any(each["fault"] for each in found["rates"]):
        raise typer.Exit(CANNOT_COUNT)


def _one(rate: str, asked: Mapping[str, str], output: Output) -> None:
    found = _get(f"/{quote(rate, safe='')}", asked)
    _tell(found, [_group(each) for each in found["groups"]], output)
    if output is Output.TABLE:
        for line in _defined(found):
            typer.echo(line, err=True)


def _units(rate: str, asked: Mapping[str, str], output: Output) -> None:
    found: list[Mapping[str, Any]] = []
    after: str | None = "0"
    while after is not None:
        page = _get(f"/{quote(rate, safe='')}/units", {**asked, "after": after, "limit": str(UNITS_AT_ONCE)})
        found += page["units"]
        after = page["next_after"]
    _tell(found, [_unit(each) for each in found], output)
    if output is Output.TABLE:
        typer.echo(f"{page['as_of']}，定义第 {page['version']} 版，共 {page['total']:,} 个", err=True)


def _moves(rate: str, asked: Mapping[str, str], output: Output) -> None:
    found = _get(f"/{quote(rate, safe='')}/moves", asked)
    rows = [_move("计入", each) for each in found["entered"]] + [_move("不再计入", each) for each in found["left"]]
    _tell(found, rows, output)
    if output is Output.TABLE:
        added, gone = found["units_added"], found["units_gone"]
        typer.echo(f"{found['against']} → {found['as_of']}；分母新增 {added:,}，减少 {gone:,}", err=True)


def _sql(rate: str, asked: Mapping[str, str], output: Output) -> None:
    found = _get(f"/{quote(rate, safe='')}/sql", asked)
    if output is Output.JSON:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for name, value in found["parameters"].items():
        typer.echo(f"-- ${name} = {value}")
    typer.echo(found["sql"])


def _get(path: str, asked: Mapping[str, str]) -> dict[str, Any]:
    from onething.figures_client import figures_client  # noqa: PLC0415 - commands import what they need

    with figures_client() as client:
        found: dict[str, Any] = client.get(f"/v1/rates{path}", asked)
    return found


def _tell(found: Any, rows: Sequence[Row], output: Output) -> None:
    if output is Output.JSON:
        typer.echo(json.dumps(found, ensure_ascii=False))
    elif output is Output.CSV:
        typer.echo(_csv(rows), nl=False)
    else:
        typer.echo(written(rows, Form(output.value)) or "（没有 none）")


def _csv(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _rate(each: Mapping[str, Any]) -> dict[str, Cell]:
    return {
        "代码": each["id"],
        "指标": each["name"],
        "数值": _value(each),
        "分子": each["numerator"],
        "分母": each["denominator"],
        "未载明": each["unstated"],
        "较上月": _change(each["previous"]["change"]),
        "目标": _target(each["target"]),
        "按目前进度": _forecast(each["forecast"]),
        "对照": f"{each['twin']['name']} {each['twin']['count']}" if each["twin"] else "",
        "版": each["version"],
    }


def _group(each: Mapping[str, Any]) -> dict[str, Cell]:
    row: dict[str, Cell] = {
        "代码": each["key"],
        "名称": each["name"],
        "数值": _percent(each["value"]) or "–",
        "分子": each["numerator"],
        "分母": each["denominator"],
        "未载明": each["unstated"],
    }
    if "forecast" in each:
        row |= {"较上月": _change(each["previous"]["change"]), "按目前进度": _forecast(each["forecast"])}
    else:
        row |= {"截至": each["as_of"], "版": each["version"], "说明": each["why_null"] or ""}
    return row


def _unit(each: Mapping[str, Any]) -> dict[str, Cell]:
    return {
        "标识": each["unit"],
        "名称": each["unit_name"],
        "部门": each["department_name"],
        "计入": f"{each['counts']}/{each['out_of']}",
        "未计入原因": each["why_name"] or "",
        "未载明": "是" if each["unstated"] else "",
        "凭据": " ".join(f"{one['table']}/{one['event_id']}/{one['day']}" for one in each["evidence"]),
    }


def _move(how: str, each: Mapping[str, Any]) -> dict[str, Cell]:
    return {
        "变动": how,
        "标识": each["unit"],
        "名称": each["unit_name"],
        "部门": each["department_name"],
        "原因": each.get("why_name") or "",
    }


def _value(each: Mapping[str, Any]) -> str:
    return _percent(each["value"]) or f"– {each['why_null']}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _change(change: float | None) -> str:
    return "" if change is None else f"{change * 100:+.1f} 个百分点"


def _target(target: Mapping[str, Any] | None) -> str:
    if target is None:
        return ""
    value = UNSTATED if target["value"] is None else f"{target['value']:.0%}"
    reached = {True: "已达到", False: "未达到", None: ""}[target["met"]]
    return f"{value}（{target['by']} 前）{reached}"


def _forecast(forecast: Mapping[str, Any] | None) -> str:
    if forecast is None:
        return ""
    if forecast["why"]:
        return str(forecast["why"])
    late = "" if forecast["in_time"] else "，逾期"
    return f"{forecast['reaches_on']} 达到{late}"


def _dated(found: Mapping[str, Any]) -> str:
    state = "，当日未结束，为暂计" if found["provisional"] else ""
    return f"截至 {found['as_of']}，期间自 {found['from']}{state}；日志位置 {found['positions_digest']}"


def _defined(found: Mapping[str, Any]) -> list[str]:
    return [
        f"{found['name']} {_value(found)}（{found['numerator']:,}/{found['denominator']:,}），截至 {found['as_of']}",
        f"分子：{found['numerator_is']}",
        f"分母：{found['denominator_is']}",
        f"依据：{'；'.join(found['basis'])}；定义第 {found['version']} 版，自 {found['in_force_from']} 起用",
        *(f"对照：{twin['name']} {twin['count']:,}" for twin in found["twins"]),
    ]
