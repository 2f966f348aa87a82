"""The door to bulletins: the months that there are; a month's as data, XLSX or PDF, whole or of one department."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from analytics.bottlenecks.http import Session, lake_files_absent
from analytics.bottlenecks.known import known_catalogue
from analytics.bottlenecks.rule import load_bottleneck_rule
from analytics.bottlenecks.window import CHINA, month_window
from analytics.bulletins.content import CITY, Bulletin, Page
from analytics.bulletins.drawing import BulletinAsked, draw_up
from analytics.bulletins.drawn import Drawn, StillDrawing
from analytics.bulletins.fonts import NoChineseFont
from analytics.bulletins.gathering import RatesTold, digest_of, first_day, positions
from analytics.bulletins.months import first_of, last_of, months_between
from analytics.bulletins.pdf import bulletin_pdf
from analytics.bulletins.words import load_bulletin_words
from analytics.bulletins.xlsx import bulletin_xlsx
from analytics.http_problems import Fault, Problem, json_response, not_found, request_refused
from analytics.lake.absent_files import LakeFilesAbsent

Kind = Literal["json", "xlsx", "pdf"]
MEDIA: Final[dict[Kind, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
RETRY_S: Final = 3
_CITY_FILE: Final = "city"


@dataclass(frozen=True)
class BulletinDoor:
    """What the routes work with.

    Attributes:
        session: the lake.
        rates: tells the rates of any day.
        console_url: where QR codes lead.
        fonts: a folder with an office's own fonts.
        now: what time it is.
        wait_s: how long a request waits for a bulletin that is being drawn up.
    """

    session: Session
    rates: RatesTold
    console_url: str
    fonts: Path | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    wait_s: float = 40.0
    drawn: Drawn = field(default_factory=Drawn)

    @property
    def today(self) -> date:
        """What day it is in China."""
        return self.now().astimezone(CHINA).date()


def bulletin_router(door: BulletinDoor) -> APIRouter:
    """Routes under ``/v1/bulletins``."""
    router = APIRouter(prefix="/v1/bulletins", tags=["通报 bulletins"])

    @router.get("", summary="有数据的月份")
    async def months() -> Response:
        return json_response(await run_in_threadpool(_or_refused, lambda: _months(door)))

    @router.get("/{month}", summary="一月通报：数据，或 <月份>.xlsx、<月份>.pdf 全部页")
    async def whole(month: str) -> Response:
        name, kind = _named(month)
        return await run_in_threadpool(_or_refused, lambda: _whole(door, name, kind))

    @router.get("/{month}/{department}", summary="一页：<部门代码>（city 为全市），或加 .xlsx、.pdf")
    async def one(month: str, department: str) -> Response:
        code, kind = _named(department)
        return await run_in_threadpool(_or_refused, lambda: _one(door, month, code, kind))

    return router


def _months(door: BulletinDoor) -> dict[str, Any]:
    today = door.today
    with door.session.reading() as connection:
        first = first_day(connection)
    names = () if first is None else months_between(first, today)
    return {"months": [{"month": name, "provisional": _provisional(name, today)} for name in names]}


def _provisional(month: str, today: date) -> bool:
    first = first_of(month)
    return first is not None and last_of(first) >= today


def _whole(door: BulletinDoor, month: str, kind: Kind) -> Response:
    bulletin = _bulletin(door, month)
    if kind == "json":
        return json_response(bulletin)
    return _file(door, bulletin, (bulletin.city, *bulletin.departments), kind, month)


def _one(door: BulletinDoor, month: str, code: str, kind: Kind) -> Response:
    bulletin = _bulletin(door, month)
    page = bulletin.page(CITY if code == _CITY_FILE else code)
    if page is None:
        raise not_found(
            f"{month} 的通报没有部门 {code} 的分页 / the bulletin has no page of {code}",
            f"GET /v1/bulletins/{month} 列出全部分页 / lists every page",
        )
    if kind == "json":
        return json_response({"month": month, "as_of": bulletin.as_of, "page": page, "footing": bulletin.footing})
    return _file(door, bulletin, (page,), kind, f"{month} {page.name}")


def _file(door: BulletinDoor, bulletin: Bulletin, pages: tuple[Page, ...], kind: Kind, name: str) -> Response:
    content = bulletin_xlsx(bulletin, pages) if kind == "xlsx" else bulletin_pdf(bulletin, pages, door.fonts)
    told = quote(f"通报 {name}.{kind}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{told}"}
    return Response(content, media_type=MEDIA[kind], headers=headers)


def _bulletin(door: BulletinDoor, month: str) -> Bulletin:
    """The bulletin of a month; of the one that lasts, as of now and marked so.

    Raises:
        Problem: the month is none, lies ahead, the lake holds nothing of it, or it is not drawn up yet.
    """
    first, today = first_of(month), door.today
    if first is None:
        reason = "月份应为 YYYY-MM / a month such as 2026-10 is due"
        raise request_refused([Fault("month", "no-month", reason)])
    if first > today:
        raise request_refused([Fault("month", "in-the-future", f"{month} 尚未到来 / lies ahead")])
    now = door.now()
    window = month_window(first.year, first.month, min(last_of(first), today), now)
    asked = BulletinAsked(window, _provisional(month, today), door.console_url)
    with door.session.reading() as connection:
        begins = first_day(connection)
        if begins is None or begins > window.as_of:
            raise not_found(
                f"湖中没有 {month} 及以前的数据 / the lake holds nothing of that month or before it",
                "GET /v1/bulletins 列出有数据的月份 / lists the months that there are",
            )
        # A month that lasts is told as of the minute; one that is over, of what the lake holds of it.
        minute = now.replace(second=0, microsecond=0)
        state = ("lasts", minute) if asked.provisional else ("over", digest_of(positions(connection, window)))
    try:
        return door.drawn.get(month, state, lambda: _drawn_up(door, asked), door.wait_s)
    except StillDrawing:
        raise _being_drawn(month) from None


def _drawn_up(door: BulletinDoor, asked: BulletinAsked) -> Bulletin:
    words, rule = load_bulletin_words(), load_bottleneck_rule()
    with door.session.reading() as connection:
        return draw_up(connection, door.rates, asked, words, rule, known_catalogue())


def _being_drawn(month: str) -> Problem:
    return Problem(
        503,
        "bulletin-being-drawn",
        "通报正在编制 / the bulletin is being drawn up",
        f"{month}",
        "稍后再试，编制不会重新开始 / ask again: it goes on meanwhile",
        headers={"Retry-After": str(RETRY_S)},
    )


def _named(text: str) -> tuple[str, Kind]:
    for kind in MEDIA:
        if text.endswith(f".{kind}"):
            return text.removesuffix(f".{kind}"), kind
    return text, "json"


def _or_refused(told: Callable[[], Any]) -> Any:
    try:
        return told()
    except LakeFilesAbsent as absent:
        raise lake_files_absent(absent) from None
    except NoChineseFont as missing:
        raise Problem(503, "no-chinese-font", "没有中文字体 / no Chinese font", str(missing), missing.remedy) from None
