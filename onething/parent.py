"""End with the process that started us, however that ended."""

import os
import signal
import threading
import time
from typing import Final

_LOOK_S: Final = 0.5
_GRACE_S: Final = 15.0


def end_with(owner_pid: int) -> None:
    """Watch the parent: when it has gone, this process is asked to end, and forced when it does not."""
    threading.Thread(target=_watch, args=(owner_pid,), name="parent-watch", daemon=True).start()


def _watch(owner_pid: int) -> None:
    while os.getppid() == owner_pid:
        time.sleep(_LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)
    os.kill(os.getpid(), signal.SIGKILL)
