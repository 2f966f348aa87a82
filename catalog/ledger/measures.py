"""The criteria of a close-out measured: pure counts over the register as it stands and the hub's definitions.

The same counts serve the register's rule (its transaction) and the analysts' ledger (the register as of a past day).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from catalog.ledger.model import Entry, Figure, Reductions
from catalog.ledger.needs import BundleNeeds, NeededItem, NeedsOf
from catalog.ledger.standards import Criterion, MeasureName, Standard, Standards
from catalog.recollection.asked import Asked
from catalog.recollection.comparison import compared
from catalog.recollection.names import load_names
from catalog.register.changes import GRANT, RESOURCE, Lookup, State

MOST_NAMED: Final = 20
"""What is missing is named so far; the count tells the rest."""

REDUCED_NAMES: Final = {"steps": "环节", "days": "时间", "materials": "材料", "trips": "跑动"}


class Verdict(msgspec.Struct, frozen=True):
    """How a standard stands: ``met`` is ``None`` where no criterion that decides can be measured."""

    standard: Standard
    met: bool | None
    figures: tuple[Figure, ...]
    fallen: tuple[str, ...]


class _Ground(msgspec.Struct, frozen=True):
    """What is counted over."""

    needs: BundleNeeds
    lookup: Lookup
    reductions: Reductions | None
    least_cases: int


_Counted = tuple[int, int, tuple[str, ...], str]
"""Count, of how many, what is missing, why nothing can be measured."""


def figures(
    entry: Entry, lookup: Lookup, standards: Standards, needs_of: NeedsOf, reductions: Reductions | None
) -> tuple[Figure, ...]:
    """Return every criterion's figure for an entry; one that is no bundle's has nothing that can be measured."""
    criteria = [each for standard in standards.standard for each in standard.criterion]
    needs = needs_of(entry.bundle) if entry.bundle else None
    if needs is None:
        why = "不是“一件事”，平台无从测算" if not entry.bundle else f"平台没有“一件事”{entry.bundle}的定义"
        return tuple(Figure(criterion=each.id, count=0, of=0, why_unmeasured=why) for each in criteria)
    ground = _Ground(needs, lookup, reductions, standards.least_cases)
    return tuple(_figure(each, ground) for each in criteria)


def verdicts(standards: Standards, found: Iterable[Figure]) -> tuple[Verdict, ...]:
    """Return how each standard stands by these figures: met when every criterion that decides and can be measured is.

    ``fallen`` are the criteria whose share is below the one at which a closed entry is open again.
    """
    by_criterion = {each.criterion: each for each in found}
    return tuple(_verdict(standard, by_criterion) for standard in standards.standard)


def _verdict(standard: Standard, figures_: Mapping[str, Figure]) -> Verdict:
    pairs = [(each, figures_[each.id]) for each in standard.criterion if each.id in figures_]
    decided = [
        (criterion, figure.share)
        for criterion, figure in pairs
        if criterion.closes_at is not None and figure.share is not None
    ]
    met = all(share >= (criterion.closes_at or 0) for criterion, share in decided) if decided else None
    fallen = tuple(
        criterion.id
        for criterion, share in decided
        if criterion.reopens_below is not None and share < criterion.reopens_below
    )
    return Verdict(standard, met, tuple(figure for _, figure in pairs), fallen)


def _figure(criterion: Criterion, ground: _Ground) -> Figure:
    count, of, missing, why = _MEASURES[criterion.measure](ground)
    rest = len(missing) - MOST_NAMED
    named = (*missing[:MOST_NAMED], f"等，另有 {rest} 项") if rest > 0 else missing
    return Figure(criterion=criterion.id, count=count, of=of, missing=named, why_unmeasured="" if of else why)


def _fields_filled(ground: _Ground) -> _Counted:
    asked = ground.needs.filled
    missing = tuple(f"{each.name}（{each.resource}）" for each in asked if not _can_fill(each, ground.lookup))
    return len(asked) - len(missing), len(asked), missing, "表单没有注明数据来源的填报项和材料"


def _can_fill(asked: Asked, lookup: Lookup) -> bool:
    entry = lookup.get(RESOURCE, asked.resource)
    if entry is None or not _is_offered(entry):
        return False
    return not asked.content or any(each["field"] == asked.content for each in entry["data_items"])


def _resources_attached(ground: _Ground) -> _Counted:
    def is_attached(entry: State) -> bool:
        return _is_offered(entry) and bool(entry.get("topic") and entry.get("schema_name"))

    return _of_resources(ground, is_attached)


def _resources_shared(ground: _Ground) -> _Counted:
    def is_shared(entry: State) -> bool:
        if entry["sharing_class"] == "unconditional":
            return _is_offered(entry)
        return (
            _is_offered(entry)
            and entry["sharing_class"] == "conditional"
            and any(each["demand"] for each in ground.lookup.find(GRANT, state="issued", resources=entry["code"]))
        )

    return _of_resources(ground, is_shared)


def _of_resources(ground: _Ground, holds: Callable[[State], bool]) -> _Counted:
    codes = ground.needs.resources
    entries = {code: ground.lookup.get(RESOURCE, code) for code in codes}
    missing = tuple(code for code, entry in entries.items() if entry is None or not holds(entry))
    return len(codes) - len(missing), len(codes), missing, "预填和核查都不读取数据资源"


def _not_asked_again(ground: _Ground) -> _Counted:
    """By the strict count of re-collection: a name alone speaks for each, so that it decides nothing."""
    asked = ground.needs.asked
    found = compared(asked, ground.lookup.find(RESOURCE), load_names()) if asked else ()
    due = [line for line in found if line.how != "technical"]
    again = [line for line in due if line.how in ("same-name", "synonym") and line.is_stated_shareable]
    missing = tuple(f"{line.asked.name}（{line.supplies[0].resource}）" for line in again)
    return len(due) - len(again), len(due), missing, "表单没有载明填报项和材料"


def _is_offered(entry: Mapping[str, Any]) -> bool:
    return bool(entry["state"] == "published" and entry["sharing_class"] != "withheld")


def _elements_stated(ground: _Ground) -> _Counted:
    return _of_items(ground, lambda item: f"缺{'、'.join(item.unstated)}" if item.unstated else "")


def _elements_same(ground: _Ground) -> _Counted:
    return _of_items(ground, lambda item: "；".join(item.differing))


def _elements_confirmed(ground: _Ground) -> _Counted:
    return _of_items(ground, lambda item: "" if item.confirmed else "要素由平台编制")


def _side_by_side(ground: _Ground) -> _Counted:
    return _of_items(ground, lambda item: "须待前项办结" if item.waits else "")


def _of_items(ground: _Ground, lacks: Callable[[NeededItem], str]) -> _Counted:
    items = ground.needs.items
    missing = tuple(f"第{each.number}项“{each.name}”：{told}" for each in items if (told := lacks(each)))
    return len(items) - len(missing), len(items), missing, "没有事项"


def _reduced(ground: _Ground) -> _Counted:
    told = ground.reductions
    if told is None or told.cases < ground.least_cases:
        return 0, 0, (), f"没有提交四减数据，或已办结的办件不足 {ground.least_cases} 件"
    pairs = [(name, told.before.get(name), told.now.get(name)) for name in ("steps", "days", "materials", "trips")]
    stated = [(name, before, now) for name, before, now in pairs if before is not None and now is not None]
    missing = tuple(_not_reduced(stated))
    return len(stated) - len(missing), len(stated), missing, "改革前的基线未载明"


def _not_reduced(stated: Iterable[tuple[str, float, float]]) -> Iterator[str]:
    for name, before, now in stated:
        # What is nothing already cannot be less.
        if now > 0 and now >= before:
            yield f"{REDUCED_NAMES[name]}：改革前 {before:g}，现在 {now:g}"


_MEASURES: Final[Mapping[MeasureName, Callable[[_Ground], _Counted]]] = MappingProxyType(
    {
        "fields-filled": _fields_filled,
        "resources-attached": _resources_attached,
        "resources-shared": _resources_shared,
        "not-asked-again": _not_asked_again,
        "elements-stated": _elements_stated,
        "elements-same": _elements_same,
        "elements-confirmed": _elements_confirmed,
        "reduced": _reduced,
        "side-by-side": _side_by_side,
    }
)
