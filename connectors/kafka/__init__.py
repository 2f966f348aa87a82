"""Apache Kafka: how to reach it, and the clients that the parts use."""

from connectors.kafka.clients import admin, consumer, producer
from connectors.kafka.options import KafkaOptions

__all__ = ["KafkaOptions", "admin", "consumer", "producer"]
