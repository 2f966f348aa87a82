"""`onething policy`: policies for 免申即享, checked, listed, matched with a subject, tried on the whole 企业库."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onething.rows import Form, FormOption

if TYPE_CHECKING:
    from catalog.policies import Policy
    from onething.settings import Settings

app = typer.Typer(
    name="policy", help="免申即享政策：policies, matched with archives and tried on them.", no_args_is_help=True
)

NO_SUCH: Final = 2

PurposeOption = Annotated[str, typer.Option(help="用途：what it is read for; kept on record")]
CaseOption = Annotated[str, typer.Option(help="办件编号：the case it is read for")]
GrantOption = Annotated[str, typer.Option(help="授权编号：the grant it is read under")]


@app.callback()
def policy() -> None:
    """免申即享政策：checked, listed, matched, tried. Exit codes: 0 done, 1 faults found, 2 refused or not there."""


@app.command()
def lint(
    folder: Annotated[
        Path | None, typer.Argument(help="a folder of policy files, or one file; the project's own when not given")
    ] = None,
    output: FormOption = Form.TABLE,
) -> None:
    """核对政策：every fault of every file at once, with its line; exit code 1 when there is one.

    Example: onething policy lint ./my-policies
    """
    from catalog.definitions import DefinitionFaultsError  # noqa: PLC0415 - commands import what they need when they run

    try:
        policies = _read(folder)
    except DefinitionFaultsError as refused:
        faults = refused.faults
    else:
        faults = ()
    if output is not Form.TABLE:
        _tell([{"file": f.file, "line": f.line, "place": f.place, "reason": f.reason} for f in faults], output)
    elif faults:
        typer.echo("\n".join((*map(str, faults), f"{len(faults)} 处问题 fault(s)")))
    else:
        typer.echo(f"{len(policies)} 项政策，没有问题：no fault")
    raise typer.Exit(1 if faults else 0)


@app.command("list")
def list_(output: FormOption = Form.TABLE) -> None:
    """政策清单：every policy, for whom, and what a match makes."""
    from catalog.policies import load_policies  # noqa: PLC0415
    from onething.policy_rows import listed  # noqa: PLC0415
    from onething.policy_tables import print_list  # noqa: PLC0415

    rows = [listed(each) for each in load_policies().values()]
    if output is not Form.TABLE:
        _tell(rows, output)
        return
    print_list(rows)
    typer.echo(f"{len(rows)} 项政策；来源未载明具体政策，均为平台拟定的示例")


@app.command()
def show(
    policy_id: Annotated[str, typer.Argument(metavar="ID", help="政策编号, see `onething policy list`")],
    output: FormOption = Form.TABLE,
) -> None:
    """政策内容：its conditions, what they read, and the pre-filter that follows from them."""
    from onething.policy_rows import shown  # noqa: PLC0415
    from onething.policy_tables import print_policy  # noqa: PLC0415

    row = shown(_policy(policy_id))
    if output is not Form.TABLE:
        _tell(row, output)
        return
    print_policy(row)


@app.command()
def match(
    subject: Annotated[str, typer.Argument(help="a credit code, enterprise:<credit code> or person:<token>")],
    purpose: PurposeOption = "政策匹配",
    case: CaseOption = "",
    grant: GrantOption = "policy-matching",
    policies: Annotated[
        list[str] | None, typer.Option("--policy", help="政策编号; every one in force when not given")
    ] = None,
    after: Annotated[
        list[str] | None, typer.Option(help="a receipt topic/partition/offset: wait until it has been reached")
    ] = None,
    wait_s: Annotated[float, typer.Option(help="how long to wait for the receipts")] = 10.0,
    output: FormOption = Form.TABLE,
) -> None:
    """匹配一个主体：which policies apply to it, condition by condition, with the reasons.

    Example: onething policy match 91610131MA6U00001X --policy stabilisation-refund
    """
    from onething.commands.archive import subject_named  # noqa: PLC0415
    from onething.endpoints import endpoint  # noqa: PLC0415
    from onething.gateway.client import HubClient  # noqa: PLC0415
    from onething.policy_tables import print_match  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    named = (("purpose", purpose), ("case", case), ("grant", grant))
    query = [(name, value) for name, value in named if value]
    query += [("policy", each) for each in policies or ()] + [("after", each) for each in after or ()]
    with HubClient(endpoint(load_settings(), "gateway")) as client:
        body = client.policies(subject_named(subject), query, wait_s)
    if output is not Form.TABLE:
        _tell(body, output)
        return
    for each in body["policies"]:
        print_match(each)
    count = sum(each["outcome"] == "matched" for each in body["policies"])
    typer.echo(f"{body['subject']}：{len(body['policies'])} 项政策，符合 {count} 项")


@app.command("try")
def try_(
    what: Annotated[
        str, typer.Argument(metavar="ID|FILE", help="政策编号, or the file of a policy that is being written")
    ],
    purpose: PurposeOption = "政策试算",
    case: CaseOption = "",
    grant: GrantOption = "policy-trial",
    store: Annotated[
        Path | None, typer.Option(help="the store of an archive replica that does not run; a running one otherwise")
    ] = None,
    prefilter: Annotated[
        bool, typer.Option("--prefilter/--no-prefilter", help="without it every archive is fully evaluated")
    ] = True,
    output: FormOption = Form.TABLE,
) -> None:
    """试算：a dry run on every archive of the audience, with counts and reasons; nothing is told to anybody.

    Example: onething policy try stabilisation-refund
    """
    from onething.policy_tables import print_progress, print_trial  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    asked = {"purpose": purpose, "case": case, "grant": grant, "prefilter": prefilter, **_tried(what)}
    settings = load_settings()
    policy = _policy_tried(asked)
    trials = (
        _trials_of_gateway(settings, asked) if store is None else _trials_of_store(settings, policy, store, prefilter)
    )
    trial: dict[str, Any] = {}
    for trial in trials:
        if output is Form.TABLE:
            print_progress(trial)
    if output is not Form.TABLE:
        _tell(trial, output)
        return
    print_trial(policy, trial)


def _tried(what: str) -> dict[str, str]:
    path = Path(what)
    if path.suffix != ".toml":
        return {"policy": _policy(what).id}
    if not path.is_file():
        raise typer.BadParameter(f"没有文件 {what!r} / no such file")
    return {"definition": path.read_text(encoding="utf-8"), "name": path.name}


def _policy_tried(asked: dict[str, Any]) -> "Policy":
    from catalog.policies import policy_of_text  # noqa: PLC0415

    return policy_of_text(asked["name"], asked["definition"]) if "definition" in asked else _policy(asked["policy"])


def _trials_of_gateway(settings: "Settings", asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    from onething.endpoints import endpoint  # noqa: PLC0415
    from onething.gateway.client import HubClient  # noqa: PLC0415

    with HubClient(endpoint(settings, "gateway")) as client:
        yield from client.trial(asked)


def _trials_of_store(settings: "Settings", policy: "Policy", store: Path, prefilter: bool) -> Iterator[dict[str, Any]]:
    from onething.policy_trials import store_trials  # noqa: PLC0415

    return store_trials(settings, policy, store, prefilter=prefilter)


def _read(folder: Path | None) -> Sequence["Policy"]:
    from catalog.definition_place import place_of  # noqa: PLC0415
    from catalog.policies import POLICIES_FOLDER, policy_of_text, read_policies  # noqa: PLC0415

    at = folder or place_of(POLICIES_FOLDER.name)
    if at.is_file():
        return [policy_of_text(at.name, at.read_text(encoding="utf-8"))]
    if not at.is_dir():
        raise typer.BadParameter(f"没有 {str(at)!r} / no such file or folder")
    return [*read_policies(at).values()]


def _policy(policy_id: str) -> "Policy":
    from difflib import get_close_matches  # noqa: PLC0415

    from catalog.policies import load_policies  # noqa: PLC0415

    policies = load_policies()
    if policy_id not in policies:
        near = get_close_matches(policy_id, policies, n=3)
        hint = f"相近 near: {', '.join(near)}" if near else "全部政策 all ids: onething policy list"
        typer.echo(f"错误 error: 没有编号为 {policy_id!r} 的政策 no such policy\n→ {hint}", err=True)
        raise typer.Exit(NO_SUCH)
    return policies[policy_id]


def _tell(value: Any, form: Form) -> None:
    from onething.nested import yaml_text  # noqa: PLC0415

    typer.echo(yaml_text(value) if form is Form.YAML else json.dumps(value, ensure_ascii=False, indent=2))
