"""Importing a catalogue's file at the register's door: what each row changes, or would change; every faulty cell."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from catalog.register.changes import ORGANISATION, RESOURCE, Command, Refusal
from catalog.register.entry_import import RowResult, commands_of, import_results
from catalog.register.excel import Sheet, UnreadableSheet, sheets_of
from catalog.register.http_commands import LONGEST_TEXT, MOST_COMMANDS
from catalog.register.http_problems import Problem, json_response, refused, request_refused
from catalog.register.http_routes import RegisterDoor
from catalog.register.plan import Standing
from catalog.register.reader import CatalogReader
from catalog.register.sheet_entries import CellFault, SheetEntry, names_of, sheet_entries
from catalog.register.store import Refused
from catalog.register.tables_import import is_tables, table_entries

LARGEST_FILE_BYTES: Final = 8 << 20
MOST_TOLD: Final = 500
"""Rows and faulty cells in an answer, at most; the counts are always of all."""

OUTCOMES: Final = ("new", "changed", "same", "refused")

FileName = Annotated[str, Query(min_length=1, max_length=LONGEST_TEXT, description="文件名，以 .xlsx 或 .csv 结尾")]
ActorName = Annotated[str, Query(min_length=1, max_length=LONGEST_TEXT, description="经办：who asks")]
DryRun = Annotated[bool, Query(description="试运行：告知结果，不作更改")]


class Reading(msgspec.Struct, frozen=True):
    """What a file comes to against the register as it stands: its rows, and faults of whole sheets."""

    results: tuple[RowResult, ...]
    sheet_faults: tuple[CellFault, ...] = ()

    @property
    def faults(self) -> tuple[CellFault, ...]:
        """Every fault, those of whole sheets first."""
        return (*self.sheet_faults, *(fault for each in self.results for fault in each.faults))


def import_router(door: RegisterDoor) -> APIRouter:
    """``POST /v1/catalog/imports``; goes before the register's own routes."""
    router = APIRouter(prefix="/v1/catalog", tags=["目录 catalogue"])

    @router.post("/imports", summary="导入目录文件：逐行结果；全部导入或不作更改，可试运行")
    async def imported(request: Request, file: FileName, actor: ActorName, dry_run: DryRun = True) -> Response:
        content = await _content(request)
        reading = await run_in_threadpool(read_file, door.reader, file, content)
        if not dry_run and reading.faults:
            raise Problem(422, "import-refused", _REFUSED, [(0, _refusal(each)) for each in reading.faults[:MOST_TOLD]])
        commands = [] if reading.faults else _commands(reading.results, actor, door.now_us())
        if commands:
            answer = await asyncio.wrap_future(door.registrar.submit(commands, dry_run=dry_run))
            if isinstance(answer, Refused):
                raise refused(answer)
        return json_response(view(reading, file, dry_run=dry_run))

    return router


def read_file(reader: CatalogReader, file: str, content: bytes) -> Reading:
    """What the file's rows come to against the register as it stands; nothing is changed.

    Raises:
        Problem: 422, it cannot be read as sheets.
    """
    try:
        sheets = sheets_of(file, content)
    except UnreadableSheet as fault:
        raise request_refused(_unreadable(fault)) from None
    entries, faults = _entries(reader, sheets)
    standing = {each.entity_id: Standing(each.version, each.state) for each in reader.all(RESOURCE)}
    return Reading(import_results(entries, standing), faults)


def _entries(reader: CatalogReader, sheets: Sequence[Sheet]) -> tuple[tuple[SheetEntry, ...], tuple[CellFault, ...]]:
    if len(sheets) == 1 and is_tables(sheets[0]):
        return table_entries(sheets[0]), ()
    return sheet_entries(sheets, names_of([each.state for each in reader.all(ORGANISATION)]))


def view(reading: Reading, file: str, *, dry_run: bool) -> dict[str, Any]:
    """What the door answers; ``taken`` tells whether the register now says what the file says."""
    counts = {name: sum(each.outcome == name for each in reading.results) for name in OUTCOMES}
    return {
        "file": file,
        "dry_run": dry_run,
        "taken": not dry_run,
        "acceptable": not reading.faults,
        "counts": counts,
        "results": [_row(each) for each in reading.results[:MOST_TOLD]],
        "faults": [msgspec.to_builtins(each) for each in reading.faults[:MOST_TOLD]],
        "fault_count": len(reading.faults),
    }


_REFUSED: Final = "文件有误，未作更改 / the file holds faults; nothing was changed"


async def _content(request: Request) -> bytes:
    """The file's bytes.

    Raises:
        Problem: 422, there are none, or more than a catalogue's file has.
    """
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > LARGEST_FILE_BYTES:
            raise request_refused(_too_large())
    if not read:
        raise request_refused(_empty())
    return bytes(read)


def _row(result: RowResult) -> dict[str, Any]:
    changed = () if result.change is None else tuple(each.field for each in result.change.differences)
    return {
        "cell": result.cell,
        "code": result.code,
        "name": result.name,
        "outcome": result.outcome,
        "fields": list(changed),
        "notes": list(result.notes),
        "fault_count": len(result.faults),
    }


def _commands(results: Sequence[RowResult], actor: str, at: int) -> tuple[Command, ...]:
    """The commands that do it, at the door's time, as one batch.

    Raises:
        Problem: 422, the register does not take so many at once.
    """
    asked = commands_of(results)
    if len(asked) > MOST_COMMANDS:
        raise request_refused(_too_many(len(asked)))
    batch = uuid.uuid4().hex
    return tuple(Command(actor=actor, at=at, command_id=f"{batch}:{place}", **each) for place, each in enumerate(asked))


def _refusal(fault: CellFault) -> Refusal:
    return Refusal(
        field=f"{fault.cell} {fault.column}",
        reason=fault.reason,
        reason_en=fault.reason_en,
        remedy=fault.remedy,
        remedy_en=fault.remedy_en,
    )


def _unreadable(fault: UnreadableSheet) -> Refusal:
    zh, _, en = str(fault).partition(" / ")
    return Refusal(
        field="file",
        reason=zh,
        reason_en=en or zh,
        remedy="请另存为 .xlsx，或 UTF-8、GB 18030 编码的 .csv",
        remedy_en=fault.remedy,
    )


def _too_large() -> Refusal:
    most = LARGEST_FILE_BYTES >> 20
    return Refusal(
        field="file",
        reason=f"文件超过 {most} MB",
        reason_en=f"the file is larger than {most} MB",
        remedy="请按部门分成几个文件",
        remedy_en="divide it, by department",
    )


def _empty() -> Refusal:
    return Refusal(
        field="file",
        reason="请求中没有文件内容",
        reason_en="the request carries no file",
        remedy="请以文件内容作为请求正文",
        remedy_en="send the file's bytes as the body",
    )


def _too_many(count: int) -> Refusal:
    return Refusal(
        field="file",
        reason=f"文件会带来 {count} 条变更，一次最多 {MOST_COMMANDS} 条",
        reason_en=f"the file makes {count} changes, at most {MOST_COMMANDS} at once",
        remedy="请分成几个文件",
        remedy_en="divide it",
    )
