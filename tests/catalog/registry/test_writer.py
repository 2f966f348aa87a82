"""The log and its writers on a real broker."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from catalog.registry import (
    LiveSchemaIds,
    RegistryRefusal,
    RegistryUnavailable,
    RegistryWriter,
    SchemaLog,
    SchemaLogMissing,
    SchemaLogUnreadable,
    read_schema_ids,
    register_published,
)
from catalog.registry.published import published_subjects
from catalog.registry.records import SchemaVersion, written
from connectors.kafka import KafkaOptions, producer
from topics.codec import CodecFault
from topics.declarations import declared_topics
from topics.schemas import newest_schemas, published_schemas

pytestmark = pytest.mark.broker


def schema(number: int) -> str:
    return f'{{"type":"record","name":"R{number}","fields":[{{"name":"f","type":"string"}}]}}'


def test_what_one_process_registers_every_other_reads(
    writer: RegistryWriter, options: KafkaOptions, log_topic: str
) -> None:
    live = LiveSchemaIds(options, log_topic)
    assert len(live.ids) == 0
    registered = writer.register("s", schema(1))
    with pytest.raises(CodecFault, match="unknown-schema"):
        live.ids.schema(registered.schema_id)
    assert live.refresh().schema(registered.schema_id).text == schema(1)
    assert live.refresh() is live.ids
    live.close()
    assert registered.schema_id in read_schema_ids(options, log_topic)
    assert registered.schema_id in writer.schema_ids()


def test_published_schemas_are_registered_once_and_in_one_order(
    writer: RegistryWriter, options: KafkaOptions, log_topic: str
) -> None:
    declared = declared_topics({"market-regulation": {"licence", "registration"}, "tax": {"verification"}})
    first = register_published(writer, declared)
    end = _end(options, log_topic)
    assert register_published(writer, declared) == first
    assert register_published(writer, tuple(reversed(declared)))
    assert _end(options, log_topic) == end, "the second and third time wrote nothing"

    assert [each.subject for each in first] == [subject for subject, _ in published_subjects(declared)]
    assert {each.schema_id for each in first} == set(range(1, len(published_schemas()) + 1))
    ids = read_schema_ids(options, log_topic)
    names = [ids.schema(number).name for number in range(1, len(ids) + 1)]
    assert names == [each.name for each in published_schemas()]
    assert {ids.newest(name).name for name in newest_schemas()} == set(newest_schemas())
    by_subject = {each.subject: each.version for each in first}
    assert by_subject["licence.market-regulation-onething.licence.LicenceIssued"] == 1
    assert "licence.tax-onething.licence.LicenceIssued" not in by_subject


def test_the_older_writer_is_fenced_and_no_id_is_given_twice(
    writer: RegistryWriter, options: KafkaOptions, log_topic: str
) -> None:
    """Two registries believed they wrote alone: each would have given the next id to another schema."""
    other = RegistryWriter(options, log_topic, log_topic)
    older = writer
    assert older.register("s1", schema(1)).schema_id == 1
    assert other.register("s2", schema(2)).schema_id == 2
    fenced = older._producer
    assert older.register("s3", schema(3)).schema_id == 3
    assert older._producer is not fenced
    assert other.register("s2", schema(2)).schema_id == 2
    assert older.read(lambda state: sorted(state.texts)) == [1, 2, 3]
    other.close()


def test_writers_that_race_agree(options: KafkaOptions, log_topic: str) -> None:
    writers = [RegistryWriter(options, log_topic, log_topic) for _ in range(3)]

    def register_some(writer: RegistryWriter) -> list[tuple[int, int]]:
        return [(number, _patiently(writer, number)) for number in range(6)]

    with ThreadPoolExecutor(3) as pool:
        told = {pair for pairs in pool.map(register_some, writers) for pair in pairs}
    for each in writers:
        each.close()
    assert sorted(number for number, _ in told) == list(range(6)), "each schema has one id, whoever asked"
    assert sorted(schema_id for _, schema_id in told) == list(range(1, 7)), "each id has one schema"


def test_what_was_not_committed_was_not_registered(
    writer: RegistryWriter, options: KafkaOptions, log_topic: str
) -> None:
    """A writer died between its records and their commit; the next one aborts what it left and is not misled."""
    dying = producer(options, transactional_id=log_topic, linger_ms=0)
    dying.init_transactions(30)
    dying.begin_transaction()
    key, value = written(SchemaVersion("ghost", 1, 1, schema(9)))
    dying.produce(log_topic, key=key, value=value, partition=0)
    dying.flush(30)
    assert len(read_schema_ids(options, log_topic)) == 0
    assert writer.register("s", schema(1)).schema_id == 1
    assert read_schema_ids(options, log_topic).schema(1).text == schema(1)
    dying.purge()


def test_a_refusal_is_given_from_the_log_as_it_is_now(
    writer: RegistryWriter, options: KafkaOptions, log_topic: str
) -> None:
    assert writer.read(lambda state: state.subjects()) == []
    other = RegistryWriter(options, log_topic, log_topic)
    other.register("s", schema(1))
    other.close()

    def first_version(state: object) -> int:
        versions = state.versions("s")  # type: ignore[attr-defined]
        if not versions:
            raise RegistryRefusal(404, 40401, "not seen yet")
        return int(versions[0].version)

    assert writer.read(first_version) == 1


def test_a_missing_log_says_what_to_do(options: KafkaOptions) -> None:
    with pytest.raises(SchemaLogMissing, match="onething topic apply"):
        read_schema_ids(options, "_schemas-that-nobody-made")


def test_a_log_of_something_else_is_told_with_its_offset(options: KafkaOptions, log_topic: str) -> None:
    stranger = producer(options)
    stranger.produce(log_topic, key=b"not json", value=b"x")
    stranger.flush(30)
    with pytest.raises(SchemaLogUnreadable, match="at offset 0 is not a registry's"):
        read_schema_ids(options, log_topic)


def _patiently(writer: RegistryWriter, number: int) -> int:
    """Three writers that fence each other in turn can use up all attempts of one of them."""
    while True:
        try:
            return writer.register(f"s{number}", schema(number)).schema_id
        except RegistryUnavailable:
            continue


def _end(options: KafkaOptions, topic: str) -> int:
    log = SchemaLog(options, topic)
    list(log.read_on())
    log.close()
    return log.position
