import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from catalog.hotline import load_hotline_words
from producers.hotline import (
    COMPLAINTS_PATH,
    ComplaintDoor,
    ComplaintFileFault,
    complaint_events,
    hotline_router,
    judge_complaints,
    known_codes,
    read_complaints,
)
from producers.hotline.complaints import text_context
from topics.events import Event, HotlineComplaintClosed, HotlineComplaintReceived
from topics.identifiers import make_resident_id

WORDS = load_hotline_words()
KNOWN = known_codes(WORDS, ["610103001000"], ["restaurant-opening"], ["tax"])
NOW_US = 1_790_000_000_000_000
RECEIVED: dict[str, Any] = {
    "complaint_id": "12345-20260901-0007",
    "channel": "12345",
    "kind": "complaint",
    "category": "over-time",
    "department": "tax",
    "received_at": "2026-09-01T09:30:00",
}
CLOSED: dict[str, Any] = {
    "complaint_id": "12345-20260901-0007",
    "closed_at": "2026-09-04T10:00:00+08:00",
    "outcome": "resolved",
    "satisfied": True,
    "case_id": "01J0",
}


class Keys:
    """Seals by turning bytes round, bound to their place."""

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        return context + plaintext[::-1]

    def digest(self, plaintext: bytes, context: bytes) -> bytes:
        return (plaintext + context)[:16]


class NotTakenError(Exception):
    pass


class Sink:
    """The log as a list."""

    def __init__(self) -> None:
        self.published: list[tuple[str, str, Event]] = []
        self.is_down = False

    async def publish_keyed(self, topic: str, key: str, event: Event) -> None:
        if self.is_down:
            raise NotTakenError
        self.published.append((topic, key, event))


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def door(sink: Sink) -> TestClient:
    app = FastAPI()
    app.include_router(hotline_router(ComplaintDoor(KNOWN, Keys(), sink, NotTakenError, lambda: NOW_US, 1 << 20)))
    return TestClient(app)


def events_of(*raw: object) -> list[Event]:
    stated, faults = judge_complaints(raw, KNOWN, NOW_US)
    assert not faults
    return [event for each in stated for event in complaint_events(each, Keys())]


def faults_of(**changed: Any) -> set[tuple[str, str]]:
    _, faults = judge_complaints([{**RECEIVED, **changed}], KNOWN, NOW_US)
    return {(each.field, each.code) for each in faults}


def test_a_complaint_is_kept_as_it_was_stated() -> None:
    (event,) = events_of(RECEIVED)
    assert isinstance(event, HotlineComplaintReceived)
    assert (event.complaint_id, event.department, event.case_id, event.text) == (
        "12345-20260901-0007",
        "tax",
        None,
        None,
    )
    assert event.received_at == 1_788_226_200_000_000  # 09:30 in China


def test_a_closing_says_what_handling_found() -> None:
    (event,) = events_of(CLOSED)
    assert isinstance(event, HotlineComplaintClosed)
    assert (event.case_id, event.item, event.outcome, event.satisfied) == ("01J0", None, "resolved", True)


def test_a_record_of_both_states_the_links_once() -> None:
    received, closed = events_of({**CLOSED, **RECEIVED})
    assert isinstance(received, HotlineComplaintReceived)
    assert isinstance(closed, HotlineComplaintClosed)
    assert (received.case_id, closed.case_id) == ("01J0", None)


def test_the_text_is_sealed_for_its_complaint() -> None:
    (event,) = events_of({**RECEIVED, "text": "张三反映窗口无人"})
    assert isinstance(event, HotlineComplaintReceived)
    assert event.text == Keys().seal("张三反映窗口无人".encode(), text_context(event.complaint_id))


def test_a_repeat_is_the_same_event_and_a_change_another() -> None:
    first, again, changed, other_text = events_of(
        RECEIVED, dict(reversed(RECEIVED.items())), {**RECEIVED, "category": "other"}, {**RECEIVED, "text": "…"}
    )
    assert first.event_id == again.event_id
    assert len({first.event_id, changed.event_id, other_text.event_id}) == 3


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"complaint_id": " "}, ("complaint_id", "missing")),
        ({"complaint_id": "1" * 65}, ("complaint_id", "not-a-number")),
        ({"complaint_id": make_resident_id("610103", date(1990, 1, 1), 1)}, ("complaint_id", "personal-data-in-clear")),
        ({"channel": "911"}, ("channel", "unknown-code")),
        ({"category": ""}, ("category", "missing")),
        ({"department": "nobody"}, ("department", "unknown-department")),
        ({"item": "1"}, ("item", "unknown-item")),
        ({"bundle": "none"}, ("bundle", "unknown-bundle")),
        ({"district": "61010"}, ("district", "not-a-district")),
        ({"received_at": "昨天"}, ("received_at", "not-an-instant")),
        ({"received_at": "2036-09-01"}, ("received_at", "in-the-future")),
        ({"received_at": "1999-12-31T23:59:59"}, ("received_at", "too-early")),
        ({"outcome": "resolved"}, ("outcome", "not-closed")),
        ({"closed_at": "2026-08-01", "outcome": "resolved"}, ("closed_at", "before-receipt")),
        ({"caller": "张三"}, ("caller", "unknown-field")),
        ({"made_up": "yes"}, ("made_up", "wrong-type")),
        ({"text": "长" * 4001}, ("text", "too-long")),
    ],
)
def test_what_is_at_fault_is_named(changed: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults_of(**changed) == {fault}


def test_a_closing_takes_nothing_of_the_receipt() -> None:
    _, faults = judge_complaints([{**CLOSED, "category": "other", "text": "…"}, 3, {}], KNOWN, NOW_US)
    assert [(each.place, each.field) for each in faults] == [
        (0, "category"),
        (0, "text"),
        (1, "body"),
        (1, "complaint_id"),
        (1, "received_at"),
        (2, "complaint_id"),
        (2, "received_at"),
    ]


def test_the_door_takes_a_batch_whole(door: TestClient, sink: Sink) -> None:
    answered = door.post(COMPLAINTS_PATH, json={"complaints": [RECEIVED, CLOSED]})
    assert (answered.status_code, answered.json()["complaints"]) == (202, 2)
    assert [(topic, key) for topic, key, _ in sink.published] == [("hotline", "12345-20260901-0007")] * 2


def test_the_door_takes_nothing_of_a_batch_with_a_fault(door: TestClient, sink: Sink) -> None:
    refused = door.post(COMPLAINTS_PATH, json=[RECEIVED, {**RECEIVED, "channel": "x", "kind": ""}])
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["faults"]] == ["complaints.1.channel", "complaints.1.kind"]
    assert not sink.published


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"content": b"[]", "headers": {"content-type": "application/json"}}, 422),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 422),
        ({"content": b"\xff", "headers": {"content-type": "application/json"}}, 422),
        ({"json": "text"}, 422),
        ({"json": [RECEIVED] * 1001}, 422),
        ({"content": b"{}", "headers": {"content-type": "text/plain"}}, 415),
        ({"content": b" " * (2 << 20), "headers": {"content-type": "application/json"}}, 413),
    ],
)
def test_what_is_no_batch_is_refused(door: TestClient, sent: dict[str, Any], status: int) -> None:
    assert door.post(COMPLAINTS_PATH, **sent).status_code == status


def test_a_log_that_does_not_confirm_is_told(door: TestClient, sink: Sink) -> None:
    sink.is_down = True
    assert door.post(COMPLAINTS_PATH, json=RECEIVED).status_code == 503


@given(
    st.lists(
        st.recursive(
            st.none() | st.booleans() | st.text() | st.integers(),
            lambda x: st.dictionaries(st.sampled_from([*RECEIVED, *CLOSED, "x"]), x),
        )
    )
)
def test_nothing_that_is_sent_breaks_the_judgement(raw: list[Any]) -> None:
    stated, faults = judge_complaints(raw, KNOWN, NOW_US)
    assert len(stated) + len({each.place for each in faults}) == len(raw)


def test_files_are_read_alike(tmp_path: Path) -> None:
    lines, array, table = (tmp_path / f"c.{ending}" for ending in ("jsonl", "json", "csv"))
    lines.write_text(f"{json.dumps(RECEIVED)}\n\n{json.dumps(CLOSED)}\n")
    array.write_text(json.dumps([RECEIVED, CLOSED]))
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*(RECEIVED | CLOSED)])
        writer.writeheader()
        writer.writerows([RECEIVED, {**CLOSED, "satisfied": "满意"}])
    assert read_complaints(lines) == read_complaints(array) == read_complaints(table) == [RECEIVED, CLOSED]


@pytest.mark.parametrize("content", [b"\xff", b"[{", b"{}\n{"])
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(content)
    with pytest.raises(ComplaintFileFault, match=r"c\.json"):
        read_complaints(path)


def test_no_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ComplaintFileFault):
        read_complaints(tmp_path / "none.jsonl")
