"""Licences with life cycles: issued, changed, renewed under a new identifier, suspended, revoked, expired."""

from random import Random
from typing import Any, Final

from catalog.resources import Resource
from producers.simulation.calendar import office_hour, written, year_of
from producers.simulation.city import Enterprise, Person
from producers.simulation.drafts import Draft, Life, changed, draft
from producers.simulation.issuers import Issuer
from producers.simulation.profiles import LicenceProfile
from topics.identifiers import make_licence_identifier

_RENEWED_SHARE: Final = 0.8
_SUSPENDED_SHARE: Final = 0.02
_REVOKED_SHARE: Final = 0.01
_CANCELLED_SHARE: Final = 0.02
_CHANGED_SHARE: Final = 0.05
_MOST_RENEWALS: Final = 3


def licence_lives(
    stream: Random,
    resource: Resource,
    profile: LicenceProfile,
    issuer: Issuer,
    subject: Enterprise | Person,
    days: tuple[int, int],
) -> list[Life]:
    """The licence and those that replaced it, between two days (the last one excluded)."""
    first, until = days
    issued_day = min(first + stream.randrange(5, 90), until - 1)
    if profile.years:
        # Those who were first here for long hold a licence that began within the last terms.
        issued_day = max(issued_day, until - profile.years * 365 * (1 + stream.randrange(2)) - stream.randrange(365))
    lives: list[Life] = []
    replaces: str | None = None
    for renewal in range(_MOST_RENEWALS):
        issued = _issued(stream, resource, profile, issuer, subject, issued_day, renewal, replaces)
        life, ended_day = _life(stream, profile, issued, issued_day, until)
        lives.append(life)
        if ended_day is None or stream.random() > _RENEWED_SHARE:
            break
        replaces, issued_day = issued["content"]["licence_identifier"], ended_day
    return lives


def _life(
    stream: Random, profile: LicenceProfile, issued: Draft, issued_day: int, until: int
) -> tuple[Life, int | None]:
    """The licence's facts, and the day on which its term ended when that lies before ``until``."""
    life = [issued]
    expiry = issued_day + profile.years * 365 if profile.years else None
    end = min(expiry, until) if expiry else until
    chance = stream.random()
    if end - issued_day > 3:  # noqa: PLR2004  room for a change between issue and end
        changed_day = stream.randrange(issued_day + 1, end)
        life += _changes(stream, issued, chance, changed_day, end)
    if expiry is None or expiry >= until or life[-1]["content"]["state"] in ("吊销", "注销"):
        return life, None
    life.append(_stated(stream, life[-1], expiry, "失效", "有效期届满"))
    return life, expiry


def _changes(stream: Random, issued: Draft, chance: float, day: int, end: int) -> Life:
    if chance < _SUSPENDED_SHARE:
        suspended = _stated(stream, issued, day, "暂扣", "限期整改")
        restored_day = day + stream.randrange(10, 60)
        if restored_day >= end:
            return [suspended]
        return [suspended, _stated(stream, suspended, restored_day, "有效", "整改完成，恢复")]
    if chance < _SUSPENDED_SHARE + _REVOKED_SHARE:
        return [_stated(stream, issued, day, "吊销", "违法情节严重")]
    if chance < _SUSPENDED_SHARE + _REVOKED_SHARE + _CANCELLED_SHARE:
        return [_stated(stream, issued, day, "注销", "持证主体申请注销")]
    scope = issued["content"]["scope"]
    if scope and chance < _SUSPENDED_SHARE + _REVOKED_SHARE + _CANCELLED_SHARE + _CHANGED_SHARE:
        return [changed(issued, "LicenceChanged", office_hour(stream, day), scope=f"{scope}（变更后）")]
    return []


def _stated(stream: Random, before: Draft, day: int, state: str, reason: str) -> Draft:
    return changed(before, "LicenceChanged", office_hour(stream, day), state=state, state_reason=reason)


def _issued(
    stream: Random,
    resource: Resource,
    profile: LicenceProfile,
    issuer: Issuer,
    subject: Enterprise | Person,
    day: int,
    renewal: int,
    replaces: str | None,
) -> Draft:
    is_enterprise = isinstance(subject, Enterprise)
    number = f"{profile.sign}{year_of(day)}{subject.number:06d}{renewal}"
    identifier = make_licence_identifier(
        issuer.type_code, issuer.uscc, f"{'E' if is_enterprise else 'P'}{subject.number:08d}", renewal + 1
    )
    content: dict[str, Any] = {
        "licence_type": resource.record_type,
        "licence_name": resource.name.removesuffix("信息"),
        "licence_number": number,
        "licence_identifier": identifier,
        "issuer_name": issuer.name,
        "holder_name": subject.name if is_enterprise else None,
        "holder_person_name": None if is_enterprise else subject.name,
        "issued_on": written(day),
        "valid_from": written(day),
        "valid_to": written(day + profile.years * 365) if profile.years else None,
        "state": "有效",
        "state_reason": None,
        "replaces": replaces,
        "scope": stream.choice(profile.scopes) if profile.scopes else None,
        "territory": subject.territory,
    }
    return draft(
        "LicenceIssued", resource.code, subject.subject, f"{resource.code}:{number}", office_hour(stream, day), content
    )
