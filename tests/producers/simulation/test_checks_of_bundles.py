"""The checks of every bundle over the made-up city: the hub's CEL and plain Python agree on every archive."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import pytest

from catalog.bundles import Bundle, load_bundles
from catalog.resources import load_resources
from processors.domain.answers import strongest
from processors.domain.archive import KnownFact, fold
from processors.domain.checks import Question, SubjectArchive, answer_part
from producers.simulation.calendar import instant_of
from producers.simulation.expectations import Asked, Record, expected_answers
from producers.simulation.planned import Planned
from producers.simulation.simulate import Simulation
from producers.simulation.truth import Truth

AT = instant_of("2026-11-22T00:00:00+08:00")
ASKED = Asked(AT, 3)
BUNDLES = {bundle.id: bundle for bundle in load_bundles().values() if bundle.checks}
RESOURCES = load_resources()


class Covered(NamedTuple):
    """A resource that is complete up to the moment of the question."""

    resource: str
    complete_until: int | None = AT
    reconciled: int = AT
    position: str = "p"
    fault: str | None = None


@pytest.fixture(scope="module")
def truth(publications: tuple[Planned, ...]) -> Truth:
    known = Truth(frozenset(code for bundle in BUNDLES.values() for code in bundle.resources))
    for planned in publications:
        known.note(planned)
    return known


def fact(record: Record, at: int) -> KnownFact:
    draft = record.draft
    return KnownFact(
        resource=draft["resource"],
        record_type=RESOURCES.by_code[draft["resource"]].record_type,
        record_id=draft["record_id"],
        version=draft["version"],
        event_id=at.to_bytes(16, "big"),
        source=draft["source"],
        valid_at=draft["valid_at"],
        known_at=draft["valid_at"],
        topic="",
        partition=0,
        offset=at,
        name=draft["type"],
        content=draft["content"],
    )


def archive_answers(bundle: Bundle, records: list[Record]) -> Mapping[str, str]:
    sound = [fact(each, at) for at, each in enumerate(records) if not each.is_disputed]
    archive = SubjectArchive("s", fold(sound), Question(ASKED.since, AT, "", AT))
    return {
        check.id: strongest(
            answer_part(check.id, answerer.department, archive, answerer.reads, Covered, registry_complete=False).answer
            for answerer in check.answerers
        )
        for check in bundle.checks
        if all(answerer.mode == "archive" for answerer in check.answerers)
    }


@pytest.mark.parametrize("bundle", BUNDLES.values(), ids=BUNDLES.keys())
def test_the_hubs_rules_and_plain_python_agree(bundle: Bundle, city: Simulation, truth: Truth) -> None:
    """Every check that reads the archive answers something for somebody, and never that it cannot."""
    subjects = [each.key for each in (city.firms if bundle.subject == "enterprise" else city.people)]
    seen: Counter[tuple[str, str]] = Counter()
    for subject in subjects:
        records = [each for each in truth.records(subject) if not each.is_disputed]
        answers = archive_answers(bundle, records)
        covered = dict.fromkeys(bundle.resources, AT)
        assert answers == {
            check: answer for check, answer in _expected(bundle, records, covered).items() if check in answers
        }
        seen.update(answers.items())
    assert {answer for _, answer in seen} <= {"found", "clear"}
    found = {check for check, answer in seen if answer == "found"}
    assert bundle.id != "bankruptcy-inquiry" or found == {check.id for check in bundle.checks}


def _expected(bundle: Bundle, records: list[Record], covered: Mapping[str, int]) -> Mapping[str, str]:
    readable = [item for item in bundle.checks if all(each.reads for each in item.answerers)]
    return expected_answers(_Readable(tuple(readable)), records, covered, ASKED)  # type: ignore[arg-type]


class _Readable(NamedTuple):
    checks: tuple[object, ...]
