"""`onething inbox`: what a department is to act on, its people's decisions and their reviews."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from onething.commands.application import gateway
from onething.rows import Form, FormOption

app = typer.Typer(name="inbox", help="部门收件箱：what a department is to act on.", no_args_is_help=True)


class Decision(StrEnum):
    """What a person of the department may decide, or ask for."""

    APPROVE = "approve"
    REFUSE = "refuse"
    SUPPLEMENT = "supplement"
    SUSPEND = "suspend"
    RESUME = "resume"
    PASS_ON = "pass-on"  # noqa: S105  a decision, no password
    RETURN = "return"


DepartmentArgument = Annotated[
    str, typer.Argument(metavar="DEPT", help="部门代码：the department's code, such as market-regulation")
]
AssignmentArgument = Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="待办编号：the assignment's id")]


@app.callback()
def inbox() -> None:
    """部门收件箱：what a department is to act on. Exit codes: 0 done, 2 refused."""


@app.command("list")
def list_(
    department: DepartmentArgument,
    state: Annotated[str, typer.Option(help="active | open | handled | supplementing | … | any")] = "active",
    kind: Annotated[str, typer.Option(help="item | delivery | commitment-check | rectification | any")] = "any",
    due_before: Annotated[str, typer.Option(help="ISO 8601 with offset: due earlier")] = "",
    page: Annotated[str, typer.Option(help="the next page, as the page before names it")] = "",
    output: FormOption = Form.TABLE,
) -> None:
    """待办列表：those that are due first. Example: onething inbox list market-regulation --kind item."""
    from onething.case_tables import print_assignments, tell  # noqa: PLC0415 - commands import what they need

    query = [("state", state), ("kind", kind), ("due_before", due_before), ("page", page)]
    with gateway() as client:
        tell(client.assignments(department, query), output, print_assignments)


@app.command()
def show(department: DepartmentArgument, assignment: AssignmentArgument, output: FormOption = Form.TABLE) -> None:
    """一项待办：with the department's part of its case. Example: onething inbox show tax 5f…."""
    from onething.case_tables import print_case, tell  # noqa: PLC0415

    with gateway() as client:
        found = client.assignment(department, assignment)
    tell(found, output, lambda shown: print_case(shown["case"]))


@app.command()
def decide(
    department: DepartmentArgument,
    assignment: AssignmentArgument,
    decision: Annotated[Decision, typer.Option("--decision", help="决定")],
    by: Annotated[str, typer.Option(help="经办人：who decides")],
    reason: Annotated[str | None, typer.Option(help="理由; required for all but approve and resume")] = None,
    missing: Annotated[list[str] | None, typer.Option(help="需补正的材料：its id or its name; repeatable")] = None,
    pass_on_to: Annotated[str | None, typer.Option(help="部门代码, with --decision pass-on")] = None,
    result: Annotated[
        list[str] | None, typer.Option("--result", help="结果：<名称>[=<resource>/<record id>]; repeatable")
    ] = None,
    issue: Annotated[
        bool, typer.Option("--issue", help="由平台出具事项库载明的办理结果：with --decision approve")
    ] = False,
    fee_fen: Annotated[int | None, typer.Option(help="收费（分）；事项库未载明金额的收费事项必填，免缴填 0")] = None,
    output: FormOption = Form.TABLE,
) -> None:
    """经办：decide on an item, or ask for something; where the definition says so, another person reviews it.

    Example: onething inbox decide tax 5f… --decision approve --by 张三 --issue
    """
    body: dict[str, Any] = {
        "decision": decision.value,
        "handled_by": by,
        "reason": reason,
        "missing": missing or [],
        "pass_on_to": pass_on_to,
        "results": [_result(each) for each in result or ()],
        "issue": issue,
        "fee_fen": fee_fen,
    }
    from onething.case_tables import print_assignment_state, tell  # noqa: PLC0415

    with gateway() as client:
        tell(client.decide(department, assignment, body), output, print_assignment_state)


@app.command()
def review(
    department: DepartmentArgument,
    assignment: AssignmentArgument,
    by: Annotated[str, typer.Option(help="审核人：another person than who decided")],
    approved: Annotated[bool, typer.Option("--approve/--return", help="通过或退回")] = True,
    note: Annotated[str | None, typer.Option(help="审核意见")] = None,
    output: FormOption = Form.TABLE,
) -> None:
    """审核：approve a decision, or return it to who gave it. Example: onething inbox review tax 5f… --by 李四."""
    from onething.case_tables import print_assignment_state, tell  # noqa: PLC0415

    body = {"approved": approved, "reviewed_by": by, "note": note}
    with gateway() as client:
        tell(client.review(department, assignment, body), output, print_assignment_state)


def _result(text: str) -> dict[str, Any]:
    name, _, place = text.partition("=")
    resource, _, record_id = place.partition("/")
    return {"name": name, "resource": resource or None, "record_id": record_id or None}
