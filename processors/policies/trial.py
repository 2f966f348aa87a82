"""A policy tried on every archive of the store (试算): nothing is told to anybody, nothing is written."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import msgspec

from catalog.policies import Policy
from processors.archive.coverage import Coverage
from processors.archive.reading import ArchiveReader
from processors.archive.scanning import CHUNK_FACTS, ScannedChunk, scan
from processors.archive.store import ArchiveStore
from processors.domain.policy import Match, PolicyJudge
from processors.policies.columns import ColumnFilter
from topics.codec import SchemaIds

SAMPLES = 5
BREATH_S = 0.0005
ARCHIVES_A_BREATH = 4
"""Beside readers of the same process: after half a millisecond of work as long a rest, in which their turn comes."""


class Trial(msgspec.Struct, kw_only=True):
    """What a policy would come to.

    Attributes:
        now: instant as of which it was judged, µs.
        facts: facts in the archives of its audience, all passed by the pre-filter.
        subjects: how many archives these are.
        candidates: archives that were fully evaluated: folded, every condition judged.
        dropped: condition → archives in which the pre-filter found no record that could fulfil it.
        outcomes: outcome → fully evaluated archives.
        states: condition → state → archives.
        reasons: condition → reason → archives, for conditions that do not hold.
        samples: outcome → some of the subjects; persons by their tokens.
        coverage: resource → until when (µs) its source states it to be complete, None where it does not.
        filter_s: seconds of reading the store and pre-filtering.
        evaluate_s: seconds of full evaluation.
        filter_cpu_s: processor seconds of it, in this thread.
        evaluate_cpu_s: the same of full evaluation.
        is_complete: False while it runs, and when it was stopped.
    """

    policy: str
    version: int
    audience: str
    now: int
    facts: int = 0
    subjects: int = 0
    candidates: int = 0
    dropped: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    states: dict[str, dict[str, int]] = {}
    reasons: dict[str, dict[str, int]] = {}
    samples: dict[str, list[str]] = {}
    coverage: dict[str, int | None] = {}
    filter_s: float = 0.0
    evaluate_s: float = 0.0
    filter_cpu_s: float = 0.0
    evaluate_cpu_s: float = 0.0
    is_complete: bool = False

    @property
    def facts_per_s(self) -> float:
        """Facts pre-filtered a second."""
        return self.facts / self.filter_s if self.filter_s else 0.0

    @property
    def archives_per_s(self) -> float:
        """Archives fully evaluated a second."""
        return self.candidates / self.evaluate_s if self.evaluate_s else 0.0


class PolicyTrial:
    """One run of a policy over one store; belongs to one thread."""

    def __init__(
        self,
        policy: Policy,
        store: ArchiveStore,
        ids: SchemaIds,
        coverage_of: Callable[[str], Coverage],
        now: int,
        *,
        prefilter: bool = True,
        chunk_facts: int = CHUNK_FACTS,
        beside_readers: Callable[[], bool] = lambda: False,
    ) -> None:
        """Try the policy as of ``now`` (µs).

        Args:
            policy: what is tried.
            store: read from one snapshot, by the process that owns it.
            ids: the registered schemas.
            coverage_of: what is known of a resource's completeness.
            now: µs UTC.
            prefilter: without it every archive is fully evaluated.
            chunk_facts: archives are taken up by about so many facts.
            beside_readers: whether somebody waits to be answered by this process; the trial then takes rests.
        """
        self._beside_readers = beside_readers
        self._chunk_facts = chunk_facts
        self._policy = policy
        self._store = store
        self._reader = ArchiveReader(store, ids)
        self._filter = ColumnFilter(policy, ids, now) if prefilter else None
        self._judge = PolicyJudge(policy, coverage_of, now)
        self._states: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._outcomes: Counter[str] = Counter()
        self._matched: Callable[[Match], None] | None = None
        self.trial = Trial(
            policy=policy.id,
            version=policy.version,
            audience=policy.audience,
            now=now,
            coverage={code: coverage_of(code).complete_until for code in sorted(policy.resources)},
        )

    def run(self, matched: Callable[[Match], None] | None = None) -> Iterator[Trial]:
        """The trial as it stands after each chunk, the complete one last; ``matched`` is given every match."""
        self._matched = matched
        began = _clocks()
        for chunk in scan(self._store, self._policy.audience, self._policy.resources, self._chunk_facts, self._breathe):
            candidates = self._candidates(chunk)
            filtered = _clocks()
            self._evaluate(chunk, candidates)
            evaluated = _clocks()
            self._add(chunk, len(candidates), began, filtered, evaluated)
            yield self.trial
            began = _clocks()
        self._close(began)
        yield self.trial

    def _candidates(self, chunk: ScannedChunk) -> set[bytes]:
        if self._filter is None:
            return {row[0] for row in chunk.rows}
        return self._filter.candidates(chunk)

    def _evaluate(self, chunk: ScannedChunk, candidates: set[bytes]) -> None:
        judge, folded = self._judge.judge, self._reader.folded
        for place, (subject, rows) in enumerate(chunk.by_subject(candidates)):
            self._count(judge(subject, folded(rows)))
            if place % ARCHIVES_A_BREATH == 0:
                self._breathe()

    def _breathe(self) -> None:
        if self._beside_readers():
            time.sleep(BREATH_S)

    def _count(self, match: Match) -> None:
        self._outcomes[match.outcome] += 1
        if self._matched is not None and match.outcome == "matched":
            self._matched(match)
        if self._outcomes[match.outcome] <= SAMPLES:
            self.trial.samples.setdefault(match.outcome, []).append(match.subject)
        for finding in match.findings:
            self._states[finding.condition][finding.state] += 1
            if finding.state != "holds":
                self._reasons[finding.condition][finding.reason] += 1

    def _add(
        self,
        chunk: ScannedChunk,
        candidates: int,
        began: tuple[float, float],
        filtered: tuple[float, float],
        evaluated: tuple[float, float],
    ) -> None:
        trial = self.trial
        trial.facts += chunk.facts
        trial.subjects += chunk.subjects
        trial.candidates += candidates
        trial.filter_s += filtered[0] - began[0]
        trial.filter_cpu_s += filtered[1] - began[1]
        trial.evaluate_s += evaluated[0] - filtered[0]
        trial.evaluate_cpu_s += evaluated[1] - filtered[1]
        self._tell()

    def _close(self, began: tuple[float, float]) -> None:
        ended = _clocks()
        self.trial.filter_s += ended[0] - began[0]
        self.trial.filter_cpu_s += ended[1] - began[1]
        self.trial.is_complete = True
        self._tell()

    def _tell(self) -> None:
        trial = self.trial
        trial.outcomes = dict(self._outcomes)
        trial.states = {condition: dict(counts) for condition, counts in self._states.items()}
        trial.reasons = {condition: dict(counts) for condition, counts in self._reasons.items()}
        if self._filter is not None:
            trial.dropped = {condition: count for condition, count in self._filter.dropped.items() if count}


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.thread_time()
