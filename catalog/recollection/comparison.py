"""Holds what forms ask against the data items of published entries: what could be filled from where, how surely.

Only a mapping is certain. What is found by names is a guess (``guessed``), with a confidence in percent that says how
it was found and nothing more; somebody must look at it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal

import msgspec

from catalog.name_likeness import likeness, normalised
from catalog.recollection.asked import Asked
from catalog.recollection.names import Names

How = Literal["mapped", "blocked", "identifier", "technical", "same-name", "synonym", "alike", "none"]

CERTAIN: Final = 100
SAME_NAME: Final = 90
SYNONYM: Final = 80
ALIKE: Final = 70
"""Confidence of a name that is wholly alike; one that is less so gets its part of it."""
LEAST_ALIKE: Final = 0.8
MOST_SUPPLIERS: Final = 5
"""A name that more resources than this carry says nothing about which of them is meant."""
MOST_SHOWN: Final = 3

SHAREABLE: Final = frozenset(("unconditional", "conditional"))


class Supply(msgspec.Struct, frozen=True, kw_only=True):
    """A data item that could fill a field; for a material ``field`` is ``""``: the record itself supplies it."""

    resource: str
    resource_name: str
    provider: str
    sharing_class: str
    field: str
    name: str
    confidence: int


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One field or material with how it was found and from where it could be filled, the surest first.

    mapped: filled already, asked of nobody · blocked: mapped, but the entry is not published or withheld · identifier:
    says whose data it is · technical: asked of nobody · same-name, synonym, alike: a guess · none: only the applicant.
    """

    asked: Asked
    how: How
    supplies: tuple[Supply, ...] = ()
    note: str = ""

    @property
    def guessed(self) -> bool:
        """Whether a name is all that speaks for it."""
        return self.how in ("same-name", "synonym", "alike")

    @property
    def is_stated_shareable(self) -> bool:
        """Whether an entry that could fill it says that it is shared, rather than nothing."""
        return any(each.sharing_class in SHAREABLE for each in self.supplies)


class Offers:
    """The data items of published entries that are not withheld, by their names; entries are ``Resource`` states."""

    def __init__(self, entries: Iterable[Mapping[str, Any]], names: Names) -> None:
        """Index the entries; the order of their codes decides between equals."""
        self.entries = {each["code"]: each for each in sorted(entries, key=lambda each: str(each["code"]))}
        self._names = names
        offered = [entry for entry in self.entries.values() if _is_offered(entry)]
        self._items = self._by_name(_supply(entry, item) for entry in offered for item in entry["data_items"])
        self._records = self._by_name(_supply(entry, None) for entry in offered)

    def found(self, asked: Asked) -> tuple[How, tuple[Supply, ...]]:
        """Return what is offered under the name of what is asked, and how it was found."""
        offers = self._records if asked.kind == "material" else self._items
        key = _key(asked.name)
        if key in self._names.generic:
            return "none", ()
        own = normalised(asked.form_name)
        if exact := _others(offers.get(key, ()), own, SAME_NAME):
            return "same-name", exact
        group = self._names.synonyms.get(key)
        if group is not None and (same := _others(self._of_group(offers, group), own, SYNONYM)):
            return "synonym", same
        return self._alike(offers, key, own)

    def _of_group(self, offers: Mapping[str, tuple[Supply, ...]], group: str) -> tuple[Supply, ...]:
        names = self._names.synonyms
        return tuple(supply for key, each in offers.items() if names.get(key) == group for supply in each)

    def _alike(self, offers: Mapping[str, tuple[Supply, ...]], key: str, own: str) -> tuple[How, tuple[Supply, ...]]:
        degrees = ((likeness(key, name, LEAST_ALIKE), name) for name in offers)
        degree, name = max(degrees, key=lambda each: each[0], default=(0.0, ""))
        found = _others(offers[name], own, int(ALIKE * degree)) if degree else ()
        return ("alike", found) if found else ("none", ())

    def _by_name(self, supplies: Iterable[Supply]) -> dict[str, tuple[Supply, ...]]:
        found: defaultdict[str, list[Supply]] = defaultdict(list)
        for supply in supplies:
            found[_key(supply.name)].append(supply)
        told = self._names.generic | self._names.technical | self._names.identifiers
        return {key: tuple(each) for key, each in found.items() if key not in told and len(each) <= MOST_SUPPLIERS}


def compared(asked: Iterable[Asked], entries: Iterable[Mapping[str, Any]], names: Names) -> tuple[Compared, ...]:
    """Return how each field and material could be filled, in the order in which they are asked."""
    offers = Offers(entries, names)
    return tuple(_compared(each, offers, names) for each in asked)


def _key(name: str) -> str:
    """A name as it is compared; resources are named “…信息” where materials are not."""
    return normalised(name).removesuffix("信息") or normalised(name)


def _compared(asked: Asked, offers: Offers, names: Names) -> Compared:
    if asked.resource:
        return _mapped(asked, offers.entries.get(asked.resource))
    key = normalised(asked.name)
    if key in names.identifiers:
        return Compared(asked=asked, how="identifier")
    if key in names.technical:
        return Compared(asked=asked, how="technical")
    how, supplies = offers.found(asked)
    return Compared(asked=asked, how=how, supplies=supplies[:MOST_SHOWN])


def _mapped(asked: Asked, entry: Mapping[str, Any] | None) -> Compared:
    if entry is None:
        return Compared(asked=asked, how="blocked", note=f"{asked.resource}: 没有登记 not registered")
    item = next((each for each in entry["data_items"] if each["field"] == asked.content), None)
    if asked.content and item is None:
        return Compared(asked=asked, how="blocked", note=f"{asked.resource}: 没有信息项 no data item {asked.content}")
    supply = msgspec.structs.replace(_supply(entry, item), confidence=CERTAIN)
    if not _is_offered(entry):
        note = "不予共享 withheld" if entry["state"] == "published" else f"未发布 {entry['state']}"
        return Compared(asked=asked, how="blocked", supplies=(supply,), note=f"{asked.resource}: {note}")
    return Compared(asked=asked, how="mapped", supplies=(supply,))


def _is_offered(entry: Mapping[str, Any]) -> bool:
    return bool(entry["state"] == "published" and entry["sharing_class"] != "withheld")


def _supply(entry: Mapping[str, Any], item: Mapping[str, Any] | None) -> Supply:
    return Supply(
        resource=entry["code"],
        resource_name=entry["name"],
        provider=entry["provider"],
        sharing_class=entry["sharing_class"],
        field=item["field"] if item else "",
        name=item["name"] if item else entry["name"],
        confidence=0,
    )


def _others(supplies: Iterable[Supply], own: str, confidence: int) -> tuple[Supply, ...]:
    """The supplies with their confidence, without what the form itself supplies: no form is filled from itself."""
    others = (supply for supply in supplies if normalised(supply.resource_name) != own)
    return tuple(msgspec.structs.replace(supply, confidence=confidence) for supply in others)


def by_how(lines: Iterable[Compared]) -> Iterator[tuple[How, int]]:
    """Yield how many were found in each way, in the order of ``How``."""
    counts: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        counts[line.how] += 1
    order: tuple[How, ...] = ("mapped", "blocked", "identifier", "technical", "same-name", "synonym", "alike", "none")
    yield from ((how, counts[how]) for how in order)
