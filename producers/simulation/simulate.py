"""The made-up city as a stream of publications: the same arguments, the same stream."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final

from producers.simulation.calendar import DAY_US, day_of, midnight
from producers.simulation.city import Enterprise, Person, enterprises, persons
from producers.simulation.city_facts import CityFacts, RecordFacts, Subject
from producers.simulation.disturbance import Arrival, Origin, arrivals
from producers.simulation.planned import Feed, Planned, Rates
from producers.simulation.profiles import profiled_resources
from producers.simulation.registrations import ENTERPRISES, PERSONS
from producers.simulation.streams import Streams
from topics.identifiers import make_resident_id

#: Subjects whose publications are put in order of time together: bounds the memory, whatever the city's size.
BLOCK: Final = 1000

_NUMBERS: Final = tuple(make_resident_id("610199", date(1988, 8, 8), sequence) for sequence in range(10))
"""Numbers planted in clear where none may stand; no person of the city has one."""


@dataclass(frozen=True)
class Simulation:
    """A city of a size, a seed, and the day before which everything happens.

    Attributes:
        enterprise_count: at least 1.
        person_count: 0 or more.
        seed: another one gives other identifiers, names and fates.
        until: the first day of which nothing is known any more (Asia/Shanghai).
        rates: how much of the stream is disturbed.
        feed: which sources lag behind.
    """

    enterprise_count: int
    person_count: int
    seed: int
    until: date
    rates: Rates = field(default_factory=Rates)
    feed: Feed = field(default_factory=Feed)

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """The persons, who are the same for every number of enterprises."""
        return persons(Streams(self.seed), self.person_count, self._until_day)

    @cached_property
    def firms(self) -> tuple[Enterprise, ...]:
        """The enterprises."""
        return tuple(enterprises(Streams(self.seed), self.enterprise_count, self._until_day, self.people))

    @property
    def until_at(self) -> int:
        """The instant at which ``until`` begins, µs: what happened before it is published."""
        return midnight(self._until_day)

    @cached_property
    def coverage(self) -> dict[str, int]:
        """Resource → the instant until which its source states it to be complete; those without a statement lack."""
        codes = (ENTERPRISES, PERSONS, *(resource.code for resource, _ in profiled_resources()))
        return {code: self.complete_until(code) for code in codes if code not in self.feed.uncovered}

    def complete_until(self, resource: str) -> int:
        """The instant until which the resource's facts are published."""
        return self.until_at - self.feed.behind_days.get(resource, 0) * DAY_US

    def publications(self) -> Iterator[Planned]:
        """Everything that is handed in, in order; nothing depends on the clock or on an earlier call."""
        streams = Streams(self.seed)
        fewest = min(self.enterprise_count, self.person_count or self.enterprise_count)
        facts = CityFacts(streams, self._until_day, fewest)
        for block in (*_blocks(self.firms), *_blocks(self.people)):
            arrived = [arrival for record in facts.of(block) for arrival in self._arrivals(streams, record)]
            arrived.sort(key=_instant)
            yield from (arrival.planned for arrival in arrived)

    @cached_property
    def _until_day(self) -> int:
        return day_of(self.until)

    def _arrivals(self, streams: Streams, record: RecordFacts) -> Iterator[Arrival]:
        resource = record.resource
        end = self.complete_until(resource.code)
        facts = [fact for fact in record.facts if fact["version"] < end]
        origin = Origin(record.subject.key, resource.record_type, resource.topic, resource.department)
        number = _NUMBERS[record.subject.number % len(_NUMBERS)]
        return arrivals(streams.of(f"way/{resource.code}"), self.rates, origin, facts, end - 1, number)


def simulate(enterprises: int, persons: int, seed: int, until: date) -> Iterator[Planned]:
    """The publications of a city with the usual rates, in order.

    Args:
        enterprises: how many, at least 1.
        persons: how many.
        seed: of all that is drawn.
        until: the first day of which nothing is published.
    """
    return Simulation(enterprises, persons, seed, until).publications()


def _blocks(subjects: tuple[Subject, ...]) -> Iterator[tuple[Subject, ...]]:
    return (subjects[start : start + BLOCK] for start in range(0, len(subjects), BLOCK))


def _instant(arrival: Arrival) -> int:
    return arrival.at
