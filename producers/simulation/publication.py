"""Publishing the made-up city: every department by its own publisher, and what came of each publication."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Final

import msgspec

from producers.faults import fault
from producers.outcomes import Outcome, Receipt, Received
from producers.protection import Protector, ProtectRequest
from producers.publisher import Publisher
from producers.simulation.account import Account, AccountBook, named
from producers.simulation.planned import Planned
from producers.simulation.simulate import Simulation
from topics.identifiers import person_subject

PublisherOf = Callable[[str], Publisher]
"""Department → its publisher, the same one at each call."""
Progress = Callable[[int], None]
"""Hears how many publications have had their outcome."""

#: Publications that are handed in before their outcomes are waited for.
_CHUNK: Final = 16_384
#: Publishers mostly wait for acknowledgements: more of them at a time than there are processors.
_THREADS: Final = 8


class Span(msgspec.Struct, frozen=True):
    """Messages of one partition: how many, first and last offset."""

    messages: int
    first_offset: int
    last_offset: int


class Surprise(msgspec.Struct, frozen=True):
    """Publications that did not come to what was planned: how many of a resource, expected and got."""

    resource: str
    expected: str
    got: str
    count: int


class Published(msgspec.Struct, frozen=True):
    """What came of a city.

    Attributes:
        account: what was handed in and what must become of it; persons are named by their tokens.
        accepted: publications that the log took.
        refused: publications that were refused and kept.
        receipts: topic → partition → where their messages lie.
        surprises: what did not come to what was planned; empty when all did.
    """

    account: Account
    accepted: int
    refused: int
    receipts: dict[str, dict[int, Span]]
    surprises: tuple[Surprise, ...]


def publish_city(
    simulation: Simulation, publisher_of: PublisherOf, protector: Protector, progress: Progress | None = None
) -> Published:
    """Publish a city's facts, then state the coverage of its resources; the same again gives the same events.

    Raises:
        PublisherBusy, DeliveryFailed, ProtectionUnavailable: not everything is in the log; publish it again.
    """
    book, outcomes = AccountBook(simulation), _Outcomes()
    with ThreadPoolExecutor(_THREADS, "simulation") as pool:
        for chunk in _chunks(simulation.publications()):
            for planned in chunk:
                book.note(planned)
            for planned, outcome in _publish(chunk, publisher_of, pool):
                outcomes.note(planned, outcome)
            if progress is not None:
                progress(outcomes.count)
        account = named(book.close(), person_tokens(simulation, protector))
        for receipt in _state_coverage(account, publisher_of, pool):
            outcomes.receive(receipt)
    return outcomes.published(account)


def person_tokens(simulation: Simulation, protector: Protector) -> dict[str, str]:
    """``person#<number>`` → ``person:<token>``, for every person of the city."""
    request = ProtectRequest(persons=tuple(person.resident_id for person in simulation.people))
    (protected,) = protector.protect([request])
    return {
        person.key: person_subject(token) for person, token in zip(simulation.people, protected.tokens, strict=True)
    }


class _Outcomes:
    """Counts what came of publications."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()
        self._surprises: Counter[tuple[str, str, str]] = Counter()
        self._spans: dict[tuple[str, int], tuple[int, int, int]] = {}

    @property
    def count(self) -> int:
        """How many publications have had their outcome."""
        return self._kinds.total()

    def note(self, planned: Planned, outcome: Outcome) -> None:
        expected = planned.refusal or "accepted"
        self._kinds["accepted" if isinstance(outcome, Receipt) else "refused"] += 1
        for receipt in (outcome,) if isinstance(outcome, Receipt) else outcome.kept:
            self.receive(receipt)
        codes = ["accepted"] if isinstance(outcome, Receipt) else [each.code for each in outcome.faults]
        if expected not in codes:
            self._surprises[planned.draft["resource"], expected, " ".join(codes)] += 1

    def receive(self, receipt: Receipt) -> None:
        place, offset = (receipt.topic, receipt.partition), receipt.offset
        messages, first, last = self._spans.get(place, (0, offset, offset))
        self._spans[place] = (messages + 1, min(first, offset), max(last, offset))

    def published(self, account: Account) -> Published:
        receipts: dict[str, dict[int, Span]] = {}
        for (topic, partition), span in sorted(self._spans.items()):
            receipts.setdefault(topic, {})[partition] = Span(*span)
        return Published(
            account=account,
            accepted=self._kinds["accepted"],
            refused=self._kinds["refused"],
            receipts=receipts,
            surprises=tuple(Surprise(*key, count) for key, count in sorted(self._surprises.items())),
        )


def _chunks(publications: Iterable[Planned]) -> Iterator[list[Planned]]:
    remaining = iter(publications)
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk


def _publish(
    chunk: list[Planned], publisher_of: PublisherOf, pool: ThreadPoolExecutor
) -> Iterator[tuple[Planned, Outcome]]:
    by_source: dict[str, list[Planned]] = {}
    for planned in chunk:
        by_source.setdefault(planned.draft["source"], []).append(planned)
    work = [(planned, publisher_of(source)) for source, planned in by_source.items()]
    for (planned_here, _), outcomes in zip(work, pool.map(lambda each: _of_source(*each), work), strict=True):
        yield from zip(planned_here, outcomes, strict=True)


def _of_source(planned: list[Planned], publisher: Publisher) -> list[Outcome]:
    """The outcome of each publication, in their order."""
    refusals = [publisher.refuse(_unreadable(each.raw), (_UNREADABLE,)) for each in planned if each.raw is not None]
    accepted = iter(publisher.publish_many([each.draft for each in planned if each.raw is None]))
    refused = (refusal.result() for refusal in refusals)
    return [next(accepted) if each.raw is None else next(refused) for each in planned]


_UNREADABLE: Final = fault("unreadable", "", "JSON")


def _unreadable(raw: bytes) -> Received:
    return Received(raw, None, "application/json", "simulation")


def _state_coverage(account: Account, publisher_of: PublisherOf, pool: ThreadPoolExecutor) -> Iterator[Receipt]:
    by_source: dict[str, dict[str, int]] = {}
    for resource, complete_until in account.coverage.items():
        if complete_until is not None:
            by_source.setdefault(resource.partition(".")[0], {})[resource] = complete_until

    def state(source: str, statements: Mapping[str, int]) -> list[Receipt]:
        totals, publisher = account.source_totals, publisher_of(source)
        return [publisher.state_coverage(code, until, totals.get(code, 0)) for code, until in statements.items()]

    for receipts in pool.map(lambda each: state(*each), by_source.items()):
        yield from receipts
