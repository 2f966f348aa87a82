"""Who lives in the made-up city: enterprises and persons with valid identifiers, each the same for the same seed."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final, Literal

import msgspec

from producers.simulation.calendar import day_of, year_of
from producers.simulation.streams import Streams
from producers.simulation.words import (
    DISTRICT_WEIGHTS,
    DISTRICTS,
    GIVEN_FEMALE,
    GIVEN_MALE,
    INDUSTRIES,
    STREETS,
    SURNAMES,
    TRADE_NAMES_FIRST,
    TRADE_NAMES_SECOND,
)
from topics.identifiers import enterprise_subject, make_resident_id, make_uscc

EnterpriseKind = Literal["company", "sole-trader", "cooperative"]

FIRST_DAY: Final = day_of(date(2000, 1, 4))
"""No enterprise of the city is older: what happened before is none of its facts."""

_USCC_OPENINGS: Final[dict[EnterpriseKind, str]] = {"company": "91", "sole-trader": "92", "cooperative": "93"}
_KINDS: Final[tuple[EnterpriseKind, ...]] = ("company", "sole-trader", "cooperative")
_KIND_WEIGHTS: Final = (78, 20, 2)
_SERIALS: Final = 31**6
# Coprime to 31: walking by it meets every serial once, and neighbours look unlike.
_SERIAL_STRIDE: Final = 7_654_321
_OLDEST_AGE: Final = 96
# Coprime to 96, so that any twenty persons in a row span the ages from cradle to ninety.
_AGE_STRIDE: Final = 37
_FORMS: Final[dict[EnterpriseKind, str]] = {"company": "有限公司", "sole-trader": "店", "cooperative": "专业合作社"}
_TYPES: Final[dict[EnterpriseKind, str]] = {
    "company": "有限责任公司",
    "sole-trader": "个体工商户",
    "cooperative": "农民专业合作社",
}


class Person(msgspec.Struct, frozen=True):
    """A made-up person; ``number`` tells it apart where its identity number must not be written."""

    number: int
    name: str
    resident_id: str
    born_day: int
    territory: str
    is_man: bool

    @property
    def key(self) -> str:
        """The person in accounts, which hold no identity number."""
        return f"person#{self.number}"

    @property
    def subject(self) -> dict[str, str]:
        """The person as the subject of a draft."""
        return {"kind": "person", "id": self.resident_id}


class Enterprise(msgspec.Struct, frozen=True):
    """A made-up enterprise. Shareholder and controller are those of its newest registration."""

    number: int
    uscc: str
    kind: EnterpriseKind
    name: str
    enterprise_type: str
    industry: str
    scope: str
    address: str
    territory: str
    established_day: int
    capital_wan: int
    legal_representative: Person | None
    controlling_shareholder: str | None
    actual_controller: Person | None

    @property
    def key(self) -> str:
        """The enterprise in accounts and in the log."""
        return enterprise_subject(self.uscc)

    @property
    def subject(self) -> dict[str, str]:
        """The enterprise as the subject of a draft."""
        return {"kind": "enterprise", "id": self.uscc}


def persons(streams: Streams, count: int, until_day: int) -> tuple[Person, ...]:
    """The city's persons: ages spread over a whole life, identity numbers distinct."""
    stream = streams.of("persons")
    taken: set[str] = set()
    return tuple(_person(stream, number, until_day, taken) for number in range(count))


def enterprises(streams: Streams, count: int, until_day: int, people: tuple[Person, ...]) -> Iterator[Enterprise]:
    """The city's enterprises, led and controlled by its grown-up persons, some of them by earlier enterprises."""
    stream = streams.of("enterprises")
    grown = tuple(person for person in people if year_of(until_day) - year_of(person.born_day) in range(25, 75))
    first_serial = stream.randrange(_SERIALS)
    companies: list[str] = []
    for number in range(count):
        serial = (first_serial + number * _SERIAL_STRIDE) % _SERIALS
        enterprise = _enterprise(stream, number, serial, until_day, grown, companies)
        if enterprise.kind == "company":
            companies.append(enterprise.key)
        yield enterprise


def _person(stream: Random, number: int, until_day: int, taken: set[str]) -> Person:
    is_man = stream.random() < 0.51  # noqa: PLR2004  a city's share
    region = _district(stream)
    age = 1 + (number * _AGE_STRIDE) % _OLDEST_AGE
    born = until_day - age * 365 - stream.randrange(365)
    return Person(
        number=number,
        name=_person_name(stream, is_man=is_man),
        resident_id=_resident_id(stream, region, born, taken, is_man=is_man),
        born_day=born,
        territory=region,
        is_man=is_man,
    )


def _resident_id(stream: Random, region: str, born_day: int, taken: set[str], *, is_man: bool) -> str:
    birth = date.fromordinal(born_day + date(1970, 1, 1).toordinal())
    while True:
        sequence = stream.randrange(500) * 2 + (1 if is_man else 0)
        number = make_resident_id(region, birth, sequence)
        if number not in taken:
            taken.add(number)
            return number


def _person_name(stream: Random, *, is_man: bool) -> str:
    given = GIVEN_MALE if is_man else GIVEN_FEMALE
    return stream.choice(SURNAMES) + "".join(stream.choices(given, k=stream.choice((1, 2, 2))))


def _enterprise(
    stream: Random, number: int, serial: int, until_day: int, grown: tuple[Person, ...], companies: list[str]
) -> Enterprise:
    kind = stream.choices(_KINDS, _KIND_WEIGHTS)[0]
    territory = _district(stream)
    industry = stream.choices(tuple(INDUSTRIES), tuple(weight for weight, _, _ in INDUSTRIES.values()))[0]
    _, trade, scope = INDUSTRIES[industry]
    # Younger enterprises are more frequent: the square root of a uniform number leans towards today.
    established = FIRST_DAY + int((until_day - 200 - FIRST_DAY) * stream.random() ** 0.5)
    representative = stream.choice(grown) if grown else None
    is_company = kind == "company"
    has_shareholder = stream.random() < 0.15  # noqa: PLR2004  a city's share
    has_controller = stream.random() < 0.35  # noqa: PLR2004  a city's share
    capital = stream.choice((3, 5, 10, 50, 100, 100, 200, 500, 1000, 5000))
    return Enterprise(
        number=number,
        uscc=make_uscc(_USCC_OPENINGS[kind], territory, serial),
        kind=kind,
        name=f"西安{stream.choice(TRADE_NAMES_FIRST)}{stream.choice(TRADE_NAMES_SECOND)}{trade}{_FORMS[kind]}",
        enterprise_type=_TYPES[kind],
        industry=industry,
        scope=scope,
        address=f"陕西省西安市{DISTRICTS[territory]}{stream.choice(STREETS)}{stream.randrange(1, 400)}号",
        territory=territory,
        established_day=established,
        capital_wan=capital if is_company else min(capital, 50),
        legal_representative=representative,
        controlling_shareholder=stream.choice(companies) if companies and is_company and has_shareholder else None,
        actual_controller=stream.choice(grown) if grown and is_company and has_controller else None,
    )


def _district(stream: Random) -> str:
    return stream.choices(tuple(DISTRICTS), DISTRICT_WEIGHTS)[0]
