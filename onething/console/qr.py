"""QR codes, drawn into the page itself."""

import segno
from nicegui import ui
from nicegui.element import Element

from onething.console.elements import box


def qr_code(content: str, words: str) -> Element:
    """A QR code that carries this text; ``words`` say what it is for, to who cannot see it."""
    drawn = segno.make(content, error="m").svg_inline(svgclass=None, lineclass=None, omitsize=True, border=2)
    with box("qr") as shown:
        shown.props("role=img")
        shown.props["aria-label"] = words
        ui.html(drawn, sanitize=False)
    return shown
