"""Pieces of HTML as values: what many rows show is one element of the page, not hundreds."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final, Literal

Tone = Literal["good", "bad", "warning", "running", "quiet"]

SIGNS: Final[Mapping[Tone, str]] = {"good": "✓", "bad": "✕", "warning": "!", "running": "…", "quiet": "·"}
"""A state is never told by its colour alone."""


class Markup(str):
    """HTML made here, of texts that were escaped; everything else is escaped where it is shown."""

    __slots__ = ()


def marked(content: object) -> Markup:
    """Content as HTML: markup as it is, text escaped, nothing as a dash."""
    if isinstance(content, Markup):
        return content
    return Markup("—" if content is None or content == "" else escape(str(content)))


def tagged(tag: str, content: object, **attributes: object) -> Markup:
    """Content within a tag; attributes that are empty are left out, ``class_`` is the class."""
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"' for name, value in attributes.items() if value
    )
    return Markup(f"<{tag}{given}>{marked(content)}</{tag}>")


def link_markup(words: object, href: str, classes: str = "") -> Markup:
    """A link."""
    return tagged("a", str(words), href=href, class_=classes)


def mono(words: object) -> Markup:
    """A code, in letters that are told apart."""
    return tagged("span", str(words), class_="mono")


def badge_markup(words: object, tone: Tone = "quiet") -> Markup:
    """A state: its sign and its word."""
    sign = tagged("span", SIGNS[tone], aria_hidden="true")
    return tagged("span", Markup(f"{sign}<span>{escape(str(words))}</span>"), class_=f"badge {tone}")


def inline(parts: Iterable[object]) -> Markup:
    """Pieces beside each other."""
    return tagged("div", Markup("".join(map(marked, parts))), class_="inline")


def unbroken(words: object) -> Markup:
    """A date or a figure that stays in one line."""
    return tagged("span", words, class_="nowrap")


def over(main: object, remark: object, classes: str = "note") -> Markup:
    """What a cell is about, and under it what identifies it."""
    return Markup(f"<div>{tagged('div', main)}{tagged('div', remark, class_=classes)}</div>")


def bar_markup(share: float, name: object) -> Markup:
    """A share as a bar, never longer than whole, with its percentage in words."""
    meter = f'<meter min="0" max="1" value="{max(0.0, min(1.0, share))}" aria-label="{escape(str(name))}"></meter>'
    return Markup(f'<div class="bar">{meter}<span>{share:.1%}</span></div>')


def cells_markup(cells: Iterable[tuple[str, object, str]]) -> Markup:
    """One row of a table, of (heading, content, ``end`` for figures)."""
    shown = (tagged("td", content, class_=align, data_label=label) for label, content, align in cells)
    return tagged("tr", Markup("".join(shown)))
