"""Refused records over a real log: found, opened, mended, put aside; each act counts once, and nothing is lost."""

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from confluent_kafka import Message, TopicPartition
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from catalog.organisations import load_organisations
from catalog.resources import load_resources
from connectors.kafka import KafkaOptions, admin, consumer
from connectors.kafka.topic_admin import apply
from connectors.keyring import KeyRing
from onething.gateway.case_publisher import CasePublisher, NotPublished
from onething.gateway.problems import install_problems
from onething.gateway.refusals_wiring import RefusedRecords
from producers.intake import Intake, intake_router
from producers.protection import LocalProtector
from topics.codec import RowCodec, SchemaIds
from topics.declarations import PUBLISHED_FAMILIES, declared_topics
from topics.events import ArchiveRead, Event, RefusalSettled
from topics.identifiers import make_resident_id, make_uscc

pytestmark = pytest.mark.broker

OFFICE: Final = "urban-management"
POLICE: Final = "public-security"
NUMBER: Final = make_resident_id("610102", date(1990, 3, 7), 5)
WAIT_S: Final = 20.0
MINE: Final = f"/v1/departments/{OFFICE}/refusals"
THEIRS: Final = f"/v1/departments/{POLICE}/refusals"


def penalty(serial: int, **content: Any) -> dict[str, Any]:
    return {
        "type": "PenaltyImposed",
        "source": OFFICE,
        "resource": "urban-management.administrative-penalty",
        "subject": {"kind": "enterprise", "id": make_uscc("91", "610112", serial)},
        "record_id": f"p-{serial}",
        "version": 1,
        "valid_at": "2024-05-01T09:00:00+08:00",
        "content": {
            "decision_number": f"西城管罚字〔2024〕第{serial}号",
            "cause": "占道经营",
            "legal_basis": "城市道路管理条例第四十二条",
            "penalty_kind": "罚款",
            "amount_fen": 50000,
            "decided_at": "2024-05-01T09:00:00+08:00",
            "domain": OFFICE,
            "territory": "610112",
            "state": "in-force",
            **content,
        },
    }


def person(number: str, **content: Any) -> dict[str, Any]:
    return {
        "type": "PersonRegistered",
        "source": POLICE,
        "resource": "public-security.person-registration",
        "subject": {"kind": "person", "id": number},
        "record_id": "person-5",
        "version": 1,
        "valid_at": "2020-01-01T00:00:00+08:00",
        "content": {
            "name": "张三丰",
            "resident_id": number,
            "born_on": "1990-03-07",
            "territory": "610102",
            "state": "在籍",
            **content,
        },
    }


class Door:
    """The doors of one gateway, and the log behind them."""

    def __init__(self, options: KafkaOptions, keyring: KeyRing, folder: Path) -> None:
        self.options, self.codec = options, RowCodec(SchemaIds.published())
        self.intake = Intake(options, LocalProtector(keyring), SchemaIds.published(), load_resources())
        self.sink = CasePublisher(options, self.codec)
        self.records = RefusedRecords(
            options,
            self.codec,
            keyring,
            load_organisations(),
            self.intake,
            self.sink,
            folder=folder,
            clock=lambda: time.time_ns() // 1000,
        )
        app = FastAPI()
        app.include_router(intake_router(self.intake))
        app.include_router(self.records.router())
        install_problems(app)
        self.http = TestClient(app)
        self.http.__enter__()
        self.records.start()

    def close(self) -> None:
        asyncio.run(self.records.close())
        self.http.__exit__(None, None, None)
        self.sink.close()
        self.intake.close()

    def refused(self, draft: Any, department: str = OFFICE) -> dict[str, Any]:
        """Send a draft that is refused; its row, once the list has it."""
        before = {each["event_id"]: each["times"] for each in self.all(department)}
        body = draft if isinstance(draft, bytes) else json.dumps(draft, ensure_ascii=False).encode()
        answer = self.http.post("/v1/events", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 400, answer.text
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            for row in self.all(department):
                if before.get(row["event_id"]) != row["times"]:
                    return row
        raise AssertionError("the refused record did not come into the list")

    def all(self, department: str, **query: str) -> list[dict[str, Any]]:
        """Every row of a department, page by page."""
        rows: list[dict[str, Any]] = []
        after = ""
        while True:
            page = self.get(f"/v1/departments/{department}/refusals", **{"state": "any", **query}, limit=2, after=after)
            rows += page["refusals"]
            after = page["next_after"]
            if not after:
                return rows

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def retry(self, row: dict[str, Any], **body: Any) -> Response:
        path = f"/v1/departments/{row['department']}/refusals/{row['event_id']}/retry"
        return self.http.post(path, json={"mended_by": "王五", **body})

    def logged(self, topic: str) -> list[Event]:
        """Every event of a topic."""
        reader = consumer(self.options, "tests", enable_partition_eof=True, fetch_wait_max_ms=10)
        partitions = reader.list_topics(topic).topics[topic].partitions
        reader.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        found: list[Message] = []
        ended = 0
        while ended < len(partitions):
            for message in reader.consume(1000, 0.05):
                ended += message.error() is not None
                found += [] if message.error() else [message]
        reader.close()
        return [self.codec.event(each.value()) for each in found]


@pytest.fixture(scope="module")
def options(own_kafka: str) -> KafkaOptions:
    options = KafkaOptions(own_kafka)
    apply(admin(options), declared_topics(dict.fromkeys((OFFICE, POLICE), PUBLISHED_FAMILIES)))
    return options


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return KeyRing.open_or_create(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("refusals")


@pytest.fixture(scope="module")
def door(options: KafkaOptions, keyring: KeyRing, folder: Path) -> Iterator[Door]:
    made = Door(options, keyring, folder)
    yield made
    made.close()


def test_a_refused_record_is_listed_with_reasons_and_remedies(door: Door) -> None:
    row = door.refused(penalty(1, state="?", territory="6101"))
    assert [(each["code"], each["field"]) for each in row["reasons"]] == [
        ("bad-territory", "content.territory"),
        ("not-controlled", "content.state"),
    ]
    assert all(each["reason"] and each["remedy"] for each in row["reasons"])
    assert (row["resource"], row["event_type"]) == ("urban-management.administrative-penalty", "PenaltyImposed")
    assert (row["state"], row["door"], row["times"], row["mendable"]) == ("open", "intake", 1, True)


def test_single_changes_mend_it_once(door: Door) -> None:
    row = door.refused(penalty(2, state="?"))
    changes = [{"path": "content.state", "value": "in-force"}]
    tried = door.retry(row, changes=changes, dry_run=True).json()
    assert tried == {"publishable": True, "faults": []}
    assert door.get(f"{MINE}/{row['event_id']}")["state"] == "open"
    first, again = door.retry(row, changes=changes), door.retry(row, changes=changes)
    assert (first.status_code, again.status_code) == (200, 200), first.text
    assert (first.json()["again"], again.json()["again"]) == (False, True)
    settled = first.json()["settled"]
    assert settled == again.json()["settled"]
    became = [event for event in door.logged(f"registration.{OFFICE}") if event.event_id.hex() == settled["became"]]
    assert len(became) == 1
    other = door.retry(row, changes=[{"path": "content.state", "value": "revoked"}])
    assert (other.status_code, other.json()["type"]) == (409, "urn:onething:problem:already-mended")
    assert settled["became"] in other.json()["detail"]


def test_an_act_that_broke_off_is_made_again_with_the_same_outcome(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record was published and nobody heard so: sent again it is the same event, and settled once."""
    row = door.refused(penalty(6, state="?"))
    with monkeypatch.context() as broken:
        broken.setattr(door.sink, "publish_keyed", never_confirmed)
        first = door.retry(row, record=penalty(6))
    assert first.status_code == 503
    assert door.get(f"{MINE}/{row['event_id']}")["state"] == "open"
    again = door.retry(row, record=penalty(6))
    assert again.status_code == 200
    became = again.json()["settled"]["became"]
    published = [event for event in door.logged(f"registration.{OFFICE}") if event.event_id.hex() == became]
    assert len({event.event_id for event in published}) == 1
    acts = [event for event in door.logged("refusals.settled") if isinstance(event, RefusalSettled)]
    assert [event.became for event in acts if event.refused_id == row["event_id"]] == [became]


async def never_confirmed(topic: str, key: str, event: Event) -> None:
    raise NotPublished(f"{topic}: {key}: {type(event).__name__}")


def test_what_is_refused_again_is_kept_beside_the_record(door: Door) -> None:
    row = door.refused(penalty(3, state="?"))
    answer = door.retry(row, record=penalty(3, state="?", amount_fen="much"))
    assert answer.status_code == 422
    assert {(each["field"], each["code"]) for each in answer.json()["faults"]} == {
        ("content.amount_fen", "wrong-type"),
        ("content.state", "not-controlled"),
    }
    until = time.monotonic() + WAIT_S
    while not (tried := door.get(f"{MINE}/{row['event_id']}")["attempts"]):
        assert time.monotonic() < until
    assert [each["attempt_of"] if "attempt_of" in each else each["state"] for each in tried] == ["open"]
    assert tried[0]["event_id"] not in {each["event_id"] for each in door.all(OFFICE)}
    assert door.get(f"{MINE}/{tried[0]['event_id']}")["event_id"] == row["event_id"]
    assert door.retry(row, record=penalty(3)).status_code == 200


def test_a_person_stays_hidden_until_the_record_is_opened_and_that_is_on_record(door: Door) -> None:
    row = door.refused(person(NUMBER, state="走了"), POLICE)
    assert row["sealed"]
    masked = door.get(f"{THEIRS}/{row['event_id']}")
    assert NUMBER not in json.dumps(masked)
    assert "张三丰" not in json.dumps(masked, ensure_ascii=False)
    assert masked["record"]["content"]["state"] == "走了"
    assert [each["field"] for each in masked["faults_now"]] == ["content.state"]
    opened = door.get(f"{THEIRS}/{row['event_id']}", opened_by="李四")
    assert opened["record"] == person(NUMBER, state="走了")
    reads = [event for event in door.logged("access.reads") if isinstance(event, ArchiveRead)]
    assert [each.reader for each in reads if each.subjects == (f"refused:{row['event_id']}",)] == [f"{POLICE}:李四"]


def test_a_person_can_be_mended_without_being_opened(door: Door) -> None:
    row = next(each for each in door.all(POLICE, state="open"))
    answer = door.retry(row, changes=[{"path": "content.state", "value": "在籍"}])
    assert answer.status_code == 200, answer.text
    settled = next(
        event for event in door.logged("refusals.settled") if event.record()["refused_id"] == row["event_id"]
    )
    assert isinstance(settled, RefusalSettled)
    assert NUMBER.encode() not in repr(settled.record()).encode()
    assert settled.outcome == "mended"


def test_bytes_that_nobody_can_read_are_mended_by_a_whole_record(door: Door) -> None:
    row = door.refused(b'{"type": "PenaltyImposed", "source": "' + OFFICE.encode() + b'" broken', "hub")
    kept = door.get(f"/v1/departments/hub/refusals/{row['event_id']}", opened_by="李四")
    assert kept["record"] is None
    assert kept["text"].endswith("broken")
    refused = door.retry(row, changes=[{"path": "content.state", "value": "in-force"}])
    assert (refused.status_code, refused.json()["faults"][0]["code"]) == (422, "no-such-place")
    assert door.retry(row, text=json.dumps(penalty(4))).status_code == 200


def test_a_record_is_put_aside_with_a_reason(door: Door) -> None:
    row = door.refused(penalty(5, state="?"))
    path = f"{MINE}/{row['event_id']}/dismissal"
    nothing = door.http.post(path, json={})
    assert {each["field"] for each in nothing.json()["faults"]} == {"dismissed_by", "reason"}
    act = {"dismissed_by": "王五", "reason": "测试数据"}
    assert [door.http.post(path, json=act).status_code for _ in range(2)] == [200, 200]
    assert door.http.post(path, json={**act, "reason": "另有原因"}).status_code == 409
    late = door.retry(row, record=penalty(5))
    assert (late.status_code, late.json()["type"]) == (409, "urn:onething:problem:already-dismissed")
    assert row["event_id"] not in {each["event_id"] for each in door.all(OFFICE, state="open")}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 422),
        (b'"x"', 422),
        (b"{}", 422),
        (b'{"mended_by": "A", "changes": [], "text": "{}"}', 422),
        (b'{"mended_by": "A", "changes": [{"path": ""}]}', 422),
        (b'{"mended_by": "A", "changes": [{"path": "content.state.deep", "value": 1}]}', 422),
        (b'{"mended_by": "A", "changes": [{"path": "content\\u0000", "value": "x"}]}', 422),
        (b'{"mended_by": "A", "changes": 1}', 422),
        (b'{"mended_by": "A", "text": ""}', 422),
        (b'{"mended_by": "A", "text": "[]"}', 422),
        (b'{"mended_by": "A", "text": "\\ud800"}', 400),
        (b'{"mended_by": "A", "text": "' + b"[" * 5000 + b'"}', 422),
        (b'{"mended_by": "A", "record": {"type": {"a": 1}}}', 422),
        (b'{"mended_by": "610102199003070011", "changes": []}', 422),
        (b'{"mended_by": "A\\n", "changes": []}', 422),
        (b'{"mended_by": "A", "changes": [], "more": 1}', 422),
    ],
)
def test_a_bad_act_is_told_so_and_changes_nothing(door: Door, body: bytes, status: int) -> None:
    row = next((each for each in door.all(OFFICE, state="open")), None) or door.refused(penalty(7, state="?"))
    path = f"{MINE}/{row['event_id']}/retry"
    answer = door.http.post(path, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert answer.json()["remedy"]
    assert door.get(f"{MINE}/{row['event_id']}")["state"] == "open"


def test_lists_are_narrowed_sorted_and_counted(door: Door) -> None:
    rows = door.all(OFFICE)
    assert door.get(MINE, state="any", limit=1)["total"] == len(rows)
    assert [each["last_at"] for each in rows] == sorted((each["last_at"] for each in rows), reverse=True)
    upwards = door.all(OFFICE, sort="resource")
    assert {each["event_id"] for each in upwards} == {each["event_id"] for each in rows}
    only = door.all(OFFICE, reason="bad-territory")
    assert only
    assert all("bad-territory" in {reason["code"] for reason in each["reasons"]} for each in only)
    told = door.get(f"{MINE}/counts")
    assert sum(told["states"].values()) == len(rows)
    assert {each["key"] for each in told["doors"]} == {"intake"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/departments/nobody/refusals", 404),
        (f"{MINE}/{'0' * 32}", 404),
        (f"{MINE}?after=ff", 422),
        (f"{MINE}?since=yesterday", 422),
        (f"{MINE}?sort=body", 422),
    ],
)
def test_bad_questions_are_told_so(door: Door, path: str, status: int) -> None:
    answer = door.http.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_nothing_is_lost_when_the_index_is(door: Door, options: KafkaOptions, keyring: KeyRing, tmp_path: Path) -> None:
    """Another gateway's index, made from the log alone, tells the same; one that goes on from its file does too."""
    due = {department: door.all(department) for department in (OFFICE, POLICE, "hub")}
    for _ in range(2):
        fresh = Door(options, keyring, tmp_path)
        try:
            until = time.monotonic() + WAIT_S
            while (told := {each: fresh.all(each) for each in due}) != due:
                assert time.monotonic() < until, told
        finally:
            fresh.close()
