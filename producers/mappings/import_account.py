"""The account of an import: what became of each row, adding up to the row."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from producers.faults import Fault, Language
from producers.mappings.mapping import RowFault
from producers.outcomes import Receipt


@dataclass(frozen=True)
class RefusedRow:
    """A row that became no fact: the line on which it begins, and everything that is wrong with it."""

    line: int
    faults: tuple[RowFault, ...]


@dataclass(frozen=True)
class Span:
    """Messages of one partition: how many, first and last offset."""

    messages: int
    first_offset: int
    last_offset: int


@dataclass
class ImportAccount:
    """What became of a file's rows.

    Attributes:
        file: its name, without its folder.
        mapping: the mapping's name.
        rows: rows read, without the header and blank lines.
        blank_lines: lines on which nothing stands.
        published: rows that the log took.
        refused: rows that were refused, in the file's order.
        duplicates: published rows that state the same event as an earlier row of the file.
        conflicts: published rows that state another event for the same version of a record as an earlier row.
        archives: distinct subjects published about.
        spans: (topic, partition) → where the messages lie, refused rows' too.
    """

    file: str
    mapping: str
    rows: int = 0
    blank_lines: int = 0
    published: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    duplicates: int = 0
    conflicts: int = 0
    archives: int = 0
    spans: dict[tuple[str, int], Span] = field(default_factory=dict)

    @property
    def adds_up(self) -> bool:
        """Whether every row was published or refused."""
        return self.rows == self.published + len(self.refused)

    def reasons(self, lang: Language = "zh") -> Counter[tuple[str, str]]:
        """(column, reason) → in how many refused rows it was found; the column is empty for the row as a whole."""
        faults = (each for row in self.refused for each in row.faults)
        return Counter((each.column or each.fault.field, each.fault.told(lang)[0]) for each in faults)


class ImportBook:
    """Notes what became of each row, and closes to the account."""

    def __init__(self, file: str, mapping: str) -> None:
        """Open a book for a file."""
        self._account = ImportAccount(file, mapping)
        self._subjects: set[str] = set()
        self._events: dict[tuple[str, int], Any] = {}

    @property
    def rows(self) -> int:
        """How many rows have been read."""
        return self._account.rows

    def read(self, *, is_blank: bool) -> None:
        """Count a row, or a blank line."""
        if is_blank:
            self._account.blank_lines += 1
        else:
            self._account.rows += 1

    def accept(self, draft: dict[str, Any], event: str | bytes) -> None:
        """Note a row that the log took, or would; ``event`` tells whether two rows state the same."""
        account, subject = self._account, draft["subject"]
        account.published += 1
        self._subjects.add(f"{subject['kind']}:{subject['id']}")
        record = (draft["record_id"], draft["version"])
        earlier = self._events.get(record)
        if earlier is None:
            self._events[record] = event
        elif earlier == event:
            account.duplicates += 1
        else:
            account.conflicts += 1

    def refuse(self, line: int, faults: Iterable[RowFault | Fault]) -> None:
        """Note a row that was refused, or would be."""
        found = tuple(each if isinstance(each, RowFault) else RowFault(None, None, each) for each in faults)
        self._account.refused.append(RefusedRow(line, found))

    def receive(self, receipt: Receipt) -> None:
        """Note where a message lies."""
        place, offset = (receipt.topic, receipt.partition), receipt.offset
        span = self._account.spans.get(place) or Span(0, offset, offset)
        self._account.spans[place] = Span(
            span.messages + 1, min(span.first_offset, offset), max(span.last_offset, offset)
        )

    def close(self) -> ImportAccount:
        """The account of everything noted."""
        self._account.archives = len(self._subjects)
        self._account.refused.sort(key=lambda row: row.line)
        return self._account
