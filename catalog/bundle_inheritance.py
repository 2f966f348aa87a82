"""Editions of a bundle (``extends``): what a file leaves out is its parent's, and what differs is told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from catalog.bundle_file import BundleFile, Choice, ItemLine, Situation

#: What a file takes from its parent whole. Who it is, where it stands in its source, its leads, participants, items,
#: baseline and examples are its own.
INHERITED: Final = ("repeatable", "handled_and_reviewed", "look_back_years", "deadline_s", "commitments", "delivery")


@dataclass(frozen=True)
class Difference:
    """Where an edition says something else than its parent; an empty text says that the other side has it alone."""

    what: str
    parent: str
    own: str


def inherit(file: BundleFile, parent: BundleFile) -> BundleFile:
    """Return the file with everything that it leaves to its parent filled in; numbers are the file's own."""
    taken = {name: getattr(parent, name) for name in INHERITED if getattr(file, name) is None}
    own_number = {line.parent: line.number for line in file.items if line.parent is not None}
    by_number = {line.number: line for line in parent.items}
    return replace(
        file,
        **taken,
        items=tuple(_item(line, by_number.get(line.parent or 0), own_number) for line in file.items),
        situations=_situations(parent, own_number) if file.situations is None else file.situations,
    )


def differences(file: BundleFile, parent: BundleFile) -> Iterator[Difference]:
    """Yield what a reader of both definitions sees: name, lead, items added, left out or worded otherwise."""
    for what, theirs, own in (
        ("name", parent.name, file.name),
        ("stage", parent.stage or "", file.stage or ""),
        ("lead", parent.lead_text, file.lead_text),
    ):
        if theirs != own:
            yield Difference(what, theirs, own)
    standing = {line.parent: line for line in file.items if line.parent is not None}
    for theirs_line in parent.items:
        own_line = standing.get(theirs_line.number)
        if own_line is None or own_line.text != theirs_line.text:
            yield Difference("item", theirs_line.text, own_line.text if own_line else "")
    yield from (Difference("item", "", line.text) for line in file.items if line.parent is None)


def _item(line: ItemLine, parent: ItemLine | None, own_number: Mapping[int, int]) -> ItemLine:
    if parent is None:
        return line
    after = line.after
    if after is None and parent.after is not None:
        after = tuple(own_number[number] for number in parent.after if number in own_number)
    return replace(line, id=line.id or parent.id, kind=line.kind or parent.kind, after=after)


def _situations(parent: BundleFile, own_number: Mapping[int, int]) -> tuple[Situation, ...] | None:
    """The parent's questions that still select something here."""
    if parent.situations is None:
        return None
    asked = (
        replace(each, choices=tuple(_choice(one, own_number) for one in each.choices)) for each in parent.situations
    )
    return tuple(each for each in asked if any(choice.items for choice in each.choices))


def _choice(choice: Choice, own_number: Mapping[int, int]) -> Choice:
    return replace(choice, items=tuple(own_number[number] for number in choice.items if number in own_number))
