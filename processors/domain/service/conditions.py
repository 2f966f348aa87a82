"""Conditions over an applicant's archive, form and choices: fulfilled, not fulfilled, or not to be told."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

import cel
import msgspec

from processors.domain.service.held import Archive, HeldRecord
from processors.domain.service.terms import Source

_NOT_EVALUABLE: Final = (LookupError, TypeError, ValueError, ArithmeticError, RuntimeError)


class Verdict(msgspec.Struct, frozen=True):
    """Whether a condition holds, None when it cannot be told, and why, in Chinese."""

    holds: bool | None
    reason: str


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """Over what conditions are judged.

    Attributes:
        archive: the applicant's.
        form: field id → value; an unfilled field is missing.
        form_is_given: whether the applicant has filled the form; until then a condition over it cannot be told.
        choices: question id → choice id.
        choices_are_made: whether no question is open.
        now: µs UTC.
    """

    archive: Archive
    form: Mapping[str, Any]
    form_is_given: bool
    choices: Mapping[str, str]
    choices_are_made: bool
    now: int


def verdict(rule: str | None, reads: tuple[Source, ...], on: Occasion) -> Verdict:
    """Whether the rule holds.

    A verdict that an empty archive would give as well rests on what is absent, so it is believed only when the sources
    read are complete; any other rests on records that are there.
    """
    if rule is None:
        return Verdict(None, "由受理人员核对")
    if reason := _not_yet(rule, on):
        return Verdict(None, reason)
    records = [record for source in reads for record in on.archive.of_resource(source.resource)]
    if any(record.disputed for record in records):
        return Verdict(None, "相关记录存在争议，由受理人员核对")
    holds = _evaluated(rule, records, on)
    if holds is None:
        return Verdict(None, "现有信息不足以判断，由受理人员核对")
    if _evaluated(rule, [], on) == holds and (behind := _behind(reads, on)):
        return Verdict(None, f"{'、'.join(behind)}数据不全或已过时，由受理人员核对")
    return Verdict(holds, "符合" if holds else "不符合")


def _not_yet(rule: str, on: Occasion) -> str | None:
    named = _program(rule).variables()
    if "form" in named and not on.form_is_given:
        return "填表后核对"
    if "choices" in named and not on.choices_are_made:
        return "选定情形后核对"
    return None


def _behind(reads: Iterable[Source], on: Occasion) -> list[str]:
    return [source.name for source in reads if not on.archive.is_fresh(source, on.now)]


def _evaluated(rule: str, records: Iterable[HeldRecord], on: Occasion) -> bool | None:
    variables = {
        "records": [_activation(record) for record in records],
        "form": dict(on.form),
        "choices": dict(on.choices),
        "now": on.now,
    }
    try:
        found = _program(rule).execute(cel.Context(variables=variables))
    except _NOT_EVALUABLE:
        return None
    return found if isinstance(found, bool) else None


def _activation(record: HeldRecord) -> dict[str, Any]:
    return {
        "event_id": record.event_id,
        "resource": record.resource,
        "record_type": record.record_type,
        "record_id": record.record_id,
        "version": record.version,
        "valid_at": record.valid_at,
        "withdrawn": record.withdrawn,
        "content": dict(record.content),
    }


@cache
def _program(rule: str) -> Any:
    return cel.compile(rule)
