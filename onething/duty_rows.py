"""Duties as people read them: lists, the board, one duty with all that happened to it, the limits."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from catalog.duties.board import STANDING_NAMES, BoardLine, standing, working_days_left
from catalog.duties.clock import Law
from catalog.duties.duty import Duty, DutyFact, Escalated, Extended, Lapsed, Opened, Settled, Suspended
from catalog.duties.ladder import RUNG_NAMES, next_rung
from catalog.duties.limits import KIND_NAMES, Limit
from catalog.duties.reading import RecordedDuty
from catalog.duties.refusals import shown
from onething.rows import Row

KNOWN_NAMES: Final = {"stated": "原文载明", "second-hand": "转述，未见原文"}
CONSENT_NAMES: Final = {"data-office": "经数据主管部门同意", "unstated": "经同意（由谁同意未载明）", "none": ""}
OWED_BY_NAMES: Final = {"provider": "提供部门", "data-office": "数据主管部门", "requester": "需求部门"}
FACT_NAMES: Final = {
    "opened": "收到",
    "suspended": "中止",
    "resumed": "恢复",
    "extended": "延长",
    "fulfilled": "办结",
    "lapsed": "终止",
    "escalated": "争议上移",
    "settled": "争议了结",
}

Names = Mapping[str, str]
"""Code of an organisation → its name."""


def listed(duty: Duty, at: int, law: Law, names: Names) -> Row:
    """One line of a list."""
    return {
        "编号": duty.id,
        "义务": KIND_NAMES.get(duty.kind, duty.kind),
        "责任部门": names.get(duty.department, duty.department),
        "对方": names.get(duty.counterpart, duty.counterpart),
        "收到": shown(duty.received_at),
        "期限": _due(duty),
        "剩余工作日": working_days_left(duty, at, law.days),
        "状态": STANDING_NAMES[standing(duty, at, law.days)],
    }


def told(recorded: RecordedDuty, at: int, law: Law, names: Names) -> dict[str, Any]:
    """A duty for programs: all that is kept, and how it stands."""
    duty = recorded.duty
    kept: dict[str, Any] = msgspec.to_builtins(duty)
    return kept | {
        "changed_at": recorded.changed_at,
        "stands": standing(duty, at, law.days),
        "working_days_left": working_days_left(duty, at, law.days),
        "department_name": names.get(duty.department, duty.department),
    }


def board_row(line: BoardLine, names: Names) -> Row:
    """One department of the board."""
    share = line.in_time
    counts = {STANDING_NAMES[name]: count for name, count in line.counts.items()}
    return {
        "部门": names.get(line.department, line.department),
        **counts,
        "按期率": "—" if share is None else f"{share:.1%}",
    }


def limit_row(limit: Limit) -> Row:
    """One limit."""
    days = "未载明" if limit.working_days is None else f"{limit.working_days}个工作日"
    unit = "个工作日" if limit.extension_unit == "working-days" else "日"
    extension = f"至多{limit.extension_days}{unit}，{limit.extensions}次" if limit.extensions else ""
    return {
        "编号": limit.id,
        "义务": KIND_NAMES[limit.kind],
        "责任方": OWED_BY_NAMES[limit.owed_by],
        "期限": days,
        "延长": "，".join(filter(None, (extension, CONSENT_NAMES[limit.consent]))),
        "地域": limit.place or "全国",
        "施行": str(limit.in_force_from),
        "失效": None if limit.in_force_until is None else str(limit.in_force_until),
        "适用于在办": "是" if limit.applies_to_running else "否",
        "依据": limit.basis,
        "来源": KNOWN_NAMES[limit.known],
    }


def shown_duty(duty: Duty, at: int, law: Law, names: Names) -> Iterator[str]:
    """One duty line by line: what is owed, until when and why, and what happened."""
    limit = law.limits.by_id.get(duty.limit)
    yield f"{KIND_NAMES.get(duty.kind, duty.kind)}  {duty.id}"
    yield f"  责任部门  {names.get(duty.department, duty.department)}"
    if duty.counterpart:
        yield f"  对方      {names.get(duty.counterpart, duty.counterpart)}"
    yield f"  所涉      {duty.entity} {duty.entity_id}"
    yield f"  依据      {_basis(limit)}"
    yield f"  收到      {shown(duty.received_at)}（当日不计）"
    yield f"  期限      {_due(duty) or '—'}"
    yield f"  状态      {_stands(duty, at, law)}"
    if duty.rung:
        yield f"  争议      {_dispute(duty)}"
    yield "  经过"
    yield from (f"    {shown(fact.at)}  {_happened(fact)}" for fact in duty.facts)


def limits_in_force(limits: Iterable[Limit], place: str, day: int) -> tuple[Limit, ...]:
    """Return the limits that were in force in a place on a day, also those that a narrower place's rule precedes."""
    return tuple(each for each in limits if each.holds(place, day))


def _due(duty: Duty) -> str | None:
    if duty.due_at is None:
        return None
    # The end is 24:00 of the last day, as people say it.
    return f"{shown(duty.due_at - 1)[:10]} 24:00{'（暂定）' if duty.provisional else ''}"


def _basis(limit: Limit | None) -> str:
    if limit is None:
        return "收到之日没有施行中的期限规定"
    return f"{limit.basis}，{limit_row(limit)['期限']}（{KNOWN_NAMES[limit.known]}）"


def _stands(duty: Duty, at: int, law: Law) -> str:
    left = working_days_left(duty, at, law.days)
    words = STANDING_NAMES[standing(duty, at, law.days)]
    if left is None:
        return words
    return f"{words}，已逾期{-left}个工作日" if left < 0 else f"{words}，剩余{left}个工作日（含今日）"


def _dispute(duty: Duty) -> str:
    reached = RUNG_NAMES[duty.rung]
    if duty.settled:
        return f"{reached}，已了结：{duty.settled}"
    above = next_rung(duty.rung)
    return f"{reached}，下一步：{RUNG_NAMES[above]}" if above else reached


def _happened(fact: DutyFact) -> str:
    name = FACT_NAMES[str(fact.__struct_config__.tag)]
    evidence = () if isinstance(fact, (Opened, Lapsed)) else fact.evidence
    words = (_said(fact), f"凭据 {'、'.join(evidence)}" if evidence else "")
    return "，".join((name, *filter(None, words)))


def _said(fact: DutyFact) -> str:
    match fact:
        case Extended():
            return f"{fact.days}日" + (f"，已告知需求方 {'、'.join(fact.told)}" if fact.told else "")
        case Escalated():
            return RUNG_NAMES[fact.rung]
        case Settled():
            return fact.outcome
        case Suspended() | Lapsed():
            return fact.reason
    return ""
