"""The lake over HTTP: what its tables are and how they stand, and SQL that only reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import unquote

import msgspec
from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from analytics.door.asking import PARQUET, Answer, Question, Refusal
from analytics.door.pool import SqlPool
from analytics.http_problems import Problem, json_response, not_found
from analytics.lake.absent_files import absent_among
from analytics.lake.reading import LakeReader
from analytics.lake.sql_views import VIEWS
from analytics.lake.tables import TABLES
from connectors.departure import unless_gone

UNNAMED: Final = "unnamed"
RETRY_S: Final = 2
_UNAVAILABLE: Final = 503
CLIENT_GONE: Final = Refusal(
    499, "client-gone", "请求方已断开 / the client went away", "the query was ended", "nobody waits for the answer"
)
_TAGS: Final = ["数据湖 lake"]

Reader = Annotated[
    str, Header(alias="X-Reader", description="who asks, <organisation>:<account>; percent-encoded UTF-8; on record")
]
Place = tuple[str, int]


class SqlAsked(BaseModel):
    """A question in SQL."""

    sql: str = Field(description="one SELECT, WITH, EXPLAIN, DESCRIBE, SHOW or SUMMARIZE statement")
    parameters: list[Any] | dict[str, Any] = Field(default=[], description="values of ? or of $name")
    limit: int | None = Field(default=None, ge=1, description="rows wanted at most; never more than the hub allows")


@dataclass(frozen=True)
class LakeDoor:
    """What the routes work with.

    Attributes:
        reader: of the lake.
        pool: answers questions.
        most_rows: what one answer carries at most.
        log_ends: the next offset of each of these places in the log, None when the log cannot be asked.
    """

    reader: LakeReader
    pool: SqlPool
    most_rows: int
    log_ends: Callable[[], Mapping[Place, int] | None] = lambda: None


def lake_router(door: LakeDoor) -> APIRouter:
    """Routes under ``/v1/lake``."""
    router = APIRouter(prefix="/v1/lake", tags=list(_TAGS))

    @router.get("", summary="数据湖现状：各表的行数、文件、版本、滞后")
    async def standing() -> Response:
        return json_response(await run_in_threadpool(_standing, door))

    @router.get("/tables/{table}", summary="一张表或视图的列")
    async def columns(request: Request, table: str, reader: Reader = UNNAMED) -> Response:
        if table not in (*TABLES, *VIEWS):
            raise not_found(f"数据湖没有表 {table} / the lake has no table {table}", f"{', '.join((*TABLES, *VIEWS))}")
        said = await asked(request, door.pool, Question(f"DESCRIBE {table}"), reader)
        return json_response(_described(table, said))

    @router.post("/query", summary="以 SQL 查询（只读，限时、限内存、限行数）")
    async def query(request: Request, body: SqlAsked, reader: Reader = UNNAMED) -> Response:
        parquet = request.headers.get("accept") == PARQUET
        rows = min(body.limit or door.most_rows, door.most_rows)
        question = Question(body.sql, body.parameters, rows, "parquet" if parquet else "json")
        said = await asked(request, door.pool, question, reader)
        return Response(said.body, media_type=PARQUET if parquet else "application/json", headers=_told(said))

    return router


def named(reader: str) -> str:
    """Who asks, as the header says it."""
    return unquote(reader).strip() or UNNAMED


def answered(said: Answer | Refusal) -> Answer:
    """The answer.

    Raises:
        Problem: there is none.
    """
    if isinstance(said, Answer):
        return said
    headers = {"Retry-After": str(RETRY_S)} if said.status == _UNAVAILABLE else {}
    raise Problem(said.status, said.code, said.title, said.detail, said.remedy, headers=headers)


async def asked(request: Request, pool: SqlPool, question: Question, reader: str) -> Answer:
    """The pool's answer; the query is ended when the client goes away before.

    Raises:
        Problem: there is no answer.
    """
    said = await unless_gone(request, pool.ask(question, named(reader)))
    return answered(said or CLIENT_GONE)


def _standing(door: LakeDoor) -> dict[str, Any]:
    ends = door.log_ends()
    positions = door.reader.positions() if ends is not None else {}
    return {
        "tables": [_table_standing(door, name) for name in TABLES],
        "views": list(VIEWS),
        "lag": None if ends is None else sum(end - positions.get(place, 0) for place, end in ends.items()),
    }


def _table_standing(door: LakeDoor, name: str) -> dict[str, Any]:
    listed = door.reader.files(name)
    days = [each.day for each in listed.files]
    return {
        "table": name,
        "families": TABLES[name].families,
        "rows": listed.rows,
        "files": len(listed.files),
        "bytes": listed.bytes,
        "version": listed.version,
        "committed_at": _instant(listed.committed_at),
        "first_day": min(days, default=None),
        "last_day": max(days, default=None),
        "absent": [each.path for each in absent_among(name, listed.paths)] if door.reader.location.is_local else None,
    }


def _described(table: str, said: Answer) -> dict[str, Any]:
    rows = msgspec.json.decode(said.body)["rows"]
    columns = [{"name": name, "type": kind, "nullable": _is_nullable(table, name)} for name, kind, *_ in rows]
    return {"table": table, "is_view": table in VIEWS, "columns": columns}


def _is_nullable(table: str, column: str) -> bool:
    return table in VIEWS or bool(TABLES[table].schema.field(column).nullable)


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _told(said: Answer) -> dict[str, str]:
    return {"X-Rows": str(said.rows), "X-Truncated": str(said.truncated).lower()}
