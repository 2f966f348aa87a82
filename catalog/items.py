"""The item register (事项库): each item once, versioned, by its code. Files lie in ``catalog/items``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Final

from catalog.definition_lines import located
from catalog.definition_place import read_from
from catalog.definitions import DefinitionFaultsError, Fault, demand_none, read_definition
from catalog.form_fields import load_form_fields, load_materials
from catalog.item_file import (
    AnswererLine,
    CheckLine,
    ConditionLine,
    ElaboratedLine,
    ItemFile,
    ItemKind,
    ItemLine,
    ItemSurroundings,
    ResultLine,
    UnitLine,
    item_faults,
)
from catalog.organisations import load_organisations
from catalog.resources import load_resources
from catalog.rules import load_rules

ITEMS_FOLDER: Final = Path(__file__).parent / "items"

Answerer = AnswererLine
Check = CheckLine
Condition = ConditionLine
ItemResult = ResultLine
UnitDifference = UnitLine


@dataclass(frozen=True)
class Elaborated:
    """What we add to an item; nothing of it is the source's.

    A value that is None, and a list that is not named in ``stated``, is unstated: an empty list that is stated says
    "none". Days are working days, fees are fen. ``handled_and_reviewed`` None: the bundle's word holds.
    """

    origin: str | None
    legal_basis: tuple[str, ...]
    audience: tuple[str, ...]
    legal_days: int | None
    promised_days: int | None
    fee_fen: int | None
    fee_basis: str | None
    result: ItemResult | None
    conditions: tuple[Condition, ...]
    fields: tuple[str, ...]
    materials: tuple[str, ...]
    handled_and_reviewed: bool | None
    working_steps: tuple[str, ...]
    units: tuple[UnitDifference, ...]
    stated: frozenset[str]


#: An item to which nobody added anything.
UNELABORATED: Final = Elaborated(
    origin=None,
    legal_basis=(),
    audience=(),
    legal_days=None,
    promised_days=None,
    fee_fen=None,
    fee_basis=None,
    result=None,
    conditions=(),
    fields=(),
    materials=(),
    handled_and_reviewed=None,
    working_steps=(),
    units=(),
    stated=frozenset(),
)


@dataclass(frozen=True)
class RegisteredItem:
    """An item of the register, one version.

    ``organisations`` are the codes that the sources name for it, none where they name none; ``aliases`` are the
    sources' other spellings; ``variant_of`` is the code of the main item (主项) of which this is a sub-item (子项).
    """

    code: str
    version: int
    name: str
    kind: ItemKind
    organisations: tuple[str, ...]
    aliases: tuple[str, ...]
    variant_of: str
    elaborated: Elaborated | None
    check: Check | None

    @property
    def names(self) -> tuple[str, ...]:
        """Every spelling: the name, then the aliases."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class ItemPlace:
    """Where an item is written: the ``at``-th of its file, from 0."""

    path: Path
    at: int


@dataclass(frozen=True)
class ItemRegister:
    """All items, by code and in the order of their codes."""

    by_code: Mapping[str, RegisteredItem]
    places: Mapping[str, ItemPlace]

    def __iter__(self) -> Iterator[RegisteredItem]:
        return iter(self.by_code.values())

    def __len__(self) -> int:
        return len(self.by_code)

    def variants_of(self, code: str) -> tuple[RegisteredItem, ...]:
        """Return the sub-items of a main item."""
        return tuple(item for item in self if item.variant_of == code)


@read_from(ITEMS_FOLDER.name)
def load_items(folder: Path) -> ItemRegister:
    """Return the item register of the folder.

    Raises:
        DefinitionFaultsError: a file does not hold together; the faults of all files are named with their lines.
    """
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise DefinitionFaultsError([Fault(folder.name, str(folder), "no item is defined in this folder")])
    files: dict[Path, ItemFile] = {}
    faults = [fault for path in paths for fault in _read(path, files)]
    faults += _faults(files)
    demand_none(faults)
    written = sorted((line.code, path, at) for path, file in files.items() for at, line in enumerate(file.item))
    return ItemRegister(
        by_code=MappingProxyType({code: _registered(files[path].item[at]) for code, path, at in written}),
        places=MappingProxyType({code: ItemPlace(path, at) for code, path, at in written}),
    )


def _read(path: Path, files: dict[Path, ItemFile]) -> Iterator[Fault]:
    try:
        files[path] = read_definition(path, ItemFile)
    except DefinitionFaultsError as broken:
        yield from located(broken.faults, path)


def _faults(files: Mapping[Path, ItemFile]) -> Iterator[Fault]:
    known = ItemSurroundings(load_organisations(), load_resources(), load_rules(), load_form_fields(), load_materials())
    first: dict[str, Path] = {}
    mains = {line.code: line for file in files.values() for line in file.item}
    for path, file in files.items():
        yield from located(_faults_of_file(path, file, known, mains, first), path)


def _faults_of_file(
    path: Path, file: ItemFile, known: ItemSurroundings, mains: Mapping[str, ItemLine], first: dict[str, Path]
) -> Iterator[Fault]:
    for at, line in enumerate(file.item):
        for inner, reason in item_faults(path.stem, line, known):
            yield Fault(path.name, f"item[{at}].{inner}", reason)
        if line.code in first:
            yield Fault(path.name, f"item[{at}].code", f"{line.code!r} stands in {first[line.code].name} already")
        first.setdefault(line.code, path)
        unfit = _main_fault(line, mains)
        if unfit is not None:
            yield Fault(path.name, f"item[{at}].variant_of", unfit)


def _main_fault(line: ItemLine, mains: Mapping[str, ItemLine]) -> str | None:
    main = mains.get(line.variant_of)
    if not line.variant_of:
        return None
    if main is None:
        return f"no item {line.variant_of!r}"
    if main.code == line.code or main.variant_of:
        return f"{line.variant_of!r} is no main item"
    return None


def _registered(line: ItemLine) -> RegisteredItem:
    return RegisteredItem(
        code=line.code,
        version=line.version,
        name=line.name,
        kind=line.kind,
        organisations=line.organisations,
        aliases=line.aliases,
        variant_of=line.variant_of,
        elaborated=None if line.elaborated is None else _elaborated(line.elaborated),
        check=line.check,
    )


def _elaborated(said: ElaboratedLine) -> Elaborated:
    stated = frozenset(field.name for field in fields(said) if getattr(said, field.name) is not None)
    return Elaborated(
        origin=said.origin,
        legal_basis=said.legal_basis or (),
        audience=said.audience or (),
        legal_days=said.legal_days,
        promised_days=said.promised_days,
        fee_fen=said.fee_fen,
        fee_basis=said.fee_basis,
        result=said.result,
        conditions=said.conditions or (),
        fields=said.fields or (),
        materials=said.materials or (),
        handled_and_reviewed=said.handled_and_reviewed,
        working_steps=said.working_steps or (),
        units=said.units,
        stated=stated,
    )
