"""The written account of a made-up city: exactly what was handed in, and what must become of it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from catalog.bundles import Bundle, load_bundles
from producers.simulation.calendar import DAY_US
from producers.simulation.expectations import Asked, expected_answers
from producers.simulation.planned import Planned
from producers.simulation.simulate import Simulation
from producers.simulation.truth import ArchiveCounts, Truth

BUNDLE: Final = "listing-compliance"
#: How many enterprises' answers are written down: those with something disputed or found first.
SAMPLE: Final = 60
#: How long after ``until`` the answers hold: younger than every coverage limit, and off the edges of the look-back.
HOLDS_DAYS: Final = 7


class Answers(msgspec.Struct, frozen=True):
    """The answers that checks of a bundle must give to requests made between two instants (µs)."""

    bundle: str
    look_back_years: int
    asked_from: int
    asked_until: int
    answers: dict[str, dict[str, str]]


class Account(msgspec.Struct, frozen=True):
    """What was generated and what must become of it.

    Attributes:
        city: the arguments.
        publications: how many of each kind.
        topics: topic → kind → how many.
        resources: resource → event type → kind → how many; what must be refused stands under its own resource.
        refusals: code of the fault → how many.
        coverage: resource → the instant (µs) of its coverage statement, None where none is made.
        source_totals: resource → how many records its source holds, withdrawn ones not counted.
        subjects: subject → what its archive must hold. Persons are ``person#<number>`` until they have tokens.
        answers: of a sample of enterprises.
    """

    city: dict[str, Any]
    publications: dict[str, int]
    topics: dict[str, dict[str, int]]
    resources: dict[str, dict[str, dict[str, int]]]
    refusals: dict[str, int]
    coverage: dict[str, int | None]
    source_totals: dict[str, int]
    subjects: dict[str, ArchiveCounts]
    answers: Answers


class AccountBook:
    """Counts publications one by one, and closes to the account."""

    def __init__(self, simulation: Simulation) -> None:
        """Open a book for this city."""
        self._simulation = simulation
        self._counts: Counter[tuple[str, str, str, str, str | None]] = Counter()
        self._truth = Truth(load_bundles()[BUNDLE].resources)

    def note(self, planned: Planned) -> None:
        """Count one publication."""
        draft = planned.draft
        self._counts[planned.topic, draft["resource"], draft["type"], planned.kind, planned.refusal] += 1
        self._truth.note(planned)

    def close(self) -> Account:
        """The account of everything noted."""
        simulation = self._simulation
        lagging = dict.fromkeys(simulation.feed.uncovered)
        return Account(
            city=_arguments(simulation),
            publications=_folded(self._counts, 3),
            topics=_nested(self._counts, 0, 3),
            resources=self._by_resource(),
            refusals={code: number for code, number in _folded(self._counts, 4).items() if code is not None},
            coverage={**lagging, **simulation.coverage},
            source_totals=dict(self._truth.totals()),
            subjects=self._truth.counts(),
            answers=self._answers(load_bundles()[BUNDLE]),
        )

    def _by_resource(self) -> dict[str, dict[str, dict[str, int]]]:
        found: dict[str, dict[str, dict[str, int]]] = {}
        for (_, resource, event_type, kind, _), number in self._counts.items():
            kinds = found.setdefault(resource, {}).setdefault(event_type, {})
            kinds[kind] = kinds.get(kind, 0) + number
        return found

    def _answers(self, bundle: Bundle) -> Answers:
        simulation = self._simulation
        asked = Asked(simulation.until_at, bundle.look_back_years.default)
        by_subject = {
            firm.key: expected_answers(bundle, self._truth.records(firm.key), simulation.coverage, asked)
            for firm in simulation.firms
        }
        return Answers(
            bundle=bundle.id,
            look_back_years=asked.look_back_years,
            asked_from=asked.at,
            asked_until=asked.at + HOLDS_DAYS * DAY_US,
            answers={subject: by_subject[subject] for subject in _sample(by_subject)},
        )


def _arguments(simulation: Simulation) -> dict[str, Any]:
    return {
        "enterprises": simulation.enterprise_count,
        "persons": simulation.person_count,
        "seed": simulation.seed,
        "until": simulation.until.isoformat(),
        "rates": msgspec.to_builtins(simulation.rates),
        "feed": msgspec.to_builtins(simulation.feed),
    }


def _sample(by_subject: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Half of the sample has something disputed or found where there is so much; the rest are the first clean ones."""
    disputed = [each for each, answers in by_subject.items() if "disputed" in answers.values()]
    found = [each for each, answers in by_subject.items() if "found" in answers.values()]
    eventful = list(dict.fromkeys((*disputed[: SAMPLE // 4], *found, *disputed)))
    quiet = [each for each in by_subject if each not in set(eventful)]
    chosen = eventful[: SAMPLE // 2]
    return chosen + quiet[: SAMPLE - len(chosen)]


def _folded(counts: Counter[Any], place: int) -> dict[Any, int]:
    found: Counter[Any] = Counter()
    for key, number in counts.items():
        found[key[place]] += number
    return dict(found)


def _nested(counts: Counter[Any], outer: int, inner: int) -> dict[Any, dict[Any, int]]:
    found: dict[Any, dict[Any, int]] = {}
    for key, number in counts.items():
        row = found.setdefault(key[outer], {})
        row[key[inner]] = row.get(key[inner], 0) + number
    return found


def named(account: Account, tokens: Mapping[str, str]) -> Account:
    """The account with persons by the subjects that they have in the log.

    Args:
        account: as closed.
        tokens: ``person#<number>`` → ``person:<token>``.
    """
    subjects = {tokens.get(subject, subject): counts for subject, counts in account.subjects.items()}
    return msgspec.structs.replace(account, subjects=subjects)


def written(account: Account, **parts: Any) -> bytes:
    """The account as JSON, indented; ``parts`` are added to it, such as the receipts."""
    return msgspec.json.format(msgspec.json.encode({**msgspec.to_builtins(account), **parts}), indent=1)
