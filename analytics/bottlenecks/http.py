"""The door to bottlenecks: where cases wait, their events, complaints, slowest steps, and data that would help."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal, Protocol, get_args

import duckdb
from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from analytics.bottlenecks.asked import BottleneckReading, By
from analytics.bottlenecks.known import known_catalogue
from analytics.bottlenecks.obstacles import data_success
from analytics.bottlenecks.paths import bundle_paths
from analytics.bottlenecks.reductions import evaluation_counts, saving_views
from analytics.bottlenecks.rule import load_bottleneck_rule
from analytics.bottlenecks.views import (
    LINKS,
    SORTS,
    assignment_view,
    complaint_view,
    event_view,
    path_view,
    sorted_waits,
    success_view,
    wait_view,
)
from analytics.bottlenecks.window import Window, WindowFault, window_of
from analytics.bottlenecks.worked import Identity, Worked
from analytics.http_problems import Fault, Problem, json_response, not_found, request_refused
from analytics.lake.absent_files import LakeFilesAbsent

State = Literal["", "open", "ended", "overdue"]
MOST_ROWS: Final = 1000
_EVENTS: Final = """
    SELECT * FROM cases WHERE case_id = $case_id AND known_at < $as_of
    ORDER BY known_at, topic, partition, "offset"
"""
_OF_ASSIGNMENTS: Final = ("department", "item", "bundle", "case_id", "outcome")
_OF_COMPLAINTS: Final = ("department", "category", "channel", "link", "bundle", "item", "case_id")
_ASSIGNMENT_SORTS: Final = ("handling_us", "waiting_us", "dispatched_at", "ended_at", "due_at", "supplements")

FromQuery = Annotated[str, Query(alias="from", description="起始日 YYYY-MM-DD；缺省为终止日所在月的一日")]
ToQuery = Annotated[str, Query(alias="to", description="终止日，含当日；缺省为截至日")]
AsOfQuery = Annotated[str, Query(description="截至日：日志到该日终了为止所知；缺省为今天")]
AfterQuery = Annotated[int, Query(ge=0, description="跳过的行数：上一页的 next_after")]
LimitQuery = Annotated[int, Query(ge=1, le=MOST_ROWS)]


class Session(Protocol):
    """Opens the lake."""

    def reading(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection for the length of a block."""


@dataclass(frozen=True)
class BottleneckDoor:
    """What the routes work with: the lake, what its rows until a day are known by, and what time it is."""

    session: Session
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    identity: Identity = lambda _: None
    worked: Worked = field(default_factory=Worked)


@dataclass(frozen=True)
class _Filter:
    """Columns that have these values."""

    values: dict[str, str]
    more: str = ""

    @property
    def sql(self) -> str:
        """The condition; the values are parameters of the columns' names with ``of_`` before them."""
        conditions = [f"{name} = $of_{name}" for name in self.values] + ([self.more] if self.more else [])
        return " AND ".join(conditions) or "true"

    @property
    def parameters(self) -> dict[str, str]:
        """The values."""
        return {f"of_{name}": value for name, value in self.values.items()}


def bottleneck_router(door: BottleneckDoor) -> APIRouter:
    """Routes under ``/v1/bottlenecks``."""
    router = APIRouter(prefix="/v1/bottlenecks", tags=["堵点 bottlenecks"])

    @router.get("", summary="堵点：办件在哪里等，按部门、事项或一件事")
    async def waits(
        begin: FromQuery = "", end: ToQuery = "", as_of: AsOfQuery = "", by: str = "department", sort: str = ""
    ) -> Response:
        window = _window(door, begin, end, as_of)
        key = _choice("by", by, get_args(By))
        _choice("sort", sort.removeprefix("-"), ("", *SORTS))
        return await _told(lambda: _waits(door, window, key, sort))

    @router.get("/assignments", summary="堵点明细：每一次分派及其办件")
    async def assignments(
        begin: FromQuery = "",
        end: ToQuery = "",
        as_of: AsOfQuery = "",
        department: str = "",
        item: str = "",
        bundle: str = "",
        case_id: str = "",
        outcome: str = "",
        state: str = "",
        sort: str = "-handling_us",
        after: AfterQuery = 0,
        limit: LimitQuery = 50,
    ) -> Response:
        window = _window(door, begin, end, as_of)
        kept = _given(_OF_ASSIGNMENTS, (department, item, bundle, case_id, outcome))
        asked = _Filter(kept, _state(_choice("state", state, get_args(State))))
        order = _order(sort, _ASSIGNMENT_SORTS, "assignment_id")
        return await _told(lambda: _assignments(door, window, asked, order, after, limit))

    @router.get("/complaints", summary="热线诉求及其关联")
    async def complaints(
        begin: FromQuery = "",
        end: ToQuery = "",
        as_of: AsOfQuery = "",
        department: str = "",
        category: str = "",
        channel: str = "",
        link: str = "",
        bundle: str = "",
        item: str = "",
        case_id: str = "",
        after: AfterQuery = 0,
        limit: LimitQuery = 50,
    ) -> Response:
        window = _window(door, begin, end, as_of)
        _choice("link", link, ("", *LINKS))
        asked = _Filter(_given(_OF_COMPLAINTS, (department, category, channel, link, bundle, item, case_id)))
        return await _told(lambda: _complaints(door, window, asked, after, limit))

    @router.get("/paths", summary="每件事最慢的环节（关键路径）")
    async def paths(begin: FromQuery = "", end: ToQuery = "", as_of: AsOfQuery = "") -> Response:
        window = _window(door, begin, end, as_of)
        return await _told(lambda: _paths(door, window))

    @router.get("/resources", summary="最能提高办成率的数据资源")
    async def resources(begin: FromQuery = "", end: ToQuery = "", as_of: AsOfQuery = "") -> Response:
        window = _window(door, begin, end, as_of)
        return await _told(lambda: _resources(door, window))

    @router.get("/savings", summary="四减，按期间和截至日")
    async def savings(begin: FromQuery = "", end: ToQuery = "", as_of: AsOfQuery = "") -> Response:
        window = _window(door, begin, end, as_of)
        return await _told(lambda: _reading(door, window, lambda reading: {"savings": saving_views(reading)}))

    @router.get("/evaluations", summary="好差评，按牵头部门或一件事")
    async def evaluations(
        begin: FromQuery = "", end: ToQuery = "", as_of: AsOfQuery = "", by: str = "lead"
    ) -> Response:
        window = _window(door, begin, end, as_of)
        key = _choice("by", by, ("lead", "bundle"))
        return await _told(
            lambda: _reading(door, window, lambda reading: {"evaluations": evaluation_counts(reading, key)})
        )

    @router.get("/cases/{case_id}", summary="一件办件的事件：出处和时间")
    async def case_events(case_id: str, as_of: AsOfQuery = "") -> Response:
        window = _window(door, "", "", as_of)
        return await _told(lambda: _events(door, window, case_id))

    return router


def _waits(door: BottleneckDoor, window: Window, by: By, sort: str) -> dict[str, Any]:
    known = known_catalogue()

    def told(reading: BottleneckReading) -> dict[str, Any]:
        views = [wait_view(each, by, known) for each in reading.waits(by)]
        return {"by": by, "total": len(views), "rows": sorted_waits(views, sort) if sort else views}

    return _reading(door, window, told)


def _assignments(
    door: BottleneckDoor, window: Window, asked: _Filter, order: str, after: int, limit: int
) -> dict[str, Any]:
    seen = "(ended_at IS NULL OR (ended_at >= $since AND ended_at < $until))"
    known = known_catalogue()

    def told(reading: BottleneckReading) -> dict[str, Any]:
        rows, total = _page(reading, f"assignments WHERE {seen} AND {asked.sql}", asked, order, after, limit)
        return {"assignments": [assignment_view(each, known) for each in rows], **_turned(total, after, limit)}

    return _reading(door, window, told)


def _complaints(door: BottleneckDoor, window: Window, asked: _Filter, after: int, limit: int) -> dict[str, Any]:
    known = known_catalogue()

    def told(reading: BottleneckReading) -> dict[str, Any]:
        source = f"complaint_links WHERE received_at >= $since AND received_at < $until AND {asked.sql}"
        rows, total = _page(reading, source, asked, "received_at DESC, complaint_id", after, limit)
        return {"complaints": [complaint_view(each, known) for each in rows], **_turned(total, after, limit)}

    return _reading(door, window, told)


def _page(
    reading: BottleneckReading, source: str, asked: _Filter, order: str, after: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    (count,) = reading.rows(f"SELECT count(*) AS total FROM {source}", asked.parameters)  # noqa: S608  the same
    page = f"SELECT * FROM {source} ORDER BY {order} LIMIT {limit} OFFSET {after}"  # noqa: S608  the same
    return list(reading.rows(page, asked.parameters)), int(count["total"])


def _turned(total: int, after: int, limit: int) -> dict[str, Any]:
    reached = after + limit
    return {"total": total, "next_after": reached if reached < total else None}


def _paths(door: BottleneckDoor, window: Window) -> dict[str, Any]:
    known = known_catalogue()

    def told(reading: BottleneckReading) -> dict[str, Any]:
        found = bundle_paths(reading.runs(), known.after)
        return {"bundles": [path_view(each, known) for each in found]}

    return _reading(door, window, told)


def _resources(door: BottleneckDoor, window: Window) -> dict[str, Any]:
    most = load_bottleneck_rule().top_resources

    def told(reading: BottleneckReading) -> dict[str, Any]:
        cases, obstacles = reading.obstacles()
        return success_view(data_success(cases, obstacles, most), known_catalogue())

    return _reading(door, window, told)


def _events(door: BottleneckDoor, window: Window, case_id: str) -> dict[str, Any]:
    with door.session.reading() as connection:
        cursor = connection.execute(_EVENTS, {"case_id": case_id, "as_of": window.known_before})
        names = [column[0] for column in cursor.description or ()]
        rows = [event_view(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    if not rows:
        raise not_found(
            f"截至该日湖中没有办件 {case_id} / the lake holds no such case by that day",
            "检查办件编号和截至日 / check the case id and as_of",
        )
    return {"case_id": case_id, "as_of": window.as_of.isoformat(), "events": rows}


def _reading(
    door: BottleneckDoor, window: Window, told: Callable[[BottleneckReading], dict[str, Any]]
) -> dict[str, Any]:
    rule = load_bottleneck_rule()
    with door.session.reading() as connection:
        identity = door.identity(window.as_of)
        reading = BottleneckReading(connection, window, rule, known_catalogue(), door.worked, identity)
        return {**window.described(), "rule_version": rule.version, **told(reading)}


async def _told(told: Callable[[], Any]) -> Response:
    return json_response(await run_in_threadpool(_or_absent, told))


def _or_absent(told: Callable[[], Any]) -> Any:
    try:
        return told()
    except LakeFilesAbsent as absent:
        raise lake_files_absent(absent) from None


def lake_files_absent(absent: LakeFilesAbsent) -> Problem:
    """503: files of the lake that the question needs are not there."""
    remedy = str(getattr(absent, "remedy", "从备份恢复缺失的文件 / restore the missing files"))
    return Problem(503, "lake-files-absent", "湖中文件缺失 / files of the lake are missing", str(absent), remedy)


def _window(door: BottleneckDoor, begin: str, end: str, as_of: str) -> Window:
    now = door.now()
    found = window_of(begin, end, as_of, now)
    if isinstance(found, Window):
        # To the minute: who turns pages within it is told of the same assignments, which are worked out once.
        return replace(found, now=now.replace(second=0, microsecond=0) + timedelta(minutes=1))
    raise request_refused([_fault(each) for each in found])


def _fault(fault: WindowFault) -> Fault:
    return Fault(fault.field, fault.code, fault.reason)


def _choice(name: str, text: str, known: tuple[Any, ...]) -> Any:
    if text in known:
        return text
    reason = f"应为 {', '.join(filter(None, known))} 之一 / is none of them"
    raise request_refused([Fault(name, "unknown-value", reason)])


def _given(names: tuple[str, ...], values: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in zip(names, values, strict=True) if value}


def _state(state: str) -> str:
    return {"": "", "open": "ended_at IS NULL", "ended": "ended_at IS NOT NULL", "overdue": "overdue"}[state]


def _order(sort: str, known: tuple[str, ...], last: str) -> str:
    name = _choice("sort", sort.removeprefix("-"), known)
    return f"{name} {'DESC' if sort.startswith('-') else 'ASC'} NULLS LAST, {last}"
