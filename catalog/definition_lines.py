"""Where a place of a TOML file stands: the line of each key and of each element, for faults that people look up."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from catalog.definitions import Fault

Steps: TypeAlias = tuple[int | str, ...]

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'',
    re.DOTALL,
)
_BARE: Final = re.compile(r"[^\s,\[\]{}=#.\"']+")
_SCALAR: Final = re.compile(r"[^,\]}\n#]*")


def located(faults: Iterable[Fault], path: Path) -> Iterator[Fault]:
    """Yield the faults of a file, each with its line where it has one; the file is read when there are faults only."""
    lines: Mapping[Steps, int] | None = None
    for fault in faults:
        if lines is None:
            lines = _lines_of_file(path)
        yield replace(fault, line=line_of(lines, steps_of(fault.place)))


def _lines_of_file(path: Path) -> Mapping[Steps, int]:
    try:
        text = path.read_text(encoding="utf-8")
        tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}
    return lines_of(text)


def lines_of(text: str) -> Mapping[Steps, int]:
    """Return the line, from 1, of every place of a TOML text: ``("item", 3, "elaborated", "fee_fen")``.

    The text is one that a TOML reader has taken: what is wrong in it is not looked for here.
    """
    return _Scan(text).lines


def line_of(lines: Mapping[Steps, int], place: Steps) -> int | None:
    """Return the line of a place or, where it has none of its own (a key that is missing), of what it stands in."""
    return next((lines[place[:depth]] for depth in range(len(place), 0, -1) if place[:depth] in lines), None)


def steps_of(place: str) -> Steps:
    """Return the steps of a written place: ``item[3].elaborated`` is ``("item", 3, "elaborated")``."""
    return tuple(int(step[1:-1]) if step[0] == "[" else step for step in re.findall(r"\[\d+\]|[^.\[\]]+", place))


class _Scan:
    """One pass over a text, statement by statement."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Steps, int] = {}
        self._counted_at, self._counted = 0, 1
        self._elements: dict[Steps, int] = {}
        table: Steps = ()
        while self._skip_blank() < len(text):
            table = self._header() if self._next() == "[" else self._statement(table)

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip_blank(self) -> int:
        self.at = _end(_BLANK, self.text, self.at)
        return self.at

    def _header(self) -> Steps:
        here, many = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        table = self._within(self._key())
        self.at = self.text.index("]", self.at) + (2 if many else 1)
        if many:
            self._note(table, here)
            place = self._elements[table] = self._elements.get(table, -1) + 1
            table = (*table, place)
        self._note(table, here)
        return table

    def _within(self, key: Steps) -> Steps:
        """The table that a header names: in the newest element of every list of tables on the way."""
        steps: Steps = ()
        for step in key[:-1]:
            steps = (*steps, step)
            steps = (*steps, self._elements[steps]) if steps in self._elements else steps
        return (*steps, key[-1])

    def _statement(self, table: Steps) -> Steps:
        self._pair(table)
        return table

    def _pair(self, table: Steps) -> None:
        here = self.at
        place = (*table, *self._key())
        self._note(place, here)
        self.at = self.text.index("=", self.at) + 1
        self._value(place)

    def _key(self) -> Steps:
        steps: list[str] = []
        while True:
            self._skip_blank()
            quoted = self._next() in ('"', "'")
            start, self.at = self.at, _end(_STRING if quoted else _BARE, self.text, self.at)
            steps.append(self.text[start + quoted : self.at - quoted])
            if self.text[self._skip_blank()] != ".":
                return tuple(steps)
            self.at += 1

    def _value(self, place: Steps) -> None:
        self._skip_blank()
        opening = self._next()
        if opening == "[":
            self._elements_of(place)
        elif opening == "{":
            self._members_of(place)
        else:
            self.at = _end(_STRING if opening in ('"', "'") else _SCALAR, self.text, self.at)

    def _elements_of(self, place: Steps) -> None:
        self.at += 1
        count = 0
        while self.text[self._skip_blank()] != "]":
            self._note((*place, count), self.at)
            self._value((*place, count))
            self._skip_comma()
            count += 1
        self.at += 1

    def _members_of(self, place: Steps) -> None:
        self.at += 1
        while self.text[self._skip_blank()] != "}":
            self._pair(place)
            self._skip_comma()
        self.at += 1

    def _skip_comma(self) -> None:
        if self.text[self._skip_blank()] == ",":
            self.at += 1

    def _note(self, place: Steps, here: int) -> None:
        self._counted += self.text.count("\n", self._counted_at, here)
        self._counted_at = here
        # [a.b] brings a into being too, unless a has its own line.
        for depth in range(len(place), 0, -1):
            if self.lines.setdefault(place[:depth], self._counted) != self._counted:
                return


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()
