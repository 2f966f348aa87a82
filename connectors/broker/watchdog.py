"""Stop a broker when the process that owns it has gone, however that ended.

A program of its own, started as `python watchdog.py OWNER_PID BROKER_PID MARK`: it shares no fate with the owner
and imports nothing of the project. It ends when either process has.
"""

import sys
from contextlib import suppress

import psutil

LOOK_AGAIN_S = 2.0
TERM_TIMEOUT_S = 20.0


def watch(owner: psutil.Process, broker: psutil.Process) -> None:
    """Wait for the owner's end, then stop the broker; return at once when the broker ends first."""
    while broker.is_running() and broker.status() != psutil.STATUS_ZOMBIE:
        with suppress(psutil.TimeoutExpired):
            owner.wait(LOOK_AGAIN_S)
            stop(broker)
            return


def stop(broker: psutil.Process) -> None:
    """End the broker and wait until it is gone."""
    broker.terminate()
    try:
        broker.wait(TERM_TIMEOUT_S)
    except psutil.TimeoutExpired:
        broker.kill()


def marked(pid: int, mark: str) -> psutil.Process | None:
    """The broker's process, when it is the one with the mark."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if any(mark in part for part in process.cmdline()):
            return process
    return None


def main(owner_pid: int, broker_pid: int, mark: str) -> None:
    """Watch one pair of processes; an owner that has gone already counts as gone."""
    broker = marked(broker_pid, mark)
    if broker is None:
        return
    with suppress(psutil.NoSuchProcess):
        try:
            owner = psutil.Process(owner_pid)
        except psutil.NoSuchProcess:
            stop(broker)
            return
        watch(owner, broker)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
