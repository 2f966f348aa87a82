"""From the log files of a failed start to the error that states its cause."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from connectors.broker import diagnosis
from connectors.broker.errors import (
    BrokerError,
    BrokerNotStarted,
    DataOfAnotherCluster,
    DataOfNewerVersion,
    DiskFull,
    PortTaken,
)
from connectors.broker.identity import Identity
from connectors.broker.jars import MB
from connectors.broker.options import BrokerFiles, BrokerOptions
from connectors.broker.ports import is_free
from connectors.broker.process import listener_on
from connectors.broker.properties import CONTROLLER_HOST


@dataclass(frozen=True)
class Written:
    """How many bytes each log file had before a start, so that older faults are not taken for its own."""

    log: int
    console: int


def written_so_far(files: BrokerFiles) -> Written:
    """The sizes now."""
    return Written(*(path.stat().st_size if path.exists() else 0 for path in (files.log, files.console)))


def lines_since(files: BrokerFiles, written: Written) -> tuple[str, ...]:
    """What was logged since then: the JVM's own words first."""
    return (*_tail(files.console, written.console), *_tail(files.log, written.log))


def _tail(path: Path, offset: int) -> tuple[str, ...]:
    if not path.exists():
        return ()
    with path.open("rb") as file:
        # A file that is shorter now was rolled meanwhile: all of it is new.
        file.seek(offset if offset <= path.stat().st_size else 0)
        return tuple(file.read().decode(errors="replace").splitlines())


def diagnosed(
    why: str, options: BrokerOptions, files: BrokerFiles, identity: Identity, written: Written
) -> BrokerError:
    """The error that says what the log lines tell."""
    lines = lines_since(files, written)
    if diagnosis.mentions(lines, diagnosis.PORT_TAKEN):
        return _port_taken(options.host, identity)
    free_mb = shutil.disk_usage(files.root).free // MB
    # On a full disk the log may have had no room for the reason.
    if not free_mb or diagnosis.mentions(lines, diagnosis.DISK_FULL):
        return DiskFull(files.root, free_mb, max(options.min_free_mb, 1))
    if diagnosis.mentions(lines, diagnosis.NEWER_VERSION):
        return DataOfNewerVersion(files.data, "its metadata.version is unknown here", identity.kafka_version)
    if diagnosis.mentions(lines, diagnosis.OTHER_CLUSTER):
        return DataOfAnotherCluster(files.data, identity.cluster_id, "another one, says its log")
    cause = diagnosis.likely_cause(lines)
    return BrokerNotStarted(f"{why}; {cause}" if cause else why, diagnosis.telling_lines(lines), files.log)


def _port_taken(host: str, identity: Identity) -> PortTaken:
    client_is_free = is_free(host, identity.port)
    where, port = (CONTROLLER_HOST, identity.controller_port) if client_is_free else (host, identity.port)
    return PortTaken(where, port, listener_on(port))
