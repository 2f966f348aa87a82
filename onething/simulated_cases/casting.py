"""Who plays in simulated cases: subjects of the made-up city, scripts drawn by seed, some for the HTTP doors."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from catalog.bundles import Bundle
from onething.gateway.case_ids import case_id_of_key
from producers.protection import Protector
from producers.simulation.cases.applicants import APPLICANT
from producers.simulation.cases.profile import CaseProfile
from producers.simulation.cases.script import CaseScript, drawn_script
from producers.simulation.publication import person_tokens
from producers.simulation.simulate import Simulation
from producers.simulation.streams import Streams

_USUAL_CITY: Final = {"enterprises": 2000, "persons": 3000, "seed": 1}
_GROWN_UP_DAYS: Final = 18 * 365
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


class TooFewSubjects(Exception):  # noqa: N818  the name is the fact
    """The made-up city has fewer subjects of a kind than cases of a bundle are wanted."""

    def __init__(self, bundle: str, wanted: int, there: int) -> None:
        super().__init__(f"{wanted} cases of {bundle} need as many subjects, the city has {there}")
        self.remedy = "ask for fewer cases (--count), or publish a larger city first: onething simulate --help"


@dataclass(frozen=True)
class Wishes:
    """Which cases: of which bundles, how many of each, drawn by which seed; ``run`` tells one run's cases apart."""

    bundles: Sequence[Bundle]
    count: int
    seed: int
    run: str
    profile: CaseProfile
    http_share: float = 0


@dataclass(frozen=True)
class Cast:
    """The scripts, and for cases that go through the HTTP doors their idempotency keys by case id."""

    scripts: tuple[CaseScript, ...]
    keys: Mapping[str, str]


def city_of(data_dir: Path) -> Simulation:
    """The city that was published last from this data directory, else the usual one as of today."""
    account = data_dir / "simulation" / "account.json"
    told = json.loads(account.read_bytes())["city"] if account.is_file() else {}
    city = {**_USUAL_CITY, **told}
    until = date.fromisoformat(city["until"]) if "until" in city else datetime.now(_SHANGHAI).date()
    return Simulation(city["enterprises"], city["persons"], city["seed"], until)


class City(msgspec.Struct, frozen=True):
    """Who may apply.

    Attributes:
        protector: of their names and numbers.
        subjects: name on the log → the subject as a department's draft names it.
        by_kind: kind → names on the log, persons of age alone.
    """

    protector: Protector
    subjects: Mapping[str, Mapping[str, str]]
    by_kind: Mapping[str, tuple[str, ...]]


def known_city(city: Simulation, protector: Protector) -> City:
    """The city's subjects; persons get their tokens."""
    tokens = person_tokens(city, protector)
    newest = max((person.born_day for person in city.people), default=0)
    grown = {tokens[person.key]: person.subject for person in city.people if person.born_day < newest - _GROWN_UP_DAYS}
    firms = {firm.key: firm.subject for firm in city.firms}
    return City(protector, {**firms, **grown}, {"enterprise": tuple(firms), "person": tuple(grown)})


def cast(wishes: Wishes, subjects: Mapping[str, tuple[str, ...]]) -> Cast:
    """Draw the scripts: the same wishes draw the same ones.

    Raises:
        TooFewSubjects: two cases of a bundle would be about the same subject.
    """
    streams = Streams(wishes.seed)
    drawn = [each for bundle in wishes.bundles for each in _cases(wishes, bundle, streams, subjects[bundle.subject])]
    return Cast(tuple(script for script, _ in drawn), {script.case_id: key for script, key in drawn if key})


def _cases(
    wishes: Wishes, bundle: Bundle, streams: Streams, known: tuple[str, ...]
) -> Iterator[tuple[CaseScript, str]]:
    """The scripts of a bundle, each with its key where it goes through the HTTP doors, else with an empty one."""
    if wishes.count > len(known):
        raise TooFewSubjects(bundle.id, wishes.count, len(known))
    # Drawn by run as well: a case that nobody ever answers keeps its subject from applying again.
    subjects = streams.of(f"subjects/{wishes.run}/{bundle.id}").sample(known, wishes.count)
    door, drawn = streams.of(f"door/{bundle.id}"), streams.of(f"script/{bundle.id}")
    for number, subject in enumerate(subjects):
        name = f"SIM-{wishes.run}-{bundle.id}-{number}"
        key = name if door.random() < wishes.http_share else ""
        case_id = case_id_of_key(key, APPLICANT) if key else name
        yield drawn_script(drawn, wishes.profile, bundle, case_id, subject), key
