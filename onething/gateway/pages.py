"""Lists in pages: each page names the next one."""

from collections.abc import Awaitable
from typing import Annotated, Final

from fastapi import Query

from onething.gateway.case_rows import Listed
from onething.gateway.problems import Fault, request_refused

MOST_ON_A_PAGE: Final = 200

PageQuery = Annotated[str, Query(description="next_page of the page before; the first page when left out")]
PageSizeQuery = Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE)]


async def listed_page(page: Awaitable[Listed]) -> Listed:
    """The page.

    Raises:
        Problem: 422 where the page asked for is no mark of an earlier page.
    """
    try:
        return await page
    except ValueError as fault:
        raise request_refused([Fault("page", "not-a-page", "is no next_page of an earlier answer")]) from fault
