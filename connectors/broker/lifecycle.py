"""Start, stop and find the private broker of a data directory."""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

from connectors.broker import process
from connectors.broker.diagnosis import telling_lines
from connectors.broker.errors import BrokerNotStarted, DataDirUnusable, DiskFull
from connectors.broker.failure import Written, lines_since
from connectors.broker.identity import Identity, checked_cluster_id, new_cluster_id, read_identity, read_meta
from connectors.broker.jars import provide, refuse_full_disk
from connectors.broker.java import find_java
from connectors.broker.launch import launched
from connectors.broker.lockfile import read_lock
from connectors.broker.mutex import held
from connectors.broker.options import BrokerFiles, BrokerOptions, RunningBroker, files_of, jar_cache_of
from connectors.broker.program import KafkaProgram
from connectors.broker.readiness import await_answer
from connectors.broker.run import Run, read_run

Tell = Callable[[str], None]


def tell_stderr(line: str) -> None:
    """Show progress to whoever runs a command."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - progress of a command belongs on stderr


def start(options: BrokerOptions, tell: Tell = tell_stderr) -> RunningBroker:
    """The broker of this data directory, started if it does not run, once it answers its clients.

    Raises a BrokerError of the fact that keeps it from running. An owner is watched only by the start that makes
    the process.
    """
    files = files_of(options)
    try:
        with held(files.mutex):
            run = _living(files)
            return _answering(run, options, files) if run else _started(options, files, tell)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(files.root, 0, max(options.min_free_mb, 1)) from error
        raise


def status(options: BrokerOptions) -> RunningBroker | None:
    """The broker that runs for this data directory, else None."""
    run = _living(files_of(options))
    return run.broker if run else None


def stop(options: BrokerOptions, timeout_s: float = 30) -> bool:
    """Stop the broker of this data directory and wait until it is gone; False when none ran.

    It is asked to end, and forced after `timeout_s`. Only the process that bears the broker's own mark is touched.
    """
    files = files_of(options)
    if not files.run.exists():
        return False
    with held(files.mutex):
        run = read_run(files.run)
        ended = run is not None and process.end(run.process, timeout_s)
        if run and run.watchdog:
            process.end(run.watchdog, timeout_s)
        files.run.unlink(missing_ok=True)
    return ended


def _living(files: BrokerFiles) -> Run | None:
    run = read_run(files.run)
    return run if run and process.find(run.process) else None


def _answering(run: Run, options: BrokerOptions, files: BrokerFiles) -> RunningBroker:
    """A broker found running; it may still be on its way up when its starter was killed."""
    why = await_answer(run, options.start_timeout_s)
    if why:
        raise BrokerNotStarted(why, telling_lines(lines_since(files, Written(0, 0))), files.log)
    return run.broker


def _started(options: BrokerOptions, files: BrokerFiles, tell: Tell) -> RunningBroker:
    refuse_path_list(files.data, ",")
    refuse_path_list(jar_cache_of(options), os.pathsep)
    refuse_full_disk(files.root, options.min_free_mb)
    java = find_java(options.java)
    lock = read_lock()
    meta, known = read_meta(files.data), read_identity(files.identity)
    cluster_id = checked_cluster_id(files.data, meta, known, lock.kafka_version) if meta else new_cluster_id()
    jars = provide(lock, jar_cache_of(options), options.jar_mirror, tell)
    program = KafkaProgram(java, jars, files, options.heap_mb)
    return launched(options, program, Identity(cluster_id, lock.kafka_version, *_last_ports(known)))


def refuse_path_list(path: Path, separator: str) -> None:
    """Return when Kafka and Java read the path as one path; raises DataDirUnusable."""
    if separator in str(path):
        raise DataDirUnusable(path, separator)


def _last_ports(known: Identity | None) -> tuple[int, int]:
    return (known.port, known.controller_port) if known else (0, 0)
