"""Screenshots for the docs: the same size every time, PNG, small."""

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

FOLDER: Final = Path(__file__).parents[2] / "docs" / "images" / "console"
LARGEST_BYTES: Final = 150 * 1024
SWITCH: Final = "ONETHING_SCREENSHOTS"
_WITHOUT_NOTICES: Final = ".q-notification { visibility: hidden !important; }"

Picture = Callable[[Page, str], None]


def picture(page: Page, name: str) -> None:
    """Keep what the page shows as ``docs/images/console/<name>.png``, when ``ONETHING_SCREENSHOTS=1`` asks for it."""
    if os.environ.get(SWITCH) != "1":
        return
    page.evaluate("document.fonts.ready")
    page.evaluate("window.scrollTo(0, 0)")
    shown = page.screenshot(animations="disabled", caret="hide", scale="css", style=_WITHOUT_NOTICES)
    written = compressed(shown)
    assert len(written) <= LARGEST_BYTES, f"{name}.png has {len(written)} bytes: show less of the page"
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.png").write_bytes(written)


def compressed(png: bytes) -> bytes:
    """The same picture with its pixels packed as tightly as zlib can, and without anything but pixels."""
    chunks = list(_chunks(png))
    pixels = zlib.compress(zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT")), 9)
    kept = [(b"IHDR", next(body for kind, body in chunks if kind == b"IHDR")), (b"IDAT", pixels), (b"IEND", b"")]
    again = png[:8] + b"".join(_chunk(kind, body) for kind, body in kept)
    return min(png, again, key=len)


def _chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        found.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
