"""Where the hub's parts answer: named by settings, or announced by the processes that run for this data directory."""

import atexit
import os
from pathlib import Path
from typing import Final, Literal

import msgspec
import psutil

from connectors import broker
from connectors.kafka import KafkaOptions
from onething.settings import Settings

Role = Literal[
    "registry", "archive", "coordinator", "follower", "catalog", "lake", "analyst", "live", "gateway", "console"
]
ROLES: Final[tuple[Role, ...]] = (
    "registry",
    "archive",
    "coordinator",
    "follower",
    "catalog",
    "lake",
    "analyst",
    "live",
    "gateway",
    "console",
)
"""Every part that is a process of its own, in the order in which they start."""

_SAME_START_S: Final = 1.0


class NotRunning(Exception):  # noqa: N818  the name is the fact
    """A part that was asked for does not run; ``remedy`` says what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


class Announcement(msgspec.Struct, frozen=True):
    """What a running part says of itself: its url, and the process by id and start time (seconds since 1970)."""

    role: str
    index: int
    url: str
    pid: int
    started_s: float


def kafka_options(settings: Settings) -> KafkaOptions:
    """How to reach Kafka: the external one of the settings, else the local broker that runs.

    Raises:
        NotRunning: no external Kafka is set and no local broker runs for this data directory.
    """
    if settings.kafka.bootstrap_servers:
        return settings.kafka_options()
    running = broker.status(settings.broker_options())
    if running is None:
        raise NotRunning(
            f"没有正在运行的 Kafka (no broker runs for {settings.data_dir})",
            "run: onething up (or set kafka.bootstrap_servers to a Kafka that runs elsewhere)",
        )
    return settings.kafka_options(running.bootstrap_servers)


def announce(settings: Settings, role: str, index: int, url: str, pid: int | None = None) -> None:
    """Write where a part answers, whole or not at all; taken back when this process exits."""
    pid = pid or os.getpid()
    said = Announcement(role, index, url, pid, psutil.Process(pid).create_time())
    path = _path(settings, role, index)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}.tmp")
    fresh.write_bytes(msgspec.json.encode(said))
    fresh.replace(path)
    atexit.register(withdraw, settings, role, index, pid)


def withdraw(settings: Settings, role: str, index: int, pid: int) -> None:
    """Take an announcement back, unless another process has announced itself there since."""
    path = _path(settings, role, index)
    said = _read(path)
    if said is not None and said.pid == pid:
        path.unlink(missing_ok=True)


def endpoint(settings: Settings, role: str, index: int = 0) -> str:
    """The url of one part.

    Raises:
        NotRunning: neither set nor announced by a process that lives.
    """
    named = _named(settings, role)
    if index < len(named):
        return named[index]
    said = announced(settings, role, index)
    if said is None:
        raise NotRunning(
            f"{role} {index} 未运行 (it does not run for {settings.data_dir})",
            f"run: onething up (everything), or: onething run {role} --index {index}",
        )
    return said.url


def endpoints(settings: Settings, role: str) -> list[str]:
    """The urls of every part of a role that is set or runs, in the order of their index; empty when none."""
    found = sorted((settings.data_dir / "run").glob(f"{role}-*.json"), key=_index_of)
    living = [said.url for path in found if (said := _living(path))]
    return _named(settings, role) + living


def announced(settings: Settings, role: str, index: int) -> Announcement | None:
    """What a living process of this role and index has announced, None when there is none."""
    return _living(_path(settings, role, index))


def is_alive(pid: int, started_s: float) -> bool:
    """Whether the process that bears the id is still the one that started then, and has not ended."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started_s) < _SAME_START_S
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _named(settings: Settings, role: str) -> list[str]:
    if role == "archive":
        return list(settings.archive.urls)
    elsewhere = {
        "registry": settings.registry.url,
        "catalog": settings.catalog.url,
        "analyst": settings.analyst.url,
        "live": settings.live.url,
        "gateway": settings.gateway.url,
    }.get(role)
    return [elsewhere] if elsewhere else []


def _path(settings: Settings, role: str, index: int) -> Path:
    return settings.data_dir / "run" / f"{role}-{index}.json"


def _index_of(path: Path) -> int:
    digits = path.stem.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0


def _living(path: Path) -> Announcement | None:
    said = _read(path)
    return said if said and is_alive(said.pid, said.started_s) else None


def _read(path: Path) -> Announcement | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Announcement)
    except (OSError, msgspec.DecodeError):
        return None
