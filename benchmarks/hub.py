"""What every benchmark stands on: a private broker with the production topics and schemas, and facts to feed it."""

import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from itertools import count, takewhile
from pathlib import Path

from confluent_kafka import Producer

from catalog.registry import RegistryWriter, read_schema_ids, register_published
from catalog.resources import Resource, load_resources
from connectors.broker import start, stop
from connectors.kafka import KafkaOptions, admin, producer
from connectors.kafka.topic_admin import apply
from onething.logs import configure_logs
from onething.preparation import publishers
from onething.settings import LogSettings, load_settings
from topics.codec import RowCodec, SchemaIds, encode_body, frame
from topics.declarations import PartitionCounts, declared_topics
from topics.events import (
    EnterpriseRegistered,
    Fact,
    LicenceIssued,
    PenaltyImposed,
    RegistrationRecorded,
    VerificationRecorded,
)
from topics.identifiers import make_uscc

EVENTS_OF_A_SUBJECT = 10
STREAM_FIRST = 50_000_000
"""Where the stream's facts begin: far from the enterprises whose archives are read."""
NOW_US = 1_790_000_000_000_000


@dataclass(frozen=True)
class BenchHub:
    """A running log."""

    options: KafkaOptions
    ids: SchemaIds
    data_dir: Path


@contextmanager
def bench_hub(data_dir: Path | None = None) -> Iterator[BenchHub]:
    """A private broker with every declared topic and schema, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="onething-bench-") as folder:
        root = data_dir or Path(folder)
        broker = replace(
            load_settings().broker_options(), data_dir=root, owner_pid=os.getpid(), port=0, controller_port=0
        )
        configure_logs(LogSettings(level="error"), "bench")
        options = KafkaOptions(bootstrap_servers=start(broker).bootstrap_servers)
        try:
            topics = declared_topics(publishers(), PartitionCounts())
            apply(admin(options), topics)
            writer = RegistryWriter(options)
            register_published(writer, topics)
            writer.close()
            yield BenchHub(options, read_schema_ids(options), root)
        finally:
            stop(broker)


def publish_spliced(bootstrap_servers: str, events: int, seed: str = "bench") -> float:
    """Publish ``events`` facts as ``publish_facts`` does; returns the seconds it took."""
    started = time.perf_counter()
    publish_facts(KafkaOptions(bootstrap_servers=bootstrap_servers), range(events), seed.encode())
    return time.perf_counter() - started


def stream_spliced(bootstrap_servers: str, seconds: float) -> float:
    """Publish facts about new enterprises at full speed for this long, a line printed first; returns facts a second."""
    print("streaming", flush=True)
    started = time.perf_counter()
    numbers = takewhile(lambda _: time.perf_counter() - started < seconds, count(STREAM_FIRST))
    published = publish_facts(KafkaOptions(bootstrap_servers=bootstrap_servers), numbers, b"stream")
    return published / (time.perf_counter() - started)


def publish_facts(options: KafkaOptions, numbers: Iterable[int], seed: bytes) -> int:
    """Publish a fact of the production schemas for each number, ten of them about an enterprise; returns how many.

    Bodies are spliced: the common fields are encoded for each fact, the content once a resource.
    """
    ids = read_schema_ids(options)
    out = producer(options, linger_ms=20, queue_buffering_max_messages=500_000)
    templates = [_Template(ids, resource) for resource in _resources()]
    published = 0
    for number in numbers:
        template = templates[number % len(templates)]
        key, value = template.message(f"enterprise:{_uscc(number // EVENTS_OF_A_SUBJECT)}", number, seed)
        _produce(out, template.topic, key, value)
        published += 1
    out.flush()
    return published


@lru_cache(EVENTS_OF_A_SUBJECT)
def _uscc(number: int) -> str:
    return make_uscc("91", "610100", number)


def _produce(out: Producer, topic: str, key: bytes, value: bytes) -> None:
    while True:
        try:
            out.produce(topic, value, key)
        except BufferError:
            out.poll(0.05)
        else:
            return


def _resources() -> list[Resource]:
    wanted = {"LicenceIssued", "PenaltyImposed", "RegistrationRecorded", "EnterpriseRegistered", "VerificationRecorded"}
    return [
        each
        for each in load_resources().all
        if "enterprise" in each.subjects and wanted & {name.rsplit(".", 1)[-1] for name in each.schemas}
    ][:60]


class _Template:
    def __init__(self, ids: SchemaIds, resource: Resource) -> None:
        self.topic = resource.topic
        self._resource = resource
        example = _example(resource)
        schema = ids.newest(type(example).__name__)
        body = encode_body(schema, example.record())
        self._content = body[len(self._common(example.subject, example.record_id, example.event_id, 1)) :]
        self._schema_id = schema.schema_id
        assert RowCodec(ids).decode(self.message(example.subject, 1, b"")[1])

    def message(self, subject: str, number: int, seed: bytes) -> tuple[bytes, bytes]:
        event_id = blake2b(seed + number.to_bytes(8, "big"), digest_size=16).digest()
        common = self._common(subject, f"r{number}", event_id, number)
        return subject.encode(), frame(self._schema_id, common + self._content)

    def _common(self, subject: str, record_id: str, event_id: bytes, version: int) -> bytes:
        resource = self._resource
        texts = (resource.department, resource.code, subject, resource.record_type, record_id)
        strings = b"".join(_varint(len(text.encode())) + text.encode() for text in texts)
        return event_id + strings + _varint(version) + _varint(NOW_US) + b"\x00"


def _example(resource: Resource) -> Fact:
    names = [name.rsplit(".", 1)[-1] for name in resource.schemas]
    common = {
        "event_id": bytes(16),
        "source": resource.department,
        "resource": resource.code,
        "subject": "enterprise:x",
        "record_type": resource.record_type,
        "record_id": "r1",
        "version": 1,
        "valid_at": NOW_US,
    }
    territory = {"territory": "610100"}
    if "LicenceIssued" in names:
        licence = {"licence_type": "t", "licence_name": "许可证", "licence_number": "陕A-2024-000001", "state": "有效"}
        return LicenceIssued(**common, **licence, **territory, issuer_name="西安市", issued_on=20_000)  # type: ignore[arg-type]
    if "PenaltyImposed" in names:
        penalty = {
            "decision_number": "市罚〔2024〕1号",
            "cause": "违法事实",
            "legal_basis": "条例",
            "penalty_kind": "罚款",
        }
        state = {"state": "in-force", "decided_at": NOW_US, "domain": resource.domain or "general"}
        return PenaltyImposed(**common, **penalty, **state, **territory)  # type: ignore[arg-type]
    if "EnterpriseRegistered" in names:
        return EnterpriseRegistered(**common, **territory, name="西安某某科技有限公司", state="存续")  # type: ignore[arg-type]
    if "VerificationRecorded" in names:
        return VerificationRecorded(**common, **territory, item="缴存", outcome="正常")  # type: ignore[arg-type]
    return RegistrationRecorded(**common, **territory, title="登记", status="有效")  # type: ignore[arg-type]


def _varint(number: int) -> bytes:
    rest, out = number << 1, bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)
