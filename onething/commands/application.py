"""`onething application`: apply for a bundle, follow the case, supply what is missing, judge how it was handled."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from onething.rows import Form, FormOption

if TYPE_CHECKING:
    from onething.gateway.case_client import CaseClient

app = typer.Typer(name="application", help="办件：apply for a bundle and follow the case.", no_args_is_help=True)

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="办件编号：the case's id")]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="a JSON file; - reads standard input")]


class NotAnObject(Exception):  # noqa: N818  it names what is wrong with a file
    """A file that holds no JSON object; ``remedy`` says what to do."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{file} 不是 JSON 对象 (it is no JSON object): {why}")
        self.remedy = 'write one JSON object in UTF-8, such as {"bundle": "…", "subject": "…", "submitted_by": "…"}'


@app.callback()
def application() -> None:
    """办件：apply for a bundle and follow the case. Exit codes: 0 done, 2 refused."""


@app.command()
def submit(
    file: FileArgument,
    key: Annotated[str, typer.Option(help="幂等键：the same key is the same case, however often it is sent")] = "",
    wait_s: Annotated[float, typer.Option(help="how long to wait until the case has been opened")] = 5.0,
    output: FormOption = Form.TABLE,
) -> None:
    """一口受理：submit an application; every fault of it is named at once, or its receipt is printed.

    Example: onething application submit application.json --key shop-1
    """
    from onething.case_tables import print_submitted, tell  # noqa: PLC0415 - commands import what they need

    body = _object(file)
    with gateway() as client:
        tell(client.submit(body, key, wait_s), output, print_submitted)


@app.command()
def show(
    case_id: CaseArgument,
    department: Annotated[str, typer.Option(help="部门代码：only this department's part")] = "",
    output: FormOption = Form.TABLE,
) -> None:
    """办件进展：the items with who acts on them, the materials, how it stands.

    Example: onething application show 01K… --department tax
    """
    from onething.case_tables import print_case, tell  # noqa: PLC0415

    with gateway() as client:
        tell(client.application(case_id, department=department), output, print_case)


@app.command()
def receipt(case_id: CaseArgument, output: FormOption = Form.TABLE) -> None:
    """收件凭证：the receipt, for a printer. Example: onething application receipt 01K… > receipt.txt."""
    from onething.case_tables import print_receipt, tell  # noqa: PLC0415

    with gateway() as client:
        tell(client.receipt(case_id), output, print_receipt)


@app.command()
def payments(case_id: CaseArgument, output: FormOption = Form.TABLE) -> None:
    """应缴费用：the fees of a case and the page to pay each on. Example: onething application payments 01K…."""
    from onething.case_tables import print_payments, tell  # noqa: PLC0415

    with gateway() as client:
        tell(client.payments(case_id), output, print_payments)


@app.command()
def supplement(
    case_id: CaseArgument,
    by: Annotated[str, typer.Option(help="补正人：who supplies it")],
    material: Annotated[
        list[str] | None, typer.Option("--material", "-m", help="材料：<id>[=<reference>]; repeatable")
    ] = None,
    paper: Annotated[bool, typer.Option("--paper", help="the materials come on paper")] = False,
    form: Annotated[Path | None, typer.Option(help="corrected form fields: a JSON file, - for standard input")] = None,
    output: FormOption = Form.TABLE,
) -> None:
    """补正、容缺补交：supply what was asked for, or what was left for later.

    Example: onething application supplement 01K… --by 企业经办 -m amended-articles=sha256:ab12
    """
    from onething.case_tables import print_case, tell  # noqa: PLC0415

    body: dict[str, Any] = {
        "materials": [_material(each, "paper" if paper else "upload") for each in material or ()],
        "form": {} if form is None else _object(form),
        "supplemented_by": by,
    }
    with gateway() as client:
        tell(client.act(case_id, "supplement", body), output, print_case)


@app.command()
def withdraw(
    case_id: CaseArgument,
    reason: Annotated[str, typer.Option(help="理由：why it is withdrawn")],
    by: Annotated[str, typer.Option(help="撤回人：who withdraws it")],
    output: FormOption = Form.TABLE,
) -> None:
    """撤回申请：nobody has to act on it any more.

    Example: onething application withdraw 01K… --reason 改期 --by 企业经办
    """
    from onething.case_tables import print_case, tell  # noqa: PLC0415

    with gateway() as client:
        tell(client.act(case_id, "withdraw", {"reason": reason, "withdrawn_by": by}), output, print_case)


@app.command()
def evaluate(
    case_id: CaseArgument,
    stars: Annotated[int, typer.Option(min=1, max=5, help="1 (非常不满意) 至 5 (非常满意)")],
    by: Annotated[str, typer.Option(help="评价人：who judges it")],
    comment: Annotated[str | None, typer.Option(help="评价内容：sealed on the log")] = None,
    output: FormOption = Form.TABLE,
) -> None:
    """好差评：judge how the case was handled. Example: onething application evaluate 01K… --stars 5 --by 企业经办."""
    from onething.case_tables import print_case, tell  # noqa: PLC0415

    body = {"stars": stars, "comment": comment, "evaluated_by": by}
    with gateway() as client:
        tell(client.act(case_id, "evaluation", body), output, print_case)


@contextmanager
def gateway() -> "Iterator[CaseClient]":
    """A connection to this hub's gateway."""
    from onething.endpoints import endpoint  # noqa: PLC0415 - commands import what they need when they run
    from onething.gateway.case_client import CaseClient  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    with CaseClient(endpoint(load_settings(), "gateway")) as client:
        yield client


def _object(file: Path) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        read = json.loads(text)
    except (OSError, ValueError) as fault:
        raise NotAnObject(file, str(fault)) from fault
    if not isinstance(read, dict):
        raise NotAnObject(file, f"it holds a {type(read).__name__}")
    return read


def _material(text: str, means: str) -> dict[str, Any]:
    id_, _, reference = text.partition("=")
    return {"id": id_, "means": means, "reference": reference or None}
