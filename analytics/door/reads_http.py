"""Who read what, over HTTP."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from analytics.door.http import UNNAMED, Reader, asked
from analytics.door.pool import SqlPool
from analytics.door.reads import SORTS, asked_for, page, question
from analytics.http_problems import json_response, request_refused

_ABOUT = f"""谁在何时、为何事、凭何依据读取了谁的何种数据，含被拒绝的读取。人员标识只显示前几位。

Filters: `subject`, `resource`, `reader`, `purpose`, `case`, `grant`, `refused=true|false`, `from`, `to` (days, both
included). `sort` is one of {", ".join(SORTS)}, with `-` before it for the highest first; pages go on by `after`.
"""


def reads_router(pool: SqlPool) -> APIRouter:
    """``GET /v1/reads``."""
    router = APIRouter(tags=["读取记录 reads"])

    @router.get("/v1/reads", summary="读取记录：谁读了什么", description=_ABOUT)
    async def reads(request: Request, reader: Reader = UNNAMED) -> Response:
        wanted = asked_for(request.query_params)
        if isinstance(wanted, list):
            raise request_refused(wanted)
        said = await asked(request, pool, question(wanted), reader)
        return json_response(page(wanted, said.body))

    return router
