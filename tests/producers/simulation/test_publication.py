"""A small city goes through the real broker, and the log is reconciled with its account to the record."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import pytest

from catalog.bundles import Item, load_bundles
from catalog.registry import SCHEMA_LOG
from catalog.resources import Resources
from connectors.kafka import KafkaOptions, admin, consumer
from connectors.kafka.topic_admin import apply
from connectors.keyring import KeyRing
from onething.preparation import publishers
from processors.archive.coverage import Coverage
from processors.domain.answers import strongest
from processors.domain.archive import KnownFact, fold
from processors.domain.checks import Question, SubjectArchive, answer_part
from producers.protection import LocalProtector
from producers.publisher import Publisher
from producers.sending import Sender
from producers.simulation.calendar import DAY_US
from producers.simulation.expectations import Asked
from producers.simulation.publication import Published, publish_city
from producers.simulation.simulate import Simulation
from producers.simulation.truth import ArchiveCounts
from topics.codec import RowCodec, SchemaIds
from topics.declarations import declared_topics
from topics.events import CoverageStated, Event, Fact, RecordRefused

pytestmark = pytest.mark.broker

_CHECKS = load_bundles()["listing-compliance"].checks

UNTIL = date(2026, 11, 22)


class Logged(NamedTuple):
    """One message of the log."""

    topic: str
    body: bytes
    event: Event


class Runs(NamedTuple):
    """The city published twice, with the log after each time."""

    city: Simulation
    first: Published
    log: tuple[Logged, ...]
    second: Published
    log_after: tuple[Logged, ...]


@pytest.fixture(scope="module")
def runs(kafka: str, keyring: KeyRing, ids: SchemaIds, resources: Resources) -> Runs:
    options = KafkaOptions(kafka)
    declared = [each for each in declared_topics(publishers()) if each.name != SCHEMA_LOG]
    apply(admin(options), declared)
    topics = [each.name for each in declared if each.kind in ("fact", "kept")]
    before = set(_places(options, topics))
    city = Simulation(60, 60, seed=4711, until=UNTIL)

    def published() -> tuple[Published, tuple[Logged, ...]]:
        came = _published(options, city, keyring, ids, resources)
        return came, tuple(_read(options, topics, ids, before))

    return Runs(city, *published(), *published())


def _published(
    options: KafkaOptions, city: Simulation, keyring: KeyRing, ids: SchemaIds, resources: Resources
) -> Published:
    protector = LocalProtector(keyring)
    with Sender(options) as sender:

        @cache
        def publisher_of(source: str) -> Publisher:
            return Publisher(options, source, protector, ids, resources, sender=sender)

        return publish_city(city, publisher_of, protector)


def _messages(options: KafkaOptions, topics: list[str]) -> Iterator[tuple[tuple[str, int, int], bytes, bytes]]:
    reader = consumer(options, "simulation-tests", enable_partition_eof=True)
    reader.subscribe(topics)
    known = admin(options).list_topics().topics
    waiting = {(topic, partition) for topic in topics for partition in known[topic].partitions}
    while waiting:
        for message in reader.consume(5000, 0.2):
            topic, partition = message.topic() or "", message.partition() or 0
            if message.error():
                waiting.discard((topic, partition))
            else:
                yield (topic, partition, message.offset() or 0), message.key() or b"", message.value() or b""
    reader.close()


def _places(options: KafkaOptions, topics: list[str]) -> Iterator[tuple[str, int, int]]:
    return (place for place, _, _ in _messages(options, topics))


def _read(
    options: KafkaOptions, topics: list[str], ids: SchemaIds, before: set[tuple[str, int, int]]
) -> Iterator[Logged]:
    codec = RowCodec(ids)
    for place, key, value in _messages(options, topics):
        if place not in before:
            yield Logged(place[0], key + value, codec.event(value))


def _facts(log: tuple[Logged, ...]) -> list[Fact]:
    return [each.event for each in log if isinstance(each.event, Fact) and not isinstance(each.event, CoverageStated)]


def _known(log: tuple[Logged, ...]) -> dict[str, list[KnownFact]]:
    """The log's facts by subject, as the archive keeps them."""
    found: dict[str, list[KnownFact]] = {}
    for fact in _facts(log):
        record = fact.record()
        content = {name: value for name, value in record.items() if name not in Fact.__struct_fields__}
        common: dict[str, Any] = {name: record[name] for name in Fact.__struct_fields__ if name != "subject"}
        place: dict[str, Any] = {"topic": "", "partition": 0, "offset": 0, "known_at": 0}
        found.setdefault(fact.subject, []).append(
            KnownFact(name=type(fact).__name__, content=content, **common, **place)
        )
    return found


def _answer(item: Item, archive: SubjectArchive, coverage: dict[str, int]) -> str:
    def coverage_of(resource: str) -> Coverage:
        return Coverage(resource=resource, complete_until=coverage.get(resource))

    return strongest(
        [
            answer_part(str(item.id), each.department, archive, each.reads, coverage_of, registry_complete=True).answer
            for each in item.answerers
        ]
    )


def test_every_publication_came_to_what_was_planned(runs: Runs) -> None:
    account = runs.first.account

    assert runs.first.surprises == ()
    assert runs.first.refused == account.publications["malformed"] == sum(account.refusals.values())
    assert runs.first.accepted == sum(account.publications.values()) - account.publications["malformed"]


def test_each_topic_holds_what_the_account_says(runs: Runs) -> None:
    logged = Counter(each.topic for each in runs.log if not isinstance(each.event, RecordRefused | CoverageStated))
    planned = {
        topic: sum(number for kind, number in kinds.items() if kind != "malformed")
        for topic, kinds in runs.first.account.topics.items()
    }

    assert logged == planned
    refused = sum(isinstance(each.event, RecordRefused) for each in runs.log)
    assert refused == runs.first.account.publications["malformed"]


def test_receipts_name_every_message(runs: Runs) -> None:
    logged = Counter(each.topic for each in runs.log)

    assert logged == {
        topic: sum(span.messages for span in spans.values()) for topic, spans in runs.first.receipts.items()
    }


def test_each_archive_holds_what_the_account_says(runs: Runs) -> None:
    records: dict[str, set[tuple[str, str]]] = {}
    facts: dict[str, set[bytes]] = {}
    for fact in _facts(runs.log):
        records.setdefault(fact.subject, set()).add((fact.resource, fact.record_id))
        facts.setdefault(fact.subject, set()).add(fact.event_id)

    expected = runs.first.account.subjects
    assert records.keys() == expected.keys()
    for subject, counts in expected.items():
        assert (len(records[subject]), len(facts[subject])) == (counts.records, counts.facts), subject


def test_the_archive_rules_fold_the_log_to_what_the_account_says(runs: Runs) -> None:
    folded = {subject: fold(facts) for subject, facts in _known(runs.log_after).items()}

    for subject, expected in runs.first.account.subjects.items():
        records = folded[subject]
        assert expected == ArchiveCounts(
            records=len(records),
            withdrawn=sum(each.current.withdrawn for each in records),
            disputed=sum(each.disputed for each in records),
            facts=sum(1 + len(each.history) + len(each.rivals) for each in records),
        ), subject


def test_the_check_rules_answer_what_the_account_expects(runs: Runs) -> None:
    answers, known = runs.first.account.answers, _known(runs.log)
    at = answers.asked_from + DAY_US
    question = Question(since=Asked(at, answers.look_back_years).since, until=at, territory="", asked_at=at)

    for subject, expected in answers.answers.items():
        archive = SubjectArchive(subject, fold(known[subject]), question)
        assert {str(item.id): _answer(item, archive, runs.city.coverage) for item in _CHECKS} == expected


def test_coverage_is_stated_for_every_resource_but_the_lagging_ones(runs: Runs) -> None:
    stated = {each.event.resource: each.event for each in runs.log if isinstance(each.event, CoverageStated)}

    assert {code: each.complete_until for code, each in stated.items()} == runs.city.coverage
    assert "science.administrative-penalty" not in stated
    for code, statement in stated.items():
        counted = sum(fact.resource == code and fact.record_type != "dispute" for fact in _facts(runs.log))
        assert statement.message_count == counted, code


def test_the_same_seed_again_publishes_the_same_events(runs: Runs) -> None:
    first = {fact.event_id for fact in _facts(runs.log)}

    assert len(_facts(runs.log_after)) == 2 * len(_facts(runs.log))
    assert {fact.event_id for fact in _facts(runs.log_after)} == first
    assert runs.second.account == runs.first.account


def test_no_identity_number_and_no_name_of_a_person_stands_in_the_log(runs: Runs) -> None:
    bodies = b"\n".join(each.body for each in runs.log_after)

    assert not [person.number for person in runs.city.people if person.resident_id.encode() in bodies]
    assert not [person.number for person in runs.city.people if person.name.encode() in bodies]
    assert b"610199198808080" not in bodies
