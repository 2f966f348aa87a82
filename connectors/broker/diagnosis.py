"""What a broker's log says about why it did not start: read from its lines, nothing else."""

import re
from collections.abc import Sequence

LINES_SHOWN = 8
TELLING = re.compile(r"\b(WARN|ERROR|FATAL)\b|Exception|Error|Caused by|Could not|Failed to")

PORT_TAKEN = re.compile(r"Address already in use|BindException|Socket server failed to bind")
DISK_FULL = re.compile(r"No space left on device|Disk quota exceeded")
NEWER_VERSION = re.compile(r"No MetadataVersion with feature level|UnsupportedVersionException")
OTHER_CLUSTER = re.compile(r"InconsistentClusterIdException|Invalid cluster\.id|Inconsistent cluster")
CAUSES = (
    (re.compile(r"OutOfMemoryError|Could not reserve enough space"), "it ran out of memory; raise broker.heap_mb"),
    (re.compile(r"Failed to acquire lock on file"), "another broker already uses this data directory"),
    (re.compile(r"UnsupportedClassVersionError"), "its Java is too old"),
    (re.compile(r"AccessDeniedException|Permission denied"), "it may not write to its data directory"),
    (re.compile(r"CorruptRecordException|KafkaStorageException"), "its data cannot be read"),
)


def telling_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """The last lines that tell of a fault; the very last ones when none does."""
    told = [line for line in lines if TELLING.search(line)] or [line for line in lines if line.strip()]
    return tuple(told[-LINES_SHOWN:])


def likely_cause(lines: Sequence[str]) -> str | None:
    """The cause that the lines point to, when it is a known one."""
    return next((cause for pattern, cause in CAUSES if mentions(lines, pattern)), None)


def mentions(lines: Sequence[str], pattern: re.Pattern[str]) -> bool:
    """Whether any line that tells of a fault matches."""
    return any(pattern.search(line) for line in lines if TELLING.search(line))
