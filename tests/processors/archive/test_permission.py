"""A replica's door with grants and cases enforced: what it shows, what it refuses, and what is on record of both."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from catalog.archive_specification import load_archive_specification
from catalog.demands.check import CaseGround
from catalog.demands.model import EVERYTHING, Grant, Subjects
from catalog.register.canonical import canonical
from processors.archive.grants import GrantBook
from processors.archive.http import ArchiveDoor
from processors.archive.keys import FactKey, fact_key
from processors.archive.permission import ReadGuard
from processors.archive.reading import ArchiveReader
from processors.archive.store import ArchiveStore, Batch
from tests.processors.archive.facts import CODEC, COMPANY, IDS, TOPIC, filing
from tests.processors.archive.test_http import KNOWN_AT_MS, ReadOn, ReadsOnRecord
from topics.events import CatalogChanged

FILING = filing("1", 1).resource
GRANT = Grant(
    id="G-1",
    demand="D-1",
    demand_version=3,
    reader=("finance",),
    resources=(FILING,),
    fields={FILING: ("status",)},
    subjects=Subjects(kind="enterprise"),
    purpose="资格审查",
    means=("interface",),
    since=0,
    until=4_000_000_000_000_000,
    issued_by="tax:张三/李四",
)
ASKED = {"reader": "finance:王五", "purpose": "资格审查", "grant": "G-1", "means": "interface"}


class Cases:
    """One case, of the tax department, which water joins when it is looked up again."""

    def __init__(self) -> None:
        self.grounds = {"case-1": CaseGround(frozenset({"tax"}), frozenset({COMPANY}))}
        self.looked = 0

    def known(self, case_id: str) -> CaseGround | None:
        return self.grounds.get(case_id)

    def look(self, case_id: str) -> CaseGround | None:
        self.looked += 1
        if case_id == "case-1":
            self.grounds[case_id] = CaseGround(frozenset({"tax", "water"}), frozenset({COMPANY}))
        return self.known(case_id)


def change(grant: Grant, action: str = "issued", version: int = 1) -> CatalogChanged:
    return CatalogChanged(
        event_id=b"c" * 16,
        number=1,
        entity="grant",
        entity_id=grant.id,
        version=version,
        action=action,
        actor="李四",
        at=1,
        state=canonical(grant),
    )


@pytest.fixture
def book() -> GrantBook:
    book = GrantBook()
    book.take(change(GRANT))
    book.is_complete = True
    return book


@pytest.fixture
def log() -> ReadsOnRecord:
    return ReadsOnRecord()


@pytest.fixture
def cases() -> Cases:
    return Cases()


@pytest.fixture
def http(tmp_path: Path, book: GrantBook, log: ReadsOnRecord, cases: Cases) -> Iterator[TestClient]:
    store = ArchiveStore(tmp_path / "store", 16)
    number = store.topic_number(TOPIC)
    for version in (1, 2):
        fact = filing("1", version)
        key = FactKey(fact.resource, fact.record_id, version, fact.event_id, KNOWN_AT_MS + version, number, 0, version)
        store.write(Batch(facts=[(fact_key(COMPANY, key), CODEC.encode(fact))]))
    reader = ArchiveReader(store, IDS)
    door = ArchiveDoor(
        ReadOn(),  # type: ignore[arg-type]
        lambda: reader,
        lambda: CODEC,
        log,  # type: ignore[arg-type]
        load_archive_specification(),
        lambda: None,
        ReadGuard(book, cases),  # type: ignore[arg-type]
    )
    with TestClient(door.application()) as client:
        yield client
    store.close()


def ask(http: TestClient, **query: Any) -> Any:
    return http.get(f"/v1/archives/{COMPANY}", params={**ASKED, **query})


def test_only_the_granted_fields_are_shown_of_every_version(http: TestClient, log: ReadsOnRecord) -> None:
    body = ask(http).json()
    (record,) = body["records"]
    assert record["content"].keys() == record["history"][0]["content"].keys() == {"status"}
    assert body["granted"] == {FILING: ["status"]}
    assert body["missing"] == []
    (read,) = log.reads
    assert (read.grant_id, read.record_count, read.refused_reason) == ("G-1", 1, None)
    # Who looks for those who saw a value must not find readers to whom it was not shown.
    assert read.resources == (FILING,)


def test_a_grant_of_another_resource_shows_no_record(http: TestClient, book: GrantBook) -> None:
    other = msgspec.structs.replace(GRANT, resources=("tax.other",), fields={"tax.other": (EVERYTHING,)})
    book.take(change(other, version=2))
    assert ask(http).status_code == 404


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"reader": "water:赵六"}, "other-reader"),
        ({"purpose": "招标"}, "other-purpose"),
        ({"means": "file"}, "other-means"),
        ({"grant": "G-2"}, "unknown-grant"),
        ({"resource": "water.meter"}, "beyond-resources"),
        ({"resource": FILING, "field": "person_name"}, "beyond-fields"),
        ({"grant": "", "case": "case-2"}, "unknown-case"),
        ({"grant": "", "case": "case-1"}, "no-participant"),
        ({"case": "case-1"}, "no-participant"),
    ],
)
def test_a_read_beyond_its_grant_or_case_is_refused_and_on_record(
    http: TestClient, log: ReadsOnRecord, query: dict[str, str], code: str
) -> None:
    told = ask(http, **query)
    assert (told.status_code, told.json()["code"]) == (403, code)
    assert "records" not in told.json()
    (read,) = log.reads
    assert read.refused_reason == told.json()["detail"]
    assert (read.subjects, read.record_count) == ((COMPANY,), 0)


def test_an_ended_grant_lets_nothing_through(http: TestClient, book: GrantBook) -> None:
    assert ask(http).status_code == 200
    book.take(change(msgspec.structs.replace(GRANT, state="ended", ended_at=5), "ended", 2))
    # The register may tell again what it told before.
    book.take(change(GRANT))
    assert ask(http).json()["code"] == "grant-ended"


def test_before_the_log_of_grants_was_read_to_its_end_nobody_reads(http: TestClient, book: GrantBook) -> None:
    book.is_complete = False
    assert ask(http).status_code == 503


def test_who_takes_part_in_a_case_reads_its_subject_and_is_looked_up_when_unknown(
    http: TestClient, cases: Cases
) -> None:
    ground = {"grant": "", "case": "case-1"}
    assert ask(http, reader="tax:张三", **ground).status_code == 200
    assert cases.looked == 0
    assert ask(http, reader="water:赵六", **ground).status_code == 200
    assert cases.looked == 1
    other = http.get(f"/v1/archives/person:{'ab' * 16}", params={**ASKED, **ground, "reader": "tax:张三"})
    assert other.json()["code"] == "not-of-the-case"


def test_a_reader_may_ask_for_less(http: TestClient, book: GrantBook) -> None:
    book.take(change(msgspec.structs.replace(GRANT, fields={FILING: (EVERYTHING,)}), version=2))
    everything = ask(http).json()["records"][0]["content"]
    assert len(everything) > 1
    assert ask(http, resource=FILING, field="status").json()["records"][0]["content"].keys() == {"status"}
    assert ask(http, field="status").status_code == 400
