import pytest

from connectors.broker import diagnosis
from connectors.broker.diagnosis import likely_cause, mentions, telling_lines


def test_the_lines_that_tell_of_a_fault_are_shown_and_the_rest_is_not() -> None:
    lines = ["INFO starting", "\tlog.dirs = /x", "ERROR it broke", "\tat a.b.C", "Caused by: x", "INFO bye"]
    assert telling_lines(lines) == ("ERROR it broke", "Caused by: x")


def test_without_a_fault_the_last_lines_are_shown() -> None:
    assert telling_lines([*map(str, range(20)), ""]) == tuple(map(str, range(12, 20)))
    assert telling_lines([]) == ()


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("java.lang.OutOfMemoryError: Java heap space", "it ran out of memory; raise broker.heap_mb"),
        ("Failed to acquire lock on file .lock in /x.", "another broker already uses this data directory"),
        ("java.nio.file.AccessDeniedException: /x", "it may not write to its data directory"),
        ("INFO all is well", None),
    ],
)
def test_a_known_line_has_a_cause(line: str, cause: str | None) -> None:
    assert likely_cause(["INFO starting", line]) == cause


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("KafkaException: Socket server failed to bind to 127.0.0.1:9092: Address already in use", "PORT_TAKEN"),
        ("java.io.IOException: No space left on device", "DISK_FULL"),
        ("Caused by: java.lang.IllegalArgumentException: No MetadataVersion with feature level 120.", "NEWER_VERSION"),
        ("InconsistentClusterIdException: The Cluster ID x doesn't match", "OTHER_CLUSTER"),
    ],
)
def test_facts_are_recognised(line: str, pattern: str) -> None:
    assert mentions([line], getattr(diagnosis, pattern))
    assert not mentions(["INFO all is well"], getattr(diagnosis, pattern))
