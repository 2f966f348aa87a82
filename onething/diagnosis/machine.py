"""The machine: what the hub needs before anything of it runs."""

import os
import shutil
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from connectors.broker.java import find_java
from connectors.broker.lockfile import read_lock
from connectors.broker.options import jar_cache_of
from connectors.broker.ports import is_free
from connectors.broker.process import listener_on
from connectors.keyring import KeyRing
from onething.diagnosis.finding import Finding, failed, looked_at, passed, skipped, warned
from onething.doors import door
from onething.endpoints import ROLES, Role, announced
from onething.environment import PREFIX, variable_names
from onething.settings import Settings, config_path

OLDEST_PYTHON: Final = (3, 11)
TOO_NEW_PYTHON: Final = (3, 15)
LITTLE_DISK_GB: Final = 2.0
TOO_LITTLE_DISK_GB: Final = 0.25
SAFE_SQLITE: Final = (3, 51, 3)
RELEASED_S: Final = 1_790_000_000
"""September 2026: a clock before the release is wrong."""

GB: Final = 1 << 30


def machine_findings(settings: Settings) -> Iterator[Finding]:
    """Python, Java, jars, disk, ports, settings, keys, SQLite, clock."""
    looks: dict[str, Callable[[], Finding]] = {
        "python": _python,
        "settings": _settings,
        "data_dir": partial(_data_dir, settings),
        "disk": partial(_disk, settings),
        "java": partial(_java, settings),
        "jars": partial(_jars, settings),
        "ports": partial(_ports, settings),
        "keys": partial(_keys, settings),
        "sqlite": partial(_sqlite, settings),
        "clock": _clock,
    }
    for name, look in looks.items():
        yield looked_at(name, look)


def _python() -> Finding:
    version = sys.version.split()[0]
    if OLDEST_PYTHON <= sys.version_info[:2] < TOO_NEW_PYTHON:
        return passed("python", f"{version} ({sys.executable})")
    return failed("python", version, "use Python 3.11 to 3.14, e.g. make PYTHON=python3.12")


def _settings() -> Finding:
    known = variable_names() | {f"{PREFIX}CONFIG"}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        return warned("settings", f"no such setting: {', '.join(unknown)}", "names as in: onething config show")
    path = config_path()
    return passed("settings", str(path.absolute()) if path.is_file() else "no settings file; defaults and environment")


def _data_dir(settings: Settings) -> Finding:
    folder = settings.data_dir
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    if not os.access(nearest, os.W_OK):
        return failed("data_dir", f"{nearest} cannot be written", "set ONETHING_DATA_DIR to a folder of your own")
    return passed("data_dir", str(folder) + ("" if folder.exists() else " (will be made)"))


def _disk(settings: Settings) -> Finding:
    nearest = next(each for each in (settings.data_dir, *settings.data_dir.parents) if each.exists())
    free_gb = shutil.disk_usage(nearest).free / GB
    detail = f"{free_gb:.1f} GB free at {nearest}"
    hint = "free some space, or set ONETHING_DATA_DIR to a folder on another disk"
    if free_gb < TOO_LITTLE_DISK_GB:
        return failed("disk", detail, hint)
    return warned("disk", detail, hint) if free_gb < LITTLE_DISK_GB else passed("disk", detail)


def _java(settings: Settings) -> Finding:
    if settings.kafka.bootstrap_servers:
        return skipped("java", "an external Kafka is set")
    java = find_java(settings.broker.java)
    return passed("java", f"{java.feature_version} ({java.binary})")


def _jars(settings: Settings) -> Finding:
    if settings.kafka.bootstrap_servers:
        return skipped("jars", "an external Kafka is set")
    cache, lock = jar_cache_of(settings.broker_options()), read_lock()
    missing = [jar.file for jar in lock.jars if not (cache / jar.file).exists()]
    if missing:
        hint = "the first start downloads them; without a network copy a filled cache there"
        return warned("jars", f"{len(missing)} of {len(lock.jars)} not in {cache}", hint)
    return passed("jars", f"Kafka {lock.kafka_version}, {len(lock.jars)} jars in {cache}")


def _ports(settings: Settings) -> Finding:
    taken = [text for role in ROLES if (text := _taken(settings, role))]
    if taken:
        return failed("ports", "; ".join(taken), "stop that process, or set ONETHING_<PART>__PORT to another port")
    return passed("ports", ", ".join(f"{role} {door(settings, role, 0)[1] or 'any'}" for role in ROLES))


def _taken(settings: Settings, role: Role) -> str:
    host, port = door(settings, role, 0)
    if not port or is_free(host, port) or announced(settings, role, 0):
        return ""
    return f"{port} ({role}) is taken by {listener_on(port) or 'another process'}"


def _keys(settings: Settings) -> Finding:
    folder = settings.data_dir / "keys"
    if not folder.exists():
        return skipped("keys", "no key ring yet; the first part that needs one makes it")
    open_to_others = [path for path in (folder, *folder.iterdir()) if _others_may(path)]
    if open_to_others:
        named = ", ".join(map(str, open_to_others))
        return failed("keys", f"others may read {named}", f"chmod -R go-rwx {folder}")
    KeyRing.open(folder)
    return passed("keys", str(folder))


def _others_may(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _sqlite(settings: Settings) -> Finding:
    if not settings.database_url.startswith("sqlite"):
        return skipped("sqlite", "cases are kept elsewhere")
    version = sqlite3.sqlite_version
    if settings.cases.coordinators > 1:
        hint = "set ONETHING_CASES__DATABASE_URL to PostgreSQL, or one coordinator"
        return failed("sqlite", f"{version}; {settings.cases.coordinators} coordinators on one SQLite file", hint)
    if sqlite3.sqlite_version_info < SAFE_SQLITE:
        return passed("sqlite", f"{version}; older than 3.51.3, so one connection alone writes and checkpoints")
    return passed("sqlite", version)


def _clock() -> Finding:
    now = time.time()
    zone = ZoneInfo("Asia/Shanghai")
    if now < RELEASED_S:
        return failed("clock", time.ctime(now), "set the machine's clock: times of facts and deadlines rest on it")
    return passed("clock", f"{time.strftime('%Y-%m-%d %H:%M:%S %Z')}; people's times in {zone.key}")
