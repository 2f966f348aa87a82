"""Why the ledger refuses: every fault at once, each with its field, reason and remedy."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

from catalog.ledger.goals import Uncovered, uncovered
from catalog.ledger.measures import Verdict
from catalog.ledger.model import Entry, Milestone, Statement
from catalog.ledger.periods import PERIOD_KINDS, period_named
from catalog.ledger.progress import done_by, is_reached, target_of, unit_of
from catalog.register.changes import ORGANISATION, Command, Lookup, Refusal
from topics.clear_text import holds_resident_id

_CHINA: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
STATE_NAMES: Final = {"open": "办理中", "closing": "申请销号", "closed": "已销号"}


def refusal(field: str, reason: str, reason_en: str, remedy: str, remedy_en: str) -> Refusal:
    """A refusal in both languages."""
    return Refusal(field=field, reason=reason, reason_en=reason_en, remedy=remedy, remedy_en=remedy_en)


def day_of(at: int) -> date:
    """The day in China of an instant (µs UTC)."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(_CHINA).date()


def of_party(entry: Entry, organisation: str, lookup: Lookup, keepers: Iterable[str]) -> Iterator[Refusal]:
    """Yield that an organisation has no part in the entry: no lead, not responsible, not a keeper of the ledger."""
    if lookup.get(ORGANISATION, organisation) is None:
        yield unknown_organisation("payload.organisation", organisation)
    elif organisation not in (*entry.leads, *entry.responsible, *keepers) and not entry.declared.is_collective:
        parties = "、".join(dict.fromkeys((*entry.leads, *entry.responsible, *keepers)))
        yield refusal(
            "payload.organisation",
            f"“{organisation}”既不是本条目的牵头单位，也不是责任单位",
            f"{organisation!r} neither leads this entry nor is responsible for it",
            f"由这些单位填报：{parties}",
            f"one of: {parties}",
        )


def of_lead(entry: Entry, organisation: str, keepers: tuple[str, ...]) -> Iterator[Refusal]:
    """Yield that an organisation does not lead the entry; where the source names no lead, a keeper acts."""
    allowed = entry.leads or keepers
    if organisation not in allowed:
        told = "、".join(allowed)
        yield refusal(
            "payload.organisation",
            f"此操作由牵头单位（{told}）办理，不是“{organisation}”",
            f"this is for the lead ({told}) to do, not for {organisation!r}",
            "由牵头单位的人员办理",
            "let a person of the lead do it",
        )


def of_keeper(organisation: str, keepers: tuple[str, ...]) -> Iterator[Refusal]:
    """Yield that an organisation does not keep the ledger."""
    if organisation not in keepers:
        told = "、".join(keepers)
        yield refusal(
            "payload.organisation",
            f"此操作由台账管理单位（{told}）办理，不是“{organisation}”",
            f"this is for the keepers of the ledger ({told}) to do, not for {organisation!r}",
            "由上述单位的人员办理",
            "let a person of theirs do it",
        )


def unknown_organisation(field: str, code: str) -> Refusal:
    """No such organisation is registered."""
    return refusal(
        field,
        f"没有登记的机构“{code}”",
        f"no organisation {code!r} is registered",
        "查找：onething catalog list organisation",
        "look it up: onething catalog list organisation",
    )


def of_words(command: Command) -> Iterator[Refusal]:
    """Yield that a text holds a resident's number or what cannot be printed: the ledger is read by many."""
    for field, text in (*_texts("payload", command.payload), ("reason", command.reason or "")):
        if holds_resident_id(text) or any(not (each.isprintable() or each == "\n") for each in text):
            yield refusal(
                field,
                "内容中不得有公民身份号码或控制字符",
                "the text holds a resident ID number, or a character that cannot be printed",
                "删去后重新提交",
                "leave it out and send the command again",
            )


def of_state(entry: Entry, *allowed: str) -> Iterator[Refusal]:
    """Yield that the entry stands where this cannot be done."""
    if entry.state not in allowed:
        told = "、".join(STATE_NAMES[each] for each in allowed)
        yield refusal(
            "action",
            f"条目处于“{STATE_NAMES[entry.state]}”，不能办理此操作",
            f"the entry is {entry.state!r}: this is not possible",
            f"仅当处于：{told}；已销号的先重新打开，申请销号的先退回",
            f"possible while it is {', '.join(allowed)}; reopen a closed entry, return a request first",
        )


def of_day(field: str, on: date, command: Command) -> Iterator[Refusal]:
    """Yield that a day has not come yet."""
    today = day_of(command.at)
    if on > today:
        yield refusal(
            field,
            f"{on} 还没有到（今天是 {today}）",
            f"{on} has not come yet, today is {today}",
            "填写今天或以前的日期",
            "give today or a day before it",
        )


def of_reason(command: Command) -> Iterator[Refusal]:
    """Yield that the reason is missing."""
    if not (command.reason or "").strip():
        yield refusal("reason", "须说明理由", "this gives its reason", "填写理由", "give the reason")


def of_milestone(entry: Entry, milestone: str) -> Iterator[Refusal]:
    """Yield that the entry has no such milestone."""
    if entry.milestone(milestone) is None:
        known = "、".join(each.id for each in entry.milestones)
        yield refusal(
            "payload.milestone",
            f"条目没有目标“{milestone}”",
            f"the entry has no milestone {milestone!r}",
            f"可用：{known}",
            f"one of: {known}",
        )


def of_amount(field: str, amount: float, milestone: Milestone) -> Iterator[Refusal]:
    """Yield that a percentage is more than the whole."""
    whole = target_of(milestone) if milestone.target is None else 100.0
    if unit_of(milestone) == "%" and amount > whole:
        yield refusal(
            field,
            f"百分比不能大于 100：{amount:g}",
            f"a percentage is at most 100, not {amount:g}",
            "按完成的百分比填写",
            "give the part that is done in percent",
        )


def of_less(before: float | None, done: float, command: Command) -> Iterator[Refusal]:
    """Yield that less is done than was reported before, without a word on why."""
    if before is not None and done < before and not (command.reason or "").strip():
        yield refusal(
            "payload.done",
            f"完成量 {done:g} 少于此前填报的 {before:g}",
            f"{done:g} is less than the {before:g} reported before",
            "如属更正，请说明理由（reason）",
            "give the reason if this corrects the earlier report",
        )


def of_goals(goals: dict[str, float | None], merged: dict[str, float], milestone: Milestone) -> Iterator[Refusal]:
    """Yield goals of what is no period, and wholes that their parts do not cover."""
    for written in goals:
        period = period_named(written)
        if period is None or period.kind not in PERIOD_KINDS:
            yield refusal(
                f"payload.goals.{written}",
                f"“{written}”不是旬、月、季、年",
                f"{written!r} is no period of ten days, no month, quarter or year",
                "写作 2026-11-T1（上旬）、2026-11、2026-Q4 或 2026",
                "write 2026-11-T1 (days 1-10), 2026-11, 2026-Q4 or 2026",
            )
    for amount in goals.values():
        yield from of_amount("payload.goals", amount or 0, milestone)
    yield from map(_not_covered, uncovered(merged))


def of_closing(entry: Entry, day: date) -> Iterator[Refusal]:
    """Yield goals that are not reached, and problems that are open."""
    for milestone in entry.milestones:
        if not milestone.every and not is_reached(entry, milestone, day):
            done = done_by(entry, milestone, day)
            told = "没有填报" if done is None else f"{done:g}{unit_of(milestone)}"
            wanted = f"{target_of(milestone):g}{unit_of(milestone)}"
            yield refusal(
                f"milestones.{milestone.id}",
                f"目标“{milestone.name}”没有完成：{told}，应达到 {wanted}",
                f"the milestone {milestone.id!r} is not reached: {done if done is not None else 'nothing reported'}",
                "完成并填报后再申请销号",
                "finish and report it, then ask for the close-out",
            )
    for problem in entry.problems:
        if problem.resolved_at is None:
            yield refusal(
                f"problems.{problem.id}",
                f"问题“{problem.id}”尚未解决：{problem.text}",
                f"the problem {problem.id!r} is open",
                "解决后再申请销号",
                "resolve it first",
            )


def of_standards(verdicts: Iterable[Verdict], statements: tuple[Statement, ...]) -> Iterator[Refusal]:
    """Yield standards that are not met, and those that can be neither measured nor rest on a statement."""
    stated = {each.standard for each in statements}
    every = tuple(verdicts)
    known = tuple(each.standard.id for each in every)
    for verdict in every:
        if verdict.met is False:
            yield _not_met(verdict)
        elif verdict.met is None and verdict.standard.id not in stated:
            yield _unmeasured(verdict)
    for name in sorted(stated - set(known)):
        yield refusal(
            "payload.statements",
            f"没有标准“{name}”",
            f"there is no standard {name!r}",
            f"可用：{'、'.join(known)}",
            f"one of: {', '.join(known)}",
        )


def of_reviewer(requested_by: str, reviewers: Iterable[str], actor: str) -> Iterator[Refusal]:
    """Yield that the person asked for the close-out, or has consented for another office."""
    if actor in (requested_by, *reviewers):
        yield refusal(
            "actor",
            f"“{actor}”已申请销号或已代表另一单位审核，不得再审核",
            f"{actor!r} asked for the close-out or reviewed it for the other office",
            "由另一人审核",
            "let another person review it",
        )


def taken(field: str, id_: str) -> Refusal:
    """The id stands already."""
    return refusal(field, f"“{id_}”已使用", f"{id_!r} is there already", "换用新的编号", "give an id of its own")


def _not_met(verdict: Verdict) -> Refusal:
    criteria = {each.id: each for each in verdict.standard.criterion}
    told, told_en = [], []
    for figure in verdict.figures:
        criterion = criteria[figure.criterion]
        if criterion.closes_at is not None and figure.share is not None and figure.share < criterion.closes_at:
            missing = f"（{'；'.join(figure.missing)}）" if figure.missing else ""
            told.append(f"{criterion.name} {figure.count}/{figure.of}{missing}")
            told_en.append(f"{criterion.id} {figure.count}/{figure.of}")
    return refusal(
        f"standards.{verdict.standard.id}",
        f"未达到“{verdict.standard.name}”：{'，'.join(told)}",
        f"{verdict.standard.id} is not met: {', '.join(told_en)}",
        "补齐所列各项后再申请销号",
        "mend what is listed, then ask for the close-out",
    )


def _unmeasured(verdict: Verdict) -> Refusal:
    why = "；".join(dict.fromkeys(each.why_unmeasured for each in verdict.figures if each.why_unmeasured))
    return refusal(
        f"standards.{verdict.standard.id}",
        f"“{verdict.standard.name}”平台无法测算（{why}），须有书面说明",
        f"{verdict.standard.id} cannot be measured: it needs a statement with evidence",
        f"在 statements 中填写 standard = {verdict.standard.id}、说明和凭据编号",
        f"state it under statements: standard {verdict.standard.id}, text, evidence",
    )


def _not_covered(each: Uncovered) -> Refusal:
    return refusal(
        f"payload.goals.{each.period.id}",
        f"{each.period.name}目标 {each.goal:g}，其各分期目标合计 {each.covered:g}，不足以保证",
        f"the goal of {each.period.id} is {each.goal:g}, its parts come to {each.covered:g}",
        "提高分期目标，或调整本期目标",
        "raise the goals of its parts, or lower its own",
    )


def _texts(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(f"{place}.{name}", each)
    elif isinstance(value, (list, tuple)):
        for number, each in enumerate(value):
            yield from _texts(f"{place}[{number}]", each)
