"""What forms ask: the fields and materials of every bundle's form, and the fields of departments' own forms."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from catalog.bundles import Bundle
from catalog.form_fields import FormField, Material

HEADER: Final = ("table", "table_zh", "field", "field_zh", "type")

AskedKind = Literal["field", "material"]


class UnreadableForms(Exception):  # noqa: N818  named for the fact
    """The file of forms cannot be read; every faulty row is named."""

    remedy: Final = f"give a CSV file in UTF-8 whose first line is {','.join(HEADER)}"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One field or material that a form asks for; ``resource`` and ``content`` are where its mapping fills it from.

    ``form`` is a bundle's id or a table's name; without mapping both of the last are ``""``.
    """

    form: str
    form_name: str
    kind: AskedKind
    id: str
    name: str
    resource: str = ""
    content: str = ""


def asked_by_bundles(
    bundles: Iterable[Bundle], fields: Mapping[str, FormField], materials: Mapping[str, Material]
) -> tuple[Asked, ...]:
    """Return what each bundle's form asks, each field and material once a bundle, in the order of its items."""
    return tuple(asked for bundle in bundles for asked in _of_bundle(bundle, fields, materials))


def read_forms(path: Path) -> tuple[Asked, ...]:
    """Return the fields of departments' forms from a CSV file with the columns of ``HEADER``, ``type`` optional.

    Raises:
        UnreadableForms: no such file, no such columns, or rows that name no table or no field in either language.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as broken:
        raise UnreadableForms(f"{path}: {broken}") from broken
    rows = csv.DictReader(text.splitlines())
    missing = [name for name in HEADER[:4] if name not in (rows.fieldnames or ())]
    if missing:
        raise UnreadableForms(f"{path.name}: 缺少列 no column {', '.join(missing)}")
    read = list(enumerate(rows, start=2))
    if faulty := [str(line) for line, row in read if not (_cell(row, "table") and _either(row))]:
        raise UnreadableForms(f"{path.name}: 第 {'、'.join(faulty)} 行有空值 empty cells in these lines")
    return tuple(_of_row(row) for _, row in read)


def _of_bundle(bundle: Bundle, fields: Mapping[str, FormField], materials: Mapping[str, Material]) -> Iterator[Asked]:
    elaborated = [item.registered.elaborated for item in bundle.items if item.registered.elaborated is not None]
    for id_ in dict.fromkeys(name for each in elaborated for name in each.fields):
        fill = fields[id_].fill
        yield Asked(
            form=bundle.id,
            form_name=bundle.name,
            kind="field",
            id=id_,
            name=fields[id_].name,
            resource=fill.resource if fill else "",
            content=fill.content if fill else "",
        )
    for id_ in dict.fromkeys(name for each in elaborated for name in each.materials):
        supply = materials[id_].supplied_by
        yield Asked(
            form=bundle.id,
            form_name=bundle.name,
            kind="material",
            id=id_,
            name=materials[id_].name,
            resource=supply.resource if supply else "",
        )


def _of_row(row: Mapping[str, str | None]) -> Asked:
    return Asked(
        form=_cell(row, "table"),
        form_name=_cell(row, "table_zh") or _cell(row, "table"),
        kind="field",
        id=_cell(row, "field") or _cell(row, "field_zh"),
        name=_either(row),
    )


def _either(row: Mapping[str, str | None]) -> str:
    """The field's Chinese name, else the other one."""
    return _cell(row, "field_zh") or _cell(row, "field")


def _cell(row: Mapping[str, str | None], name: str) -> str:
    return (row[name] or "").strip()
