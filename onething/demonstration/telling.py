"""What the demonstration says while it runs."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from onething.parts import tail
from onething.supervisor import HubFault

LONGEST_STEP_S: Final = 150


class StepFailed(Exception):  # noqa: N818  the name is the fact
    """A step of the demonstration came to nothing; ``remedy`` says where to look."""

    def __init__(self, title: str, why: str, remedy: str) -> None:
        super().__init__(f"这一步没有成功 this step failed: {title}\n{why}")
        self.remedy = remedy


class StepTooSlow(Exception):  # noqa: N818  the name is the fact
    """A step did not end in time."""


@contextmanager
def _limited(limit_s: int) -> Iterator[None]:
    """Break off what has not ended in time; only in the main thread, as signals are."""

    def late(*_: object) -> None:
        raise StepTooSlow(f"not done after {limit_s} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(limit_s)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class Story:
    """Numbered steps on a console, each with the time it took."""

    def __init__(self, console: Console, logs: Path) -> None:
        """Tell on this console; ``logs`` is where the parts write theirs."""
        self.console = console
        self._logs = logs
        self._number = 0
        self._started = time.monotonic()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step: its title, what it tells, how long it took.

        Raises:
            StepFailed: anything went wrong; with the last lines of the newest log.
        """
        self._number += 1
        self.console.print(f"\n[bold]{self._number}. {title}[/bold]")
        started = time.monotonic()
        try:
            with _limited(LONGEST_STEP_S):
                yield
        except Exception as error:
            raise StepFailed(title, f"{type(error).__name__}: {error}", self._remedy(error)) from error
        self.tell(f"用时 {time.monotonic() - started:.1f} s", style="dim")

    def tell(self, line: str, style: str = "") -> None:
        """One line below the step's title."""
        self.console.print(f"   {line}", style=style, highlight=False, soft_wrap=True, markup=False)

    def elapsed_s(self) -> float:
        """Since the story began."""
        return time.monotonic() - self._started

    def _remedy(self, error: Exception) -> str:
        remedy = getattr(error, "remedy", None)
        if isinstance(error, HubFault):
            return str(remedy)
        logs = sorted(self._logs.glob("*.log"), key=lambda path: path.stat().st_mtime)
        ends = [f"… {path}:\n{tail(path, 8)}" for path in logs[-2:]]
        return "\n".join([remedy or f"read the logs in {self._logs}", *ends])
