"""What live figures are called, and how times are put into buckets that can be added up."""

import math
from typing import Final

FACTS_KEPT: Final = "facts-kept"
"""Facts that the archive view took in; label: the resource."""

FACTS_REPLAYED: Final = "facts-replayed"
"""Facts appended longer ago than ``REPLAYED_AFTER_US``, as when a store is filled anew; label: the resource."""

RECORDS_REFUSED: Final = "records-refused"
"""Records that were refused; label: the door."""

RECORDS_TAKEN: Final = "records-taken"
"""Records that a door took in and published; label: the door."""

ARCHIVE_ANSWERS: Final = "archive-answers"
"""Parts of checks that the hub answered from a department's data; label: the answer; with times."""

DEPARTMENT_ANSWERS: Final = "department-answers"
"""Parts of checks that a department answered or let pass; label: the answer, ``timed-out`` too; with times."""

ITEMS_DECIDED: Final = "items-decided"
"""Items of applications that a department decided; label: the decision; with times."""

CASES_OPENED: Final = "cases-opened"
CASES_MOVED: Final = "cases-moved"
"""Cases that came into a state; label: the state."""

CASES_CLOSED: Final = "cases-closed"
"""Cases that ended; label: how; with times from the application."""

DEADLINES_MISSED: Final = "deadlines-missed"
"""What was due and not done in time; label: ``check``, ``item`` or ``case``."""

ARCHIVES_READ: Final = "archives-read"
"""Archives that were read; label: ``shown`` or ``refused``."""

SHOWN: Final = "shown"
REFUSED: Final = "refused"

ROWS_COMMITTED: Final = "rows-committed"
"""Rows that a view wrote; label: the table."""

VIEW_LAG: Final = "view-lag"
"""Messages behind the log; label: the view."""

COMPLETE_UNTIL: Final = "complete-until"
"""Up to when a resource's data is in the archive, µs UTC; label: the resource."""

OUTBOX_WAITS: Final = "outbox-waits"
"""Messages that the log must still get; label: the outbox."""

OUTBOX_AGE_S: Final = "outbox-age-s"
"""How long the oldest of them has waited, s; label: the outbox."""

DUTIES_OVERDUE: Final = "duties-overdue"
"""Duties past their limit, by department."""

DISK_FREE_PERMILLE: Final = "disk-free-permille"
"""Free space of the disk under a data directory, in thousandths; label: the process."""

REPLAYED_AFTER_US: Final = 600_000_000
STEPS_PER_DOUBLING: Final = 4
"""Each bucket ends 2^(1/4) times as high as the one before: a time is known to within a tenth."""

LAST_BUCKET: Final = 160
"""Ends at 2^40 ms, 35 years."""


def bucket_of(took_ms: float) -> int:
    """The bucket of a time: 0 up to 1 ms, then each (2^((b-1)/4), 2^(b/4)] ms."""
    if took_ms <= 1:
        return 0
    return min(LAST_BUCKET, math.ceil(math.log2(took_ms) * STEPS_PER_DOUBLING - 1e-9))


def bucket_end_ms(bucket: int) -> float:
    """The longest time of a bucket."""
    return float(2.0 ** (bucket / STEPS_PER_DOUBLING))


def bucket_middle_ms(bucket: int) -> float:
    """What stands for the times of a bucket: the middle by ratio."""
    return float(2.0 ** ((bucket - 0.5) / STEPS_PER_DOUBLING)) if bucket > 0 else 0.5
