"""The words of archive tests: facts of the tax department as messages, as Kafka would hand them over."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from topics.codec import RowCodec, SchemaIds
from topics.events import CoverageStated, Event, OffsetRange, RegistrationRecorded

IDS = SchemaIds.published()
CODEC = RowCodec(IDS)
COMPANY = "enterprise:91440300708461136T"
TOPIC = "registration.tax"


@dataclass(frozen=True)
class FakeMessage:
    """A consumed message."""

    body: bytes | None
    key_bytes: bytes | None = COMPANY.encode()
    topic_name: str = TOPIC
    partition_number: int = 0
    offset_number: int = 0
    appended_ms: int = 1_790_000_000_000

    def value(self) -> bytes | None:
        return self.body

    def key(self) -> bytes | None:
        return self.key_bytes

    def topic(self) -> str:
        return self.topic_name

    def partition(self) -> int:
        return self.partition_number

    def offset(self) -> int:
        return self.offset_number

    def timestamp(self) -> tuple[int, int]:
        return 2, self.appended_ms

    def error(self) -> None:
        return None


def filing(record_id: str = "1", version: int = 1, *, title: str = "纳税申报", **fields: Any) -> RegistrationRecorded:
    """A fact of one schema whose every row the columnar decoder reads."""
    identity = repr((record_id, version, title, sorted(fields.items())))
    stated: dict[str, Any] = {
        "event_id": blake2b(identity.encode(), digest_size=16).digest(),
        "source": "tax",
        "resource": "tax.filing",
        "subject": COMPANY,
        "record_type": "filing",
        "record_id": record_id,
        "version": version,
        "valid_at": 1_780_000_000_000_000,
        "title": title,
        "status": "有效",
        "territory": "610100",
    }
    return RegistrationRecorded(**(stated | fields))


def message(event: Event, **place: Any) -> FakeMessage:
    """The event as a message; its key is its subject unless told otherwise."""
    subject = getattr(event, "subject", "")
    placed: dict[str, Any] = {"key_bytes": subject.encode()} | place
    return FakeMessage(CODEC.encode(event), **placed)


def statement(
    until: int, ranges: list[tuple[str, int, int, int]], count: int, ids_sum: int, resource: str = "tax.filing"
) -> CoverageStated:
    """A coverage statement of the tax department."""
    return CoverageStated(
        event_id=blake2b(repr((until, ranges, count, ids_sum)).encode(), digest_size=16).digest(),
        source="tax",
        resource=resource,
        subject=f"resource:{resource}",
        record_type="coverage",
        record_id=resource,
        version=until,
        valid_at=until,
        complete_until=until,
        ranges=tuple(OffsetRange(topic=t, partition=p, from_offset=f, to_offset=e) for t, p, f, e in ranges),
        message_count=count,
        event_ids_sum=(ids_sum % (1 << 256)).to_bytes(32, "big"),
    )
