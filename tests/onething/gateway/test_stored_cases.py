"""The gateway's rows over a real SQLite store that a coordinator's own writer has filled."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.bundles import load_bundles
from onething.gateway.case_rows import CaseFilter, Listed, PageOf
from onething.gateway.stored_cases import CaseStates, StoredCases
from onething.gateway.verification_request import RequestedVerification, judge
from processors.cases import CaseStore, ReceivedMessage, StoreMissing
from processors.cases.arrivals import arrival
from processors.domain.definition import case_definitions
from topics.codec import RowCodec, SchemaIds
from topics.events import CaseEvent, ChecksAnswered, PartAnswer

USCC = "91440300708461136T"
SUBJECT = f"enterprise:{USCC}"
CODEC = RowCodec(SchemaIds.published())
AT_US = 1_790_000_000_000_000


def _write(store: CaseStore, topic: str, events: list[CaseEvent]) -> None:
    messages = [
        ReceivedMessage(topic, 0, offset, event.case_id.encode(), CODEC.encode(event), AT_US)
        for offset, event in enumerate(events)
    ]
    store.apply_batch([arrival(each, CODEC) for each in messages], now=AT_US, delivered=())


def _behind(case_id: str) -> ChecksAnswered:
    answer = PartAnswer(
        check_id="tax", department="tax", subject=SUBJECT, answer="source-behind", evidence=(), coverage=()
    )
    return ChecksAnswered(
        event_id=case_id.encode()[:16].ljust(16),
        case_id=case_id,
        answered_by="hub",
        answered_at=AT_US,
        answers=(answer,),
    )


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[StoredCases]:
    """Three cases, each with a task for the tax department."""
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    asked = judge({"subject": USCC, "purpose": "上市"}, load_bundles())
    assert isinstance(asked, RequestedVerification)
    names = [f"case-{number}" for number in range(3)]
    with CaseStore(url, case_definitions(), CODEC) as store, CaseStates(url) as reader:
        _write(store, "case.requests", [asked.event(name, AT_US + place) for place, name in enumerate(names)])
        _write(store, "case.answers.hub", [_behind(name) for name in names])
        yield StoredCases(reader)


def test_a_case_is_read_as_the_rules_know_it(rows: StoredCases) -> None:
    stored = asyncio.run(rows.stored("case-1"))
    assert stored is not None
    assert (stored.case.revision, stored.report, len(stored.case.tasks)) == (2, None, 1)
    assert asyncio.run(rows.stored("case-9")) is None


def test_cases_are_listed_newest_first_in_pages(rows: StoredCases) -> None:
    first = asyncio.run(rows.cases(CaseFilter(subject=SUBJECT), PageOf(2)))
    second = asyncio.run(rows.cases(CaseFilter(), PageOf(2, first.next_page)))
    assert [each["case_id"] for each in (*first.rows, *second.rows)] == ["case-2", "case-1", "case-0"]
    assert first.rows[0]["requested_at"].startswith("2026-09-21T22:13:20")


def test_a_departments_tasks_are_listed_and_lead_to_their_case(rows: StoredCases) -> None:
    found = asyncio.run(rows.tasks("tax", "open", PageOf(10)))
    assert {each["case_id"] for each in found.rows} == {"case-0", "case-1", "case-2"}
    task_id = found.rows[0]["task_id"]
    stored = asyncio.run(rows.case_of_task("tax", task_id))
    assert stored is not None
    assert stored.case.case_id == found.rows[0]["case_id"]
    assert asyncio.run(rows.case_of_task("water", task_id)) is None


@pytest.mark.parametrize("mark", ["x", "9" * 30 + "~case-1", "1~", "1~a\x00b"])
def test_a_mark_that_no_page_gave_is_refused(rows: StoredCases, mark: str) -> None:
    with pytest.raises(ValueError, match="earlier"):
        asyncio.run(rows.cases(CaseFilter(), PageOf(10, mark)))


def test_texts_that_no_row_can_hold_find_nothing(rows: StoredCases) -> None:
    assert asyncio.run(rows.stored("\x00")) is None
    assert asyncio.run(rows.case_of_task("tax", "\x00")) is None
    assert asyncio.run(rows.cases(CaseFilter(status="\x00"), PageOf(10))) == Listed((), None)


def test_a_store_that_is_not_there_yet_holds_nothing_and_is_not_ready(tmp_path: Path) -> None:
    with CaseStates(f"sqlite:///{tmp_path / 'none.db'}") as reader:
        empty = StoredCases(reader)
        assert asyncio.run(empty.stored("case-1")) is None
        assert asyncio.run(empty.cases(CaseFilter(), PageOf(10))) == Listed((), None)
        assert asyncio.run(empty.tasks("tax", None, PageOf(10))) == Listed((), None)
        with pytest.raises(StoreMissing):
            asyncio.run(empty.probe())
