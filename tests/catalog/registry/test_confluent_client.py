"""Confluent's own client, unchanged, against the hub's registry."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka.schema_registry import (
    ConfigCompatibilityLevel,
    Schema,
    SchemaRegistryClient,
    SchemaRegistryError,
    ServerConfig,
    topic_record_subject_name_strategy,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from catalog.registry import read_schema_ids
from connectors.kafka import KafkaOptions, admin, consumer, producer
from connectors.kafka.topic_admin import apply
from topics.codec import RowCodec
from topics.declarations import TopicDeclaration
from topics.events import PenaltyImposed
from topics.schemas import newest_schemas

pytestmark = pytest.mark.broker

OTHER = json.dumps({"type": "record", "name": "Other", "fields": [{"name": "n", "type": "long"}]})
GROWN = json.dumps(
    {"type": "record", "name": "Other", "fields": [{"name": "n", "type": "long"}, {"name": "m", "type": "string"}]}
)
PENALTY = PenaltyImposed(
    event_id=bytes(range(16)),
    source="urban-management",
    resource="urban-management.administrative-penalty",
    subject="enterprise:91610131MA6U1XYZ0P",
    record_type="administrative-penalty",
    record_id="西城管罚〔2024〕1号",
    version=3,
    valid_at=1_714_525_200_000_000,
    decision_number="西城管罚〔2024〕1号",
    cause="占道经营",
    legal_basis="《条例》第十条",
    penalty_kind="罚款",
    amount_fen=20_000,
    decided_at=1_714_525_200_000_000,
    domain="urban-management",
    territory="610113",
    state="in-force",
)


@pytest.fixture
def client(registry_url: str) -> Iterator[SchemaRegistryClient]:
    with SchemaRegistryClient({"url": registry_url}) as opened:
        yield opened


@pytest.fixture
def fact_topic(options: KafkaOptions) -> str:
    name = f"registration.t-{uuid4().hex}"
    apply(admin(options), [TopicDeclaration(name, "fact", "registration", None, 2, {}, ())])
    return name


def test_a_round_trip_through_a_real_topic(
    client: SchemaRegistryClient, fact_topic: str, options: KafkaOptions, log_topic: str
) -> None:
    text = newest_schemas()["PenaltyImposed"].text
    conf: dict[str, Any] = {"subject.name.strategy": topic_record_subject_name_strategy}
    serialise = AvroSerializer(client, text, conf=conf)
    context = SerializationContext(fact_topic, MessageField.VALUE)
    message = _sent_and_read(options, fact_topic, serialise(PENALTY.record(), context))

    read = AvroDeserializer(client)(message, context)
    assert read["record_id"] == PENALTY.record_id
    assert read["event_id"] == PENALTY.event_id

    assert client.get_subjects() == [f"{fact_topic}-onething.registration.PenaltyImposed"]
    assert RowCodec(read_schema_ids(options, log_topic)).event(message) == PENALTY


def test_the_codec_writes_what_confluent_reads(
    client: SchemaRegistryClient, options: KafkaOptions, log_topic: str
) -> None:
    text = newest_schemas()["PenaltyImposed"].text
    client.register_schema("registration.x-onething.registration.PenaltyImposed", Schema(text, "AVRO"))
    message = RowCodec(read_schema_ids(options, log_topic)).encode(PENALTY)
    read = AvroDeserializer(client)(message, SerializationContext("registration.x", MessageField.VALUE))
    assert (read["subject"], read["amount_fen"]) == (PENALTY.subject, PENALTY.amount_fen)


def test_registered_found_and_shown(client: SchemaRegistryClient) -> None:
    number = client.register_schema("s", Schema(OTHER, "AVRO"))
    assert client.register_schema("t", Schema(json.dumps(json.loads(OTHER), indent=2), "AVRO")) == number
    assert client.lookup_schema("s", Schema(OTHER, "AVRO")).version == 1
    assert client.get_schema(number).schema_str == OTHER
    assert client.get_latest_version("s").schema_id == number
    assert client.get_version("s", 1).schema_id == number
    assert client.get_versions("s") == [1]
    assert client.get_subjects_by_schema_id(number) == ["s", "t"]
    assert [(each.subject, each.version) for each in client.get_schema_versions(number)] == [("s", 1), ("t", 1)]
    assert client.get_schema_types() == ["AVRO"]


def test_an_incompatible_schema_is_refused_with_place_and_reason(client: SchemaRegistryClient) -> None:
    client.register_schema("s", Schema(OTHER, "AVRO"))
    assert not client.test_compatibility("s", Schema(GROWN, "AVRO"))
    assert not client.test_compatibility_all_versions("s", Schema(GROWN, "AVRO"))
    with pytest.raises(SchemaRegistryError, match=r"at /fields/1 of new.*field m has no default") as refused:
        client.register_schema("s", Schema(GROWN, "AVRO"))
    assert (refused.value.http_status_code, refused.value.error_code) == (409, 409)


def test_levels_are_set_and_taken_back(client: SchemaRegistryClient) -> None:
    assert client.get_compatibility() == "BACKWARD"
    client.set_config(config=ServerConfig(compatibility=ConfigCompatibilityLevel.FULL))
    assert client.get_compatibility() == "FULL"
    client.set_compatibility("s", "NONE")
    assert client.get_compatibility("s") == "NONE"
    client.register_schema("s", Schema(OTHER, "AVRO"))
    assert client.register_schema("s", Schema(GROWN, "AVRO")) == 2
    client.delete_config("s")
    with pytest.raises(SchemaRegistryError) as missing:
        client.get_compatibility("s")
    assert missing.value.error_code == 40408
    client.delete_config()
    assert client.get_compatibility() == "BACKWARD"


def test_deleted_schemas_stay_readable_by_id(client: SchemaRegistryClient, registry_url: str) -> None:
    number = client.register_schema("s", Schema(OTHER, "AVRO"))
    assert client.delete_subject("s") == [1]
    assert client.get_subjects() == []
    assert client.get_subjects(deleted=True) == ["s"]
    assert client.delete_subject("s", permanent=True) == [1]
    assert client.get_subjects(deleted=True) == []
    with SchemaRegistryClient({"url": registry_url}) as without_cache:
        assert without_cache.get_schema(number).schema_str == OTHER
    assert client.register_schema("t", Schema(GROWN, "AVRO")) == number + 1


REFUSED: list[tuple[Callable[[SchemaRegistryClient], object], int]] = [
    (lambda client: client.get_schema(404), 40403),
    (lambda client: client.get_versions("nobody"), 40401),
    (lambda client: client.get_version("s", 9), 40402),
    (lambda client: client.get_version("s", 0), 42202),
    (lambda client: client.lookup_schema("s", Schema(GROWN, "AVRO")), 40403),
    (lambda client: client.lookup_schema("nobody", Schema(OTHER, "AVRO")), 40401),
    (lambda client: client.register_schema("s", Schema("{", "AVRO")), 42201),
    (lambda client: client.register_schema("s", Schema(OTHER, "JSON")), 42201),
    (lambda client: client.set_compatibility("s", "SIDEWAYS"), 42203),
    (lambda client: client.update_mode("s", "IMPORT"), 405),
    (lambda client: client.update_global_mode("IMPORT"), 42205),
    (lambda client: client.delete_version("nobody", 1), 40401),
    (lambda client: client.get_associations_by_resource_name("any", "-"), 404),
]


def test_every_refusal_has_confluents_number(client: SchemaRegistryClient) -> None:
    client.register_schema("s", Schema(OTHER, "AVRO"))
    for ask, error_code in REFUSED:
        with pytest.raises(SchemaRegistryError) as refused:
            ask(client)
        assert refused.value.error_code == error_code


def _sent_and_read(options: KafkaOptions, topic: str, message: bytes | None) -> bytes:
    sending = producer(options)
    sending.produce(topic, key=PENALTY.subject, value=message)
    sending.flush(30)
    reading = consumer(options, uuid4().hex)
    reading.subscribe([topic])
    found = reading.poll(30)
    reading.close()
    assert found is not None
    assert found.error() is None
    value = found.value()
    assert isinstance(value, bytes)
    return value
