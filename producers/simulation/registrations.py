"""Registrations of enterprises and persons: who they are, and what became of them."""

from random import Random
from typing import Final

from producers.simulation.calendar import office_hour, written
from producers.simulation.city import Enterprise, Person
from producers.simulation.drafts import Draft, Life, changed, draft
from producers.simulation.words import DISTRICTS, STREETS

ENTERPRISES: Final = "market-regulation.enterprise-registration"
PERSONS: Final = "public-security.person-registration"

_CHANGED_SHARE: Final = 0.22
_CLOSED_SHARE: Final = 0.05
_REVOKED_SHARE: Final = 0.01
_MOVED_AWAY_SHARE: Final = 0.01
_DIED_SHARE: Final = 0.3
_OLD_AGE_DAYS: Final = 85 * 365


def enterprise_life(stream: Random, enterprise: Enterprise, until_day: int) -> Life:
    """Registered; some change capital or address; some are closed, revoked or move away."""
    chances = [stream.random() for _ in range(3)]
    life = [_registered(stream, enterprise)]
    last = enterprise.established_day
    if chances[0] < _CHANGED_SHARE:
        last = stream.randrange(last + 30, until_day)
        life.append(_change(stream, enterprise, life[-1], last))
    ending = _ending(chances[1])
    if ending is not None and last + 30 < until_day:
        last = stream.randrange(last + 30, until_day)
        at = office_hour(stream, last)
        closed_on = None if ending == "迁出" else written(last)
        life.append(changed(life[-1], "EnterpriseChanged", at, state=ending, closed_on=closed_on))
    return life


def person_life(stream: Random, person: Person, until_day: int) -> Life:
    """Registered at birth or from the first day of the city; some move away, some of the old die."""
    first = max(person.born_day + 20, until_day - 20 * 365)
    at = office_hour(stream, min(first, until_day - 1))
    content = {
        "name": person.name,
        "resident_id": person.resident_id,
        "born_on": written(person.born_day),
        "territory": person.territory,
        "state": "在籍",
    }
    life = [draft("PersonRegistered", PERSONS, person.subject, f"HK-{person.number:08d}", at, content)]
    ending, chance = _person_ending(person, until_day), stream.random()
    if ending is not None and chance < ending[1] and first + 30 < until_day:
        ended = stream.randrange(max(first + 30, until_day - 1500), until_day)
        life.append(changed(life[-1], "PersonRegistered", office_hour(stream, ended), state=ending[0]))
    return life


def _registered(stream: Random, enterprise: Enterprise) -> Draft:
    representative = enterprise.legal_representative
    controller = enterprise.actual_controller
    content = {
        "name": enterprise.name,
        "enterprise_type": enterprise.enterprise_type,
        "legal_representative": representative.name if representative else None,
        "registered_capital": f"{enterprise.capital_wan}万元人民币",
        "registered_capital_yuan": enterprise.capital_wan * 10_000,
        "scope": enterprise.scope,
        "address": enterprise.address,
        "province": "陕西",
        "district": "西安",
        "territory": enterprise.territory,
        "established_on": written(enterprise.established_day),
        "closed_on": None,
        "state": "存续",
        "controlling_shareholder": enterprise.controlling_shareholder,
        "actual_controller": controller.subject if controller else None,
    }
    at = office_hour(stream, enterprise.established_day)
    return draft("EnterpriseRegistered", ENTERPRISES, enterprise.subject, enterprise.uscc, at, content)


def _change(stream: Random, enterprise: Enterprise, before: Draft, day: int) -> Draft:
    at = office_hour(stream, day)
    if stream.random() < 0.5:  # noqa: PLR2004  one of two kinds of change
        capital = enterprise.capital_wan * stream.choice((2, 3, 5))
        return changed(
            before,
            "EnterpriseChanged",
            at,
            registered_capital=f"{capital}万元人民币",
            registered_capital_yuan=capital * 10_000,
        )
    district = DISTRICTS[enterprise.territory]
    address = f"陕西省西安市{district}{stream.choice(STREETS)}{stream.randrange(1, 400)}号"
    return changed(before, "EnterpriseChanged", at, address=address)


def _ending(chance: float) -> str | None:
    for share, state in ((_CLOSED_SHARE, "注销"), (_REVOKED_SHARE, "吊销"), (_MOVED_AWAY_SHARE, "迁出")):
        if chance < share:
            return state
        chance -= share
    return None


def _person_ending(person: Person, until_day: int) -> tuple[str, float] | None:
    if until_day - person.born_day > _OLD_AGE_DAYS:
        return "死亡注销", _DIED_SHARE
    return "迁出", _MOVED_AWAY_SHARE


def first_possible_day(subject: Enterprise | Person, until_day: int) -> int:
    """The day from which records about the subject are possible."""
    if isinstance(subject, Enterprise):
        return subject.established_day
    return min(max(subject.born_day + 30, until_day - 20 * 365), until_day - 60)
