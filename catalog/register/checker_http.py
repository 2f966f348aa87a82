"""The checker at the register's door: what an entry falls short of, as it is prepared now."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import time_ns
from typing import Any, Final

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from catalog.register.changes import RESOURCE
from catalog.register.checker import Surroundings, check, surroundings_of
from catalog.register.http_problems import json_response, not_found
from catalog.register.http_views import CHINA
from catalog.register.life import content_in_preparation, life_of
from catalog.register.model import Resource
from catalog.register.reader import CatalogReader

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def checker_router(reader: CatalogReader, now_us: Callable[[], int] = lambda: time_ns() // 1000) -> APIRouter:
    """``GET /v1/catalog/resource/{code}/faults``; goes before the register's own routes."""
    router = APIRouter(prefix="/v1/catalog/resource", tags=["目录 catalogue"])
    kept: dict[tuple[int, str], Surroundings] = {}

    def around(day: str) -> Surroundings:
        at = (reader.figures().changes, day)
        if at not in kept:
            kept.clear()
            kept[at] = surroundings_of(lambda kind: [each.state for each in reader.all(kind)], day)
        return kept[at]

    @router.get("/{code}/faults", summary="条目检查：编制中内容的问题，错误须改正后方可提交")
    def faults(code: str) -> Response:
        found = reader.get(RESOURCE, code)
        if found is None:
            raise not_found("code", f"{RESOURCE} {code}")
        day = (_EPOCH + timedelta(microseconds=now_us())).astimezone(CHINA).date().isoformat()
        entry = msgspec.convert(content_in_preparation(found.state), Resource)
        told: list[Any] = msgspec.to_builtins(check(entry, around(day)))
        return json_response({"code": code, "stage": life_of(found.state).stage, "faults": told})

    return router
