"""The lock file: which jars the broker consists of. It names no repository, so any mirror may serve them."""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

LOCK_FILE = Path(__file__).with_name("kafka.lock.toml")
HEAD = """\
# The jars of the local broker, each verified against its SHA-256 before every start.
# Written by `onething broker lock`; not edited by hand.
"""


@dataclass(frozen=True)
class Jar:
    """One locked jar: Maven coordinate `group:artifact:version`, file name, SHA-256 in hex, size in bytes."""

    coordinate: str
    file: str
    sha256: str
    size: int


@dataclass(frozen=True)
class JarLock:
    """The jars of one Kafka version; `roots` are the coordinates that the others follow from."""

    kafka_version: str
    roots: tuple[str, ...]
    jars: tuple[Jar, ...]


def read_lock(path: Path = LOCK_FILE) -> JarLock:
    """The lock that the file states."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return JarLock(table["kafka_version"], tuple(table["roots"]), tuple(Jar(**jar) for jar in table["jar"]))


def written(lock: JarLock) -> str:
    """The lock as the text of its file."""
    head = f"{HEAD}\nkafka_version = {json.dumps(lock.kafka_version)}\nroots = {json.dumps(list(lock.roots))}\n"
    return head + "".join(_table(jar) for jar in lock.jars)


def _table(jar: Jar) -> str:
    fields = ("coordinate", "file", "sha256", "size")
    return "\n[[jar]]\n" + "".join(f"{field} = {json.dumps(getattr(jar, field))}\n" for field in fields)


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
