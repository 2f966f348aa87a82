"""A bulletin as PDF: typeset from its data, the same bytes for the same data, fonts and typesetter."""

import io
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec

from analytics.bulletins.content import Bulletin, Page
from analytics.bulletins.fonts import chinese_fonts
from analytics.bulletins.months import written as day_written
from analytics.bulletins.tables import BulletinTable, footing_tables, tables_of, written

NUMERALS: Final = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
_TIMESTAMP: Final = 0


def bulletin_pdf(bulletin: Bulletin, pages: Iterable[Page], fonts_folder: Path | None = None) -> bytes:
    """Return these pages of the bulletin.

    Args:
        bulletin: the month's.
        pages: the city's whole, departments, or all of them, in this order.
        fonts_folder: a folder with an office's own fonts.

    Raises:
        NoChineseFont: there is no font that can write it.
    """
    fonts, family = chinese_fonts(fonts_folder)
    return _typeset(_template(), {"data": _data(bulletin, pages), "font": family}, fonts)


def _typeset(template: bytes, inputs: dict[str, str], fonts: Any) -> bytes:
    import typst  # noqa: PLC0415  heavy import, for those who typeset

    # A fixed instant: the file says of itself nothing but what its data say.
    typeset: bytes = typst.compile(template, format="pdf", font_paths=fonts, sys_inputs=inputs, timestamp=_TIMESTAMP)
    return typeset


def _data(bulletin: Bulletin, pages: Iterable[Page]) -> str:
    first = bulletin.as_of.replace(day=1)
    data = {
        "title": bulletin.title,
        "issuer": bulletin.issuer,
        "addressees": bulletin.addressees,
        "plan": bulletin.plan,
        "month_name": f"{first.year}年{first.month}月",
        "as_of": day_written(bulletin.as_of),
        "provisional": bulletin.provisional,
        "digest": bulletin.footing.positions_digest,
        "numerals": NUMERALS,
        "pages": [_page(each) for each in pages],
        "footing": [_table(each) for each in footing_tables(bulletin)],
    }
    return msgspec.json.encode(data).decode()


def _page(page: Page) -> dict[str, Any]:
    return {
        "code": page.code,
        "name": page.name,
        "paragraphs": page.paragraphs,
        "tables": [_table(each) for each in tables_of(page)],
        "qr": qr_svg(page.live_url),
    }


def _table(table: BulletinTable) -> dict[str, Any]:
    shown = table.rows[: table.most]
    return {
        "title": table.title,
        "columns": [msgspec.to_builtins(each) | {"width": each.width} for each in table.columns],
        "rows": [
            [written(cell, column.form) for cell, column in zip(row, table.columns, strict=True)] for row in shown
        ],
        "more": len(table.rows) - len(shown) if shown else 0,
        "nothing": table.nothing if not table.rows else table.note,
        "note": table.note,
    }


def qr_svg(url: str) -> str:
    """A QR code of an address, as SVG."""
    import segno  # noqa: PLC0415  for those who typeset

    out = io.BytesIO()
    segno.make(url, error="m").save(out, kind="svg", border=1, xmldecl=False, svgns=True)
    return out.getvalue().decode()


@cache
def _template() -> bytes:
    return files("analytics.bulletins").joinpath("bulletin.typ").read_bytes()
