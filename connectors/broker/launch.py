"""Bringing a broker up: ports, settings files, format, process, and the wait for its first answer."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

from connectors.broker import process
from connectors.broker.errors import PortTaken
from connectors.broker.failure import diagnosed, written_so_far
from connectors.broker.identity import Identity, read_meta, write_identity, write_whole
from connectors.broker.options import BrokerFiles, BrokerOptions, RunningBroker
from connectors.broker.ports import choose_port
from connectors.broker.process import Started
from connectors.broker.program import KafkaProgram, environment, format_data
from connectors.broker.properties import CONTROLLER_HOST, Ports, log_properties, server_properties
from connectors.broker.readiness import await_answer
from connectors.broker.run import Run, write_run

STARTS_TRIED = 3
END_TIMEOUT_S = 5.0
WATCHDOG = Path(__file__).with_name("watchdog.py")


def launched(options: BrokerOptions, program: KafkaProgram, last: Identity) -> RunningBroker:
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


def _launched_on(options: BrokerOptions, program: KafkaProgram, identity: Identity) -> RunningBroker:
    files, ports = program.files, Ports(identity.port, identity.controller_port)
    write_whole(files.properties, server_properties(options.host, ports, files.data))
    write_whole(files.log_settings, log_properties(files.log))
    # Before the format: data without a record of its cluster would pass for another's after a crash here.
    write_identity(files.identity, identity)
    written = written_so_far(files)
    if read_meta(files.data) is None and not format_data(program, identity.cluster_id):
        raise diagnosed("its data directory could not be formatted", options, files, identity, written)
    with ExitStack() as undo:
        run = _begun(options, program, identity, undo)
        why = await_answer(run, options.start_timeout_s)
        if why:
            raise diagnosed(why, options, files, identity, written)
        undo.pop_all()
    return run.broker


def _begun(options: BrokerOptions, program: KafkaProgram, identity: Identity, undo: ExitStack) -> Run:
    """Start and note the process before waiting for it: even a starter that is killed leaves nothing unknown."""
    files, mark = program.files, process.new_mark()
    started = process.start_detached(program.broker(mark), mark, files.console, environment())
    undo.callback(process.end_child, started, END_TIMEOUT_S)
    watchdog = _watched(options.owner_pid, started, files)
    if watchdog:
        undo.callback(process.end_child, watchdog, END_TIMEOUT_S)
    undo.callback(files.run.unlink, missing_ok=True)
    run = Run(_running(options, program, identity, started), started, watchdog)
    write_run(files.run, run)
    return run


def _watched(owner_pid: int | None, broker: Started, files: BrokerFiles) -> Started | None:
    if owner_pid is None:
        return None
    command = (sys.executable, str(WATCHDOG), str(owner_pid), str(broker.pid), broker.mark)
    return process.start_detached(command, broker.mark, files.console, os.environ)


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
