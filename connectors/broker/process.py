"""Starting a process that outlives its starter, and ending it by its id without ever ending another's."""

import os
import secrets
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

KILL_TIMEOUT_S = 10
COMMAND_LINE_S = 1.0


@dataclass(frozen=True)
class Started:
    """A process and a random mark on its command line, by which a later reader knows it from one that got its id."""

    pid: int
    mark: str


def new_mark() -> str:
    """A mark that no other process has."""
    return f"onething-{secrets.token_hex(8)}"


def start_detached(command: Sequence[str], mark: str, console: Path, environment: Mapping[str, str]) -> Started:
    """Start the command (which must carry `mark`) in a session of its own; what it prints is appended to `console`."""
    console.parent.mkdir(parents=True, exist_ok=True)
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    # Not subprocess.Popen, which wants its starter to stay and wait.
    pid = os.posix_spawn(
        command[0],
        list(command),
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(console), append, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    return Started(pid, mark)


def find(started: Started) -> psutil.Process | None:
    """The process, if it runs and bears its mark; None when it has ended, even if another now has its id."""
    try:
        process = psutil.Process(started.pid)
        runs = any(started.mark in part for part in _command_line(process))
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return process if runs else None


def _command_line(process: psutil.Process) -> list[str]:
    """The command line; it reads empty for a moment after the start, and for ever once the process is ending."""
    ends_at = time.monotonic() + COMMAND_LINE_S
    while process.status() != psutil.STATUS_ZOMBIE:
        if (parts := process.cmdline()) or time.monotonic() > ends_at:
            return parts
        time.sleep(0.01)
    return []


def end(started: Started, timeout_s: float) -> bool:
    """Ask the process to end, force it after `timeout_s`, and wait until it is gone; False when it did not run."""
    process = find(started)
    if process is None:
        reap(started.pid)
        return False
    process.terminate()
    try:
        process.wait(timeout_s)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(KILL_TIMEOUT_S)
    return True


def end_child(started: Started, timeout_s: float) -> None:
    """End a process that this very process started, and wait until the system has let go of all that it held.

    One that is ending by itself has no command line any more, so it cannot be found, but still holds its files.
    """
    end(started, timeout_s)
    # The id of a child that nobody waited for is nobody else's, so this can only reach the child.
    with suppress(ProcessLookupError):
        os.kill(started.pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(started.pid, 0)


def reap(pid: int) -> None:
    """Let the system forget a child of ours that has ended; nothing for anybody else's process."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def describe(pid: int) -> str:
    """A process as a reader knows it."""
    try:
        return f"process {pid} ({psutil.Process(pid).name()})"
    except psutil.Error:
        return f"process {pid}"


def listener_on(port: int) -> str | None:
    """Who listens on the TCP port, where the system tells."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.Error:
        return None
    listening = (found for found in connections if found.status == psutil.CONN_LISTEN)
    owners = (found.pid for found in listening if found.laddr and found.laddr.port == port)
    return next((describe(pid) for pid in owners if pid), None)
