"""What people write into a handled case, held to what may be kept: short, readable, no ID number."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from processors.domain.requests import Refusal
from topics.clear_text import holds_resident_id
from topics.events import ApplicationSubmitted, CaseEvent, ItemResult
from topics.identifiers import check_licence_identifier

LONGEST_TEXT: Final = 2000
"""Characters of a text at most; a message has room for many more."""

MOST_FEE_FEN: Final = 1_000_000_000_000
"""Ten billion yuan: a larger fee is a mistake, and sums of several must fit into 64 bits."""

MOST_FIELDS: Final = 100_000

MOST: Final = {"missing": 100, "results": 20, "evidence": 100, "materials": 200, "choices": 200, "items": 500}
"""How much stands in each list at most."""

_IDENTIFIERS: Final = frozenset(("subject", "agent", "assignment_id", "payment_id", "licence_identifier", "evidence"))
"""Fields that hold long numbers by their nature; each has its own form to keep."""

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_EVIDENCE: Final = re.compile("[0-9a-f]{32}")


def word_faults(event: CaseEvent) -> tuple[Refusal, ...]:
    """Everything in an event's texts, lists and amounts for which no case takes it; what it says is never repeated."""
    return tuple(_faults(event))


def personal_faults(event: CaseEvent) -> Iterator[Refusal]:
    """The event's texts that hold a resident ID number."""
    for name, text in _texts(event, ""):
        if holds_resident_id(text):
            yield _in_clear(name)


def _in_clear(name: str) -> Refusal:
    return Refusal("personal-data-in-clear", f"{name} holds a resident ID number, which may stand in no text")


def _faults(event: CaseEvent) -> Iterator[Refusal]:
    for name, text in _texts(event, ""):
        if len(text) > LONGEST_TEXT:
            yield Refusal("too-long", f"{name}: {len(text)} characters, at most {LONGEST_TEXT} are taken")
        elif _CONTROL.search(text):
            # PostgreSQL's text cannot hold a NUL, no UTF-8 half a pair; nobody types them.
            yield Refusal("bad-text", f"{name} holds a control character, such as NUL")
        elif holds_resident_id(text):
            yield _in_clear(name)
    for name, most in MOST.items():
        if len(getattr(event, name, ())) > most:
            yield Refusal("too-many", f"{name}: at most {most} are taken")
    yield from _identifier_faults(event)
    yield from _amount_faults(event)


def _identifier_faults(event: CaseEvent) -> Iterator[Refusal]:
    for result in getattr(event, "results", ()):
        if isinstance(result, ItemResult) and result.licence_identifier is not None:
            reason = check_licence_identifier(result.licence_identifier)
            if reason:
                yield Refusal("bad-licence-identifier", f"results: {reason}")
    if not all(_EVIDENCE.fullmatch(each) for each in getattr(event, "evidence", ())):
        yield Refusal("bad-evidence", "evidence is event ids, 32 lower-case hexadecimal characters each")


def _amount_faults(event: CaseEvent) -> Iterator[Refusal]:
    fee_fen = getattr(event, "fee_fen", None)
    if fee_fen is not None and not 0 <= fee_fen <= MOST_FEE_FEN:
        yield Refusal("bad-fee", f"a fee is 0 to {MOST_FEE_FEN} fen")
    if isinstance(event, ApplicationSubmitted):
        counts = (event.fields_total, event.fields_filled, event.fields_shareable)
        if not all(0 <= each <= MOST_FIELDS for each in counts):
            yield Refusal("bad-count", f"counts of fields are 0 to {MOST_FIELDS}")


def _texts(value: object, name: str) -> Iterator[tuple[str, str]]:
    """Every text with the name of its field; those of identifiers are left out."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, msgspec.Struct):
        for each in value.__struct_fields__:
            if each not in _IDENTIFIERS:
                yield from _texts(getattr(value, each), each)
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each, name)
