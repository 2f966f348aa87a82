"""Handled cases on a terminal: a case, its items, an inbox, a list of cases; Chinese first."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

import typer
from rich.console import Console
from rich.table import Table

from onething.gateway.handling_view import ITEM_WORDS, STATUS_WORDS
from onething.gateway.receipt import CHANNEL_WORDS, MEANS_WORDS, MODE_WORDS, UNSTATED, last_day
from onething.nested import yaml_text
from onething.rows import Form

ASSIGNMENT_WORDS: Final = {
    **{state: word for state, word in ITEM_WORDS.items() if state in ("open", "handled", "supplementing", "suspended")},
    "approved": "已通过",
    "refused": "不予通过",
    "passed-on": "已转办",
    "returned": "已退回",
    "answered": "已办结",
    "closed": "已关闭",
}
KIND_WORDS: Final = {"item": "事项", "delivery": "发证", "commitment-check": "事后核查", "rectification": "差评整改"}
PIECE_WORDS: Final = {"held": "已有", "due": "待补", "overdue": "逾期未补", "broken": "未履行", "kept": "已履行"}
ASSIGNMENT_IDS: Final = "待办编号\n办件编号"
UNBROKEN: Final = frozenset((ASSIGNMENT_IDS, "办件编号", "主体", "状态", "申请时间", "时限", "缴费页面"))
"""Columns that are copied, or read at a glance."""
CASE_WORDS: Final = {"running": "核查中", "reported": "已出报告", "amended": "已更正", **STATUS_WORDS}


def tell(answer: Any, form: Form, print_it: Callable[[Any], None]) -> None:
    """The answer for a program, or as a table."""
    if form is Form.TABLE:
        print_it(answer)
    else:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2) if form is Form.JSON else yaml_text(answer))


def print_case(view: dict[str, Any]) -> None:
    """A case with its items and materials."""
    console = Console()
    console.print(_title(view), highlight=False)
    rows = [_item(each) for each in view["items"]]
    console.print(_table(("序号", "事项", "责任单位", "状态", "说明"), rows))
    if view["materials"]:
        console.print(_table(("材料", "方式", "状态", "期限"), [_material(each) for each in view["materials"]]))
    for each in filter(_is_asked, view["assignments"]):
        missing = "、".join(material["name"] for material in each["missing_materials"])
        console.print(f"待补正（{each['department']['name']}）：{missing}　{each['reason'] or ''}", highlight=False)
    if evaluation := view.get("evaluation"):
        stars = evaluation["stars"]
        console.print(f"评价：{'★' * stars}{'☆' * (5 - stars)}　答复：{evaluation['answer'] or '—'}", highlight=False)


def print_receipt(receipt: dict[str, Any]) -> None:
    """A receipt as it is printed."""
    typer.echo(receipt["text"], nl=False)


def print_submitted(answer: dict[str, Any]) -> None:
    """The receipt of an application that was just submitted."""
    typer.echo(answer["receipt"], nl=False)


def print_payments(found: dict[str, Any]) -> None:
    """The fees of a case."""
    rows = [
        (str(each["number"]), each["title"], f"{each['amount_fen'] / 100:.2f} 元", _paid(each), each["pay_url"] or "")
        for each in found["payments"]
    ]
    _print_rows(("序号", "费用", "金额", "状态", "缴费页面"), rows, "没有应缴费用")


def print_cases(found: dict[str, Any]) -> None:
    """A page of cases."""
    headings = ("办件编号", "一件事", "主体", "状态", "牵头", "申请时间", "时限")
    _print_rows(headings, [_case(each) for each in found["cases"]], "没有符合条件的办件")
    _tell_next(found)


def print_assignments(found: dict[str, Any]) -> None:
    """A page of an inbox."""
    headings = (ASSIGNMENT_IDS, "类型", "内容", "主体", "状态", "时限")
    _print_rows(headings, [_assignment(each) for each in found["assignments"]], "没有待办")
    _tell_next(found)


def print_assignment_state(state: dict[str, Any]) -> None:
    """How an assignment stands after an act."""
    word = ASSIGNMENT_WORDS.get(state["state"], state["state"])
    case = STATUS_WORDS.get(state["case_status"], state["case_status"])
    typer.echo(f"{state['assignment_id']}  {word}　办件 {state['case_id']}：{case}")


def _is_asked(assignment: dict[str, Any]) -> bool:
    """Whether the applicant is asked for something."""
    return bool(assignment["state"] == "supplementing")


def _paid(payment: dict[str, Any]) -> str:
    return "待缴" if payment["state"] == "unpaid" else f"已缴 {_minute(payment['paid_at'])}"


def _title(view: dict[str, Any]) -> str:
    overdue = "　⚠ 已逾期" if view["overdue"] else ""
    lines = [
        f"办件 {view['case_id']}　{view['bundle']['name']}　{STATUS_WORDS[view['status']]}{overdue}",
        f"主体 {view['subject'].partition(':')[2]}　用途 {view['purpose']}　牵头 {view['lead']['name']}",
        f"渠道 {CHANNEL_WORDS[view['channel']]}　方式 {MODE_WORDS[view['mode']]}",
        f"提交 {_minute(view['submitted_at'])}　{_term(view)}",
    ]
    return "\n".join([*lines, *([f"说明 {view['reason']}"] if view["reason"] else [])])


def _term(view: dict[str, Any]) -> str:
    """When the case ended, or by when what comes next is due."""
    if view["ended_at"]:
        return f"办结 {_minute(view['ended_at'])}"
    return f"当前时限 {last_day(view['due_at']) or UNSTATED}"


def _item(item: dict[str, Any]) -> tuple[str, ...]:
    departments = "、".join(each["name"] for each in item["departments"])
    payment = item["payment"]
    fee = "" if payment is None else f"费用 {payment['amount_fen'] / 100:.2f} 元"
    note = "；".join(part for part in (item["reason"], fee) if part)
    return str(item["number"]), item["text"], departments, item["word"], note


def _material(material: dict[str, Any]) -> tuple[str, ...]:
    state = PIECE_WORDS.get(material["state"], material["state"])
    return material["name"], MEANS_WORDS[material["means"]], state, last_day(material["due_at"])


def _case(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["case_id"],
        row["bundle_name"],
        row["subject"].partition(":")[2],
        CASE_WORDS.get(row["status"], row["status"]),
        row["lead_name"],
        _minute(row["requested_at"])[:10],
        last_day(row["deadline_at"]),
    )


def _assignment(row: dict[str, Any]) -> tuple[str, ...]:
    overdue = "（逾期）" if row["overdue"] else ""
    return (
        f"{row['assignment_id']}\n{row['case_id']}",
        KIND_WORDS.get(row["kind"], row["kind"]),
        row["text"],
        row["subject"].partition(":")[2],
        ASSIGNMENT_WORDS.get(row["state"], row["state"]) + overdue,
        last_day(row["due_at"]),
    )


def _print_rows(headings: Sequence[str], rows: Sequence[tuple[str, ...]], none: str) -> None:
    """A table, or a word where there is no row."""
    if rows:
        Console().print(_table(headings, rows))
    else:
        typer.echo(none)


def _tell_next(found: dict[str, Any]) -> None:
    if found["next_page"]:
        typer.echo(f"下一页：--page {found['next_page']}")


def _table(headings: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
    table = Table()
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading in UNBROKEN)
    for row in rows:
        table.add_row(*row)
    return table


def _minute(instant: str | None) -> str:
    return "" if instant is None else instant[:16].replace("T", " ")
