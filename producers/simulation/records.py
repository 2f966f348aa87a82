"""Registrations, accounts and filings, and what departments verified for a period."""

from random import Random
from typing import Any, Final

from catalog.resources import Resource
from producers.simulation.calendar import midnight, office_hour, written, year_of
from producers.simulation.city import Enterprise, Person
from producers.simulation.drafts import Draft, Life, changed, draft
from producers.simulation.penalties import off_edge
from producers.simulation.profiles import RecordProfile, VerificationProfile

_ENDED_SHARE: Final = 0.06
_PAID_LATER_SHARE: Final = 0.6
_QUARTER_DAYS: Final = 91
_YEAR_DAYS: Final = 365
_PERIOD_DAYS: Final = {"year": _YEAR_DAYS, "quarter": _QUARTER_DAYS, "once": _YEAR_DAYS}


def record_lives(
    stream: Random, resource: Resource, profile: RecordProfile, subject: Enterprise | Person, days: tuple[int, int]
) -> list[Life]:
    """The record between two days (the last one excluded), or one for each of the last years."""
    if profile.yearly:
        recorded = [days[1] - _YEAR_DAYS * (place + 1) + stream.randrange(1, 300) for place in range(profile.yearly)]
        return [_record_life(stream, resource, profile, subject, day, days[1]) for day in recorded if day > days[0]]
    day = stream.randrange(days[0], days[1])
    return [_record_life(stream, resource, profile, subject, day, days[1])]


def verification_lives(
    stream: Random,
    resource: Resource,
    profile: VerificationProfile,
    subject: Enterprise | Person,
    days: tuple[int, int],
) -> list[Life]:
    """A record for each of the last periods that lies between two days; at least the newest one."""
    length = _PERIOD_DAYS[profile.every]
    lives: list[Life] = []
    for place in range(profile.periods):
        period_to = days[1] - 1 - place * length - stream.randrange(1, length // 3)
        if place and period_to - length < days[0]:
            break
        lives.append(_verification_life(stream, resource, profile, subject, (period_to - length, period_to), days[1]))
    return lives


def _record_life(
    stream: Random, resource: Resource, profile: RecordProfile, subject: Enterprise | Person, day: int, until: int
) -> Life:
    life = [_recorded(stream, resource, profile, subject, day)]
    ended = stream.random() < _ENDED_SHARE
    if ended and len(profile.states) > 1 and day + 10 < until:
        later = office_hour(stream, stream.randrange(day + 5, until))
        life.append(changed(life[0], "RegistrationRecorded", later, status=stream.choice(profile.states[1:])))
    return life


def _recorded(
    stream: Random, resource: Resource, profile: RecordProfile, subject: Enterprise | Person, day: int
) -> Draft:
    is_enterprise = isinstance(subject, Enterprise)
    number = f"{profile.sign}{'' if is_enterprise else 'P'}{subject.number:07d}"
    if profile.yearly:
        number += f"-{year_of(day)}-{day % _YEAR_DAYS:03d}"
    content: dict[str, Any] = {
        "title": resource.name.removesuffix("信息"),
        "number": number,
        "category": stream.choice(profile.categories),
        "status": profile.states[0],
        "amount_fen": _amount(stream, profile.amount_yuan),
        "valid_from": written(day),
        "valid_to": written(day + profile.years * _YEAR_DAYS) if profile.years else None,
        "person_name": None if is_enterprise else subject.name,
        "territory": subject.territory,
    }
    at = office_hour(stream, day)
    return draft("RegistrationRecorded", resource.code, subject.subject, f"{resource.code}:{number}", at, content)


def _verification_life(
    stream: Random,
    resource: Resource,
    profile: VerificationProfile,
    subject: Enterprise | Person,
    period: tuple[int, int],
    until: int,
) -> Life:
    in_arrears = stream.random() < profile.arrears
    day = min(off_edge(period[1], until), until - 1)
    content: dict[str, Any] = {
        "item": profile.item,
        "outcome": "欠缴" if in_arrears else "正常",
        "period_from": written(period[0]),
        "period_to": written(period[1]),
        "amount_fen": _amount(stream, profile.amount_yuan),
        "count": None,
        "summary": stream.choice(profile.summaries) if profile.summaries else None,
        "territory": subject.territory,
    }
    holder = "E" if isinstance(subject, Enterprise) else "P"
    record_id = f"{resource.code}:{holder}{subject.number:07d}:{written(period[1])}"
    at = midnight(day) + stream.randrange(86_400) * 1_000_000
    life = [draft("VerificationRecorded", resource.code, subject.subject, record_id, at, content)]
    paid_day = day + stream.randrange(10, 120)
    if in_arrears and stream.random() < _PAID_LATER_SHARE and paid_day < until:
        paid_at = office_hour(stream, paid_day)
        life.append(changed(life[0], "VerificationRecorded", paid_at, outcome="正常", summary="已补缴"))
    return life


def _amount(stream: Random, yuan: tuple[int, int] | None) -> int | None:
    return stream.randrange(yuan[0], yuan[1] + 1) * 100 if yuan else None
