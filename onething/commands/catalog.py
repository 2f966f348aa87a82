"""`onething catalog`: the register of what exists: found, shown, compared with files, changed by files."""

import json
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onething.rows import Cell, Form, FormOption, Row, written

if TYPE_CHECKING:
    from catalog.register.plan import PlannedChange
    from onething.catalog_client import CatalogClient

app = typer.Typer(
    name="catalog",
    help="目录：the register of what exists. Exit codes: 0 done, 1 differences or faults found, 2 refused.",
    no_args_is_help=True,
)

FOUND = 1
KINDS: Final = {"add": "新增", "change": "变更", "withdraw": "撤销"}
NAMES: Final = ("name", "title", "kind", "purpose")
"""Fields that say in words what an entity is, the first that it has."""
SHORT: Final = 60

MOUNTED: Final = ("catalog_entries", "catalog_exchange", "lists", "recollection")
"""Further commands of the catalogue, each module's own; they appear once the module is there."""


class Kind(StrEnum):
    """The kinds of entity that the register keeps."""

    ORGANISATION = "organisation"
    SYSTEM = "system"
    RESOURCE = "resource"
    LICENCE_TYPE = "licence-type"
    LEGAL_BASIS = "legal-basis"
    DEMAND = "demand"
    GRANT = "grant"
    DUTY = "duty"
    LIST = "list"
    CORRECTION = "correction"


EntityArgument = Annotated[Kind, typer.Argument(metavar="KIND", help=f"类别：{', '.join(Kind)}")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="标识：the entity's code or id")]
FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help="文件夹：*.toml with declarations")]
WithdrawOption = Annotated[
    bool, typer.Option("--withdraw-missing", help="the folder is the whole: withdraw what it does not name")
]


@app.callback()
def catalog() -> None:
    """目录：the register of what exists. Exit codes: 0 done, 1 differences or faults found, 2 refused."""


@app.command("list")
def list_(
    kind: EntityArgument,
    where: Annotated[list[str] | None, typer.Option(help="条件 field=value, repeatable: provider=tax")] = None,
    output: FormOption = Form.TABLE,
) -> None:
    """登记清单：entities by id. Example: onething catalog list resource --where provider=tax."""
    from onething.catalog_client import catalog_client  # noqa: PLC0415 - commands import what they need

    with catalog_client() as client:
        rows = [_listed(each) for each in client.every(kind, _fields(where or []))]
    typer.echo(written(rows, output))


@app.command()
def show(kind: EntityArgument, entity_id: IdArgument) -> None:
    """登记内容：one entity as it stands, as JSON. Example: onething catalog show resource tax.tax-registration."""
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    with catalog_client() as client:
        typer.echo(json.dumps(client.entity(kind, entity_id), ensure_ascii=False, indent=2))


@app.command()
def history(
    kind: EntityArgument,
    entity_id: IdArgument,
    versions: Annotated[tuple[int, int] | None, typer.Option("--between", help="two versions: what differs")] = None,
    output: FormOption = Form.TABLE,
) -> None:
    """变更历史：who changed an entity when, or what differs between two versions.

    Example: onething catalog history resource tax.tax-registration --between 1 2
    """
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    with catalog_client() as client:
        if versions is None:
            rows = [_changed(each) for each in client.history(kind, entity_id)]
        else:
            rows = [_differing(each) for each in client.diff(kind, entity_id, *versions)]
    typer.echo(written(rows, output))


@app.command()
def diff(folder: FolderArgument, withdraw_missing: WithdrawOption = False, output: FormOption = Form.TABLE) -> None:
    """比对：what a folder of declarations would change, field by field; exit code 1 when something would.

    Example: onething catalog diff declared/
    """
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    with catalog_client() as client:
        changes = _planned(client, folder, withdraw_missing)
    typer.echo(written(_rows(changes), output))
    if changes:
        raise typer.Exit(FOUND)


@app.command()
def apply(
    folder: FolderArgument,
    actor: Annotated[str, typer.Option(help="经办：who declares it")],
    withdraw_missing: WithdrawOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="ask the register's rules, change nothing")] = False,
    output: FormOption = Form.TABLE,
) -> None:
    """施行：make the register say what a folder declares, all of it or nothing; new resources begin as drafts.

    Example: onething catalog apply declared/ --actor 张三 --dry-run
    """
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    with catalog_client() as client:
        changes = _planned(client, folder, withdraw_missing)
        if changes:
            client.do_all({"actor": actor, "dry_run": dry_run, "commands": [_command(each) for each in changes]})
    typer.echo(written(_rows(changes), output))
    said = "试运行，未作更改 dry run, nothing was changed" if dry_run else "已施行 applied"
    typer.echo(f"{said}: {len(changes)}", err=True)


def _planned(client: "CatalogClient", folder: Path, withdraw_missing: bool) -> "tuple[PlannedChange, ...]":
    from catalog.register.folder import read_declarations  # noqa: PLC0415
    from catalog.register.plan import Standing, planned  # noqa: PLC0415

    declarations = read_declarations(folder)
    register = {
        (kind, each["entity_id"]): Standing(each["version"], each["state"])
        for kind in dict.fromkeys(declaration.entity for declaration in declarations)
        for each in client.every(kind)
    }
    return planned(declarations, register, withdraw_missing=withdraw_missing)


def _command(change: "PlannedChange") -> dict[str, Any]:
    return {
        "entity": change.entity,
        "entity_id": change.entity_id,
        "action": change.action,
        "payload": dict(change.payload),
        "expected_version": change.expected_version,
        "reason": change.reason,
    }


def _rows(changes: "tuple[PlannedChange, ...]") -> list[Row]:
    """One row a field; an entity that is added or withdrawn as a whole is one row."""
    rows: list[Row] = []
    for change in changes:
        head = {"change": KINDS[change.kind], "kind": change.entity, "id": change.entity_id}
        if change.kind == "change":
            rows += [{**head, "field": each.field, **_sides(each.before, each.after)} for each in change.differences]
        else:
            rows.append({**head, "field": "", "before": None, "after": None})
    return rows


def _listed(entity: dict[str, Any]) -> Row:
    state = entity["state"]
    return {
        "id": entity["entity_id"],
        "name": next((str(state[name]) for name in NAMES if state.get(name)), ""),
        "state": str(state.get("state", "")),
        "version": entity["version"],
        "action": entity["action"],
        "changed_at": entity["changed_at"],
        "due_at": entity["due_at"],
    }


def _changed(change: dict[str, Any]) -> Row:
    return {name: change[name] for name in ("version", "action", "actor", "at", "reason", "command_id")}


def _differing(difference: dict[str, Any]) -> Row:
    return {"field": difference["field"], **_sides(difference["before"], difference["after"])}


def _sides(before: Any, after: Any) -> dict[str, Cell]:
    return {"before": _short(before), "after": _short(after)}


def _short(value: Any) -> Cell:
    """A value in one line; what is longer than a line is cut, with how much was left out."""
    if value is None or isinstance(value, (bool, int)):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHORT else f"{text[:SHORT]}…(+{len(text) - SHORT})"


def _fields(where: list[str]) -> dict[str, str]:
    split = [each.partition("=") for each in where]
    wrong = [field for field, sign, _ in split if not sign]
    if wrong:
        raise typer.BadParameter(f"field=value is due, not: {', '.join(wrong)}")
    return {field: value for field, _, value in split}


for _name in MOUNTED:
    if find_spec(f"onething.commands.{_name}"):
        app.add_typer(import_module(f"onething.commands.{_name}").app)
