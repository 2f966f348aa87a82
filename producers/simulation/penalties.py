"""Penalties, coercion, listings, judgments: decided, and some of them repaired or revoked."""

from random import Random
from typing import Any, Final

from catalog.resources import Resource
from producers.simulation.calendar import office_hour, year_of
from producers.simulation.city import Enterprise, Person
from producers.simulation.drafts import Draft, Life, changed, draft
from producers.simulation.profiles import PenaltyProfile
from producers.simulation.words import ELSEWHERE

#: Most of what is decided against a subject lies in the last years.
_YEARS_BACK: Final = 6
_REPAIRED_SHARE: Final = 0.35
_REVOKED_SHARE: Final = 0.04
_ELSEWHERE_SHARE: Final = 0.1
_COUNTS: Final = (1, 1, 1, 1, 2, 2, 3)
#: Days around the edge of a look-back of whole years that no decision lies in: an answer does not turn on the hour
#: at which it is asked.
EDGE_DAYS: Final = 20


def penalty_lives(
    stream: Random, resource: Resource, profile: PenaltyProfile, subject: Enterprise | Person, days: tuple[int, int]
) -> list[Life]:
    """One to three decisions between two days (the last one excluded), each with what became of it."""
    first, until = max(days[0], days[1] - _YEARS_BACK * 365), days[1]
    return [_life(stream, resource, profile, subject, (first, until), place) for place in range(stream.choice(_COUNTS))]


def _life(
    stream: Random,
    resource: Resource,
    profile: PenaltyProfile,
    subject: Enterprise | Person,
    days: tuple[int, int],
    place: int,
) -> Life:
    day = off_edge(stream.randrange(days[0], days[1]), days[1])
    at = office_hour(stream, day)
    imposed = _imposed(stream, resource, profile, subject, at, day, place)
    chance = stream.random()
    later = day + stream.randrange(20, 300)
    if later >= days[1] or chance >= _REPAIRED_SHARE + _REVOKED_SHARE:
        return [imposed]
    state = "repaired" if chance < _REPAIRED_SHARE else "revoked"
    repaired_at = office_hour(stream, later)
    known: dict[str, Any] = {"state": state, "repaired_at": repaired_at if state == "repaired" else None}
    return [imposed, changed(imposed, "PenaltyRepaired", repaired_at, **known)]


def _imposed(
    stream: Random,
    resource: Resource,
    profile: PenaltyProfile,
    subject: Enterprise | Person,
    at: int,
    day: int,
    place: int,
) -> Draft:
    # The number of the subject and the place of the decision make the decision's number unique within its resource.
    of_person = "" if isinstance(subject, Enterprise) else "个"
    number = f"（{year_of(day)}）{profile.sign}{of_person}第{subject.number:06d}-{place + 1}号"
    fine = profile.fine_yuan
    content = {
        "decision_number": number,
        "cause": stream.choice(profile.causes),
        "legal_basis": profile.basis,
        "penalty_kind": stream.choice(profile.kinds),
        "amount_fen": stream.randrange(fine[0] // 100, fine[1] // 100 + 1) * 10_000 if fine else None,
        "decided_at": at,
        "domain": resource.domain,
        "territory": stream.choice(ELSEWHERE) if stream.random() < _ELSEWHERE_SHARE else subject.territory,
        "state": "in-force",
        "repaired_at": None,
    }
    return draft("PenaltyImposed", resource.code, subject.subject, f"{resource.code}:{number}", at, content)


def off_edge(day: int, until_day: int) -> int:
    """The day, moved forward when it lies around the edge of a look-back of whole years from ``until_day``."""
    years, days = divmod(until_day - day + EDGE_DAYS, 365)
    if years and days < 2 * EDGE_DAYS:
        return day + 2 * EDGE_DAYS
    return day
