"""Coverage statements: until when a resource is complete, and which messages that speaks for."""

from datetime import datetime

import msgspec

from catalog.resources import Resource
from producers import values
from producers.coverage import Tally
from producers.event_ids import event_id
from producers.values import DAY_US
from topics.events import CoverageStated, OffsetRange

COVERAGE = "coverage"
"""Record type of a coverage statement."""


def coverage_statement(
    resource: Resource, until_us: int, tally: Tally, ranges: tuple[OffsetRange, ...], source_total: int | None
) -> CoverageStated:
    """The statement; a later ``complete_until`` is a later version of the resource's one record."""
    statement = CoverageStated(
        event_id=b"",
        source=resource.department,
        resource=resource.code,
        subject=f"resource:{resource.code}",
        record_type=COVERAGE,
        record_id=resource.code,
        version=until_us,
        valid_at=until_us,
        complete_until=until_us,
        ranges=ranges,
        message_count=tally.count,
        event_ids_sum=tally.sum_bytes(),
        source_total=source_total,
    )
    record = statement.record()
    return msgspec.structs.replace(statement, event_id=event_id("CoverageStated", record, {}))


def moment_us(value: datetime | int | str, now_us: int) -> int:
    """A time as µs since 1970.

    Raises:
        ValueError: it is none, has no offset from UTC, or lies more than a day ahead.
    """
    taken = values.moment(value)
    if not isinstance(taken, int):
        raise ValueError("complete_until is no time with its offset from UTC, such as 2024-05-01T09:00:00+08:00")  # noqa: TRY004  its kind may be right
    if taken > now_us + DAY_US:
        raise ValueError("complete_until lies ahead; a resource is complete until a time that has passed")
    return taken
