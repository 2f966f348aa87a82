"""confluent-kafka clients with the hub's settings."""

from typing import Any

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient

from connectors.kafka.options import PARTITIONER, KafkaOptions


def admin(options: KafkaOptions) -> AdminClient:
    """A client for topics and cluster facts."""
    return AdminClient(options.librdkafka())


def producer(options: KafkaOptions, **overrides: Any) -> Producer:
    """An idempotent producer: acks=all, ordered, one partitioner.

    Overrides use librdkafka's names with underscores for dots, e.g. ``linger_ms=0``.
    """
    return Producer(
        {
            **options.librdkafka(),
            "enable.idempotence": True,
            "acks": "all",
            "partitioner": PARTITIONER,
            "linger.ms": 5,
            "compression.type": "lz4",
            **_dotted(overrides),
        }
    )


def consumer(options: KafkaOptions, group_id: str, **overrides: Any) -> Consumer:
    """A consumer that starts at the beginning and never commits by itself."""
    return Consumer(
        {
            **options.librdkafka(),
            "group.id": group_id,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            **_dotted(overrides),
        }
    )


def _dotted(overrides: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "."): value for name, value in overrides.items()}
