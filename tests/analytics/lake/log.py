"""A log in memory for tests of the lake: the messages of a few partitions, good ones and others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from topics.codec import RowCodec, SchemaIds
from topics.events import ArchiveRead, Event, LicenceIssued

IDS = SchemaIds.published()
CODEC = RowCodec(IDS)
COMPANY = "enterprise:91440300708461136T"
NOON_MS = 1_790_000_000_000
"""2026-09-21, 22:13 in the city."""
HOUR_MS = 3_600_000

Place = tuple[str, int]


@dataclass(frozen=True)
class LoggedMessage:
    """A consumed message."""

    topic_name: str
    partition_number: int
    offset_number: int
    body: bytes | None
    key_bytes: bytes | None = COMPANY.encode()
    appended_ms: int = NOON_MS

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


def licence(number: int, **fields: Any) -> LicenceIssued:
    """A licence of the tax department."""
    stated: dict[str, Any] = {
        "event_id": blake2b(f"licence{number}".encode(), digest_size=16).digest(),
        "source": "tax",
        "resource": "tax.permit",
        "subject": COMPANY,
        "record_type": "permit",
        "record_id": f"tax.permit:{number}",
        "version": number + 1,
        "valid_at": NOON_MS * 1000 + number,
        "licence_type": "permit",
        "licence_name": "许可证",
        "licence_number": f"陕税{number}",
        "holder_name": "西安某某有限公司",
        "issuer_name": "西安市税务局",
        "issued_on": 20_000 + number % 100,
        "state": "有效",
        "territory": "610100",
    }
    return LicenceIssued(**(stated | fields))


def reading(number: int) -> ArchiveRead:
    """Somebody read an archive."""
    return ArchiveRead(
        event_id=blake2b(f"read{number}".encode(), digest_size=16).digest(),
        reader="tax",
        purpose="核查",
        subjects=(COMPANY,),
        resources=("tax.permit",),
        record_count=number,
        at=NOON_MS * 1000 + number,
    )


def logged(event: Event | None, place: Place, offset: int, **fields: Any) -> LoggedMessage:
    """An event as it stands on the log; None: bytes that are no message."""
    body = b"not a message" if event is None else CODEC.encode(event)
    subject = getattr(event, "subject", COMPANY)
    stated: dict[str, Any] = {"key_bytes": subject.encode()} | fields
    return LoggedMessage(*place, offset, body, **stated)


LICENCES: Place = ("licence.tax", 0)
MORE_LICENCES: Place = ("licence.tax", 1)
READS: Place = ("access.reads", 0)


def small_log(length: int = 24, bad_every: int = 7) -> Mapping[Place, Sequence[LoggedMessage]]:
    """Two partitions of licences and one of reads; some records cannot be read; the day changes on the way."""
    made: tuple[tuple[Place, Callable[[int], Event]], ...] = (
        (LICENCES, licence),
        (MORE_LICENCES, licence),
        (READS, reading),
    )
    return {
        place: [
            logged(
                None if number % bad_every == bad_every - 1 else make(at * length + number),
                place,
                number,
                appended_ms=NOON_MS + number * HOUR_MS // 6,
            )
            for number in range(length)
        ]
        for at, (place, make) in enumerate(made)
    }
