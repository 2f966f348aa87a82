"""One part of the hub as a child process: start it, know whether it answers, end it, start it again with back-off."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx2

from onething.endpoints import Role, announced, withdraw
from onething.settings import Settings

READY_PATH: Final = "/health/ready"
ANSWER_TIMEOUT_S: Final = 2.0
BACK_OFF_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""How long a part that died again and again waits before the next start; the last one for ever after."""
SETTLED_S: Final = 60.0
"""A part that has run this long is no longer taken for one that keeps dying."""
LOG_BYTES: Final = 16 << 20
TAIL_LINES: Final = 12


class Part:
    """A process that runs ``onething run <role> --index <index>``, its log in the data directory."""

    def __init__(self, settings: Settings, role: Role, index: int, environment: Mapping[str, str]) -> None:
        self.role, self.index = role, index
        self.log = settings.data_dir / "log" / f"{role}-{index}.log"
        self._settings = settings
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._deaths = 0

    @property
    def name(self) -> str:
        """Its role and index, e.g. ``archive-0``."""
        return f"{self.role}-{self.index}"

    @property
    def pid(self) -> int | None:
        """Its process, None before it was started."""
        return self._process.pid if self._process else None

    @property
    def url(self) -> str | None:
        """Where it answers, None until it has said so."""
        said = announced(self._settings, self.role, self.index)
        return said.url if said and said.pid == self.pid else None

    def start(self) -> None:
        """Start the process; it ends with this one."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        command = [sys.executable, "-P", "-m", "onething", "run", self.role, "--index", str(self.index)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--owner-pid", str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )
        self._started_at = time.monotonic()

    def exit_code(self) -> int | None:
        """What it ended with, None while it runs; negative for a signal."""
        return self._process.poll() if self._process else 0

    def is_ready(self) -> bool:
        """Whether it says that it can serve."""
        url = self.url
        return url is not None and answers(url + READY_PATH)

    def died(self) -> float:
        """Note one more death; the seconds to wait before it is started again."""
        if time.monotonic() - self._started_at > SETTLED_S:
            self._deaths = 0
        wait_s = BACK_OFF_S[min(self._deaths, len(BACK_OFF_S) - 1)]
        self._deaths += 1
        return wait_s

    def ask_to_end(self) -> None:
        """Ask the process to end; nothing when it has."""
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def end(self, timeout_s: float) -> bool:
        """Wait until the process is gone; False when it had to be forced."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False
        return True

    def withdraw(self) -> None:
        """Take back what it announced, where it could not do so itself."""
        if self._process is not None:
            withdraw(self._settings, self.role, self.index, self._process.pid)

    def log_tail(self) -> str:
        """The last lines that it logged."""
        return tail(self.log)


def answers(url: str) -> bool:
    """Whether an HTTP GET is answered with success in time."""
    try:
        return httpx2.get(url, timeout=ANSWER_TIMEOUT_S, trust_env=False).is_success
    except httpx2.HTTPError:
        return False


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log, empty when there is none."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
