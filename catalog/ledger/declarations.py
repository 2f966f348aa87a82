"""The entries that ship with the hub: tasks and steps of the two plans, and every bundle of ``catalog.bundles``.

An operator's folder ``ledger/plans`` may hold further plans in the same format.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict

from catalog.bundles import Bundle, load_bundles
from catalog.definition_place import read_from
from catalog.definitions import EXACT, Fault, demand_none, read_definition, repeated
from catalog.ledger.model import UNSTATED, Declared, EntryKind, MeetingKind, Milestone, Party
from catalog.ledger.periods import CycleKind
from catalog.organisations import Organisations, load_organisations

PLANS_FOLDER: Final = "ledger/plans"
BUNDLES_FILE: Final = "bundles.toml"

# “市数据局等市级相关单位”: a unit that is named, and others that are not.
_AND_OTHERS: Final = re.compile(r"(?P<named>.+)等(?P<others>市级相关单位)")
_BETWEEN: Final = re.compile(r"[、，；]")


@dataclass(frozen=True)
class _MilestoneLine:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    id: str
    name: str
    quote: str
    due_text: str = UNSTATED
    due: date | None = None
    quantity_text: str = UNSTATED
    target: float | None = None
    unit: str = ""
    every: CycleKind | None = None
    readings: tuple[str, ...] = ()
    rate: str = ""
    meeting: MeetingKind | None = None


@dataclass(frozen=True)
class _EntryLine:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    id: str
    kind: EntryKind
    name: str
    milestone: tuple[_MilestoneLine, ...]
    number: int | None = None
    section: str = ""
    text: str = ""
    lead_text: str = UNSTATED
    responsible_text: str = UNSTATED


@dataclass(frozen=True)
class _PlanFile:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    source: str
    document: str
    issued: date
    entry: tuple[_EntryLine, ...]


@dataclass(frozen=True)
class _ListLine:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    source: str
    issued: date
    milestone: tuple[_MilestoneLine, ...]
    annex: int | None = None


@dataclass(frozen=True)
class _BundlesFile:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    list: tuple[_ListLine, ...]


@read_from(PLANS_FOLDER)
def load_declared(folder: Path) -> tuple[Declared, ...]:
    """Return every entry that the files of the folder declare, tasks first, then the bundles.

    Raises:
        DefinitionFaultsError: a file is no TOML or does not fit, an id stands twice, a list of bundles is not dated.
    """
    organisations = load_organisations()
    paths = [path for path in sorted(folder.glob("*.toml"), reverse=True) if path.name != BUNDLES_FILE]
    files = [read_definition(path, _PlanFile) for path in paths]
    entries = [_entry(file, line, organisations) for file in files for line in file.entry]
    dated = read_definition(folder / BUNDLES_FILE, _BundlesFile).list
    bundles = tuple(load_bundles().values())
    demand_none(_faults(entries, dated, bundles))
    return (*entries, *(_of_bundle(each, _list_of(each, dated), organisations) for each in bundles))


def parties(text: str, source: str, organisations: Organisations) -> tuple[Party, ...]:
    """Return the units of a printed list in its order; a collective name is a party without a code."""
    return tuple(_party(word, source, organisations) for word in _units(text))


def _units(text: str) -> Iterator[str]:
    for word in () if text == UNSTATED else _BETWEEN.split(text):
        found = _AND_OTHERS.fullmatch(word)
        yield from (found["named"], found["others"]) if found else (word,)


def _party(word: str, source: str, organisations: Organisations) -> Party:
    known = organisations.mentioned(source, word)
    return Party(text=word, code=known.code if known else "")


def _entry(file: _PlanFile, line: _EntryLine, organisations: Organisations) -> Declared:
    return Declared(
        id=line.id,
        kind=line.kind,
        name=line.name,
        source=file.source,
        document=file.document,
        issued=file.issued,
        milestones=_milestones(line.milestone),
        number=line.number,
        section=line.section,
        text=line.text,
        lead_text=line.lead_text,
        lead_parties=parties(line.lead_text, file.source, organisations),
        responsible_text=line.responsible_text,
        responsible_parties=parties(line.responsible_text, file.source, organisations),
    )


def _milestones(lines: tuple[_MilestoneLine, ...]) -> tuple[Milestone, ...]:
    return tuple(
        Milestone(
            id=line.id,
            name=line.name,
            quote=line.quote,
            due_text=line.due_text,
            due=line.due,
            quantity_text=line.quantity_text,
            target=line.target,
            unit=line.unit,
            every=line.every or "",
            readings=line.readings,
            rate=line.rate,
            meeting=line.meeting or "",
        )
        for line in lines
    )


def _of_bundle(bundle: Bundle, dated: _ListLine, organisations: Organisations) -> Declared:
    leads = [_party(name, bundle.source, organisations) for name in bundle.lead_names]
    others = tuple(_others(bundle, organisations))
    return Declared(
        id=f"bundle.{bundle.id}",
        kind="bundle",
        name=bundle.name,
        source=bundle.source,
        document=bundle.document,
        issued=dated.issued,
        milestones=_milestones(dated.milestone),
        number=bundle.number,
        section=bundle.stage or "",
        lead_text="、".join(bundle.lead_names) or UNSTATED,
        lead_parties=tuple(leads),
        acting_lead="" if any(each.code for each in leads) else bundle.lead,
        responsible_text="、".join(each.text for each in others) or UNSTATED,
        responsible_parties=others,
        bundle=bundle.id,
    )


def _others(bundle: Bundle, organisations: Organisations) -> Iterator[Party]:
    """Whom the items name, as printed, each once; a district plan names them together, by lines of work."""
    words = dict.fromkeys(name for item in bundle.items for name in item.department_names)
    for word in words or dict.fromkeys(bundle.participants):
        yield _party(word, bundle.source, organisations)


def _list_of(bundle: Bundle, dated: tuple[_ListLine, ...]) -> _ListLine:
    return next(each for each in dated if (each.source, each.annex) == (bundle.source, bundle.annex))


def _faults(entries: list[Declared], dated: tuple[_ListLine, ...], bundles: Iterable[Bundle]) -> Iterator[Fault]:
    for id_ in repeated(each.id for each in entries):
        yield Fault(PLANS_FOLDER, "entry", f"the id {id_!r} stands more than once")
    for each in entries:
        for id_ in repeated(milestone.id for milestone in each.milestones):
            yield Fault(PLANS_FOLDER, each.id, f"the milestone {id_!r} stands more than once")
        for milestone in each.milestones:
            if milestone.every and milestone.target is None:
                yield Fault(PLANS_FOLDER, f"{each.id}.{milestone.id}", "what is wanted every period has a target")
    known = {(each.source, each.annex) for each in dated}
    for bundle in bundles:
        if (bundle.source, bundle.annex) not in known:
            yield Fault(BUNDLES_FILE, "list", f"nothing says when the list of the bundle {bundle.id!r} is due")
