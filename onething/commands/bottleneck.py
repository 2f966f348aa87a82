"""`onething bottleneck`: where cases wait, which steps are slowest, and which data would help most."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from onething.rows import Form, FormOption, Row, written

app = typer.Typer(name="bottleneck", help="堵点：where cases wait, by item and department.", no_args_is_help=True)

UNSTATED: Final = "未载明"
FromOption = Annotated[str, typer.Option("--from", help="起始日：YYYY-MM-DD; the first of the last day's month")]
ToOption = Annotated[str, typer.Option("--to", help="终止日，含当日：YYYY-MM-DD; --as-of when left out")]
AsOfOption = Annotated[str, typer.Option("--as-of", help="截至日：as the log knew it at the end of this day; today")]


@app.callback()
def bottleneck() -> None:
    """堵点：where cases wait. Exit codes: 0 done, 2 refused or not there."""


@app.command("list")
def list_(
    by: Annotated[str, typer.Option(help="department 部门, item 事项 or bundle 一件事")] = "department",
    begin: FromOption = "",
    end: ToOption = "",
    as_of: AsOfOption = "",
    sort: Annotated[str, typer.Option(help="排序：a column as in JSON, - before it for the greatest first")] = "",
    output: FormOption = Form.TABLE,
) -> None:
    """哪里在等：the slowest first. Example: onething bottleneck list --by item --from 2026-10-01 --to 2026-10-31."""
    found = _get("", {**_days(begin, end, as_of), "by": by, "sort": sort})
    _tell(found, [_wait(each) for each in found["rows"]], output, _period(found))


@app.command()
def assignments(
    department: Annotated[str, typer.Option("--department", "-d", help="部门代码")] = "",
    item: Annotated[str, typer.Option(help="事项编码")] = "",
    bundle: Annotated[str, typer.Option(help="一件事 id")] = "",
    state: Annotated[str, typer.Option(help="open 在办, ended 办结 or overdue 逾期")] = "",
    begin: FromOption = "",
    end: ToOption = "",
    as_of: AsOfOption = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多行数")] = 20,
    output: FormOption = Form.TABLE,
) -> None:
    """明细：each assignment with its case, the longest first. Example: onething bottleneck assignments -d tax."""
    asked = {"department": department, "item": item, "bundle": bundle, "state": state, "limit": str(limit)}
    found = _get("/assignments", {**_days(begin, end, as_of), **asked})
    _tell(found, [_assignment(each) for each in found["assignments"]], output, f"共 {found['total']:,} 次分派 in all")


@app.command()
def paths(begin: FromOption = "", end: ToOption = "", as_of: AsOfOption = "", output: FormOption = Form.TABLE) -> None:
    """最慢环节：the slowest step of each bundle. Example: onething bottleneck paths --from 2026-01-01."""
    found = _get("/paths", _days(begin, end, as_of))
    _tell(found, [_path(each) for each in found["bundles"]], output, _period(found))


@app.command()
def resources(
    begin: FromOption = "", end: ToOption = "", as_of: AsOfOption = "", output: FormOption = Form.TABLE
) -> None:
    """最缺的数据：resources that would raise the bundles' success most. Example: onething bottleneck resources."""
    found = _get("/resources", _days(begin, end, as_of))
    told = (
        f"{_period(found)}：新办 {found['cases']:,} 件，全程由数据支撑 {found['served']:,} 件；"
        f"所列数据齐备后可达 {found['would_be_served']:,} 件；数据无法解决 {found['not_by_data']:,} 件"
    )
    _tell(found, [_resource(each) for each in found["resources"]], output, told)


@app.command()
def savings(
    begin: FromOption = "", end: ToOption = "", as_of: AsOfOption = "", output: FormOption = Form.TABLE
) -> None:
    """四减：as of a day, from the lake. Example: onething bottleneck savings --from 2026-10-01 --to 2026-10-31."""
    from onething.reduction_rows import BEFORE_NOTE, saving_rows  # noqa: PLC0415 - commands import what they need

    found = _get("/savings", _days(begin, end, as_of))
    _tell(found, saving_rows(found["savings"]), output, BEFORE_NOTE)


def _get(path: str, query: Mapping[str, str]) -> dict[str, Any]:
    from onething.figures_client import figures_client  # noqa: PLC0415

    with figures_client() as client:
        found: dict[str, Any] = client.get(f"/v1/bottlenecks{path}", query)
    return found


def _days(begin: str, end: str, as_of: str) -> dict[str, str]:
    return {"from": begin, "to": end, "as_of": as_of}


def _period(found: Mapping[str, Any]) -> str:
    return f"{found['from']} 至 {found['to']}，截至 {found['as_of']}；口径第 {found['rule_version']} 版"


def _tell(found: Mapping[str, Any], rows: list[Row], output: Form, note: str) -> None:
    if output is Form.JSON:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(written(rows, output) or "（期内没有 none in this period）")
    typer.echo(note, err=True)


def _wait(each: Mapping[str, Any]) -> Row:
    return {
        "名称": each["name"],
        "办结": each["ended"],
        "在办": each["open"],
        "等待(时) 50/90/99%": _percentiles(each["waiting_hours"]),
        "办理(工作日) 50/90/99%": _percentiles(each["working_days"]),
        "逾期率": UNSTATED if each["overdue_share"] is None else f"{each['overdue_share']:.0%}",
        "补正": each["supplements"],
        "转退": each["passed_on"],
        "不予通过": each["refused"],
        "差评": each["bad"],
        "投诉": each["complaints"],
    }


def _assignment(each: Mapping[str, Any]) -> Row:
    return {
        "办件": each["case_id"],
        "事项": each["item_name"],
        "部门": each["department_name"],
        "分派": each["dispatched_at"][:10],
        "办结": (each["ended_at"] or "")[:10],
        "结果": each["outcome_name"],
        "等待(时)": f"{each['waiting_hours']:g}",
        "办理(工作日)": each["working_days"],
        "停表(日)": f"{each['paused_days']:g}",
        "逾期": "是" if each["overdue"] else "",
    }


def _path(each: Mapping[str, Any]) -> Row:
    slowest = each["slowest"]
    return {
        "一件事": each["name"],
        "办结": each["cases"],
        "历时中位(日)": f"{each['median_days']:g}",
        "最慢环节": slowest["name"],
        "环节中位(日)": f"{slowest['median_days']:g}",
        "占全程": f"{slowest['share']:.0%}",
    }


def _resource(each: Mapping[str, Any]) -> Row:
    return {
        "数据资源": each["name"],
        "数源部门": each["department_name"] or UNSTATED,
        "可多办成": each["gain"],
        "单独补齐": each["alone"],
        "涉及办件": each["touched"],
        "原因": "，".join(f"{cause['name']} {cause['times']}" for cause in each["causes"]),
    }


def _percentiles(values: Mapping[str, float] | None) -> str:
    return "—" if values is None else " / ".join(f"{value:g}" for value in values.values())
