"""`onething case`: cases of both kinds, found and shown; what a lead does with a whole case."""

from typing import Annotated, Any

import typer

from onething.commands.application import CaseArgument, gateway
from onething.rows import Form, FormOption

app = typer.Typer(name="case", help="办件查询：find and show cases, steer them as their lead.", no_args_is_help=True)

DepartmentOption = Annotated[str, typer.Option("--department", help="部门代码：who does it, the lead")]
ByOption = Annotated[str, typer.Option("--by", help="经办人：who does it")]


@app.callback()
def case() -> None:
    """办件查询：find and show cases, steer them as their lead. Exit codes: 0 done, 2 refused."""


@app.command("list")
def list_(
    subject: Annotated[str, typer.Option(help="主体：统一社会信用代码、enterprise:<代码> 或 person:<token>")] = "",
    bundle: Annotated[str, typer.Option(help="一件事：the bundle's id")] = "",
    department: Annotated[str, typer.Option(help="部门代码：takes part in it")] = "",
    lead: Annotated[str, typer.Option(help="部门代码：leads it")] = "",
    place: Annotated[str, typer.Option(help="收件地或办理地：a region code")] = "",
    state: Annotated[str, typer.Option(help="open | ended | a status such as handling")] = "",
    kind: Annotated[str, typer.Option(help="verification | handling | any")] = "any",
    due_before: Annotated[str, typer.Option(help="ISO 8601 with offset: due earlier")] = "",
    overdue: Annotated[bool | None, typer.Option("--overdue/--in-time", help="已逾期、未逾期")] = None,
    order: Annotated[str, typer.Option(help="newest | oldest | due | due-last")] = "newest",
    page: Annotated[str, typer.Option(help="the next page, as the page before names it")] = "",
    output: FormOption = Form.TABLE,
) -> None:
    """办件查询：by subject, bundle, department, place, state and deadline; pages stay right while cases come in.

    Example: onething case list --department tax --state open --order due
    """
    from onething.case_tables import print_cases, tell  # noqa: PLC0415 - commands import what they need

    asked = {
        "subject": subject,
        "bundle": bundle,
        "department": department,
        "lead": lead,
        "place": place,
        "state": state,
        "kind": kind,
        "due_before": due_before,
        "overdue": "" if overdue is None else str(overdue).lower(),
        "order": order,
        "page": page,
    }
    with gateway() as client:
        tell(client.cases([(name, value) for name, value in asked.items() if value]), output, print_cases)


@app.command()
def show(case_id: CaseArgument, output: FormOption = Form.TABLE) -> None:
    """办件进展：a handled case. Example: onething case show 01K…."""
    from onething.case_tables import print_case, tell  # noqa: PLC0415

    with gateway() as client:
        tell(client.application(case_id), output, print_case)


@app.command()
def suspend(
    case_id: CaseArgument,
    department: DepartmentOption,
    by: ByOption,
    reason: Annotated[str, typer.Option(help="理由")],
    output: FormOption = Form.TABLE,
) -> None:
    """中止：all clocks stand. Example: onething case suspend 01K… --department tax --by 王五 --reason 等待鉴定."""
    _act(case_id, "suspend", {"department": department, "by": by, "reason": reason}, output)


@app.command()
def resume(
    case_id: CaseArgument,
    department: DepartmentOption,
    by: ByOption,
    reason: Annotated[str, typer.Option(help="理由")],
    output: FormOption = Form.TABLE,
) -> None:
    """恢复：the clocks go on. Example: onething case resume 01K… --department tax --by 王五 --reason 鉴定完成."""
    _act(case_id, "resume", {"department": department, "by": by, "reason": reason}, output)


@app.command()
def deliver(
    case_id: CaseArgument,
    department: DepartmentOption,
    by: ByOption,
    item: Annotated[
        list[int] | None, typer.Option("--item", help="事项序号; everything that is ready if left out")
    ] = None,
    means: Annotated[str, typer.Option(help="counter | mail | e-licence")] = "counter",
    reference: Annotated[str | None, typer.Option(help="签收或寄递单号")] = None,
    output: FormOption = Form.TABLE,
) -> None:
    """一窗发证：results were handed over. Example: onething case deliver 01K… --department tax --by 王五."""
    body = {"department": department, "by": by, "items": item or [], "means": means, "reference": reference}
    _act(case_id, "delivery", body, output)


@app.command()
def check(
    case_id: CaseArgument,
    department: DepartmentOption,
    by: ByOption,
    material: Annotated[str, typer.Option(help="材料 id：what was promised or left for later")],
    kept: Annotated[bool, typer.Option("--kept/--broken", help="已履行、未履行")],
    evidence: Annotated[list[str] | None, typer.Option(help="event id of a record that shows it; repeatable")] = None,
    note: Annotated[str | None, typer.Option(help="说明, without personal data")] = None,
    output: FormOption = Form.TABLE,
) -> None:
    """事后核查：a promise was kept or broken.

    Example: onething case check 01K… --department fire-rescue --by 王五 --material fire-plan --broken
    """
    body = {"material": material, "kept": kept, "evidence": evidence or [], "note": note}
    _act(case_id, "commitments", {"department": department, "by": by, **body}, output)


@app.command()
def rectify(
    case_id: CaseArgument,
    department: DepartmentOption,
    by: ByOption,
    answer: Annotated[str, typer.Option(help="整改答复")],
    output: FormOption = Form.TABLE,
) -> None:
    """差评整改：answer a bad evaluation.

    Example: onething case rectify 01K… --department tax --by 王五 --answer 已整改
    """
    _act(case_id, "rectification", {"department": department, "by": by, "answer": answer}, output)


@app.command()
def evaluations(
    by: Annotated[str, typer.Option(help="bundle | lead：counted by bundle or by leading department")] = "bundle",
    output: FormOption = Form.TABLE,
) -> None:
    """好差评统计：counted, and whether bad ones were answered. Example: onething case evaluations --by lead."""
    from onething.case_tables import tell  # noqa: PLC0415
    from onething.reduction_rows import evaluation_rows  # noqa: PLC0415
    from onething.rows import written  # noqa: PLC0415

    with gateway() as client:
        found = client.evaluation_counts(by)
    tell(found, output, lambda told: typer.echo(written(evaluation_rows(told["evaluations"]), output) or "尚无评价"))


def _act(case_id: str, act: str, body: dict[str, Any], output: Form) -> None:
    from onething.case_tables import print_case, tell  # noqa: PLC0415

    with gateway() as client:
        tell(client.act(case_id, act, body), output, print_case)
