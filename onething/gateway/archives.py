"""One enterprise, one archive; one person, one archive: reads that name their purpose, answered by a replica."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import Response

from onething.gateway.problems import Fault, JsonResponse, Problem, request_refused
from onething.gateway.replicas import ArchiveReplicas, NoReplicaAnswered
from onething.gateway.verification_request import text_fault
from topics.identifiers import check_subject, enterprise_subject, person_subject

LONGEST_WAIT_S: Final = 60.0
MEANS: Final = "interface"
"""What is shown here as it stands; a grant by which the hub only works out something does not reach so far."""

UNNAMED_READER: Final = "unnamed"
_RECEIPT: Final = re.compile(r"[A-Za-z0-9._-]+/\d+/\d+")


@dataclass(frozen=True)
class ArchiveQuery:
    """How an archive is read, and for whom."""

    reader: str
    purpose: str
    case: str
    grant: str
    as_of: str
    after: tuple[str, ...]
    wait_s: float
    resources: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    def pairs(self) -> list[tuple[str, str]]:
        """The query as a replica takes it."""
        named = [(name, getattr(self, name)) for name in ("reader", "purpose", "case", "grant", "as_of")]
        given = [(name, value) for name, value in named if value]
        several = [("after", self.after), ("resource", self.resources), ("field", self.fields)]
        listed = [(name, each) for name, values in several for each in values]
        return [*given, ("means", MEANS), ("wait_s", f"{self.wait_s:g}"), *listed]


def archive_query(
    purpose: Annotated[str, Query(description="用途, required")] = "",
    case: Annotated[str, Query(description="办件编号; either case or grant is required")] = "",
    grant: Annotated[str, Query(description="授权编号")] = "",
    as_of: Annotated[str, Query(description="as the hub knew it then: ISO 8601 or µs UTC")] = "",
    after: Annotated[
        tuple[str, ...], Query(description="receipt topic/partition/offset: waits until the archive has reached it")
    ] = (),
    wait_s: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="how long to wait for the receipts")] = 10.0,
    resource: Annotated[tuple[str, ...], Query(description="数据资源: only records of these")] = (),
    field: Annotated[tuple[str, ...], Query(description="信息项: only these fields of them")] = (),
    reader: Annotated[
        str,
        Header(
            alias="X-Reader",
            description="who reads, <organisation>:<account>; percent-encoded UTF-8 where it is not ASCII",
        ),
    ] = UNNAMED_READER,
) -> ArchiveQuery:
    """The query of a read that states its ground.

    Raises:
        Problem: no purpose, neither case nor grant, or a receipt that is none.
    """
    asked = ArchiveQuery(unquote(reader), purpose, case, grant, as_of, after, wait_s, resource, field)
    if not purpose.strip() or not (case.strip() or grant.strip()):
        raise _ground_missing()
    if faults := list(_faults(asked)):
        raise request_refused(faults)
    return asked


AskedQuery = Annotated[ArchiveQuery, Depends(archive_query)]


def archive_router(replicas: ArchiveReplicas) -> APIRouter:
    """Routes that read archives."""
    router = APIRouter(prefix="/v1", tags=["档案 archives"])

    @router.get("/enterprises/{uscc}/archive", summary="一企一档")
    async def enterprise_archive(uscc: str, query: AskedQuery) -> Response:
        return await _answered(replicas, enterprise_subject(uscc), query)

    @router.get("/persons/{token}/archive", summary="一人一档")
    async def person_archive(token: str, query: AskedQuery) -> Response:
        return await _answered(replicas, person_subject(token), query)

    return router


async def _answered(replicas: ArchiveReplicas, subject: str, query: ArchiveQuery) -> Response:
    if reason := check_subject(subject):
        raise request_refused([Fault("subject", "not-a-subject", reason)])
    try:
        answer = await replicas.ask(f"/v1/archives/{quote(subject, safe=':')}", query.pairs(), query.wait_s)
    except NoReplicaAnswered as fault:
        raise nobody_answered(str(fault)) from fault
    return JsonResponse(answer.body, answer.status, media_type=answer.content_type)


def _faults(query: ArchiveQuery) -> Iterator[Fault]:
    texts = {"purpose": query.purpose, "case": query.case, "grant": query.grant, "X-Reader": query.reader}
    yield from (fault for name, text in texts.items() if (fault := text_fault(name, text, required=False)))
    for receipt in query.after:
        if _RECEIPT.fullmatch(receipt) is None:
            yield Fault("after", "not-a-receipt", "a receipt is written topic/partition/offset")
    for name, values in (("resource", query.resources), ("field", query.fields)):
        yield from (fault for value in values if (fault := text_fault(name, value)))
    if query.fields and not query.resources:
        yield Fault("field", "no-resource", "a field is one of a resource: name the resource too")


def _ground_missing() -> Problem:
    return Problem(
        400,
        "ground-missing",
        "查档须写明用途和办件或授权 / a read names its purpose and a case or grant",
        "purpose, or both case and grant, are missing from the query",
        "add purpose= and case= (or grant=) to the query",
    )


def nobody_answered(detail: str) -> Problem:
    """503: no replica can answer at the moment."""
    return Problem(
        503,
        "no-archive-replica",
        "档案服务暂不可用 / no archive replica answers",
        detail,
        "start one: onething run archive --index 0; or see what runs: onething doctor",
        headers={"Retry-After": "2"},
    )
