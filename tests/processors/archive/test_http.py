"""A replica's door: what it asks of a reader, and what it says when it cannot answer."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from confluent_kafka import KafkaError
from starlette.testclient import TestClient

from catalog.archive_specification import load_archive_specification
from processors.archive.coverage import Coverage
from processors.archive.http import ArchiveDoor
from processors.archive.keys import FactKey, fact_key
from processors.archive.reading import ArchiveReader
from processors.archive.store import ArchiveStore, Batch
from tests.processors.archive.facts import CODEC, COMPANY, IDS, TOPIC, filing
from topics.events import ArchiveRead, EnterpriseChanged

KNOWN_AT_MS = 1_777_600_800_001
NAMED = {"reader": "clerk", "purpose": "上市核查", "case": "case-1"}


class ReadOn:
    """A view that has read one partition up to offset 5."""

    positions: ClassVar = {(TOPIC, 0): 5}
    facts_kept = 5

    def lag(self) -> int:
        return 0

    def make_way(self) -> None:
        pass

    def coverage(self, resource: str) -> Coverage:
        return Coverage(resource=resource, complete_until=7 if resource == "tax.filing" else None)

    def wait_for(self, topic: str, partition: int, offset: int, _: float) -> bool:
        return self.positions.get((topic, partition), 0) > offset


class ReadsOnRecord:
    """A producer that takes the record of a read, or does not."""

    def __init__(self) -> None:
        self.reads: list[ArchiveRead] = []
        self.fault: KafkaError | None = None

    def produce(self, _: str, value: bytes, key: bytes, on_delivery: Callable[[Any, Any], None]) -> None:
        event = CODEC.event(value)
        assert isinstance(event, ArchiveRead)
        assert event.subjects[0].encode() == key
        self.reads.append(event)
        on_delivery(self.fault, None)


@pytest.fixture
def log() -> ReadsOnRecord:
    return ReadsOnRecord()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArchiveStore]:
    opened = ArchiveStore(tmp_path / "store", 16)
    yield opened
    opened.close()


@pytest.fixture
def http(store: ArchiveStore, log: ReadsOnRecord) -> Iterator[TestClient]:
    number = store.topic_number(TOPIC)
    for version, at in ((1, KNOWN_AT_MS), (2, KNOWN_AT_MS + 1)):
        fact = filing("1", version, person_name=b"sealed")
        key = FactKey(fact.resource, fact.record_id, version, fact.event_id, at, number, 0, version)
        store.write(Batch(facts=[(fact_key(COMPANY, key), CODEC.encode(fact))]))
    reader = ArchiveReader(store, IDS)
    door = ArchiveDoor(
        ReadOn(),  # type: ignore[arg-type]
        lambda: reader,
        lambda: CODEC,
        log,  # type: ignore[arg-type]
        load_archive_specification(),
        lambda: None,
    )
    with TestClient(door.application()) as client:
        yield client


def close(store: ArchiveStore) -> EnterpriseChanged:
    """The market regulator deregisters the company."""
    ended = EnterpriseChanged(
        event_id=b"e" * 16,
        source="market-regulation",
        resource="market-regulation.enterprise-registration",
        subject=COMPANY,
        record_type="enterprise-registration",
        record_id="r",
        version=1,
        valid_at=1_770_000_000_000_000,
        name="某公司",
        territory="610100",
        state="注销",
    )
    number = store.topic_number("registration.market-regulation")
    key = FactKey(ended.resource, "r", 1, ended.event_id, KNOWN_AT_MS + 2, number, 0, 0)
    store.write(Batch(facts=[(fact_key(COMPANY, key), CODEC.encode(ended))]))
    return ended


def ask(http: TestClient, subject: str = COMPANY, **query: str) -> Any:
    return http.get(f"/v1/archives/{subject}", params=NAMED | query)


def test_a_closed_archive_says_since_when_and_by_what_and_keeps_everything(
    http: TestClient, store: ArchiveStore
) -> None:
    before = ask(http).json()
    assert before["closed"] is None
    ended = close(store)
    after = ask(http).json()
    assert after["closed"] == {
        "since": ended.valid_at,
        "by": "market-regulation.enterprise-registration",
        "department": "market-regulation",
        "state": "注销",
        "event_id": ended.event_id.hex(),
        "disputed": False,
    }
    assert [each for each in after["records"] if each in before["records"]] == before["records"]
    assert len(after["records"]) == len(before["records"]) + 1
    assert ask(http, as_of=str((KNOWN_AT_MS + 1) * 1000)).json()["closed"] is None


def test_a_record_has_its_history_its_provenance_and_no_personal_data(http: TestClient) -> None:
    (record,) = ask(http).json()["records"]
    assert (record["version"], [each["version"] for each in record["history"]]) == (2, [1])
    assert record["provenance"] == {"topic": TOPIC, "partition": 0, "offset": 2}
    assert record["content"]["person_name"] == record["history"][0]["content"]["person_name"] == "***"


@pytest.mark.parametrize(
    "as_of", [str(KNOWN_AT_MS * 1000), "2026-05-01T10:00:00.001+08:00", "2026-05-01T02:00:00.001Z"]
)
def test_a_time_means_everything_known_by_then_to_the_microsecond(http: TestClient, as_of: str) -> None:
    (record,) = ask(http, as_of=as_of).json()["records"]
    assert record["version"] == 1


def test_before_anything_was_known_there_is_no_such_subject(http: TestClient) -> None:
    assert ask(http, as_of=str(KNOWN_AT_MS * 1000 - 1)).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"purpose": ""},
        {"case": ""},
        {"as_of": "yesterday"},
        {"as_of": "2026-05-01T10:00:00"},
        {"as_of": "²"},
        {"as_of": "9" * 5_000},
        {"as_of": "-1"},
        {"after": "registration.tax/0"},
        {"wait_s": "soon"},
        {"wait_s": "nan"},
        {"wait_s": "-1"},
    ],
)
def test_a_request_that_says_too_little_or_nonsense_is_told_so_and_shows_nothing(
    http: TestClient, log: ReadsOnRecord, query: dict[str, str]
) -> None:
    told = ask(http, **({"after": f"{TOPIC}/0/4"} | query))
    assert told.status_code == 400
    assert told.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "remedy"} <= told.json().keys()
    assert log.reads == []


@pytest.mark.parametrize("subject", ["610102199001011234", "person:610102199001011234", "enterprise:1", "x:y"])
def test_what_is_no_subject_is_refused_and_not_repeated(http: TestClient, log: ReadsOnRecord, subject: str) -> None:
    told = ask(http, subject)
    assert told.status_code == 400
    assert "610102199001011234" not in told.text
    assert log.reads == []


def test_every_read_is_on_record_before_it_is_shown_even_when_it_shows_nothing(
    http: TestClient, log: ReadsOnRecord
) -> None:
    ask(http)
    ask(http, f"person:{'ab' * 16}", case="", grant="grant-1")
    assert [(each.reader, each.purpose, each.case_id or each.grant_id) for each in log.reads] == [
        ("clerk", "上市核查", "case-1"),
        ("clerk", "上市核查", "grant-1"),
    ]
    assert [each.record_count for each in log.reads] == [1, 0]


def test_a_read_that_cannot_be_recorded_is_not_shown(http: TestClient, log: ReadsOnRecord) -> None:
    log.fault = KafkaError(KafkaError.BROKER_NOT_AVAILABLE)
    told = ask(http)
    assert told.status_code == 503
    assert "纳税申报" not in told.text


def test_a_receipt_is_waited_for_and_a_later_one_told_in_time(http: TestClient) -> None:
    assert ask(http, after=f"{TOPIC}/0/4").status_code == 200
    assert ask(http, after=f"{TOPIC}/0/5", wait_s="0").status_code == 504


def test_positions_and_health(http: TestClient) -> None:
    assert http.get("/v1/positions").json()["positions"] == {TOPIC: {"0": 5}}
    assert http.get("/health/live").status_code == http.get("/health/ready").status_code == 200


def test_coverage_is_told_for_the_sources_asked_about_and_is_no_read(http: TestClient, log: ReadsOnRecord) -> None:
    answer = http.get("/v1/coverage", params={"resource": ["tax.filing", "tax.other", "tax.filing"]})
    assert answer.json() == {
        "coverage": {"tax.filing": {"complete_until": 7}, "tax.other": {"complete_until": None}},
    }
    assert log.reads == []
