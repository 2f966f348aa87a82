"""Debian's Chromium driven by playwright: what every page asks of whom, and complains of, is watched."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, NoReturn
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

LOOPBACK: Final = "127.0.0.1"
WIDE: Final = ViewportSize(width=1280, height=800)
PHONE: Final = ViewportSize(width=390, height=844)
PATIENCE_MS: Final = 15_000
"""How long a page may take on a busy machine; what must be quick is measured in benchmarks, not here."""

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS: Final = (
    "--no-sandbox",  # root, as in a container, has no user namespace to put it in
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOOPBACK}",
)
_PAGE_SCHEMES: Final = frozenset({"http", "https", "ws", "wss"})


@dataclass
class Watch:
    """What the pages of one test asked for, and what they complained of.

    Attributes:
        foreign: URLs that lie elsewhere than on 127.0.0.1.
        complaints: errors in the console and exceptions that no script caught.
        allowed: parts of complaints that the test means to provoke.
    """

    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of the context from now on."""
        context.on("request", self._requested)
        context.on("page", self._opened)
        context.on("console", self._said)
        context.on("weberror", lambda fault: self.complaints.append(f"{fault.page and fault.page.url}: {fault.error}"))

    def unexpected(self) -> list[str]:
        """Complaints that the test did not announce."""
        return [each for each in self.complaints if not any(part in each for part in self.allowed)]

    def _requested(self, request: Request) -> None:
        self._note(request.url)

    def _opened(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._note(socket.url))

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in _PAGE_SCHEMES and parts.hostname != LOOPBACK:
            self.foreign.append(url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.page and message.page.url}: {message.text}")


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """A browser without a window; without one that can show Chinese the test is skipped, or fails where CI is true."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        _left_out("no Chromium on the PATH. Debian: apt install chromium")
    if not _chinese_fonts():
        _left_out("no Chinese font (fc-list :lang=zh). Debian: apt install fonts-wqy-microhei fontconfig")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched_context(browser: Browser, base_url: str, size: ViewportSize, watch: Watch) -> Iterator[BrowserContext]:
    """A context as somebody in Xi'an has it; at the end nothing foreign was asked for and nothing complained."""
    on_phone = size == PHONE
    context = browser.new_context(
        base_url=base_url,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport=size,
        has_touch=on_phone,
        is_mobile=on_phone,
    )
    context.set_default_timeout(PATIENCE_MS)
    watch.over(context)
    try:
        yield context
    finally:
        context.close()
    assert watch.foreign == [], "requests to other hosts than 127.0.0.1"
    assert watch.unexpected() == [], "errors in the browser's console"


def _chinese_fonts() -> bool:
    tool = shutil.which("fc-list")
    if tool is None:
        return False
    return bool(subprocess.run([tool, ":lang=zh"], check=False, capture_output=True).stdout.strip())


def _left_out(why: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)
