"""`onething demand`: data applied for, completed, replied to, delivered, used, disposed of, disputed."""

import json
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from onething.rows import Cell, Form, FormOption, Row, written

app = typer.Typer(name="demand", help="共享需求：apply for data of another department.", no_args_is_help=True)

CHINA: Final = timezone(timedelta(hours=8))
STATES: Final[Mapping[str, str]] = {
    "applied": "已申请",
    "completing": "待补正",
    "accepted": "已受理",
    "decided": "待审核",
    "granted": "已授权",
    "delivered": "已提供",
    "disposal-due": "待处置",
    "disposed": "已处置",
    "refused": "不予共享",
    "withdrawn": "已撤回",
}

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="编号：a demand's id, see `onething demand list`")]
FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="申请：TOML as docs/demands.md shows it; `until` is a date")
]
ActorOption = Annotated[str, typer.Option("--actor", help="经办：who does it")]
ForOption = Annotated[str, typer.Option("--for", help="机构：for which organisation, by its code")]
ReasonOption = Annotated[str, typer.Option("--reason", help="理由：why")]
EvidenceOption = Annotated[list[str], typer.Option("--evidence", "-e", help="凭据：id of what shows it; repeatable")]


class NoApplication(Exception):  # noqa: N818  the name is the fact
    """The file holds no application; ``remedy`` says what to do."""

    remedy: Final = "write the application as docs/demands.md shows it"


@app.callback()
def demand() -> None:
    """共享需求：apply for data of another department. Exit codes: 0 done, 2 refused or not there."""


@app.command("list")
def list_(
    state: Annotated[str, typer.Option(help=f"状态：{', '.join(STATES)}")] = "",
    requester: Annotated[str, typer.Option(help="需求方：an organisation's code")] = "",
    provider: Annotated[str, typer.Option(help="提供方：an organisation's code")] = "",
    output: FormOption = Form.TABLE,
) -> None:
    """需求清单：demands by id. Example: onething demand list --provider tax --state accepted."""
    from onething.catalog_client import catalog_client  # noqa: PLC0415 - commands import what they need

    asked = {"state": state, "requester": requester, "provider": provider}
    with catalog_client() as client:
        rows = [_row(each["state"]) for each in client.every("demand", {n: v for n, v in asked.items() if v})]
    typer.echo(written(rows, output))


@app.command()
def show(demand_id: IdArgument, output: FormOption = Form.TABLE) -> None:
    """一项需求：what is asked for, how it stands, and every step so far.

    Example: onething demand show D-1
    """
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    with catalog_client() as client:
        found = client.entity("demand", demand_id)
        history = client.history("demand", demand_id)
    if output is not Form.TABLE:
        typer.echo(json.dumps({**found, "history": history}, ensure_ascii=False, indent=2))
        return
    for name, value in found["state"].items():
        if value not in (None, "", []):
            typer.echo(f"{name:<20}{_text(name, value)}")
    typer.echo("")
    steps: list[Row] = [
        {"version": each["version"], "action": each["action"], "by": each["actor"], "at": each["at"]}
        for each in history
    ]
    typer.echo(written(steps, Form.TABLE))


@app.command()
def apply(
    file: FileArgument,
    actor: ActorOption,
    demand_id: Annotated[str, typer.Option("--id", help="编号；derived from the application when left out")] = "",
) -> None:
    """申请：apply for data. Example: onething demand apply demand.toml --actor 王五.

    The same application of the same person again is the same demand.
    """
    asked = application_of(file)
    derived = _id(asked, actor)
    _do(demand_id or derived, "applied", actor, asked, key="" if demand_id else derived)


@app.command()
def complete(demand_id: IdArgument, file: FileArgument, actor: ActorOption) -> None:
    """补正：the whole application again, complete.

    Example: onething demand complete D-1 demand.toml --actor 王五
    """
    _do(demand_id, "completed", actor, application_of(file))


@app.command()
def ask(
    demand_id: IdArgument,
    actor: ActorOption,
    organisation: ForOption,
    missing: Annotated[
        list[str], typer.Option("--missing", help="缺什么：all of it, for it is asked once; repeatable")
    ],
) -> None:
    """一次性告知补正：ask the requester once.

    Example: onething demand ask D-1 --actor 张三 --for tax --missing 公函
    """
    _do(demand_id, "completion-asked", actor, {"organisation": organisation, "missing": missing})


@app.command()
def accept(demand_id: IdArgument, actor: ActorOption, organisation: ForOption) -> None:
    """受理：take the demand up. Example: onething demand accept D-1 --actor 张三 --for tax."""
    _do(demand_id, "accepted", actor, {"organisation": organisation})


@app.command()
def extend(
    demand_id: IdArgument,
    actor: ActorOption,
    organisation: ForOption,
    days: Annotated[int, typer.Option(min=1, help="日数：as the legal basis counts them")],
    evidence: EvidenceOption,
    told: Annotated[list[str], typer.Option("--told", help="告知凭据：how the requester was told; repeatable")],
) -> None:
    """延期答复：with consent.

    Example: onething demand extend D-1 --actor 张三 --for tax --days 5 -e 同意函 --told 函
    """
    said = {"organisation": organisation, "days": days, "evidence": evidence, "told": told}
    _do(demand_id, "extension-consented", actor, said)


@app.command()
def decide(
    demand_id: IdArgument,
    actor: ActorOption,
    organisation: ForOption,
    outcome: Annotated[str, typer.Option(help="决定：grant or refuse")],
    reason: ReasonOption = "",
    withheld_basis: Annotated[str, typer.Option(help="不予共享的法律依据：id of a legal basis")] = "",
) -> None:
    """经办：decide; another person reviews.

    Example: onething demand decide D-1 --actor 张三 --for tax --outcome grant
    """
    said = {"organisation": organisation, "outcome": outcome, "withheld_basis": withheld_basis}
    _do(demand_id, "decided", actor, said, reason)


@app.command()
def review(
    demand_id: IdArgument,
    actor: ActorOption,
    organisation: ForOption,
    approve: Annotated[bool, typer.Option("--approve/--return", help="同意经办的决定，或者退回")],
    reason: ReasonOption = "",
) -> None:
    """审核：approve what was decided, or return it.

    Example: onething demand review D-1 --actor 李四 --for tax --approve
    """
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    with catalog_client() as client:
        decision = client.entity("demand", demand_id)["state"].get("decision") or {}
    approved = "refused" if decision.get("outcome") == "refuse" else "granted"
    _do(demand_id, approved if approve else "returned", actor, {"organisation": organisation}, reason)


@app.command()
def deliver(
    demand_id: IdArgument,
    actor: ActorOption,
    organisation: ForOption,
    means: Annotated[str, typer.Option(help="方式：interface, file or database, as granted")],
    reference: Annotated[str, typer.Option(help="位置：an address, or the id of a handover")],
) -> None:
    """提供：say how it was delivered.

    Example: onething demand deliver D-1 --actor 张三 --for tax --means interface --reference /v1/enterprises
    """
    _do(demand_id, "delivered", actor, {"organisation": organisation, "means": means, "reference": reference})


@app.command()
def use(
    demand_id: IdArgument,
    actor: ActorOption,
    organisation: ForOption,
    scenario: Annotated[str, typer.Option(help="场景")],
    process: Annotated[str, typer.Option(help="过程")],
    effect: Annotated[str, typer.Option(help="成效")],
    storage: Annotated[str, typer.Option(help="存储")],
) -> None:
    """使用记录：put a use on record (art. 29).

    Example: onething demand use D-1 --actor 王五 --for finance --scenario 采购 --process 比对 --effect 无 --storage 库
    """
    said = {"scenario": scenario, "process": process, "effect": effect, "storage": storage}
    _do(demand_id, "used", actor, {"organisation": organisation, **said})


@app.command()
def dispose(
    demand_id: IdArgument,
    actor: ActorOption,
    organisation: ForOption,
    method: Annotated[str, typer.Option(help="方式：how it was destroyed")],
    evidence: EvidenceOption,
) -> None:
    """销毁：dispose of the data; gives a receipt.

    Example: onething demand dispose D-1 --actor 王五 --for finance --method 删除 -e 纪要7
    """
    _do(demand_id, "disposed", actor, {"organisation": organisation, "method": method, "evidence": evidence})


@app.command()
def withdraw(demand_id: IdArgument, actor: ActorOption, organisation: ForOption, reason: ReasonOption = "") -> None:
    """撤回：before it was replied to.

    Example: onething demand withdraw D-1 --actor 王五 --for finance
    """
    _do(demand_id, "withdrawn", actor, {"organisation": organisation}, reason)


@app.command()
def escalate(
    demand_id: IdArgument,
    actor: ActorOption,
    organisation: ForOption,
    rung: Annotated[str, typer.Option(help="negotiation, data-office, common-upper-office, government")],
    evidence: EvidenceOption,
) -> None:
    """争议：a refusal, one rung up the ladder of art. 28.

    Example: onething demand escalate D-1 --actor 王五 --for finance --rung negotiation -e 函
    """
    _do(demand_id, "escalated", actor, {"organisation": organisation, "rung": rung, "evidence": evidence})


@app.command()
def settle(
    demand_id: IdArgument,
    actor: ActorOption,
    outcome: Annotated[str, typer.Option(help="结果：upheld, or reply-again")],
    evidence: EvidenceOption,
) -> None:
    """了结争议：the dispute has ended.

    Example: onething demand settle D-1 --actor 张三 --outcome reply-again -e 调解书
    """
    _do(demand_id, "settled", actor, {"outcome": outcome, "evidence": evidence})


@app.command("destroy-records")
def destroy_records(demand_id: IdArgument, actor: ActorOption, organisation: ForOption) -> None:
    """销毁记录：after three years.

    Example: onething demand destroy-records D-1 --actor 王五 --for finance
    """
    _do(demand_id, "records-destroyed", actor, {"organisation": organisation})


def application_of(file: Path) -> dict[str, Any]:
    """The application that a file holds, its ``until`` as an instant: the end of that day in China.

    Raises:
        NoApplication: there is no such file, or it is no TOML.
    """
    try:
        asked = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise NoApplication(f"{file}: {fault}") from fault
    until = asked.get("until")
    if isinstance(until, date) and not isinstance(until, datetime):
        last = datetime(until.year, until.month, until.day, tzinfo=CHINA) + timedelta(days=1)
        asked["until"] = int(last.timestamp()) * 1_000_000
    elif isinstance(until, datetime):
        moment = until if until.tzinfo else until.replace(tzinfo=CHINA)
        asked["until"] = int(moment.timestamp()) * 1_000_000
    return asked


def _id(asked: Mapping[str, Any], actor: str) -> str:
    from catalog.register.canonical import canonical, digest_of  # noqa: PLC0415

    return f"D-{digest_of(canonical(asked), actor).hex()[:16]}"


def _do(demand_id: str, action: str, actor: str, payload: Mapping[str, Any], reason: str = "", key: str = "") -> None:
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    body: dict[str, Any] = {"actor": actor, "payload": dict(payload)} | ({"reason": reason} if reason else {})
    with catalog_client() as client:
        client.do("demand", demand_id, action, body, key)
        found = client.entity("demand", demand_id)["state"]
    typer.echo(written([_row(found)], Form.TABLE))
    for name in found["missing"] if found["state"] == "completing" else ():
        typer.echo(f"待补正 to complete: {name}")


def _row(state: Mapping[str, Any]) -> dict[str, Cell]:
    return {
        "id": str(state["id"]),
        "state": f"{STATES[state['state']]} {state['state']}",
        "requester": state["requester"],
        "provider": state["provider"],
        "resources": ", ".join(state["resources"]),
        "purpose": state["purpose"],
        "grant": state["grant"],
    }


def _text(name: str, value: Any) -> str:
    if isinstance(value, int) and name.endswith(("_at", "until")):
        return datetime.fromtimestamp(value // 1_000_000, CHINA).strftime("%Y-%m-%d %H:%M")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
