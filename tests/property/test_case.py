"""Whatever order, repetition, crash or replay: a case reaches the same report. Faults are data in the input.

The plain runner over the events in one order is the oracle. Every other run takes the same events shuffled, repeated,
interrupted by crashes that lose the messages since the last commit of positions, and with its deadline at any place.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.cases.arrivals import Arrival, ReceivedMessage
from processors.cases.batch import Definitions, Stored, folded_batch
from processors.cases.rows import case_of, case_row
from processors.domain.answers import GIVEN, STRENGTH
from processors.domain.case import Case, settled
from processors.domain.report import is_genuine
from tests.processors.story import (
    COMPANY,
    CONTROLLER,
    answer,
    answered,
    deadline,
    handled,
    reports,
    request,
    reviewed,
    small_definition,
    substance,
)
from topics.events import CaseEvent, CaseUpdated, ReportIssued

SMALL = small_definition()
DEFINITIONS = Definitions(verifications={"small": SMALL})
REQUEST = request(definition=SMALL, include_related=True)
WORDS = sorted(GIVEN)
BEHIND = ("source-behind", "unavailable")

words = st.sampled_from(WORDS)
seconds = st.integers(1, 200)


@st.composite
def hub_says(draw: st.DrawFn) -> list[CaseEvent]:
    """Answers and later answers of the hub, in any order: it may evaluate again, also for the controller."""
    told = []
    for number in range(draw(st.integers(1, 4))):
        subjects = draw(st.lists(st.sampled_from((COMPANY, CONTROLLER)), min_size=1, unique=True))
        parts = [(check, subject) for check in ("paid", "staff") for subject in subjects]
        chosen = draw(st.lists(st.sampled_from(parts), min_size=1, unique=True))
        said = [answer(check, "tax", draw(words), subject) for check, subject in chosen]
        told.append(answered("hub", *said, at=draw(seconds), name=str(number)))
    return list(draw(st.permutations(told)))


@st.composite
def systems_say(draw: st.DrawFn) -> list[CaseEvent]:
    """A department's system answers by itself."""
    by = draw(st.sampled_from(("tax", "labour")))
    check = "staff" if by == "labour" else draw(st.sampled_from(("paid", "staff")))
    return [answered(by, answer(check, by, draw(words)), at=draw(seconds), name=f"system{draw(seconds)}")]


@st.composite
def people_say(draw: st.DrawFn) -> list[CaseEvent]:
    """Two persons on the task that is always there: answered, perhaps returned and answered again."""
    at = draw(seconds)
    told: list[CaseEvent] = []
    for attempt in range(draw(st.integers(1, 2))):
        approved = draw(st.booleans())
        told.append(handled("staff", "labour", draw(words), at=at + 10 * attempt))
        told.append(reviewed("staff", "labour", at=at + 10 * attempt + 5, approved=approved))
    return told


partitions = st.tuples(
    hub_says(),
    st.lists(systems_say(), max_size=2).map(lambda each: list(chain(*each))),
    people_say(),
    st.just([deadline()]),
)


@st.composite
def interleaved(draw: st.DrawFn, streams: Sequence[Sequence[CaseEvent]]) -> list[CaseEvent]:
    """The events in any order, save that what people do to a task stays in its order: it is on one partition."""
    hub, systems, people, timer = streams if len(streams) == 4 else (*streams, ())
    left = [*([event] for event in (*hub, *systems, *timer)), list(people)]
    merged: list[CaseEvent] = []
    while left:
        stream = draw(st.sampled_from(left))
        merged.append(stream.pop(0))
        left = [each for each in left if each]
    return merged


def faulty_run(events: Sequence[CaseEvent], commits: frozenset[int], crashes: frozenset[int]) -> Iterator[CaseEvent]:
    """What a runner gets that commits its position at some places and crashes, back to the last commit, at others."""
    committed = 0
    for place, event in enumerate(events):
        yield event
        if place in commits:
            committed = place + 1
        if place in crashes:
            yield from events[committed : place + 1]


class StoredRunner:
    """Takes batches as the coordinator does; its state goes through its row's bytes between any two of them."""

    def __init__(self) -> None:
        self.state: bytes | None = None
        self.emits: list[CaseEvent] = []
        self.refused: list[Arrival] = []

    @property
    def case(self) -> Case:
        assert self.state is not None
        return case_of(self.state)

    def take(self, batch: Sequence[CaseEvent]) -> None:
        arrivals = [Arrival(ReceivedMessage("", 0, 0, None, None, 0), event) for event in batch]
        stored = {} if self.state is None else {REQUEST.case_id: Stored(self.case, 0)}
        changes = folded_batch(arrivals, stored, DEFINITIONS)
        for case, partition in changes.verifications:
            self.state = case_row(case, partition)["state"]
        self.emits += changes.emits
        self.refused += changes.refused


def run_in_batches(events: Sequence[CaseEvent], sizes: Sequence[int]) -> StoredRunner:
    runner = StoredRunner()
    runner.take([REQUEST])
    left = list(events)
    for size in (*sizes, len(left) + 1):
        if batch := left[:size]:
            runner.take(batch)
        left = left[size:]
    return runner


def final(runner: StoredRunner) -> object:
    return substance(reports(runner.emits)[-1])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_order_repetition_and_crash_reach_the_same_report(data: st.DataObject) -> None:
    streams = data.draw(partitions)
    oracle = run_in_batches(list(chain(*streams)), [])
    shuffled = data.draw(interleaved(streams))
    places = st.frozensets(st.integers(0, len(shuffled) - 1))
    faulty = list(faulty_run(shuffled, data.draw(places), data.draw(places)))
    runner = run_in_batches(faulty, data.draw(st.lists(st.integers(0, 4), max_size=20)))
    assert final(runner) == final(oracle)
    assert significant(runner.case) == significant(oracle.case)


def significant(case: Case) -> dict[str, list[object]]:
    return {check: [(each.part, each.substance) for each in parts] for check, parts in settled(case).items()}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_replay_of_everything_emits_nothing(data: st.DataObject) -> None:
    streams = data.draw(partitions)
    events = data.draw(interleaved(streams))
    runner = run_in_batches(events, [])
    before, emitted = runner.state, len(runner.emits)
    runner.take([REQUEST, *(event for event in events if event not in refused(runner))])
    assert (runner.state, len(runner.emits)) == (before, emitted)


def refused(runner: StoredRunner) -> list[Any]:
    return [each.event for each in runner.refused]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_told_holds_together(data: st.DataObject) -> None:
    """Revisions grow by one, every id once, every report genuine and numbered, a clear line only of clear parts."""
    streams = data.draw(partitions)
    runner = run_in_batches(data.draw(interleaved(streams)), [])
    updates = [each for each in runner.emits if isinstance(each, CaseUpdated)]
    assert [each.revision for each in updates] == list(range(1, len(updates) + 1))
    assert len({each.event_id for each in runner.emits}) == len(runner.emits)
    issued = reports(runner.emits)
    assert [each["number"] for each in issued] == list(range(1, len(issued) + 1))
    bodies = [each.body for each in runner.emits if isinstance(each, ReportIssued) and each.kind != "superseded"]
    assert all(is_genuine(body) for body in bodies)
    for line in (line for report in issued for line in report["lines"]):
        said = [part["answer"] for part in line["parts"]]
        assert line["answer"] == min(said, key=STRENGTH.index)
    statuses = [each.status for each in runner.case.reports]
    assert statuses[-1] == "current"
    assert "current" not in statuses[:-1]


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_case_ends_by_its_deadline_whatever_is_missing(data: st.DataObject) -> None:
    streams = data.draw(partitions)
    events = data.draw(interleaved(streams[:3]))
    kept = data.draw(st.lists(st.sampled_from(events), unique_by=id)) if events else []
    runner = run_in_batches([*(event for event in events if event in kept), deadline()], [])
    issued = reports(runner.emits)
    assert issued
    assert all(line["answer"] is not None for line in issued[-1]["lines"])
    assert msgspec.json.encode(issued[-1])
