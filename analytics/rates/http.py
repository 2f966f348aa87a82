"""The door to rates: figures, groups, units, what moved, the events behind them, and the SQL. Read only."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal, get_args

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from analytics.http_problems import Fault, Problem, json_response, not_found, request_refused
from analytics.lake.absent_files import LakeFilesAbsent
from analytics.lake.tables import TABLES
from analytics.rates.figures import Figures, UnknownRate, When
from analytics.rates.folding import DIMENSIONS
from analytics.rates.keeping import Keeping
from analytics.rates.periods import Period, month_end_before
from analytics.rates.units import SORTS, NotInForce, UnitsAsked, events, moves, statement, units

By = Literal["department", "district", "level", "class", "theme", "month"]
_MOST_UNITS: Final = 1000
_PLAIN: Final = frozenset(("as_of", "period", "raw", "counted", "twin", "unstated", "after", "limit", "sort"))

AsOf = Annotated[str, Query(description="截至日 YYYY-MM-DD；缺省为今天（该日未结束时为暂计）")]
PeriodOf = Annotated[str, Query(description="期间：month 月、quarter 季、year 年，自期初至截至日")]
Raw = Annotated[bool, Query(description="不用每日汇总，直接从原始行计算")]


@dataclass(frozen=True)
class RatesDoor:
    """What the routes work with: the figures, the day in China, and what keeps roll-ups at hand while they serve."""

    figures: Figures
    today: Callable[[], date]
    keeping: Keeping | None = None


def rates_router(door: RatesDoor) -> APIRouter:
    """Routes under ``/v1/rates``."""
    lifespan = door.keeping.lifespan if door.keeping else None
    router = APIRouter(prefix="/v1/rates", tags=["rates"], lifespan=lifespan)

    @router.get("", summary="全部指标")
    async def overview(as_of: AsOf = "", period: PeriodOf = "month", raw: Raw = False) -> Response:
        when = _when(door, as_of, period, raw=raw)
        return await _answer(lambda: {**door.figures.overview(when), "provisional": _provisional(door, when)})

    @router.get("/events", summary="凭据：指标所依据的事件")
    async def evidence(event: Annotated[list[str], Query(description="<表>/<事件标识>/<日>，可多个")]) -> Response:
        wanted = _events(event)
        return await _answer(lambda: {"events": events(door.figures, wanted, door.today())})

    @router.get("/{rate}", summary="一项指标，按维度分组")
    async def one(
        rate: str, as_of: AsOf = "", period: PeriodOf = "month", by: str = "department", raw: Raw = False
    ) -> Response:
        when = _when(door, as_of, period, raw=raw, more=_choice("by", by, get_args(By)))
        return await _answer(lambda: {**_grouped(door, rate, when, by), "provisional": _provisional(door, when)}, rate)

    @router.get("/{rate}/units", summary="明细：计入和未计入的单位及其凭据")
    async def of_units(request: Request, rate: str, as_of: AsOf = "", period: PeriodOf = "month") -> Response:
        raw = request.query_params.get("raw", "").lower() in ("1", "true")
        asked = _units_asked(request)
        when = _when(door, as_of, period, raw=raw)
        if request.query_params.get("format") == "csv":
            return await run_in_threadpool(lambda: _csv(_found(rate, lambda: units(door.figures, rate, when, asked))))
        return await _answer(lambda: units(door.figures, rate, when, asked), rate)

    @router.get("/{rate}/moves", summary="较上月（或某日）进出")
    async def moved(rate: str, as_of: AsOf = "", period: PeriodOf = "month", against: str = "") -> Response:
        when = _when(door, as_of, period)
        since = _day("against", against) if against else month_end_before(when.as_of)
        if isinstance(since, Fault):
            raise request_refused([since])
        return await _answer(lambda: moves(door.figures, rate, when, since), rate)

    @router.get("/{rate}/sql", summary="计算所用的 SQL 和参数")
    async def of_sql(rate: str, as_of: AsOf = "", period: PeriodOf = "month") -> Response:
        when = _when(door, as_of, period)
        return await _answer(lambda: statement(door.figures, rate, when), rate)

    return router


def _grouped(door: RatesDoor, rate: str, when: When, by: str) -> dict[str, Any]:
    if by == "month":
        return door.figures.months(rate, when)
    return door.figures.by(rate, when, next(each for each in DIMENSIONS if each == by))


async def _answer(told: Callable[[], Any], rate: str = "") -> Response:
    return json_response(await run_in_threadpool(_found, rate, told))


def _found(rate: str, told: Callable[[], Any]) -> Any:
    try:
        return told()
    except NotInForce:
        raise Problem(
            409,
            "not-in-force",
            "该日尚无生效的定义 / no definition was in force on that day",
            rate,
            "改用较晚的截至日 / ask for a later day",
        ) from None
    except UnknownRate:
        raise not_found(
            f"没有指标 {rate} / there is no rate {rate}", "GET /v1/rates 列出全部指标 / lists every rate"
        ) from None
    except LakeFilesAbsent as absent:
        raise Problem(
            503,
            "lake-file-absent",
            "湖中文件缺失 / files of the lake are missing",
            str(absent),
            str(getattr(absent, "remedy", "从备份恢复缺失的文件 / restore the missing files")),
        ) from None


def _when(door: RatesDoor, as_of: str, period: str, *, raw: bool = False, more: Fault | None = None) -> When:
    today = door.today()
    day = _day("as_of", as_of) if as_of else today
    if isinstance(day, date) and day > today:
        day = Fault("as_of", "in-the-future", f"{day} 尚未到来 / lies ahead")
    found = [each for each in (day, _choice("period", period, get_args(Period)), more) if isinstance(each, Fault)]
    if found or isinstance(day, Fault):
        raise request_refused(found)
    return When(day, next(each for each in get_args(Period) if each == period), raw)


def _provisional(door: RatesDoor, when: When) -> bool:
    """Whether the day is not over: its figure will still move."""
    return when.as_of >= door.today()


def _day(name: str, text: str) -> date | Fault:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return Fault(name, "no-day", f"“{text}”不是 YYYY-MM-DD 的日期 / is no date")


def _choice(name: str, text: str, known: tuple[str, ...]) -> Fault | None:
    if text in known:
        return None
    return Fault(name, "unknown-value", f"“{text}”不在 {', '.join(known)} 之内 / is none of them")


def _units_asked(request: Request) -> UnitsAsked:
    given = request.query_params
    faults = [
        _choice("sort", given.get("sort", "unit").removeprefix("-"), SORTS),
        *(_choice(name, given[name], ("true", "false")) for name in ("counted", "unstated") if given.get(name)),
        _number("after", given.get("after") or "0", 0, None),
        _number("limit", given.get("limit") or "100", 1, _MOST_UNITS),
        *(
            Fault(name, "unknown-parameter", f"没有参数 {name} / there is no such parameter")
            for name in given
            if name not in (*_PLAIN, *DIMENSIONS, "why", "format")
        ),
    ]
    if found := [each for each in faults if each is not None]:
        raise request_refused(found)
    return UnitsAsked(
        equal={name: given[name] for name in (*DIMENSIONS, "why") if name in given},
        counted=given.get("counted", ""),
        twin=given.get("twin", ""),
        unstated=given.get("unstated", ""),
        after=int(given.get("after") or 0),
        limit=int(given.get("limit") or 100),
        sort=given.get("sort", "unit"),
    )


def _number(name: str, text: str, least: int, most: int | None) -> Fault | None:
    if text.isdecimal() and int(text) >= least and (most is None or int(text) <= most):
        return None
    return Fault(name, "no-number", f"“{text}”应为 {least} 至 {most or '…'} 的整数 / is no whole number in this range")


def _events(given: list[str]) -> list[tuple[str, str, date]]:
    read, faults = [], []
    for text in given:
        parts = text.split("/")
        day = _day("event", parts[2]) if len(parts) == 3 else None  # noqa: PLR2004  table, id, day
        if len(parts) != 3 or parts[0] not in TABLES or isinstance(day, Fault) or not _is_id(parts[1]):  # noqa: PLR2004
            faults.append(Fault("event", "no-event", f"“{text}”应为 <表>/<32 位十六进制>/<YYYY-MM-DD>"))
        elif day is not None:
            read.append((parts[0], parts[1], day))
    if faults:
        raise request_refused(faults)
    return read


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(each in "0123456789abcdef" for each in text)  # noqa: PLR2004  16 bytes


def _csv(page: dict[str, Any]) -> Response:
    """The page as a sheet; a byte order mark lets office programs read it as UTF-8."""
    columns = ("unit", "unit_name", "department_name", "district", "level", "counts", "out_of", "unstated", "why_name")
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(page["units"])
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8")
