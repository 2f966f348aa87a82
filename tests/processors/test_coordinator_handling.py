"""Handled cases on a real broker, a real store and a coordinator in a process of its own."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from catalog.bundles import load_bundles
from connectors.kafka import KafkaOptions
from processors.cases import CaseFilter, CaseReader
from tests.processors.coordinating import CODEC, Log, coordinator, of, watched_log
from topics.events import (
    ApplicationSubmitted,
    ApprovalSynchronised,
    CaseUpdated,
    Choice,
    Delivery,
    ItemDispatched,
    ItemHandled,
    ItemReviewed,
    Place,
    RecordRefused,
)
from topics.identifiers import make_uscc

pytestmark = pytest.mark.broker

BUNDLE = load_bundles()["enterprise-change"]
DEPARTMENTS = tuple(dict.fromkeys(code for item in BUNDLE.items for code in item.routed_to))
TOPICS = (
    "case.updates",
    "supervision",
    "rejected.hub",
    f"rejected.{DEPARTMENTS[0]}",
    *(f"case.tasks.{code}" for code in DEPARTMENTS),
)
CHOICES = {"change": "name", "insured": "yes", "housing-fund": "yes"}
CITY = Place(level="city", code="610100")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'cases.db'}"


@pytest.fixture
def handled_log(case_cluster: KafkaOptions) -> Iterator[Log]:
    with watched_log(case_cluster, TOPICS) as log:
        yield log


def application(number: int) -> ApplicationSubmitted:
    """Under which all six items apply."""
    now = time.time_ns() // 1000
    return ApplicationSubmitted(
        event_id=now.to_bytes(16),
        case_id=f"change-{number}-{now}",
        bundle=BUNDLE.id,
        bundle_version=BUNDLE.version,
        subject=f"enterprise:{make_uscc('91', '610103', now % 800_000_000)}",
        purpose="企业信息变更",
        submitted_by="applicant",
        channel="online",
        mode="whole-online",
        received_at=CITY,
        handled_at=CITY,
        choices=tuple(Choice(question=question, choice=choice) for question, choice in CHOICES.items()),
        materials=(),
        fields_total=9,
        fields_filled=7,
        fields_shareable=0,
        delivery=Delivery(together=True, means="e-licence"),
        submitted_at=now,
    )


def delivered(case_id: str, event: CaseUpdated) -> bool:
    return event.case_id == case_id and event.status == "delivered"


def decide(log: Log, case_id: str, numbers: set[int]) -> None:
    """Approve these items as they are dispatched, each by two persons where its definition says so."""
    done: set[int] = set()
    while done < numbers:
        found = log.await_event(
            ItemDispatched, lambda event: event.case_id == case_id and event.number in numbers - done
        )
        done.add(found.number)
        whose: dict[str, Any] = {
            "case_id": case_id,
            "assignment_id": found.assignment_id,
            "department": found.department,
            "at": found.dispatched_at + 1000,
        }
        topic, name = f"case.answers.{found.department}", found.assignment_id[:8].encode()
        decision: dict[str, Any] = {"decision": "approve", "missing": (), "results": (), "handled_by": "经办甲"}
        log.publish(topic, ItemHandled(event_id=b"handled-" + name, **whose, **decision))
        if found.handled_and_reviewed:
            log.publish(topic, ItemReviewed(event_id=b"reviewed" + name, **whose, reviewed_by="审核乙", approved=True))


def test_six_items_by_six_departments(case_cluster: KafkaOptions, handled_log: Log, url: str, tmp_path: Path) -> None:
    with coordinator(case_cluster, url, tmp_path), CaseReader(url) as reader:
        asked = application(1)
        handled_log.publish("case.requests", asked)
        decide(handled_log, asked.case_id, {1, 2, 3, 4, 5, 6})
        handled_log.await_event(CaseUpdated, partial(delivered, asked.case_id))
        view = reader.handling(asked.case_id)
        assert view is not None
        assert [each.state for each in view.items] == ["approved"] * 6
        assert all(reader.assignments(code, state="active").assignments == () for code in DEPARTMENTS)
        supervised = [each for each in handled_log.seen if isinstance(each, ApprovalSynchronised)]
        assert sorted(each.number for each in supervised if each.case_id == asked.case_id) == [1, 2, 3, 4, 5, 6]


def test_a_killed_coordinator_goes_on_with_every_case(
    case_cluster: KafkaOptions, handled_log: Log, url: str, tmp_path: Path
) -> None:
    """Killed with items half decided: its successor loses none of them and tells nothing twice."""
    cases = [application(number) for number in range(2, 14)]
    with coordinator(case_cluster, url, tmp_path) as process:
        for asked in cases:
            handled_log.publish("case.requests", asked)
        for asked in cases[:6]:
            decide(handled_log, asked.case_id, {1, 2})
        process.kill()
        process.wait()
    for asked in cases[6:]:
        decide(handled_log, asked.case_id, {1})
    with coordinator(case_cluster, url, tmp_path), CaseReader(url) as reader:
        for asked in cases[:6]:
            decide(handled_log, asked.case_id, {3, 4, 5, 6})
        for asked in cases[6:]:
            decide(handled_log, asked.case_id, {2, 3, 4, 5, 6})
        for asked in cases:
            handled_log.await_event(
                CaseUpdated,
                partial(delivered, asked.case_id),
            )
        ended = {each.case_id for each in reader.cases(CaseFilter(kind="handling", state="ended"), limit=100).cases}
        assert ended >= {asked.case_id for asked in cases}
    told = {each.event_id: each for each in handled_log.seen if isinstance(each, ApprovalSynchronised)}.values()
    for asked in cases:
        assert sorted(each.number for each in told if each.case_id == asked.case_id) == [1, 2, 3, 4, 5, 6]


def test_a_second_application_is_refused(
    case_cluster: KafkaOptions, handled_log: Log, url: str, tmp_path: Path
) -> None:
    with coordinator(case_cluster, url, tmp_path), CaseReader(url) as reader:
        first = application(20)
        second = ApplicationSubmitted(
            **{name: getattr(first, name) for name in first.__struct_fields__}
            | {"event_id": b"second-" + first.case_id[-9:].encode(), "case_id": f"{first.case_id}-again"}
        )
        handled_log.publish("case.requests", first)
        handled_log.await_event(CaseUpdated, of(first.case_id))
        handled_log.publish("case.requests", second)
        refused = handled_log.await_event(RecordRefused, lambda event: event.key == second.case_id.encode())
        assert refused.reasons == (
            f"duplicate-application: case {first.case_id} of this bundle is running for this subject",
        )
        assert reader.handling(second.case_id) is None


def test_what_a_careless_department_publishes_is_refused_and_stops_nothing(
    case_cluster: KafkaOptions, handled_log: Log, url: str, tmp_path: Path
) -> None:
    """Wrong topic, key, department, assignment, bytes and words: each refused to the right place, the case goes on."""
    number = "11010519491231002X"
    with coordinator(case_cluster, url, tmp_path), CaseReader(url) as reader:
        asked = application(30)
        handled_log.publish("case.requests", asked)
        found = handled_log.await_event(
            ItemDispatched, lambda event: event.case_id == asked.case_id and event.department == DEPARTMENTS[0]
        )
        said = ItemHandled(
            event_id=b"careless-0000000",
            case_id=asked.case_id,
            assignment_id=found.assignment_id,
            department=found.department,
            decision="refuse",
            reason="缺",
            missing=(),
            results=(),
            handled_by="经办甲",
            at=found.dispatched_at + 1,
        )
        home, elsewhere = f"case.answers.{found.department}", f"case.answers.{DEPARTMENTS[1]}"
        changed = msgspec.structs.replace
        careless: list[tuple[str, str, ItemHandled, str]] = [
            ("case.requests", asked.case_id, said, "wrong-topic"),
            (home, "another", said, "key-mismatch"),
            (home, asked.case_id, changed(said, department=DEPARTMENTS[1]), "wrong-source"),
            (home, asked.case_id, changed(said, assignment_id="f" * 32), "no-such-assignment"),
            (home, asked.case_id, changed(said, assignment_id=number), "no-such-assignment"),
            (home, "nobody", changed(said, case_id="nobody"), "no-such-case"),
            (home, asked.case_id, changed(said, reason=f"申请人{number}"), "personal-data-in-clear"),
            (home, asked.case_id, changed(said, reason="\0"), "bad-text"),
            (home, asked.case_id, changed(said, decision="applaud"), "unknown-decision"),
            (home, asked.case_id, changed(said, at=1), "bad-time"),
            (home, asked.case_id, changed(said, fee_fen=2**62), "bad-fee"),
        ]
        assert elsewhere != home
        for topic, key, event, _ in careless:
            handled_log.producer.produce(topic, CODEC.encode(event), key=key)
        for value in (b"junk", b"", None, b"\0\0\0\0\1short"):
            handled_log.producer.produce(home, value, key=asked.case_id)
        handled_log.producer.flush()
        decide(handled_log, asked.case_id, {1, 2, 3, 4, 5, 6})
        handled_log.await_event(CaseUpdated, partial(delivered, asked.case_id))
        view = reader.handling(asked.case_id)
        assert view is not None
        assert [each.state for each in view.items] == ["approved"] * 6
        handled_log.await_event(RecordRefused, lambda event: event.body == b"\0\0\0\0\1short")
        refused = [each for each in handled_log.seen if isinstance(each, RecordRefused)]
        for topic, key, event, code in careless:
            (record,) = [
                each
                for each in refused
                if each.body == CODEC.encode(event)
                and each.key == key.encode()
                and (each.origin or "").startswith(f"{topic}/")
            ]
            assert [each.partition(":")[0] for each in record.reasons] == [code]
            assert record.department == ("hub" if topic == "case.requests" else found.department)
        assert not any(number in reason for each in refused for reason in each.reasons)
