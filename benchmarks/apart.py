"""Measured parts in processes of their own: their memory and processor time are theirs alone."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any

import msgspec

from onething.logs import configure_logs
from onething.settings import LogSettings

ROOT = Path(__file__).parents[1]


class Apart(msgspec.Struct, frozen=True):
    """What a function returned in its process, and what the process needed for it."""

    value: Any
    peak_memory_mb: float
    processor_s: float


class Running:
    """A function that runs in its own process until it ends or is stopped."""

    def __init__(self, function: Callable[..., Any], **arguments: Any) -> None:
        """Start; arguments and result travel as JSON."""
        name = f"{_module(function)}:{function.__qualname__}"
        command = [sys.executable, "-m", "benchmarks.apart", name, json.dumps(arguments)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.name = name

    def line(self) -> str:
        """The next line that the function prints."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError(f"{self.name} ended early with exit code {self._process.wait()}")
        return line

    def result(self) -> Apart:
        """Wait until the function returns."""
        told, _ = self._process.communicate()
        if self._process.returncode != 0:
            raise RuntimeError(f"{self.name} ended with exit code {self._process.returncode}")
        return msgspec.json.decode(told.splitlines()[-1], type=Apart)

    def stop(self) -> None:
        """Ask the process to end and wait for it."""
        self._process.terminate()
        try:
            self._process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()


def _module(function: Callable[..., Any]) -> str:
    """The name under which another process imports it; the module that was run here is called otherwise here."""
    if function.__module__ != "__main__":
        return function.__module__
    spec = sys.modules["__main__"].__spec__
    assert spec is not None
    return spec.name


def apart(function: Callable[..., Any], **arguments: Any) -> Apart:
    """Call a function in a process of its own and wait for it."""
    return Running(function, **arguments).result()


def peak_memory_mb(pid: int | str = "self") -> float:
    """The most memory that a process ever had resident; its own, not that of the process it was started by."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return float("nan")


def main() -> None:
    """Run ``module:function`` with arguments in JSON; the last line printed is the result."""
    configure_logs(LogSettings(level="error"), "bench")
    module, _, function = sys.argv[1].partition(":")
    value = getattr(import_module(module), function)(**json.loads(sys.argv[2]))
    print(msgspec.json.encode(Apart(value, peak_memory_mb(), process_time())).decode(), flush=True)


if __name__ == "__main__":
    main()
