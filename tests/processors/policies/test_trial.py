"""A policy tried on a whole store: counts, reasons, samples, and nothing lost between chunks."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from processors.archive.scanning import scan
from processors.archive.store import ArchiveStore
from processors.policies.trial import PolicyTrial, Trial
from tests.processors.policies.archives import COVERED, LICENCE, NOW, PENALTY, POLICY, Known
from tests.processors.policies.events import CITY, FIRST, FOURTH, SECOND, THIRD, licensed
from tests.processors.policies.stores import IDS, filled, keep


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArchiveStore]:
    opened = filled(tmp_path / "store", CITY)
    yield opened
    opened.close()


def tried(store: ArchiveStore, *, prefilter: bool = True, chunk_facts: int = 40_000, known: Known = Known()) -> Trial:  # noqa: B008  frozen
    *_, trial = PolicyTrial(POLICY, store, IDS, known, NOW, prefilter=prefilter, chunk_facts=chunk_facts).run()
    return trial


def test_a_trial_counts_outcomes_and_reasons(store: ArchiveStore) -> None:
    trial = tried(store)
    assert (trial.facts, trial.subjects, trial.candidates) == (9, 4, 2)
    assert trial.dropped == {"registered": 1, "licensed": 1}
    assert trial.outcomes == {"matched": 1, "not-matched": 1}
    assert trial.states["unpunished"] == {"holds": 1, "fails": 1}
    assert trial.reasons == {"unpunished": {"有 1 条记录为据": 1}}
    assert trial.samples == {"matched": [FIRST], "not-matched": [SECOND]}
    assert trial.is_complete
    assert trial.facts_per_s > 0
    assert trial.archives_per_s > 0


def test_without_the_pre_filter_every_archive_is_evaluated(store: ArchiveStore) -> None:
    trial = tried(store, prefilter=False)
    assert (trial.candidates, trial.dropped) == (4, {})
    assert trial.outcomes == {"matched": 1, "not-matched": 3}
    assert trial.states["licensed"] == {"holds": 3, "fails": 1}


@pytest.mark.parametrize("chunk_facts", [1, 2, 3, 5, 9])
def test_no_archive_is_cut_in_two(store: ArchiveStore, chunk_facts: int) -> None:
    whole, cut = tried(store), tried(store, chunk_facts=chunk_facts)
    assert (cut.outcomes, cut.dropped, cut.facts, cut.subjects) == (
        whole.outcomes,
        whole.dropped,
        whole.facts,
        whole.subjects,
    )


def test_a_source_without_coverage_leaves_it_open(store: ArchiveStore) -> None:
    trial = tried(store, known=Known(silent=frozenset({PENALTY})))
    assert trial.outcomes == {"cannot-tell": 1, "not-matched": 1}
    assert trial.coverage[PENALTY] is None
    assert trial.coverage[LICENCE] == COVERED(LICENCE).complete_until


def test_progress_is_told_chunk_by_chunk(store: ArchiveStore) -> None:
    trial = PolicyTrial(POLICY, store, IDS, COVERED, NOW, chunk_facts=2)
    told = [(each.subjects, each.is_complete) for each in map(msgspec.structs.replace, trial.run())]
    assert told == [(1, False), (2, False), (3, False), (4, False), (4, True)]


def test_facts_written_while_it_runs_do_not_disturb_it(store: ArchiveStore) -> None:
    running = PolicyTrial(POLICY, store, IDS, COVERED, NOW, chunk_facts=1).run()
    next(running)
    keep(store, [licensed(each, version=2) for each in (FIRST, SECOND, THIRD, FOURTH)])
    *_, trial = running
    assert (trial.facts, trial.outcomes) == (9, {"matched": 1, "not-matched": 1})
    assert tried(store).facts == 13


def test_a_scan_keeps_the_wanted_resources_of_one_kind_of_subject(store: ArchiveStore) -> None:
    (chunk,) = scan(store, "enterprise", [LICENCE])
    assert [(row[0].decode(), row[1].decode()) for row in chunk.rows] == sorted(
        (each, LICENCE) for each in (FIRST, SECOND, THIRD, FOURTH)
    )
    assert (chunk.facts, chunk.subjects) == (9, 4)
    assert not list(scan(store, "person", [LICENCE]))
