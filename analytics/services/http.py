"""The door to high-frequency services: the published versions with their differences, and the list as of any day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from analytics.bottlenecks.http import AsOfQuery, Session, lake_files_absent
from analytics.bottlenecks.known import known_catalogue
from analytics.bottlenecks.window import Window, window_of
from analytics.http_problems import Fault, json_response, not_found, request_refused
from analytics.lake.absent_files import LakeFilesAbsent
from analytics.services.drawing import counted_window, drawn
from analytics.services.published import difference_view, published, version_view
from analytics.services.rule import load_service_rule
from catalog.register.canonical import canonical, digest_of

DRAFT = "draft"


@dataclass(frozen=True)
class ServicesDoor:
    """What the routes work with: the lake, and what time it is."""

    session: Session
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def services_router(door: ServicesDoor) -> APIRouter:
    """Routes under ``/v1/high-frequency-services``."""
    router = APIRouter(prefix="/v1/high-frequency-services", tags=["高频服务清单 high-frequency services"])

    @router.get("", summary="已发布的各版高频服务清单")
    async def versions(as_of: AsOfQuery = "") -> Response:
        window = _window(door, as_of)
        return await _told(lambda: _versions(door, window))

    @router.get("/draft", summary="按口径算出的清单，截至任一日")
    async def draft(as_of: AsOfQuery = "") -> Response:
        window = _window(door, as_of)
        return await _told(lambda: _draft(door, window))

    @router.get("/{version}", summary="一版清单，与上一版的差异")
    async def one(version: str, against: str = "", as_of: AsOfQuery = "") -> Response:
        window = _window(door, as_of)
        return await _told(lambda: _one(door, window, version, against))

    return router


def _versions(door: ServicesDoor, window: Window) -> dict[str, Any]:
    with door.session.reading() as connection:
        found = published(connection, window.known_before)
    return {"as_of": window.as_of.isoformat(), "versions": [version_view(each) for each in found]}


def _draft(door: ServicesDoor, window: Window) -> dict[str, Any]:
    rule = load_service_rule()
    counted = counted_window(window.as_of, rule)
    with door.session.reading() as connection:
        rows = drawn(connection, window.as_of, rule, known_catalogue())
        last = next(iter(published(connection, window.known_before)), None)
    return {
        **counted.described(),
        "rule_version": rule.version,
        "rows": rows,
        "digest": digest_of(canonical(rows)).hex(),
        "differences": difference_view(last.rows, rows) if last else None,
        "compared_with": last.period if last else None,
    }


def _one(door: ServicesDoor, window: Window, version: str, against: str) -> dict[str, Any]:
    rule = load_service_rule()
    with door.session.reading() as connection:
        known = {each.period: each for each in published(connection, window.known_before)}
        if version not in known:
            raise not_found(
                f"没有已发布的第 {version} 版 / no such version is published",
                "GET /v1/high-frequency-services 列出已发布的各版 / lists the versions",
            )
        found = known[version]
        earlier = known.get(against or found.compared_with.removeprefix("high-frequency."))
        if against and earlier is None:
            raise request_refused([Fault("against", "unknown-version", f"没有第 {against} 版 / no such version")])
        # The log is never rewritten: counted again as of the same day by the same rule, the same services come out.
        again = drawn(connection, date.fromisoformat(found.as_of), rule, known_catalogue())
    return {
        **version_view(found),
        "services": [dict(row) for row in found.rows],
        "against": earlier.period if earlier else None,
        "differences": difference_view(earlier.rows, found.rows) if earlier else None,
        "computed_again": {
            "rule_version": rule.version,
            "same": digest_of(canonical(again)).hex() == found.digest,
        },
    }


def _window(door: ServicesDoor, as_of: str) -> Window:
    found = window_of("", "", as_of, door.now())
    if isinstance(found, Window):
        return found
    raise request_refused([Fault(each.field, each.code, each.reason) for each in found])


async def _told(told: Callable[[], Any]) -> Response:
    return json_response(await run_in_threadpool(_or_absent, told))


def _or_absent(told: Callable[[], Any]) -> Any:
    try:
        return told()
    except LakeFilesAbsent as absent:
        raise lake_files_absent(absent) from None
