import hashlib
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest

from catalog.resources import Resources
from connectors.kafka import KafkaOptions
from connectors.keyring import KeyRing, field_context, refusal_context
from producers.faults import fault
from producers.outcomes import Outcome, Receipt, Received, Refusal
from producers.protection import LocalProtector, Protected, ProtectionUnavailable, ProtectRequest
from producers.publisher import Publisher
from producers.sending import DeliveryFailed, PublisherBusy
from topics.codec import SchemaIds
from topics.events import (
    CoverageStated,
    DisputeEnded,
    Event,
    PenaltyImposed,
    PersonRegistered,
    RecordRefused,
    RegistrationWithdrawn,
    ValueDisputed,
)
from topics.identifiers import make_resident_id, make_uscc

pytestmark = pytest.mark.broker

PENALTIES = "urban-management.administrative-penalty"
PERSONS = "public-security.person-registration"


def accepted(outcome: Outcome) -> Receipt:
    assert isinstance(outcome, Receipt), outcome
    return outcome


def refused(outcome: Outcome) -> Refusal:
    assert isinstance(outcome, Refusal), outcome
    return outcome


@pytest.fixture
def event_at(read: Any) -> Callable[[Receipt], Event]:
    """The event that a receipt names."""

    def at(receipt: Receipt) -> Event:
        found = [event for _, event in read(receipt.topic) if event.event_id.hex() == receipt.event_id]
        return found[-1]  # type: ignore[no-any-return]

    return at


def test_a_draft_becomes_a_fact_of_the_log(publisher: Any, read: Any, penalty: Any) -> None:
    receipt = accepted(publisher().publish(penalty(1)).result(30))
    found = [(key, event) for key, event in read(receipt.topic) if event.event_id.hex() == receipt.event_id]
    key, event = found[0]
    assert key == b"enterprise:" + make_uscc("91", "610112", 1).encode()
    assert isinstance(event, PenaltyImposed)
    assert (event.record_type, event.version, event.case_id) == ("administrative-penalty", 1, None)
    assert event.decided_at == event.valid_at == 1714525200000000


def test_a_repeat_is_the_same_event_and_a_change_is_another(publisher: Any, penalty: Any) -> None:
    changed = [
        penalty(2),
        penalty(2, version=2),
        penalty(2, {"amount_fen": 1}),
        penalty(2, {"amount_fen": None}),
        penalty(2, valid_at="2024-05-02T09:00:00+08:00"),
        penalty(2, subject={"kind": "enterprise", "id": make_uscc("91", "610112", 99)}),
        penalty(2, case_id="c-1"),
        penalty(2, record_id="p-2b"),
        penalty(2, type="PenaltyRepaired"),
    ]
    first = [accepted(each).event_id for each in publisher().publish_many(changed)]
    again = [accepted(each).event_id for each in publisher().publish_many(changed)]
    assert first == again
    assert len(set(first)) == len(changed)


def test_the_same_draft_written_otherwise_is_the_same_event(publisher: Any, penalty: Any) -> None:
    one = penalty(3)
    other = penalty(3, {"repaired_at": None}, valid_at=1714525200000000)
    other["content"] = dict(reversed(other["content"].items()))
    outcomes = publisher().publish_many([one, dict(reversed(other.items()))])
    assert len({accepted(each).event_id for each in outcomes}) == 1


def test_a_person_is_sealed_and_named_by_token(publisher: Any, keyring: KeyRing, event_at: Any, person: Any) -> None:
    receipt = accepted(publisher("public-security").publish(person(5)).result(30))
    event = event_at(receipt)
    assert isinstance(event, PersonRegistered)
    number = make_resident_id("610102", date(1990, 3, 7), 5)
    assert event.subject == f"person:{keyring.person_token(number)}"
    assert event.born_on is not None
    opened = {
        field: keyring.unseal(getattr(event, field), field_context(PERSONS, "person-5", field)).decode()
        for field in ("name", "resident_id", "born_on")
    }
    assert opened == {"name": "张5", "resident_id": number, "born_on": "1990-03-07"}


def test_a_repeat_after_a_rotation_is_the_same_event(
    options: KafkaOptions, ids: SchemaIds, resources: Resources, tmp_path: Any, person: Any
) -> None:
    ring = KeyRing.open_or_create(tmp_path)
    with Publisher(options, "public-security", LocalProtector(ring), ids, resources) as publisher:
        before = accepted(publisher.publish(person(6)).result(30))
        ring.rotate()
        after = accepted(publisher.publish(person(6)).result(30))
        other = accepted(publisher.publish(person(6, {"name": "李6"})).result(30))
    assert before.event_id == after.event_id != other.event_id


def test_a_token_names_the_same_person_as_the_number(publisher: Any, keyring: KeyRing, person: Any) -> None:
    token = keyring.person_token(make_resident_id("610102", date(1990, 3, 7), 7))
    outcomes = publisher("public-security").publish_many(
        [person(7), person(7, subject={"kind": "person", "token": token})]
    )
    assert len({accepted(each).event_id for each in outcomes}) == 1


def test_bad_records_never_stop_the_good_ones(publisher: Any, event_at: Any, penalty: Any) -> None:
    drafts = [penalty(number, {"state": "x" if number % 3 == 0 else "in-force"}) for number in range(600)]
    outcomes = publisher().publish_many(drafts)
    assert [isinstance(each, Refusal) for each in outcomes] == [number % 3 == 0 for number in range(600)]
    refusal = refused(outcomes[3])
    assert [each.code for each in refusal.faults] == ["not-controlled"]
    kept = event_at(refusal.kept[0])
    assert isinstance(kept, RecordRefused)
    assert (kept.department, kept.door, kept.sealed) == ("urban-management", "sdk", False)
    assert msgspec.json.decode(kept.body) == drafts[3]
    assert kept.reasons[0].startswith("not-controlled: content.state: ")


def test_what_may_be_personal_is_kept_sealed(publisher: Any, keyring: KeyRing, event_at: Any, person: Any) -> None:
    body = msgspec.json.encode(person(8, {"state": "?"}))
    received = Received(body, msgspec.json.decode(body), origin="persons.jsonl:8")
    kept = event_at(refused(publisher("public-security").publish(received).result(30)).kept[0])
    assert kept.sealed
    assert keyring.unseal(kept.body, refusal_context("public-security")) == body
    assert kept.origin == "persons.jsonl:8"


@pytest.mark.parametrize(
    "changes",
    [
        {"content": {"cause": make_resident_id("610102", date(1990, 3, 7), 9)}},
        {"content": {"联系人": "张三"}},
        {"subject": {"kind": "enterprise", "id": "张三"}},
        {"subject": {"kind": "person", "id": "张三"}},
        {"type": "张三"},
    ],
)
def test_a_doubtful_record_is_sealed(publisher: Any, event_at: Any, penalty: Any, changes: Any) -> None:
    refusal = refused(publisher().publish(penalty(9, **changes)).result(30))
    assert event_at(refusal.kept[0]).sealed


def test_bytes_that_are_no_draft_are_kept_exactly(publisher: Any, keyring: KeyRing, event_at: Any) -> None:
    body = b'{"type": "PenaltyImposed", \xff\x00 broken'
    refusal = refused(
        publisher().refuse(Received(body, origin="x.jsonl:7"), [fault("unreadable", "")], door="file").result(30)
    )
    kept = event_at(refusal.kept[0])
    assert (kept.door, kept.origin, kept.sealed) == ("file", "x.jsonl:7", True)
    assert keyring.unseal(kept.body, refusal_context("urban-management")) == body


def test_a_large_record_is_kept_in_parts(publisher: Any, keyring: KeyRing, event_at: Any) -> None:
    body = bytes(range(256)) * 6000
    refusal = refused(publisher().refuse(Received(body), [fault("unreadable", "")]).result(30))
    parts = [event_at(each) for each in refusal.kept]
    assert len(parts) == 3
    parts.sort(key=lambda part: part.origin)
    assert [part.origin for part in parts] == ["#1/3", "#2/3", "#3/3"]
    assert b"".join(keyring.unseal(part.body, refusal_context("urban-management")) for part in parts) == body


def test_drafts_that_json_cannot_hold_are_kept_too(publisher: Any, penalty: Any) -> None:
    for oddity in ("\ud800", object(), {1, 2}, float("nan"), b"\xff", 10**400):
        assert refused(publisher().publish(penalty(1, {"cause": oddity})).result(30)).kept


def test_coverage_speaks_for_exactly_what_was_published(publisher: Any, event_at: Any, penalty: Any) -> None:
    ours, other = publisher(), publisher()
    drafts = [penalty(number) for number in range(1000, 1400)]
    before = [accepted(each) for each in other.publish_many(drafts[:50])]
    receipts = [accepted(each) for each in ours.publish_many(drafts + drafts[:10])]
    foreign = other.publish_many(drafts[100:150])
    receipts += [accepted(each) for each in ours.publish_many(drafts[:70])]
    statement = event_at(ours.state_coverage(PENALTIES, "2024-06-01T00:00:00+08:00", source_total=400))
    assert isinstance(statement, CoverageStated)
    assert (statement.subject, statement.record_id) == (f"resource:{PENALTIES}", PENALTIES)
    assert (statement.record_type, statement.source_total) == ("coverage", 400)
    assert statement.version == statement.complete_until == 1717171200000000
    assert statement.message_count == len(receipts) == 480
    expected = sum(int.from_bytes(hashlib.sha256(bytes.fromhex(each.event_id)).digest(), "big") for each in receipts)
    assert statement.event_ids_sum == (expected % (1 << 256)).to_bytes(32, "big")
    covered = {
        (each.topic, each.partition, offset)
        for each in statement.ranges
        for offset in range(each.from_offset, each.to_offset)
    }
    assert covered == {(each.topic, each.partition, each.offset) for each in receipts}
    assert not covered & {(each.topic, each.partition, each.offset) for each in [*before, *map(accepted, foreign)]}


def test_each_statement_speaks_for_what_came_after_the_one_before(publisher: Any, event_at: Any, penalty: Any) -> None:
    ours = publisher()
    ours.publish_many([penalty(number) for number in range(2000, 2050)])
    first = event_at(ours.state_coverage(PENALTIES, 1717171200000000))
    later = [accepted(each) for each in ours.publish_many([penalty(number) for number in range(2050, 2060)])]
    second = event_at(ours.state_coverage(PENALTIES, 1717257600000000))
    third = event_at(ours.state_coverage(PENALTIES, 1717344000000000))
    assert (first.message_count, second.message_count, third.message_count) == (50, 10, 0)
    assert third.ranges == ()
    assert sum(each.to_offset - each.from_offset for each in second.ranges) == len(later)
    assert len({first.event_id, second.event_id, third.event_id}) == 3


def test_a_statement_names_what_it_cannot_be_made_for(publisher: Any) -> None:
    ours = publisher()
    with pytest.raises(ValueError, match="tax"):
        ours.state_coverage("tax.administrative-penalty", 1717171200000000)
    with pytest.raises(ValueError, match="catalogue"):
        ours.state_coverage("urban-management.sunshine", 1717171200000000)
    for moment in ("2024-06-01", "2124-06-01T00:00:00+08:00"):
        with pytest.raises(ValueError, match="complete_until"):
            ours.state_coverage(PENALTIES, moment)


def test_withdrawals_and_disputes(publisher: Any, event_at: Any, penalty: Any) -> None:
    ours = publisher()
    subject = penalty(10)["subject"]
    withdrawn = event_at(
        accepted(ours.withdraw(PENALTIES, subject, "p-10", 2, 1717171200000000, "重复录入").result(30))
    )
    assert isinstance(withdrawn, RegistrationWithdrawn)
    assert (withdrawn.record_id, withdrawn.record_type) == ("p-10", "administrative-penalty")
    disputed = accepted(
        ours.dispute(PENALTIES, subject, "p-10", 1, 1717171200000000, "金额有误", field="amount_fen").result(30)
    )
    ended = accepted(
        ours.end_dispute(
            PENALTIES, subject, "p-10", 2, 1717257600000000, "corrected", "已更正", field="amount_fen"
        ).result(30)
    )
    assert disputed.topic == ended.topic == "correction.urban-management"
    dispute, end = event_at(disputed), event_at(ended)
    assert isinstance(dispute, ValueDisputed)
    assert isinstance(end, DisputeEnded)
    assert dispute.record_id == end.record_id
    assert (dispute.disputed_record_id, dispute.field, dispute.record_type) == ("p-10", "amount_fen", "dispute")
    assert event_at(ours.state_coverage(PENALTIES, 1717171200000000)).message_count == 1


def test_a_full_publisher_says_so(ids: SchemaIds, resources: Resources, keyring: KeyRing, penalty: Any) -> None:
    """Nothing listens at the address: what is in flight stays in flight."""
    nowhere = KafkaOptions("127.0.0.1:9")
    publisher = Publisher(nowhere, "urban-management", LocalProtector(keyring), ids, resources, max_in_flight=3)
    futures = [publisher.publish(penalty(number), timeout_s=0) for number in range(3)]
    with pytest.raises(PublisherBusy):
        publisher.publish(penalty(4), timeout_s=0.05)
    assert publisher.flush(0.05) == 3
    with pytest.raises(DeliveryFailed):
        publisher.close(0.05)
    for future in futures:
        with pytest.raises(DeliveryFailed):
            future.result(0)


def test_whoever_no_longer_waits_disturbs_nobody(publisher: Any, penalty: Any) -> None:
    """A client that hung up cancelled its future; setting its result then ended the thread that hears all others'."""
    ours = publisher()
    assert not ours.publish(penalty(1)).cancel()
    ours.publish(penalty(2)).add_done_callback(lambda _: 1 / 0)
    assert isinstance(ours.publish(penalty(3)).result(30), Receipt)


def test_many_threads_may_publish_at_once(publisher: Any, penalty: Any) -> None:
    ours = publisher(max_in_flight=50)
    outcomes: list[list[Outcome]] = []

    def publish(start: int) -> None:
        outcomes.append(ours.publish_many([penalty(number) for number in range(start, start + 300)]))

    threads = [threading.Thread(target=publish, args=(3000 + 300 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(isinstance(each, Receipt) for batch in outcomes for each in batch) == 1200
    assert ours.flush() == 0


class FarProtector:
    """A protector that must be asked in batches; fails while ``is_down``."""

    is_near = False

    def __init__(self, keyring: KeyRing) -> None:
        self.local, self.calls, self.is_down = LocalProtector(keyring), list[int](), False

    def protect(self, requests: Any) -> list[Protected]:
        if self.is_down:
            raise ProtectionUnavailable("down", "wait")
        self.calls.append(len(requests))
        return self.local.protect(requests)


def test_a_far_protector_is_asked_for_many_records_at_once(
    options: KafkaOptions, ids: SchemaIds, resources: Resources, keyring: KeyRing, person: Any
) -> None:
    far = FarProtector(keyring)
    with Publisher(options, "public-security", far, ids, resources) as publisher:
        futures = [publisher.publish(person(number)) for number in range(300)]
        one_by_one = [accepted(each.result(30)).event_id for each in futures]
        assert sum(far.calls) == 300
        assert len(far.calls) < 100
        together = [accepted(each).event_id for each in publisher.publish_many(map(person, range(300)))]
        assert together == one_by_one
        far.is_down = True
        with pytest.raises(ProtectionUnavailable):
            publisher.publish(person(1)).result(30)
        with pytest.raises(ProtectionUnavailable):
            publisher.publish_many([person(1)])
        far.is_down = False
        assert accepted(publisher.publish(person(1)).result(30)).event_id == one_by_one[1]


def test_ten_planted_numbers_stand_nowhere_in_clear(
    messages_of: Any, publisher: Any, person: Any, penalty: Any, caplog: Any
) -> None:
    """Ten people's numbers go in by every way there is; no byte of the log, and no reason, shows one."""
    numbers = [make_resident_id("610103", date(1985, 6, 1), sequence) for sequence in range(10)]
    police, city = publisher("public-security"), publisher()
    outcomes = police.publish_many(
        [
            *(
                person(each, {"resident_id": numbers[each]}, subject={"kind": "person", "id": numbers[each]})
                for each in (0, 1)
            ),
            person(2, {"resident_id": numbers[2]}, subject={"kind": "person", "id": numbers[2]}, record_id=numbers[2]),
            person(3, {"name": numbers[3], "state": numbers[3]}, subject={"kind": "person", "id": numbers[3] + " "}),
        ]
    )
    outcomes += city.publish_many(
        [
            penalty(4, {"cause": f"当事人{numbers[4]}"}),
            penalty(5, {numbers[5]: numbers[5]}),
            penalty(6, **{numbers[6]: 1}, record_id=numbers[6]),
            Received(f"not json {numbers[7]}".encode(), None),
            penalty(8, subject={"kind": "enterprise", "id": numbers[8]}, source=numbers[8]),
            penalty(9, resource=numbers[9], type=numbers[9], case_id=numbers[9], valid_at=numbers[9]),
        ]
    )
    assert [isinstance(each, Receipt) for each in outcomes] == [True, True] + [False] * 8
    police.state_coverage(PERSONS, 1717171200000000)
    topics = [
        f"{family}.{each}"
        for family in ("registration", "rejected", "coverage")
        for each in ("public-security", "urban-management")
    ]
    everything = b"".join(_raw(messages_of(topic)) for topic in topics)
    assert len(everything) > 5000
    for number in numbers:
        assert number[:17].encode() not in everything
        assert number[:17] not in str(outcomes) + caplog.text
        assert number[:17].encode().hex().encode() not in everything


def _raw(messages: Any) -> bytes:
    found = [
        part
        for message in messages
        for part in (message.key() or b"", message.value() or b"", repr(message.headers()).encode())
    ]
    return b"\n".join(found)


def test_an_unregistered_schema_is_told_with_its_remedy(
    options: KafkaOptions, resources: Resources, keyring: KeyRing, penalty: Any
) -> None:
    publisher = Publisher(options, "urban-management", LocalProtector(keyring), SchemaIds({}), resources)
    with pytest.raises(LookupError, match="onething topic apply"):
        publisher.publish(penalty(1))
    publisher.close()


def test_protect_requests_are_plain_values() -> None:
    assert ProtectRequest() == msgspec.json.decode(b"{}", type=ProtectRequest)
