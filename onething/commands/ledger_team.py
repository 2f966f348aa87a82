"""`onething ledger team`: 一事一组, the team of each bundle."""

from datetime import datetime
from typing import Annotated

import typer

from onething.ledger_asking import TEAM, ActorOption, BundleArgument, ForOption, OnOption, day, do, told
from onething.rows import Form, FormOption, written

app = typer.Typer(name="team", help="一事一组：the team of each bundle: form, join, leave, plan.", no_args_is_help=True)

MemberArgument = Annotated[
    str,
    typer.Argument(
        metavar="ORGANISATION:ROLE:CONTACT", help="health:组长:政务服务处; the contact is a post, no person"
    ),
]


@app.callback()
def team() -> None:
    """一事一组：the team of each bundle. Exit codes: 0 done, 2 refused or not there."""


@app.command("list")
def list_(output: FormOption = Form.TABLE) -> None:
    """全部工作组：the teams as they stand. Example: onething ledger team list."""
    from onething.catalog_client import catalog_client  # noqa: PLC0415 - commands import what they need
    from onething.ledger_rows import team_row  # noqa: PLC0415

    with catalog_client() as client:
        found = list(client.every(TEAM))
    if output is Form.TABLE:
        typer.echo(written([team_row(each) for each in found], output))
    else:
        told(found, output)


@app.command()
def form(
    bundle: BundleArgument,
    members: Annotated[
        list[str], typer.Argument(metavar="ORGANISATION:ROLE:CONTACT…", help="组员：the lead among them")
    ],
    organisation: ForOption,
    actor: ActorOption,
) -> None:
    """组建：the lead forms the team out of the responsible units.

    Example: onething ledger team form newborn health:组长:审批处 public-security:组员:户政处 --for health --actor 张三
    """
    payload = {"organisation": organisation, "members": [_member(each) for each in members]}
    do(TEAM, bundle, "formed", actor, payload)


@app.command()
def join(bundle: BundleArgument, member: MemberArgument, organisation: ForOption, actor: ActorOption) -> None:
    """组员加入：a unit joins, or its contact is another now.

    Example: onething ledger team join newborn human-resources:组员:社保处 --for health --actor 张三
    """
    do(TEAM, bundle, "member-joined", actor, {"organisation": organisation, "member": _member(member)})


@app.command()
def leave(
    bundle: BundleArgument,
    member: Annotated[str, typer.Argument(metavar="ORGANISATION", help="组员：by its code")],
    organisation: ForOption,
    actor: ActorOption,
) -> None:
    """组员退出。Example: onething ledger team leave newborn human-resources --for health --actor 张三."""
    do(TEAM, bundle, "member-left", actor, {"organisation": organisation, "member": member})


@app.command()
def plan(
    bundle: BundleArgument,
    title: Annotated[str, typer.Argument(help="名称：of the work plan")],
    reference: Annotated[str, typer.Argument(help="文号：its number, or where it lies")],
    organisation: ForOption,
    actor: ActorOption,
    on: OnOption = None,
) -> None:
    """工作方案：the team's work plan.

    Example: onething ledger team plan newborn 出生一件事工作方案 卫健函7号 --for health --actor 张三
    """
    adopted_on = day(on) or f"{datetime.now().astimezone():%Y-%m-%d}"
    adopted = {"title": title, "reference": reference, "adopted_on": adopted_on}
    do(TEAM, bundle, "plan-adopted", actor, {"organisation": organisation, "plan": adopted})


@app.command()
def end(bundle: BundleArgument, organisation: ForOption, actor: ActorOption) -> None:
    """结束：the team has done its work. Example: onething ledger team end newborn --for health --actor 张三."""
    do(TEAM, bundle, "ended", actor, {"organisation": organisation})


def _member(written_: str) -> dict[str, str]:
    """``organisation:role:contact``.

    Raises:
        typer.BadParameter: it has not these three parts.
    """
    names = ("organisation", "role", "contact")
    words = written_.replace("：", ":").split(":")
    if len(words) != len(names) or not all(words):
        raise typer.BadParameter(f"{written_}: write ORGANISATION:ROLE:CONTACT")
    return dict(zip(names, words, strict=True))
