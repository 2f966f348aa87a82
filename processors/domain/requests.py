"""What a request for a case must hold to be taken, and the span of time that it looks back over."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import msgspec

from processors.domain.definition import CaseDefinition
from topics.events import CaseRequested

SHORTEST_DEADLINE_S: Final = 30
"""Due cases are scanned for; a shorter deadline could not be kept."""

CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Dates that people read. A fixed offset: no summer time since 1991, and no time zone files needed."""

_SECOND_US: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SUBJECT: Final = re.compile(r"enterprise:[0-9A-Z]{18}|person:[0-9a-f]{32}")
_TERRITORY: Final = re.compile(r"[0-9]{0,6}")
_LONGEST_TEXT: Final = 500
_LATEST_US: Final = 7_258_118_400 * _SECOND_US
"""The year 2200: times beyond it are mistakes, and the calendar's own end is not far behind them."""


class Refusal(msgspec.Struct, frozen=True):
    """Why an event, or a part of it, was not taken; ``detail`` holds no personal data."""

    code: str
    detail: str

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


def request_faults(request: CaseRequested, definition: CaseDefinition | None) -> tuple[Refusal, ...]:
    """Everything for which this request is refused; empty when it may be taken."""
    if definition is None or definition.bundle != request.bundle:
        return (Refusal("unknown-bundle", f"no bundle is called {request.bundle!r}"),)
    if fault := time_fault(request.requested_at, request.deadline_at):
        return (fault,)
    return (*_subject_faults(request, definition), *_parameter_faults(request, definition), *_text_faults(request))


def is_subject(text: str) -> bool:
    """Whether this names a subject: ``enterprise:<USCC>`` or ``person:<token>``."""
    return _SUBJECT.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether this may name a case, a purpose or an applicant: short, printable, not blank."""
    return bool(text.strip()) and len(text) <= _LONGEST_TEXT and text.isprintable()


def time_fault(*times_us: int | None) -> Refusal | None:
    """Why these times cannot be meant, or None; None among them is no time and no fault."""
    if all(time is None or 0 <= time < _LATEST_US for time in times_us):
        return None
    return Refusal("bad-time", "a time lies outside the years 1970 to 2199")


def look_back_since(requested_at: int, years: int) -> int:
    """The instant ``years`` calendar years earlier in China's time, in µs UTC; 29 February becomes the 28th."""
    local = moment(requested_at)
    try:
        earlier = local.replace(year=local.year - years)
    except ValueError:
        earlier = local.replace(year=local.year - years, day=28)
    return (earlier - _EPOCH) // timedelta(microseconds=1)


def moment(instant_us: int) -> datetime:
    """An instant in µs UTC as China's time."""
    return (_EPOCH + timedelta(microseconds=instant_us)).astimezone(CHINA)


def _subject_faults(request: CaseRequested, definition: CaseDefinition) -> Iterator[Refusal]:
    if not request.subjects:
        yield Refusal("no-subject", "a case asks about at least one subject")
    if len(set(request.subjects)) != len(request.subjects):
        yield Refusal("subject-repeated", "a subject stands more than once")
    for place, subject in enumerate(request.subjects):
        if not is_subject(subject):
            # The value is not repeated: it might be an ID number that was sent by mistake.
            yield Refusal("bad-subject", f"subjects[{place}] is neither enterprise:<USCC> nor person:<token>")
    if request.subjects and not request.subjects[0].startswith(f"{definition.subject_kind}:"):
        yield Refusal("bad-subject", f"subjects[0]: this bundle is about a subject of kind {definition.subject_kind}")


def _parameter_faults(request: CaseRequested, definition: CaseDefinition) -> Iterator[Refusal]:
    years, allowed = request.look_back_years, definition.look_back_years
    if years not in allowed:
        yield Refusal("bad-look-back", f"{years} years is outside {allowed.minimum} to {allowed.maximum}")
    span_us = request.deadline_at - request.requested_at
    if span_us < SHORTEST_DEADLINE_S * _SECOND_US:
        yield Refusal("deadline-too-short", f"at least {SHORTEST_DEADLINE_S} seconds after the request")
    if span_us > definition.deadline_s.maximum * _SECOND_US:
        yield Refusal("deadline-too-long", f"at most {definition.deadline_s.maximum} seconds after the request")
    if _TERRITORY.fullmatch(request.territory) is None:
        yield Refusal("bad-territory", "territory is up to six leading digits of a region code")


def _text_faults(request: CaseRequested) -> Iterator[Refusal]:
    texts = (("case_id", request.case_id), ("purpose", request.purpose), ("requested_by", request.requested_by))
    for name, value in texts:
        if not is_name(value):
            yield Refusal(f"bad-{name.replace('_', '-')}", f"{name} is 1 to {_LONGEST_TEXT} printable characters")
