"""The publishing SDK against a bare producer sending the same bytes to the same topic, in one run."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from confluent_kafka import TopicPartition

from benchmarks.apart import apart
from benchmarks.drafts import drafts
from benchmarks.figures import Figure, told
from benchmarks.hub import bench_hub
from catalog.registry import read_schema_ids
from catalog.resources import load_resources
from connectors.kafka import KafkaOptions, consumer, producer
from connectors.keyring import KeyRing
from producers.outcomes import Receipt
from producers.protection import LocalProtector
from producers.publisher import Publisher

PLAIN = "urban-management.administrative-penalty"
PERSONAL = "market-regulation.enterprise-registration"
CHUNK = 10_000


def main() -> None:
    """Print facts a second, of the SDK and of the bare producer, and their ratios."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=100_000)
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    with bench_hub() as hub:
        servers = hub.options.bootstrap_servers
        found = [
            *_compared(servers, PLAIN, "no personal field", asked.events),
            *_compared(servers, PERSONAL, "a personal field sealed", asked.events),
        ]
    print(told("publish", found, as_json=asked.json))


def _compared(servers: str, resource: str, what: str, events: int) -> list[Figure]:
    where = {"bootstrap_servers": servers, "resource": resource}
    sdk = apart(sdk_seconds, **where, events=events)
    bare = apart(bare_seconds, **where)
    print(
        f"{resource}: SDK {events / sdk.value[0]:,.0f}/s, bare {bare.value[1] / bare.value[0]:,.0f}/s", file=sys.stderr
    )
    bare_rate = bare.value[1] / bare.value[0]
    return [
        Figure(f"SDK, {what}", events / sdk.value[0], "facts/s"),
        Figure(f"SDK per core, {what}", events / sdk.value[1], "facts/core-s"),
        Figure(f"bare producer, same bytes, {what}", bare_rate, "facts/s"),
        Figure(f"SDK / bare producer, {what}", events / sdk.value[0] / bare_rate),
    ]


def sdk_seconds(bootstrap_servers: str, resource: str, events: int) -> tuple[float, float]:
    """Wall and processor seconds from the first draft to the last receipt; drafts are made beforehand, in chunks."""
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    ids, resources = read_schema_ids(options), load_resources()
    with tempfile.TemporaryDirectory() as folder:
        protector = LocalProtector(KeyRing.open_or_create(Path(folder)))
        with Publisher(options, resource.split(".", 1)[0], protector, ids, resources) as publisher:
            _publish(publisher, list(drafts(resource, 0, 100)))
            wall = processor = 0.0
            for first in range(100, events + 100, CHUNK):
                chunk = list(drafts(resource, first, min(first + CHUNK, events + 100)))
                started, worked = time.perf_counter(), time.process_time()
                _publish(publisher, chunk)
                wall += time.perf_counter() - started
                processor += time.process_time() - worked
    return wall, processor


def bare_seconds(bootstrap_servers: str, resource: str) -> tuple[float, int]:
    """Seconds that a bare producer of the same settings takes for what the topic holds, and how many messages."""
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    topic = load_resources().by_code[resource].topic
    messages = list(_messages(options, topic))
    out = producer(options, queue_buffering_max_messages=1_000_000, queue_buffering_max_kbytes=1 << 20)
    out.produce(topic, messages[0][1], messages[0][0])
    out.flush()
    started = time.perf_counter()
    for number, (key, value) in enumerate(messages):
        out.produce(topic, value, key)
        if number % 10_000 == 0:
            out.poll(0)
    out.flush()
    return time.perf_counter() - started, len(messages)


def _publish(publisher: Publisher, chunk: list[dict[str, Any]]) -> None:
    outcomes = publisher.publish_many(chunk)
    refused = next((each for each in outcomes if not isinstance(each, Receipt)), None)
    assert refused is None, refused


def _messages(options: KafkaOptions, topic: str) -> Iterator[tuple[bytes, bytes]]:
    reader = consumer(options, "bench-same-bytes")
    partitions = reader.list_topics(topic).topics[topic].partitions
    where = [TopicPartition(topic, each, 0) for each in partitions]
    left = sum(reader.get_watermark_offsets(each)[1] for each in where)
    reader.assign(where)
    while left:
        for message in reader.consume(10_000, 0.1):
            left -= 1
            yield bytes(message.key() or b""), bytes(message.value() or b"")
    reader.close()


if __name__ == "__main__":
    main()
