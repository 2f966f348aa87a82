"""`onething catalog recollection`: what forms ask although sharing could supply it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onething.rows import Form, FormOption, written

if TYPE_CHECKING:
    from catalog.recollection.asked import Asked
    from catalog.recollection.comparison import Compared

app = typer.Typer(
    name="recollection",
    help="重复收集：what forms ask although sharing could supply it; what could be filled from where.",
    no_args_is_help=True,
)

SHORT: Final = ("表单", "类别", "名称", "结论", "把握（%）", "可由资源", "信息项", "共享属性")

TablesOption = Annotated[
    list[Path] | None,
    typer.Option("--tables", help="部门表单：CSV table,table_zh,field,field_zh,type; repeatable"),
]
BundleOption = Annotated[str, typer.Option("--bundle", help="一件事：only this bundle's form")]
ShippedOption = Annotated[
    bool, typer.Option("--shipped", help="compare with the entries that ship with the hub; needs no running hub")
]


@app.callback()
def recollection() -> None:
    """重复收集：only mappings are certain; what is found by names is a guess and says so."""


@app.command("map")
def map_(
    tables: TablesOption = None,
    bundle: BundleOption = "",
    how: Annotated[str, typer.Option(help="结论：mapped, blocked, same-name, synonym, alike, none, …")] = "",
    shipped: ShippedOption = False,
    output: FormOption = Form.TABLE,
) -> None:
    """对照表：each field and material, and from where it could be filled.

    Example: onething catalog recollection map --bundle restaurant-opening --shipped
    """
    from catalog.recollection.sheets import HEADER, map_document, map_rows  # noqa: PLC0415 - read when asked for

    lines = tuple(each for each in _lines(tables, bundle, shipped) if how in ("", each.how))
    if output is Form.JSON:
        typer.echo(json.dumps(map_document(lines, ())["lines"], ensure_ascii=False))
        return
    rows = [dict(zip(HEADER, row, strict=True)) for row in map_rows(lines, _names())]
    shown = rows if output is Form.YAML else [{name: row[name] for name in SHORT} for row in rows]
    typer.echo(written(shown, output))


@app.command()
def rates(
    tables: TablesOption = None,
    bundle: BundleOption = "",
    shipped: ShippedOption = False,
    output: FormOption = Form.TABLE,
) -> None:
    """重复收集率：strict and broad, each with its numerator, denominator and definition.

    Example: onething catalog recollection rates --shipped
    """
    from catalog.recollection.figures import rates as rates_of  # noqa: PLC0415
    from catalog.recollection.sheets import rate_row  # noqa: PLC0415

    found = rates_of(_lines(tables, bundle, shipped))
    typer.echo(written([rate_row(each) for each in found], output))


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="文件：.xlsx, .csv or .json")],
    tables: TablesOption = None,
    bundle: BundleOption = "",
    shipped: ShippedOption = False,
) -> None:
    """导出：the map and its figures; a .csv has the map alone.

    Example: onething catalog recollection export 重复收集.xlsx --tables department-tables.csv
    """
    from catalog.recollection.figures import rates as rates_of  # noqa: PLC0415
    from catalog.recollection.sheets import map_document, map_sheets  # noqa: PLC0415
    from catalog.register.excel import write_sheets  # noqa: PLC0415

    lines = _lines(tables, bundle, shipped)
    figures = rates_of(lines)
    if file.suffix.lower() == ".json":
        text = json.dumps(map_document(lines, figures), ensure_ascii=False, indent=2)
        file.write_text(f"{text}\n", encoding="utf-8")
    else:
        write_sheets(file, map_sheets(lines, figures, _names()))
    typer.echo(f"已导出 exported: {file} ({len(lines)})", err=True)


def _lines(tables: list[Path] | None, bundle: str, shipped: bool) -> "tuple[Compared, ...]":
    from catalog.recollection.comparison import compared  # noqa: PLC0415
    from catalog.recollection.names import load_names  # noqa: PLC0415

    asked = _asked(tables or [], bundle)
    return compared(asked, _shipped_entries() if shipped else _entries(), load_names())


def _asked(tables: list[Path], bundle: str) -> "tuple[Asked, ...]":
    from catalog.bundles import load_bundles  # noqa: PLC0415
    from catalog.form_fields import load_form_fields, load_materials  # noqa: PLC0415
    from catalog.recollection.asked import asked_by_bundles, read_forms  # noqa: PLC0415

    bundles = load_bundles()
    if bundle and bundle not in bundles:
        raise typer.BadParameter(f"--bundle {bundle}: see onething bundle list")
    chosen = [bundles[bundle]] if bundle else list(bundles.values())
    by_departments = tuple(each for path in tables for each in read_forms(path))
    return (*asked_by_bundles(chosen, load_form_fields(), load_materials()), *by_departments)


def _entries() -> list[dict[str, Any]]:
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    with catalog_client() as client:
        return [each["state"] for each in client.every("resource")]


def _shipped_entries() -> list[dict[str, Any]]:
    from catalog.register.changes import RESOURCE  # noqa: PLC0415
    from catalog.register.seed import seed_commands  # noqa: PLC0415

    seeded = (dict(each.payload) for each in seed_commands(0) if each.entity == RESOURCE)
    return [{**payload, "state": "published"} for payload in seeded]


def _names() -> dict[str, str]:
    from catalog.organisations import load_organisations  # noqa: PLC0415

    return {code: each.name for code, each in load_organisations().by_code.items()}
