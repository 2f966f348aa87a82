"""The gateway's rows of handled cases over a real SQLite store that a coordinator's own writer has filled."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from onething.gateway.case_rows import Listed, PageOf
from onething.gateway.handling_rows import AssignmentSearch, CaseSearch, EvaluationSearch, Span
from onething.gateway.handling_view import handling_view
from onething.gateway.stored_handlings import NOTHING, StoredHandlings
from processors.cases import CaseReader, CaseStore
from processors.domain.definition import case_definitions
from tests.processors.cases.writing import CODEC, arrived
from tests.processors.handling_story import SUBMITTED_AT, a_plan, an_application, an_item, decided, judged
from topics.events import CaseEvaluated, CaseEvent
from topics.identifiers import make_uscc

PLAN = a_plan(an_item(1, handled_and_reviewed=True), an_item(2, "urban-management"))
SUBJECTS = [f"enterprise:{make_uscc('91', '610100', serial)}" for serial in range(3)]
TEN = PageOf(10)


@dataclass
class Stored:
    """A store with three handled cases, ``case-0`` to ``case-2``, and the rows that the gateway reads of it."""

    store: CaseStore
    rows: StoredHandlings

    def take(self, *events: CaseEvent) -> None:
        self.store.apply_batch(arrived(*events), now=SUBMITTED_AT)


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Stored]:
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    plans = {PLAN.bundle: PLAN}
    with CaseStore(url, case_definitions(), CODEC, plans=plans) as store, CaseReader(url) as reader:
        made = Stored(store, StoredHandlings(reader))
        for number, subject in enumerate(SUBJECTS):
            event_id, at = bytes([number + 1]) * 16, SUBMITTED_AT + number
            made.take(an_application(event_id=event_id, case_id=f"case-{number}", subject=subject, submitted_at=at))
        yield made


def _finish(stored: Stored, case_id: str) -> None:
    """Both items approved, and the case judged."""
    for number, reviewed in ((1, True), (2, False)):
        found = asyncio.run(stored.rows.handling(case_id))
        assert found is not None
        proposed = decided(found.handling, number)
        stored.take(proposed)
        found = asyncio.run(stored.rows.handling(case_id))
        assert found is not None
        if reviewed:
            stored.take(judged(found.handling, number))
    stored.take(
        CaseEvaluated(event_id=b"e" * 16, case_id=case_id, stars=1, evaluated_by="企业经办", at=SUBMITTED_AT + 10**10)
    )


def test_a_case_is_read_with_what_was_told_of_it(stored: Stored) -> None:
    found = asyncio.run(stored.rows.handling("case-1"))
    assert found is not None
    assert [notice.kind for notice in found.notices] == ["receipt"]
    assert handling_view(found)["subject"] == SUBJECTS[1]
    assert asyncio.run(stored.rows.handling("case-9")) is None


def test_one_runs_for_a_subject_until_it_has_ended(stored: Stored) -> None:
    assert asyncio.run(stored.rows.running(PLAN.bundle, SUBJECTS[0])) == "case-0"
    _finish(stored, "case-0")
    assert asyncio.run(stored.rows.running(PLAN.bundle, SUBJECTS[0])) is None


def test_cases_are_found_newest_first_in_pages(stored: Stored) -> None:
    first = asyncio.run(stored.rows.search(CaseSearch(kind="handling"), PageOf(2)))
    second = asyncio.run(stored.rows.search(CaseSearch(), PageOf(2, first.next_page)))
    assert [row["case_id"] for row in (*first.rows, *second.rows)] == ["case-2", "case-1", "case-0"]
    assert first.rows[0]["requested_at"].startswith("2026-03-02T10:00:00")
    for only in (
        CaseSearch(subject=SUBJECTS[1]),
        CaseSearch(department="urban-management", order="due"),
        CaseSearch(lead="market-regulation", place="610100", state="open"),
        CaseSearch(bundle=PLAN.bundle, channel="online", overdue=False),
    ):
        assert "case-1" in {row["case_id"] for row in asyncio.run(stored.rows.search(only, TEN)).rows}, only
    assert first.total == 3
    none = asyncio.run(stored.rows.search(CaseSearch(due_before=SUBMITTED_AT), TEN))
    assert (none.rows, none.next_page, none.total) == ((), None, 0)


def test_an_inbox_leads_to_its_cases(stored: Stored) -> None:
    found = asyncio.run(stored.rows.assignments(AssignmentSearch("urban-management", "active", "item"), TEN))
    assert {row["case_id"] for row in found.rows} == {"case-0", "case-1", "case-2"}
    row = found.rows[0]
    case = asyncio.run(stored.rows.case_of_assignment("urban-management", row["assignment_id"]))
    assert case is not None
    assert case.handling.case_id == row["case_id"]
    assert asyncio.run(stored.rows.case_of_assignment("water", row["assignment_id"])) is None
    assert asyncio.run(stored.rows.case_of_assignment("water", "nobody")) is None


def test_a_proposed_decision_is_shown_to_who_reviews_it(stored: Stored) -> None:
    case = asyncio.run(stored.rows.handling("case-0"))
    assert case is not None
    stored.take(decided(case.handling, 1))
    (row,) = asyncio.run(stored.rows.assignments(AssignmentSearch("market-regulation", "handled"), TEN)).rows
    assert row["proposed"]["handled_by"] == "张经办"


def test_figures_are_taken_from_cases_that_ended(stored: Stored) -> None:
    assert asyncio.run(stored.rows.finished(None, Span())) == ()
    _finish(stored, "case-0")
    (finished,) = asyncio.run(stored.rows.finished(PLAN.bundle, Span()))
    (evaluated,) = asyncio.run(stored.rows.evaluated(None, Span(begin=SUBMITTED_AT)))
    (listed,) = asyncio.run(stored.rows.evaluations(EvaluationSearch(most_stars=2), TEN)).rows
    assert finished.case_id == evaluated.case_id == listed["case_id"] == "case-0"
    assert (listed["comment"], listed["has_comment"]) == (None, False)
    assert asyncio.run(stored.rows.finished("other", Span())) == ()


@pytest.mark.parametrize("mark", ["x", "9" * 30 + "~case-1", "²~a"])
def test_a_mark_that_no_page_gave_is_refused(stored: Stored, mark: str) -> None:
    with pytest.raises(ValueError, match=r"earlier|invalid literal"):
        asyncio.run(stored.rows.search(CaseSearch(), PageOf(10, mark)))


def test_texts_that_no_row_can_hold_find_nothing(stored: Stored) -> None:
    assert asyncio.run(stored.rows.handling("\x00")) is None
    assert asyncio.run(stored.rows.running("\x00", "x")) is None
    assert asyncio.run(stored.rows.search(CaseSearch(state="\x00"), TEN)) == Listed((), None)


def test_a_store_that_is_not_there_yet_holds_nothing(tmp_path: Path) -> None:
    with CaseReader(f"sqlite:///{tmp_path / 'none.db'}") as reader:
        empty = StoredHandlings(reader)
        assert asyncio.run(empty.handling("case-1")) is None
        assert asyncio.run(empty.search(CaseSearch(), TEN)) == NOTHING
        assert asyncio.run(empty.finished(None, Span())) == ()
