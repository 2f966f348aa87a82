"""Documents that are generated from definitions, written as Markdown or as one HTML page."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final


@dataclass(frozen=True)
class Table:
    """Rows under headings; every row has as many cells as there are headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A part of a document: paragraphs or, ``numbered``, steps, then tables.

    ``ours``: what it says is not the source's; its heading carries a mark.
    """

    heading: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    numbered: bool = False
    ours: bool = False


@dataclass(frozen=True)
class Document:
    """A whole document; ``notes`` stand at its end."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()


OURS_MARK: Final = "※"


def markdown(document: Document) -> str:
    """Write a document as Markdown, ending in a line break."""
    blocks = [f"# {_plain(document.title)}", _plain(document.subtitle)]
    blocks += [block for at, section in enumerate(document.sections, 1) for block in _markdown_section(at, section)]
    blocks += ["---", *(f"{_plain(note)}" for note in document.notes)] if document.notes else []
    return "\n\n".join(block for block in blocks if block) + "\n"


def _markdown_section(at: int, section: Section) -> list[str]:
    lines = [_plain(line) for line in section.lines]
    if section.numbered:
        text = "\n".join(f"{step}. {line}" for step, line in enumerate(lines, 1))
    elif len(lines) > 1:
        text = "\n".join(f"- {line}" for line in lines)
    else:
        text = "".join(lines)
    return [f"## {_heading(at, section)}", text, *map(_markdown_table, section.tables)]


def _markdown_table(table: Table) -> str:
    rows = (table.headings, tuple("---" for _ in table.headings), *table.rows)
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows)


def _heading(at: int, section: Section) -> str:
    return f"{chinese_number(at)}、{section.heading}{OURS_MARK if section.ours else ''}"


def _plain(text: str) -> str:
    # What a definition says is text: nothing of it is markup.
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#|" else letter for letter in text)


def _cell(text: str) -> str:
    return _plain(text).replace("\n", "<br>")


_TENS: Final = "十"
_DIGITS: Final = "零一二三四五六七八九"
_TEN: Final = 10


def chinese_number(value: int) -> str:
    """Write a number from 1 to 99 as headings do: 一, 十, 十二, 二十."""
    tens, ones = divmod(value, _TEN)
    return ("" if tens <= 1 else _DIGITS[tens]) + (_TENS if tens else "") + (_DIGITS[ones] if ones else "")


def html(document: Document) -> str:
    """Write a document as one HTML page that needs nothing else and prints on A4."""
    sections = "\n".join(_html_section(at, section) for at, section in enumerate(document.sections, 1))
    notes = "".join(f"<p>{escape(note)}</p>" for note in document.notes)
    return _PAGE.format(
        style=_STYLE,
        title=escape(document.title),
        subtitle=escape(document.subtitle),
        sections=sections,
        notes=f"<footer>{notes}</footer>" if notes else "",
    )


def _html_section(at: int, section: Section) -> str:
    lines = [escape(line) for line in section.lines]
    kind = "ol" if section.numbered else "ul"
    if section.numbered or len(lines) > 1:
        text = f"<{kind}>{''.join(f'<li>{line}</li>' for line in lines)}</{kind}>"
    else:
        text = "".join(f"<p>{line}</p>" for line in lines)
    tables = "".join(map(_html_table, section.tables))
    return f"<section><h2>{escape(_heading(at, section))}</h2>{text}{tables}</section>"


def _html_table(table: Table) -> str:
    head = _html_row("th", table.headings)
    body = "".join(_html_row("td", row) for row in table.rows)
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"


def _html_row(tag: str, cells: Sequence[str]) -> str:
    written = "".join(f"<{tag}>{escape(cell).replace(chr(10), '<br>')}</{tag}>" for cell in cells)
    return f"<tr>{written}</tr>"


_PAGE: Final = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p class="subtitle">{subtitle}</p>
{sections}
{notes}
</main>
</body>
</html>
"""

_STYLE: Final = """
:root { color-scheme: light; --line: #c9ccd1; --ink: #1d2129; --quiet: #5c6470; --accent: #a31515; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f5f7; color: var(--ink);
  font: 16px/1.75 "Source Han Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
main { max-width: 52rem; margin: 2rem auto; padding: 2.5rem 3rem; background: #fff; border: 1px solid var(--line); }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.4; text-align: center; color: var(--accent); }
.subtitle { margin: .4rem 0 1.6rem; text-align: center; color: var(--quiet); }
h2 { margin: 1.6rem 0 .4rem; font-size: 1.05rem; }
p, ul, ol { margin: .3rem 0; }
ul, ol { padding-left: 1.6rem; }
table { width: 100%; margin: .6rem 0; border-collapse: collapse; font-size: .92rem; }
th, td { padding: .35rem .6rem; border: 1px solid var(--line); text-align: left; vertical-align: top; }
th { background: #f4f5f7; font-weight: 600; }
footer { margin-top: 2rem; padding-top: .8rem; border-top: 1px solid var(--line); color: var(--quiet);
  font-size: .85rem; }
@media (max-width: 40rem) { main { margin: 0; padding: 1.2rem; border: 0; } table { font-size: .82rem; } }
@media print { body { background: #fff; font-size: 11pt; } main { margin: 0; padding: 0; border: 0; max-width: none; }
  section { break-inside: avoid-page; } @page { size: A4; margin: 2cm; } }
"""
