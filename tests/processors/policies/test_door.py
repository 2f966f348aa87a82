"""A replica's door for policies: matches with their reasons, trials line by line, every read on record."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from confluent_kafka import KafkaError
from starlette.testclient import TestClient

from catalog.archive_specification import load_archive_specification
from processors.archive.http import ArchiveDoor
from processors.archive.reading import ArchiveReader
from processors.domain.checks import DAY_US
from processors.policies import door as door_module
from processors.policies.door import PolicyDoor
from tests.processors.policies.archives import DEFINITION, NOW, POLICY, Known
from tests.processors.policies.events import CITY, FIRST, SECOND
from tests.processors.policies.stores import CODEC, IDS, filled
from topics.events import ArchiveRead

GROUND = {"reader": "clerk", "purpose": "政策匹配", "grant": "g-1"}
TOPIC = "registration.market-regulation"


class ReadOn:
    """A view that has read one partition up to offset 5."""

    positions: ClassVar = {(TOPIC, 0): 5}

    def make_way(self) -> None:
        pass

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
def now() -> list[int]:
    return [NOW]


@pytest.fixture
def policies(tmp_path: Path, log: ReadsOnRecord, now: list[int]) -> Iterator[PolicyDoor]:
    store = filled(tmp_path / "store", CITY)
    reader = ArchiveReader(store, IDS)
    archives = ArchiveDoor(
        ReadOn(),  # type: ignore[arg-type]
        lambda: reader,
        lambda: CODEC,
        log,  # type: ignore[arg-type]
        load_archive_specification(),
        lambda: None,
    )
    yield PolicyDoor(
        archives, store, lambda: reader, lambda: IDS, Known(), {POLICY.id: POLICY}, lambda: True, lambda: now[0]
    )
    store.close()


@pytest.fixture
def http(policies: PolicyDoor) -> Iterator[TestClient]:
    with TestClient(policies._door.application(*policies.routes())) as client:
        yield client


def tried(http: TestClient, **body: Any) -> list[dict[str, Any]]:
    answer = http.post("/v1/policies/trials", json=GROUND | body)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_a_match_says_why_and_is_on_record(http: TestClient, log: ReadsOnRecord) -> None:
    (found,) = http.get(f"/v1/subjects/{SECOND}/policies", params=GROUND).json()["policies"]
    assert (found["policy"], found["outcome"], found["case_id"]) == (POLICY.id, "not-matched", None)
    assert [each["state"] for each in found["conditions"]] == ["holds", "holds", "fails"]
    assert found["conditions"][2]["evidence"] == [CITY[-1].event_id.hex()]
    (read,) = log.reads
    assert (read.reader, read.purpose, read.grant_id, read.subjects) == ("clerk", "政策匹配", "g-1", (SECOND,))
    assert set(read.resources) == POLICY.resources


def test_policies_that_are_not_in_force_are_left_out_unless_named(http: TestClient, now: list[int]) -> None:
    now[0] += 400 * DAY_US
    path = f"/v1/subjects/{FIRST}/policies"
    assert http.get(path, params=GROUND).json()["policies"] == []
    assert len(http.get(path, params=GROUND | {"policy": POLICY.id}).json()["policies"]) == 1


@pytest.mark.parametrize(
    ("path", "query", "status", "word"),
    [
        (f"/v1/subjects/{FIRST}/policies", {"purpose": "x"}, 400, "grant"),
        ("/v1/subjects/enterprise:1/policies", GROUND, 400, "subject"),
        (f"/v1/subjects/{FIRST}/policies", GROUND | {"policy": "nothing"}, 404, "nothing"),
        (f"/v1/subjects/person:{'a' * 32}/policies", GROUND | {"policy": POLICY.id}, 422, POLICY.id),
        (f"/v1/subjects/{FIRST}/policies", GROUND | {"after": f"{TOPIC}/0/9", "wait_s": "0"}, 504, "receipt"),
    ],
)
def test_what_cannot_be_asked(
    http: TestClient, log: ReadsOnRecord, path: str, query: dict[str, str], status: int, word: str
) -> None:
    answer = http.get(path, params=query)
    assert (answer.status_code, word in answer.text) == (status, True), answer.text
    assert log.reads == []


def test_an_unrecorded_read_is_not_shown(http: TestClient, log: ReadsOnRecord) -> None:
    log.fault = KafkaError(KafkaError._MSG_TIMED_OUT)
    assert http.get(f"/v1/subjects/{FIRST}/policies", params=GROUND).status_code == 503
    *_, last = tried(http, policy=POLICY.id)
    assert "trial" not in last
    assert last["problem"]["status"] == 503


def test_matches_of_many_subjects_are_those_that_matched(http: TestClient, log: ReadsOnRecord) -> None:
    body = GROUND | {"subjects": {FIRST: [POLICY.id], SECOND: [POLICY.id]}, "after": [f"{TOPIC}/0/4"]}
    (match,) = http.post("/v1/policies/matches", json=body).json()["matches"]
    assert (match["subject"], match["policy"], match["outcome"]) == (FIRST, POLICY.id, "matched")
    assert log.reads[0].subjects == (FIRST, SECOND)


def test_a_trial_ends_with_its_result_and_is_on_record(http: TestClient, log: ReadsOnRecord) -> None:
    *_, last = tried(http, policy=POLICY.id)
    trial = last["trial"]
    assert (trial["subjects"], trial["outcomes"]) == (4, {"matched": 1, "not-matched": 1})
    assert trial["is_complete"]
    assert trial["facts_per_s"] > 0
    (read,) = log.reads
    assert read.subjects == ("enterprise:*", *sorted((FIRST, SECOND)))


def test_a_trial_gives_its_matches_when_asked(http: TestClient) -> None:
    lines = tried(http, policy=POLICY.id, matches=True)
    assert [match["subject"] for line in lines for match in line.get("matches", ())] == [FIRST]


def test_a_policy_that_is_being_written_is_tried(http: TestClient) -> None:
    unpunished_or_not = DEFINITION[: DEFINITION.index('[[conditions]]\nid = "unpunished"')]
    *_, last = tried(http, definition=unpunished_or_not, name="restaurant-support.toml")
    assert last["trial"]["outcomes"] == {"matched": 2}


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"policy": "nothing"}, 404, "nothing"),
        ({}, 404, "none named"),
        ({"definition": "id = 1", "name": "x"}, 422, "x.toml"),
        ({"policy": POLICY.id, "purpose": ""}, 400, "purpose"),
        ({"policy": POLICY.id, "colour": "red"}, 400, "colour"),
    ],
)
def test_what_cannot_be_tried(http: TestClient, body: dict[str, str], status: int, word: str) -> None:
    answer = http.post("/v1/policies/trials", json=GROUND | body)
    assert (answer.status_code, word in answer.text) == (status, True), answer.text


def test_one_trial_at_a_time(http: TestClient, policies: PolicyDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "PATIENCE_S", 0.01)
    with policies._trying:
        assert http.post("/v1/policies/trials", json=GROUND | {"policy": POLICY.id}).status_code == 409
    assert tried(http, policy=POLICY.id)
    assert tried(http, policy=POLICY.id)
