"""Importing a table: every row published or refused, none silently mended or dropped."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from producers.drafts import CheckedDraft, DraftRules, examine
from producers.faults import fault
from producers.mappings.import_account import ImportAccount, ImportBook
from producers.mappings.mapping import Mapping, MappingDoesNotFit, RowFault, RowRefusal
from producers.mappings.rows import FileRow, read_rows
from producers.outcomes import Outcome, Receipt, Received
from producers.publisher import Publisher
from topics.identifiers import check_uscc

Progress = Callable[[int], None]
"""Hears how many rows have had their outcome."""

#: Rows that are handed in before their outcomes are waited for.
_CHUNK: Final = 4096
_MEDIA_TYPE: Final = "text/csv"
_DOOR: Final = "file"


@dataclass(frozen=True)
class MappedRow:
    """A row, and what the mapping made of it."""

    row: FileRow
    draft: dict[str, Any] | RowRefusal


def import_file(path: Path, mapping: Mapping, publisher: Publisher, progress: Progress | None = None) -> ImportAccount:
    """Publish the rows of a file; those that cannot be are kept byte for byte on ``rejected.<department>``.

    The same call again publishes the same events.

    Raises:
        MappingDoesNotFit: the file's header is not the one that the mapping speaks of; nothing was published.
        PublisherBusy, DeliveryFailed, ProtectionUnavailable: not every row has its outcome; import it again.
    """
    book, remaining = ImportBook(path.name, mapping.name), mapped_rows(path, mapping)
    while chunk := list(islice(remaining, _CHUNK)):
        for mapped, outcome in zip(rows := _counted(chunk, book), _publish(path.name, rows, publisher), strict=True):
            _note(book, mapped, outcome)
        if progress is not None:
            progress(book.rows)
    return book.close()


def check_file(path: Path, mapping: Mapping, rules: DraftRules, now_us: int) -> ImportAccount:
    """As ``import_file``, but nothing is published: ``published`` counts the rows that would be.

    Raises:
        MappingDoesNotFit: the file's header is not the one that the mapping speaks of.
    """
    book = ImportBook(path.name, mapping.name)
    for mapped in _counted(mapped_rows(path, mapping), book):
        draft = mapped.draft
        if isinstance(draft, RowRefusal):
            book.refuse(draft.line, draft.faults)
            continue
        examined = examine(draft, rules, now_us)
        if isinstance(examined, CheckedDraft):
            book.accept(draft, msgspec.msgpack.encode(draft))
        else:
            book.refuse(mapped.row.line, examined)
    return book.close()


def mapped_rows(path: Path, mapping: Mapping) -> Iterator[MappedRow]:
    """Each row of a file behind its header, blank lines too, with its draft or what is wrong with it.

    Raises:
        MappingDoesNotFit: the file's header is not the one that the mapping speaks of.
    """
    rows = read_rows(path, mapping.encoding, mapping.delimiter)
    header = _header(rows, mapping)
    return (MappedRow(row, _draft(row, header, mapping)) for row in rows)


def _header(rows: Iterator[FileRow], mapping: Mapping) -> tuple[str, ...]:
    first = next(rows, None)
    if first is None or first.fault is not None:
        raise MappingDoesNotFit(f"the file has no header that could be read as {mapping.encoding}")
    mapping.demand_header(first.cells)
    return first.cells


def _draft(row: FileRow, header: tuple[str, ...], mapping: Mapping) -> dict[str, Any] | RowRefusal:
    if row.fault is not None:
        return RowRefusal(row.line, (RowFault(None, None, row.fault),))
    if len(row.cells) != len(header):
        found, due = len(row.cells), len(header)
        counts = fault("wrong-cell-count", "", f"{found} where {due} are due", f"{found} 列，应为 {due} 列")
        return RowRefusal(row.line, (RowFault(None, _credit_code(row), counts),))
    return mapping.apply(dict(zip(header, row.cells, strict=True)), row.line)


def _credit_code(row: FileRow) -> str | None:
    """The credit code among cells that stand in no known column: it tells people which row this is."""
    return next((cell for cell in row.cells if check_uscc(cell) is None), None)


def _counted(rows: Iterable[MappedRow], book: ImportBook) -> list[MappedRow]:
    """The rows that are not blank; all are counted."""
    found = []
    for mapped in rows:
        book.read(is_blank=mapped.row.is_blank)
        if not mapped.row.is_blank:
            found.append(mapped)
    return found


def _publish(file: str, rows: list[MappedRow], publisher: Publisher) -> Iterator[Outcome]:
    """The outcome of each row, in their order."""
    refusals = [
        publisher.refuse(_received(file, each.row), [one.fault for one in each.draft.faults], door=_DOOR)
        for each in rows
        if isinstance(each.draft, RowRefusal)
    ]
    drafts = (_received(file, each.row, each.draft) for each in rows if not isinstance(each.draft, RowRefusal))
    accepted = iter(publisher.publish_many(drafts))
    refused = (refusal.result() for refusal in refusals)
    return (next(refused) if isinstance(each.draft, RowRefusal) else next(accepted) for each in rows)


def _received(file: str, row: FileRow, draft: dict[str, Any] | None = None) -> Received:
    return Received(row.body, draft, _MEDIA_TYPE, f"{file}:{row.line}")


def _note(book: ImportBook, mapped: MappedRow, outcome: Outcome) -> None:
    if isinstance(outcome, Receipt):
        assert isinstance(mapped.draft, dict)  # noqa: S101  a row without a draft is never published
        book.accept(mapped.draft, outcome.event_id)
        book.receive(outcome)
        return
    book.refuse(mapped.row.line, mapped.draft.faults if isinstance(mapped.draft, RowRefusal) else outcome.faults)
    for receipt in outcome.kept:
        book.receive(receipt)
