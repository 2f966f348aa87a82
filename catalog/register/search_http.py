"""Search at the register's door."""

from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from catalog.register.changes import Refusal
from catalog.register.http_problems import json_response, request_refused
from catalog.register.search import MOST_FOUND_AT_ONCE, CatalogSearch, SearchRefused

_OTHERS: Final = frozenset(("q", "after", "limit"))


def search_router(search: CatalogSearch) -> APIRouter:
    """``GET /v1/catalog/search``; goes before the register's own routes, which take ``search`` for a kind of entity."""
    router = APIRouter(prefix="/v1/catalog/search", tags=["目录 catalogue"])

    @router.get("", summary="检索：q 为词语，其余参数为筛选项（可重复）")
    def found(
        request: Request,
        q: Annotated[str, Query(description="词语，以空格分隔；为空时列出全部")] = "",
        after: str = "",
        limit: Annotated[int, Query(ge=1, le=MOST_FOUND_AT_ONCE)] = 20,
    ) -> Response:
        try:
            page = search.search(q, _chosen(request), after=after, limit=limit)
        except SearchRefused as refused:
            raise request_refused(_refusal(refused)) from None
        return json_response(msgspec.to_builtins(page))

    return router


def _chosen(request: Request) -> dict[str, list[str]]:
    asked: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name not in _OTHERS:
            asked.setdefault(name, []).append(value)
    return asked


def _refusal(refused: SearchRefused) -> Refusal:
    told: dict[str, Any] = {name: getattr(refused, name) for name in Refusal.__struct_fields__}
    return Refusal(**told)
