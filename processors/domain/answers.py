"""The seven honest answers, and how the answers to one part become one."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from topics.declarations import HUB
from topics.events import Part, PartAnswer, SourceCoverage

FOUND: Final = "found"
DISPUTED: Final = "disputed"
UNAVAILABLE: Final = "unavailable"
TIMED_OUT: Final = "timed-out"
SOURCE_BEHIND: Final = "source-behind"
NO_SUCH_SUBJECT: Final = "no-such-subject"
CLEAR: Final = "clear"

STRENGTH: Final = (FOUND, DISPUTED, UNAVAILABLE, TIMED_OUT, SOURCE_BEHIND, NO_SUCH_SUBJECT, CLEAR)
"""The strongest first: a line says what its strongest part says, so it is clear only when every part is."""

CANNOT_TELL: Final = frozenset((SOURCE_BEHIND, UNAVAILABLE))
"""Answers of the hub after which the department is asked."""

GIVEN: Final = frozenset(STRENGTH) - {TIMED_OUT}
"""What an answerer may say: only the deadline itself says ``timed-out``."""

_RANK: Final = {answer: rank for rank, answer in enumerate(STRENGTH)}

PartKey = tuple[str, str, str]
"""(check, department, subject)."""


class Given(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one answerer said of one part, and when; a later word replaces it."""

    answered_by: str
    answered_at: int
    event_id: bytes
    answer: PartAnswer

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The part and who answered."""
        return (*part_key(self.answer), self.answered_by)

    @property
    def stamp(self) -> tuple[int, bytes, int]:
        """What decides between two words on one part: the later one, whatever order they arrive in."""
        return (self.answered_at, self.event_id, -_RANK[self.answer.answer])


class Settled(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A part with all that was said of it in one answer; ``answer`` is None while it is open.

    ``awaits_department``: the case was concluded before the department, who was asked, answered.
    """

    part: Part
    answer: str | None = None
    evidence: tuple[str, ...] = ()
    coverage: tuple[SourceCoverage, ...] = ()
    note: str | None = None
    answered_by: tuple[str, ...] = ()
    answered_at: int | None = None
    handled_by: str | None = None
    reviewed_by: str | None = None
    awaits_department: bool = False

    @property
    def substance(self) -> tuple[object, ...]:
        """What a report's reader acts on; a repeated evaluation with a newer time only is no news."""
        who = (self.answered_by, self.handled_by, self.reviewed_by)
        return (self.answer, self.evidence, self.note, who, self.awaits_department)


Lines = dict[str, tuple[Settled, ...]]
"""Every part by its check, in the order of the definition."""


def part_key(part: Part | PartAnswer) -> PartKey:
    """Check, department and subject of a part."""
    return (part.check_id, part.department, part.subject)


def strongest(answers: Iterable[str]) -> str:
    """The strongest of at least one answer."""
    return min(answers, key=_RANK.__getitem__)


def line_answer(parts: Iterable[Settled]) -> str | None:
    """What a line says: its strongest part's answer, None while a part is open."""
    answers = [part.answer for part in parts]
    return None if None in answers or not answers else strongest(each for each in answers if each is not None)


def folded(given: tuple[Given, ...], news: Iterable[Given]) -> tuple[Given, ...]:
    """The newest word on each part by each answerer: in any order and however often told, the same result."""
    newest = {each.key: each for each in given}
    for each in news:
        known = newest.get(each.key)
        if known is None or each.stamp > known.stamp:
            newest[each.key] = each
    return tuple(newest[key] for key in sorted(newest))


def settle_asked(part: Part, department: Given | None, *, concluded: bool) -> Settled:
    """A part that only the department answers; ``concluded``: it is waited for no longer."""
    if department is None:
        return Settled(part=part, answer=TIMED_OUT, awaits_department=True) if concluded else Settled(part=part)
    return _combined(part, (department,))


def settle_from_archive(part: Part, hub: Given | None, department: Given | None, *, concluded: bool) -> Settled:
    """A part that the hub answers; the department's word stands where the hub's data cannot tell."""
    if hub is None:
        # The hub's word is awaited even where the department has spoken: what the archive holds must be in the report.
        return settle_asked(part, department if concluded else None, concluded=concluded)
    if hub.answer.answer not in CANNOT_TELL:
        return _combined(part, (hub,) if department is None else (hub, department))
    if department is not None:
        # What the archive had read stays in sight, although it could not tell.
        return msgspec.structs.replace(
            _combined(part, (department,)), coverage=(*hub.answer.coverage, *department.answer.coverage)
        )
    return msgspec.structs.replace(_combined(part, (hub,)), awaits_department=True) if concluded else Settled(part=part)


def newest_by_department(
    given: Mapping[tuple[str, str, str, str], Given], key: PartKey, task: Given | None
) -> Given | None:
    """The department's last word on a part: what its system published or what its task ended with."""
    published = given.get((*key, key[1]))
    if published is None or task is None:
        return published or task
    return max(published, task, key=lambda each: each.stamp)


def hub_word(given: Mapping[tuple[str, str, str, str], Given], key: PartKey) -> Given | None:
    """The hub's last word on a part."""
    return given.get((*key, HUB))


def _combined(part: Part, words: tuple[Given, ...]) -> Settled:
    if len(words) == 1:
        return _single(part, words[0])
    answers = [word.answer for word in words]
    notes = dict.fromkeys(answer.note for answer in answers if answer.note)
    persons = next((answer for answer in answers if answer.handled_by), None)
    return Settled(
        part=part,
        answer=strongest(answer.answer for answer in answers),
        evidence=tuple(sorted({each for answer in answers for each in answer.evidence})),
        coverage=tuple(each for answer in answers for each in answer.coverage),
        note="；".join(notes) or None,
        answered_by=tuple(word.answered_by for word in words),
        answered_at=max(word.answered_at for word in words),
        handled_by=persons.handled_by if persons else None,
        reviewed_by=persons.reviewed_by if persons else None,
    )


def _single(part: Part, word: Given) -> Settled:
    answer = word.answer
    return Settled(
        part=part,
        answer=answer.answer,
        evidence=answer.evidence if len(answer.evidence) < 2 else tuple(sorted(set(answer.evidence))),  # noqa: PLR2004
        coverage=answer.coverage,
        note=answer.note or None,
        answered_by=(word.answered_by,),
        answered_at=word.answered_at,
        handled_by=answer.handled_by,
        reviewed_by=answer.reviewed_by if answer.handled_by else None,
    )
