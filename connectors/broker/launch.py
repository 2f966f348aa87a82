"""Bringing a broker up: ports, settings files, format, process, and the wait for its first answer."""

import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from connectors.broker import diagnosis, process
from connectors.broker.errors import (
    BrokerError,
    BrokerNotStarted,
    DataOfAnotherCluster,
    DataOfNewerVersion,
    DiskFull,
    PortTaken,
)
from connectors.broker.identity import Identity, read_meta, write_identity, write_whole
from connectors.broker.jars import MB
from connectors.broker.options import BrokerFiles, BrokerOptions, RunningBroker
from connectors.broker.ports import answers, choose_port, is_free
from connectors.broker.process import Started, listener_on
from connectors.broker.program import KafkaProgram, format_data
from connectors.broker.properties import CONTROLLER_HOST, Ports, log_properties, server_properties
from connectors.broker.run import Run

STARTS_TRIED = 3
LOOK_AGAIN_S = 0.05
METADATA_TIMEOUT_S = 2.0
WATCHDOG = Path(__file__).with_name("watchdog.py")


@dataclass(frozen=True)
class Written:
    """How many bytes each log file had before a start, so that older faults are not taken for its own."""

    log: int
    console: int


def written_so_far(files: BrokerFiles) -> Written:
    """The sizes now."""
    return Written(*(path.stat().st_size if path.exists() else 0 for path in (files.log, files.console)))


def launched(options: BrokerOptions, program: KafkaProgram, last: Identity) -> Run:
    """Try the ports of last time, then others: between choosing a port and taking it another may take it."""
    for left in reversed(range(STARTS_TRIED)):
        client = choose_port(options.host, options.port, last.port)
        controller = choose_port(CONTROLLER_HOST, options.controller_port, last.controller_port)
        identity = Identity(last.cluster_id, last.kafka_version, client, controller)
        try:
            return _launched_on(options, program, identity)
        except PortTaken as taken:
            if not left or taken.port in {options.port, options.controller_port}:
                raise
    raise AssertionError("the last try returns or raises")


def _launched_on(options: BrokerOptions, program: KafkaProgram, identity: Identity) -> Run:
    files, ports = program.files, Ports(identity.port, identity.controller_port)
    write_whole(files.properties, server_properties(options.host, ports, files.data))
    write_whole(files.log_settings, log_properties(files.log))
    written = written_so_far(files)
    if read_meta(files.data) is None and not format_data(program, identity.cluster_id):
        raise diagnosed("its data directory could not be formatted", options, files, identity, written)
    write_identity(files.identity, identity)
    mark = process.new_mark()
    started = process.start_detached(program.broker(mark), mark, files.console)
    try:
        _await_answer(options, program, identity, started, written)
        watchdog = _watched(options.owner_pid, started, files)
    except BaseException:
        process.end(started, METADATA_TIMEOUT_S)
        raise
    return Run(_running(options, program, identity, started), started, watchdog)


def _await_answer(
    options: BrokerOptions, program: KafkaProgram, identity: Identity, started: Started, written: Written
) -> None:
    """Return when the broker answers a client's question for metadata; raises what its log says when it does not."""
    deadline = time.monotonic() + options.start_timeout_s
    while process.find(started):
        if answers(options.host, identity.port, METADATA_TIMEOUT_S) and answered(options.host, identity):
            return
        if time.monotonic() > deadline:
            why = f"it did not answer within {options.start_timeout_s:.0f} s"
            raise diagnosed(why, options, program.files, identity, written)
        time.sleep(LOOK_AGAIN_S)
    raise diagnosed("its process ended", options, program.files, identity, written)


def answered(host: str, identity: Identity) -> bool:
    """Whether this very cluster answers there and its one node is ready for clients."""
    from confluent_kafka import KafkaException  # noqa: PLC0415 - the client library is only needed to look
    from confluent_kafka.admin import AdminClient  # noqa: PLC0415

    # A broker that is not up yet is what is waited for, not a fault to log.
    client = AdminClient({"bootstrap.servers": f"{host}:{identity.port}", "log_level": 0})
    try:
        metadata = client.list_topics(timeout=METADATA_TIMEOUT_S)
    except KafkaException:
        return False
    return str(metadata) == identity.cluster_id and len(metadata.brokers) == 1


def _watched(owner_pid: int | None, broker: Started, files: BrokerFiles) -> Started | None:
    if owner_pid is None:
        return None
    command = (sys.executable, str(WATCHDOG), str(owner_pid), str(broker.pid), broker.mark)
    return process.start_detached(command, broker.mark, files.console)


def _running(options: BrokerOptions, program: KafkaProgram, identity: Identity, started: Started) -> RunningBroker:
    return RunningBroker(
        bootstrap_servers=f"{options.host}:{identity.port}",
        pid=started.pid,
        cluster_id=identity.cluster_id,
        log_file=program.files.log,
        data_dir=options.data_dir.absolute(),
        kafka_version=identity.kafka_version,
        java=str(program.java.binary),
    )


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
    if diagnosis.mentions(lines, diagnosis.DISK_FULL):
        return DiskFull(files.root, shutil.disk_usage(files.root).free // MB, options.min_free_mb)
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
