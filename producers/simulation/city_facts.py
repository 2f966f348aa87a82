"""All facts of the made-up city, subject by subject and resource by resource."""

from collections.abc import Iterator
from random import Random
from typing import Final

import msgspec

from catalog.resources import Resource, load_resources
from producers.simulation.calendar import day_at
from producers.simulation.city import Enterprise, Person
from producers.simulation.corrections import corrections
from producers.simulation.drafts import Life
from producers.simulation.issuers import issuer_of
from producers.simulation.licences import licence_lives
from producers.simulation.penalties import penalty_lives
from producers.simulation.profiles import (
    LicenceProfile,
    PenaltyProfile,
    Profile,
    RecordProfile,
    VerificationProfile,
    district_of,
    profiled_resources,
)
from producers.simulation.records import record_lives, verification_lives
from producers.simulation.registrations import (
    ENTERPRISES,
    PERSONS,
    enterprise_life,
    first_possible_day,
    person_life,
)
from producers.simulation.streams import Streams

Subject = Enterprise | Person

#: Among how many subjects those who hold a record in any case are spread.
_SPREAD: Final = 40


class RecordFacts(msgspec.Struct, frozen=True):
    """The facts of one record, corrections included, in the order in which they happened."""

    resource: Resource
    subject: Subject
    facts: Life


class CityFacts:
    """Makes the facts; remembers which resources somebody holds a record of already."""

    def __init__(self, streams: Streams, until_day: int, fewest: int) -> None:
        """Everything happens before the day ``until_day``; there are at least ``fewest`` subjects of each kind."""
        self._streams = streams
        self._until = until_day
        self._spread = max(1, min(_SPREAD, fewest))
        self._given: set[tuple[str, type[Subject]]] = set()

    def of(self, subjects: tuple[Subject, ...]) -> Iterator[RecordFacts]:
        """The facts of subjects of one kind. Later calls never change what earlier subjects got."""
        held: dict[int, set[str]] = {subject.number: set() for subject in subjects}
        yield from self._registrations(subjects)
        for place, (resource, profile) in enumerate(profiled_resources()):
            # Whoever holds a record in any case is another subject for each resource.
            first_holder = place % self._spread
            yield from self._of_resource(resource, profile, subjects, held, first_holder)

    def _registrations(self, subjects: tuple[Subject, ...]) -> Iterator[RecordFacts]:
        for subject in subjects:
            if isinstance(subject, Enterprise):
                code = ENTERPRISES
                life = enterprise_life(self._streams.of(code), subject, self._until)
            else:
                code = PERSONS
                life = person_life(self._streams.of(code), subject, self._until)
            yield RecordFacts(load_resources().by_code[code], subject, life)

    def _of_resource(
        self, resource: Resource, profile: Profile, subjects: tuple[Subject, ...], held: dict[int, set[str]], first: int
    ) -> Iterator[RecordFacts]:
        stream = self._streams.of(resource.code)
        for subject in subjects:
            if not self._may_hold(resource, profile, subject, held[subject.number]):
                continue
            if not self._holds(stream, resource, profile, subject, first):
                continue
            held[subject.number].add(resource.code)
            days = (first_possible_day(subject, self._until), self._until)
            for life in lives(stream, resource, profile, subject, days):
                yield RecordFacts(resource, subject, life + self._corrections(stream, resource, life))

    def _may_hold(self, resource: Resource, profile: Profile, subject: Subject, held: set[str]) -> bool:
        kind = "enterprise" if isinstance(subject, Enterprise) else "person"
        district = district_of(resource.department)
        if kind not in resource.subjects or (district is not None and subject.territory != district):
            return False
        if profile.requires is not None and profile.requires not in held:
            return False
        if isinstance(subject, Enterprise):
            return profile.admits_enterprise(subject)
        return profile.admits_person(subject, self._until)

    def _holds(self, stream: Random, resource: Resource, profile: Profile, subject: Subject, first: int) -> bool:
        share = profile.share
        if isinstance(subject, Person) and profile.share_of_persons is not None:
            share = profile.share_of_persons
        is_drawn = stream.random() < share
        is_first = subject.number >= first and (resource.code, type(subject)) not in self._given
        if is_drawn or is_first:
            self._given.add((resource.code, type(subject)))
        return is_drawn or is_first

    def _corrections(self, stream: Random, resource: Resource, life: Life) -> Life:
        return corrections(stream, resource, life, day_at(life[-1]["version"]), self._until)


def lives(stream: Random, resource: Resource, profile: Profile, subject: Subject, days: tuple[int, int]) -> list[Life]:
    """The records of a resource that a subject holds, between two days (the last one excluded)."""
    match profile:
        case PenaltyProfile():
            return penalty_lives(stream, resource, profile, subject, days)
        case LicenceProfile():
            return licence_lives(stream, resource, profile, issuer_of(resource), subject, days)
        case RecordProfile():
            return record_lives(stream, resource, profile, subject, days)
        case VerificationProfile():
            return verification_lives(stream, resource, profile, subject, days)
        case _:
            raise TypeError(f"no facts are made from a {type(profile).__name__}")
