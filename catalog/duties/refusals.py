"""Why an event cannot befall a duty: the field, the reason and the remedy, in Chinese and English."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from catalog.duties.days import DayTables
from catalog.duties.duty import Duty, Escalated, Extended, Fulfilled, Lapsed, Opened, Resumed, Settled, Suspended
from catalog.duties.ladder import RUNG_NAMES, next_rung
from catalog.duties.limits import KIND_NAMES, Limit
from catalog.register.changes import Refusal

_CHINA = timezone(timedelta(hours=8))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def shown(instant_us: int) -> str:
    """Return an instant as people in China read it, to the minute."""
    return f"{(_EPOCH + timedelta(microseconds=instant_us)).astimezone(_CHINA):%Y-%m-%d %H:%M}"


def no_duty() -> Refusal:
    """Nothing can befall a duty that was not opened."""
    return _refusal("entity_id", "没有这项义务", "there is no such duty", "核对义务编号", "check the id of the duty")


def opened_already(duty: Duty) -> Refusal:
    """A duty is opened once."""
    return _refusal(
        "duty_id",
        f"该义务已于{shown(duty.received_at)}产生",
        f"the duty was opened at {shown(duty.received_at)}",
        "换一个义务编号",
        "give the new duty another id",
    )


def outside_calendar(at: int) -> Refusal:
    """Terms are counted between the years of the tables only."""
    return _refusal(
        "at",
        f"时间{at}不在日历范围内",
        f"the calendar does not reach the instant {at}",
        "以微秒填写UTC时间",
        "give µs UTC",
    )


def not_in_order(duty: Duty, at: int) -> Refusal:
    """What befalls a duty is stated in order."""
    last = shown(duty.facts[-1].at)
    return _refusal(
        "at",
        f"{shown(at)}早于已记录的最后一步（{last}）",
        f"{shown(at)} lies before the last step that is recorded, {last}",
        "更正时间",
        "correct the time",
    )


def of_opened(event: Opened, days: DayTables) -> Iterator[Refusal]:
    """Faults of a duty that is opened."""
    if event.kind not in KIND_NAMES:
        known = "、".join(KIND_NAMES)
        yield _refusal(
            "kind",
            f"没有“{event.kind}”这类义务",
            f"there is no duty of the kind {event.kind!r}",
            f"可用：{known}",
            f"one of {known}",
        )
    for field, value in (("duty_id", event.duty_id), ("entity_id", event.entity_id), ("department", event.department)):
        if not value:
            yield _refusal(field, "未填写", "is empty", "填写该项", "fill it in")
    if not days.covers(event.at):
        yield outside_calendar(event.at)


def of_suspended(duty: Duty, event: Suspended, limit: Limit | None) -> Iterator[Refusal]:
    """A term that runs and has not ended can be made to stand still, for something that shows why."""
    del limit
    yield from _ended(duty)
    yield from _over(duty, event.at)
    yield from _unproved(event.evidence)
    if duty.state == "suspended":
        yield _refusal("action", "期限已经中止", "the term stands still already", "先恢复", "resume it first")


def of_resumed(duty: Duty, event: Resumed, limit: Limit | None) -> Iterator[Refusal]:
    """A term that stands still can run on, for something that shows why."""
    del limit
    yield from _unproved(event.evidence)
    if duty.state != "suspended":
        yield _refusal(
            "action", "期限没有中止", "the term does not stand still", "无需恢复", "nothing is to be resumed"
        )


def of_extended(duty: Duty, event: Extended, limit: Limit | None) -> Iterator[Refusal]:
    """A term can be extended as often and as long as its limit says, with consent, before it ends."""
    yield from _ended(duty)
    yield from _over(duty, event.at)
    yield from _unproved(event.evidence)
    if limit is None or duty.extensions >= limit.extensions:
        times = 0 if limit is None else limit.extensions
        yield _refusal(
            "action",
            f"依据只许延长{times}次",
            f"the legal basis allows {times} extension(s)",
            "在期限内办结，或者走争议程序",
            "fulfil the duty, or take the ladder of disputes",
        )
        return
    if not 1 <= event.days <= limit.extension_days:
        yield _refusal(
            "days",
            f"延长{event.days}日，依据许可1至{limit.extension_days}日",
            f"{event.days} days; the legal basis allows 1 to {limit.extension_days}",
            "更正日数",
            "correct the number of days",
        )
    if limit.requester_told and not event.told:
        yield _refusal(
            "told",
            "没有载明如何告知需求方",
            "it is not stated how the requester was told",
            "告知需求方并填写凭据编号",
            "tell the requester and give the id of what shows it",
        )


def of_fulfilled(duty: Duty, event: Fulfilled, limit: Limit | None) -> Iterator[Refusal]:
    """A duty that has not ended can be fulfilled, late too."""
    del event, limit
    yield from _ended(duty)


def of_lapsed(duty: Duty, event: Lapsed, limit: Limit | None) -> Iterator[Refusal]:
    """A duty that has not ended can lapse."""
    del event, limit
    yield from _ended(duty)


def of_escalated(duty: Duty, event: Escalated, limit: Limit | None) -> Iterator[Refusal]:
    """A dispute climbs the ladder rung by rung, until it is settled."""
    del limit
    yield from _unproved(event.evidence)
    expected = None if duty.settled else next_rung(duty.rung)
    if event.rung != expected:
        told = "争议已了结" if expected is None else f"下一步是{RUNG_NAMES[expected]}"
        yield _refusal(
            "rung",
            f"不能到“{RUNG_NAMES.get(event.rung, event.rung)}”：{told}",
            f"{event.rung!r} is not the next rung: {expected or 'there is none left'}",
            "按第二十八条的次序进行" if expected else "无需再进行",
            f"take {expected}" if expected else "nothing is left to do",
        )


def of_settled(duty: Duty, event: Settled, limit: Limit | None) -> Iterator[Refusal]:
    """A dispute that is on the ladder can be settled once."""
    del limit
    yield from _unproved(event.evidence)
    if not event.outcome:
        yield _refusal("outcome", "未填写", "is empty", "填写结果", "state the outcome")
    if not duty.rung or duty.settled:
        yield _refusal("action", "没有待了结的争议", "no dispute is open", "先提出争议", "take the first rung first")


def _ended(duty: Duty) -> Iterator[Refusal]:
    if duty.ended_at is not None:
        yield _refusal(
            "action",
            f"该义务已于{shown(duty.ended_at)}终结",
            f"the duty ended at {shown(duty.ended_at)}",
            "无需再办",
            "nothing is left to do",
        )


def _over(duty: Duty, at: int) -> Iterator[Refusal]:
    if duty.due_at is not None and at >= duty.due_at:
        yield _refusal(
            "at",
            f"期限已于{shown(duty.due_at)}届满",
            f"the term ended at {shown(duty.due_at)}",
            "逾期后只能办结",
            "an overdue duty can only be fulfilled",
        )


def _unproved(evidence: tuple[str, ...]) -> Iterator[Refusal]:
    if not any(evidence):
        yield _refusal(
            "evidence", "没有凭据", "there is no evidence", "填写凭据的编号", "give the ids of what shows it"
        )


def _refusal(field: str, reason: str, reason_en: str, remedy: str, remedy_en: str) -> Refusal:
    return Refusal(field=field, reason=reason, reason_en=reason_en, remedy=remedy, remedy_en=remedy_en)
