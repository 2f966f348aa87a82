"""One question to the lake and its answer; what goes wrong is an answer too."""

import io
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.door.guard import SqlRefused, checked, syntax_told
from analytics.door.rows_json import columns_of, fetched
from analytics.lake.absent_files import LakeFilesAbsent
from analytics.lake.session import LakeSession, Snapshot
from analytics.lake.table_views import is_uneven, is_vanished

Form = Literal["json", "parquet"]
Taken = Callable[[duckdb.DuckDBPyConnection], None]
PARQUET: Final = "application/vnd.apache.parquet"
MOST_BYTES: Final = 16 << 20
"""An answer is cut once its rows are this large."""
_BATCH_ROWS: Final = 2048


class Question(msgspec.Struct, frozen=True, tag="question"):
    """What is asked, and how much of the answer is wanted; ``rows`` is the most."""

    sql: str
    parameters: list[Any] | dict[str, Any] = []
    rows: int = 10_000
    form: Form = "json"


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """What the lake says: a document of the form that was asked for."""

    body: bytes
    rows: int
    truncated: bool
    elapsed_ms: float


class Refusal(msgspec.Struct, frozen=True, tag="refusal"):
    """Why there is no answer; ``status`` is HTTP's, ``code`` stable kebab-case."""

    status: int
    code: str
    title: str
    detail: str
    remedy: str
    elapsed_ms: float = 0.0


TOO_LONG: Final = "查询超时，已中止 / the query took too long and was ended"
TOO_MUCH_MEMORY: Final = "查询所需内存超限，已中止 / the query needs more memory than it may take and was ended"
LESS: Final = (
    "请缩小范围：限定 day、先聚合后连接、避免无条件的连接"
    " / ask for less: restrict day, group before joining, join on a condition"
)


def answer(session: LakeSession, question: Question, taken: Taken | None = None) -> Answer | Refusal:
    """The answer to the question over the lake as last committed; nothing it can ask changes anything.

    A table whose files were just replaced is looked at once more. ``taken`` is given the connection that will be
    asked, so that another thread can interrupt it.
    """
    started = time.perf_counter()
    try:
        statement = checked(question.sql)
        try:
            return _answered(session, statement, question, started, taken)
        except duckdb.Error as error:
            if not (is_vanished(error) or is_uneven(error)):
                raise
            return _answered(session, statement, question, started, taken)
    except Exception as error:  # noqa: BLE001  whatever a query can bring about is told, and the next one is answered
        return _refusal(error, _since_ms(started))


def _answered(
    session: LakeSession, statement: duckdb.Statement, question: Question, started: float, taken: Taken | None
) -> Answer:
    snapshot, connection = session.current()
    if taken is not None:
        taken(connection)
    try:
        connection.execute("BEGIN TRANSACTION READ ONLY")
        if question.form == "parquet":
            return _as_parquet(connection, statement, question, started)
        return _as_json(connection, statement, question, snapshot, started)
    except duckdb.Error as error:
        if absent := session.absent_for(error, snapshot):
            raise LakeFilesAbsent(absent) from error
        raise
    finally:
        connection.close()


def _as_json(
    connection: duckdb.DuckDBPyConnection,
    statement: duckdb.Statement,
    question: Question,
    snapshot: Snapshot,
    started: float,
) -> Answer:
    connection.execute(statement, question.parameters or None)
    columns = columns_of(connection)
    found = fetched(connection, columns, question.rows, MOST_BYTES)
    elapsed_ms = _since_ms(started)
    told: dict[str, Any] = {
        "columns": columns,
        "rows": msgspec.Raw(b"[" + found.json + b"]"),
        "truncated": found.truncated,
        "elapsed_ms": elapsed_ms,
        "version": dict(snapshot.versions),
    }
    if found.truncated:
        told["notice"] = cut(found.rows)
    return Answer(msgspec.json.encode(told), found.rows, found.truncated, elapsed_ms)


def _as_parquet(
    connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement, question: Question, started: float
) -> Answer:
    reader = connection.sql(statement, params=question.parameters or None).to_arrow_reader(_BATCH_ROWS)
    batches = list(_up_to(reader, question.rows + 1))
    found = pa.Table.from_batches(batches, schema=reader.schema)
    sink = io.BytesIO()
    pq.write_table(found.slice(0, question.rows), sink, compression="zstd")
    rows = min(found.num_rows, question.rows)
    return Answer(sink.getvalue(), rows, found.num_rows > rows, _since_ms(started))


def cut(rows: int) -> str:
    """What a reader is told of an answer that holds less than all rows."""
    return (
        f"结果已截断，仅返回前 {rows} 行；请聚合、限定条件或分页查询"
        f" / cut after {rows} rows: group, restrict, or ask page by page"
    )


def _up_to(batches: pa.RecordBatchReader, rows: int) -> Iterator[pa.RecordBatch]:
    taken = 0
    for batch in batches:
        yield batch
        taken += batch.num_rows
        if taken >= rows:
            return


def _refusal(error: Exception, elapsed_ms: float) -> Refusal:
    if isinstance(error, SqlRefused):
        return Refusal(422, error.code, "语句未被接受 / the statement is refused", str(error), error.remedy, elapsed_ms)
    if isinstance(error, LakeFilesAbsent):
        title = "数据文件缺失 / data files are not there"
        return Refusal(503, "lake-file-absent", title, str(error), error.remedy, elapsed_ms)
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError | pa.ArrowMemoryError):
        return Refusal(422, "sql-memory", TOO_MUCH_MEMORY, _first_line(error), LESS, elapsed_ms)
    if isinstance(error, duckdb.InterruptException):
        return Refusal(422, "sql-time", TOO_LONG, _first_line(error), LESS, elapsed_ms)
    if isinstance(error, duckdb.PermissionException):
        title = "查询超出数据湖范围 / the query reaches beyond the lake"
        remedy = "只能查询数据湖的表：SHOW TABLES / only the lake's tables can be asked: SHOW TABLES"
        return Refusal(403, "sql-outside-lake", title, _first_line(error), remedy, elapsed_ms)
    title = "语句无法执行 / the statement cannot be run"
    remedy = "请对照 SHOW TABLES、DESCRIBE <表> 更正 / correct it by SHOW TABLES and DESCRIBE <table>"
    told = syntax_told(error) if isinstance(error, duckdb.Error) else f"{type(error).__name__}: {error}"
    return Refusal(422, "sql-failed", title, told, remedy, elapsed_ms)


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0]


def _since_ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
