"""The console as a process: on this machine only."""

import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

from onething.doors import door
from onething.endpoints import endpoint
from onething.serving import serve
from onething.settings import Settings

_OWNER_ONLY: Final = 0o600


def run_console(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``announce`` is given the url once it answers.

    Raises:
        OSError: the address cannot be listened on.
    """
    kept = settings.data_dir / "console"
    kept.mkdir(parents=True, exist_ok=True)
    # Read by NiceGUI when it is imported; it would keep its files in the current directory.
    os.environ["NICEGUI_STORAGE_PATH"] = str(kept)
    from onething.console.app import console_app  # noqa: PLC0415
    from onething.console.hub import Hub  # noqa: PLC0415
    from onething.console.observation import Figures  # noqa: PLC0415

    # A browser's socket is told by its page's line already, and its address holds nothing that one looks for.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    figures = Figures()
    hub = Hub(partial(endpoint, settings, "gateway"), observe=figures.asked)
    app = console_app(hub, figures, storage_secret=storage_secret(kept / "secret"))
    serve(app, *door(settings, "console", 0), announce)


def storage_secret(path: Path) -> str:
    """The secret kept in this file, readable by its owner alone; made when there is none."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w", encoding="ascii") as fresh:  # noqa: PTH123  created for its owner in one step
            fresh.write(token_urlsafe(32))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()
