"""`onething ledger close` and what belongs to it: measure, review, return, reopen."""

from typing import Annotated, Any

import typer

from onething.ledger_asking import ENTRY, ActorOption, ForOption, IdArgument, ReasonOption, do, pairs

app = typer.Typer()

BUNDLES = "bundle."
MEASURES = ("steps", "days", "materials", "trips")

StatementOption = Annotated[
    list[str], typer.Option("--statement", help="STANDARD=TEXT：说明 where a standard cannot be measured; repeatable")
]
ProofOption = Annotated[
    list[str], typer.Option("--evidence", "-e", help="STANDARD=ID,ID：凭据 of a statement; repeatable")
]


@app.command()
def measure(entry_id: IdArgument, organisation: ForOption, actor: ActorOption) -> None:
    """测算：measure the three standards anew; a closed entry whose evidence fell away is open again.

    Example: onething ledger measure bundle.newborn --for admin-approval --actor 张三
    """
    do(ENTRY, entry_id, "measured", actor, {"organisation": organisation, "reductions": _reductions(entry_id)})


@app.command()
def close(
    entry_id: IdArgument,
    organisation: ForOption,
    actor: ActorOption,
    statement: StatementOption = [],  # noqa: B006  typer's way of a repeatable option
    evidence: ProofOption = [],  # noqa: B006
) -> None:
    """申请销号：the lead asks for the close-out; refused with every standard that is not met.

    Example: onething ledger close bundle.newborn --for health --actor 张三
    """
    texts, proofs = pairs(statement, "write STANDARD=TEXT"), pairs(evidence, "write STANDARD=ID,ID")
    statements = [
        {"standard": name, "text": text, "evidence": [each for each in proofs.get(name, "").split(",") if each]}
        for name, text in texts.items()
    ]
    payload = {"organisation": organisation, "statements": statements, "reductions": _reductions(entry_id)}
    do(ENTRY, entry_id, "closing-requested", actor, payload)


@app.command()
def review(entry_id: IdArgument, organisation: ForOption, actor: ActorOption) -> None:
    """审核销号：each keeper of the ledger consents by a person of its own; with the last of them it is closed.

    Example: onething ledger review bundle.newborn --for data-bureau --actor 王五
    """
    do(ENTRY, entry_id, "closing-reviewed", actor, {"organisation": organisation})


@app.command("return")
def return_(entry_id: IdArgument, organisation: ForOption, actor: ActorOption, reason: ReasonOption) -> None:
    """退回销号申请。Example: onething ledger return bundle.newborn --for data-bureau --actor 王五 --reason 缺验收单."""
    do(ENTRY, entry_id, "closing-returned", actor, {"organisation": organisation}, reason)


@app.command()
def reopen(entry_id: IdArgument, organisation: ForOption, actor: ActorOption, reason: ReasonOption) -> None:
    """重新打开：a closed entry is open again.

    Example: onething ledger reopen bundle.newborn --for data-bureau --actor 王五 --reason 数据停止更新
    """
    do(ENTRY, entry_id, "reopened", actor, {"organisation": organisation}, reason)


def _reductions(entry_id: str) -> dict[str, Any] | None:
    """四减 of a bundle's delivered cases as the gateway counts them; none for what is no bundle."""
    if not entry_id.startswith(BUNDLES):
        return None
    from onething.commands.application import gateway  # noqa: PLC0415 - commands import what they need

    bundle = entry_id.removeprefix(BUNDLES)
    with gateway() as client:
        found = client.savings(bundle)
    return {
        "cases": found["count"],
        "before": {name: found[name]["before"] for name in MEASURES},
        "now": {name: found[name]["median"] for name in MEASURES},
        "figure": f"/v1/bundles/{bundle}/savings",
        "before_origin": found["before_origin"] or "",
    }
