"""免申即享 over HTTP: the policies, what becomes of them for a subject, and a trial on the whole 企业库."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Annotated, Any, Final
from urllib.parse import quote

import aiohttp
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response, StreamingResponse

from catalog.definitions import DefinitionFaultsError
from catalog.policies import Policy, policy_of_text
from onething.gateway.archives import UNNAMED_READER, ArchiveQuery, AskedQuery, nobody_answered
from onething.gateway.handling_acts import described
from onething.gateway.json_requests import json_of
from onething.gateway.problems import Fault, JsonResponse, Problem, request_refused
from onething.gateway.replicas import ArchiveReplicas, NoReplicaAnswered
from onething.policy_rows import listed, shown
from topics.identifiers import check_subject

LINES: Final = "application/x-ndjson"
_CONNECT_S: Final = 2.0
_UNFIT: Final = 500

PolicyIds = Annotated[
    tuple[str, ...], Query(alias="policy", description="政策编号; all in force for such subjects when left out")
]


class TrialRequest(BaseModel):
    """What a trial is asked with: a policy of the catalogue, or the definition of one that is being written."""

    model_config = ConfigDict(extra="forbid", strict=True)

    purpose: str = Field(default="", description="用途, required; kept on record")
    case: str = Field(default="", description="办件编号; either case or grant is required")
    grant: str = Field(default="", description="授权编号")
    reader: str = Field(default=UNNAMED_READER, description="who reads")
    policy: str = Field(default="", description="政策编号, as GET /v1/policies lists it")
    definition: str = Field(default="", description="政策定义：a policy file's TOML, instead of policy")
    name: str = Field(default="", description="文件名：the definition's file name, such as my-policy.toml")
    prefilter: bool = Field(default=True, description="false: every archive is fully evaluated")


def policy_router(policies: Mapping[str, Policy], replicas: ArchiveReplicas) -> APIRouter:
    """Routes for policies: the catalogue's, answered here; matches and trials, answered by a replica."""
    router = APIRouter(prefix="/v1", tags=["免申即享 policies"])

    @router.get("/policies", summary="政策清单")
    async def listed_policies(audience: str = "", department: str = "") -> Response:
        chosen = [
            each
            for each in policies.values()
            if audience in ("", each.audience) and department in ("", each.department)
        ]
        return JsonResponse({"policies": [dict(listed(each)) for each in chosen]})

    @router.get("/policies/{policy}", summary="政策内容与条件")
    async def one_policy(policy: str) -> Response:
        return JsonResponse(shown(_known(policies, policy)))

    @router.get("/subjects/{subject}/policies", summary="主体与政策的匹配，逐条说明理由")
    async def matched(subject: str, query: AskedQuery, policy: PolicyIds = ()) -> Response:
        for each in policy:
            _known(policies, each)
        return await _matched(replicas, subject, query, policy)

    @router.post(
        "/policies/trials", summary="政策试算：一行一个进度，最后一行是结果", openapi_extra=described(TrialRequest)
    )
    async def tried(request: Request) -> Response:
        asked = await _trial_request(request, policies)
        stack = AsyncExitStack()
        answer = await _first_answer(stack, await replicas.urls(), asked.model_dump_json().encode())
        return StreamingResponse(_passed_on(stack, answer), answer.status, media_type=answer.content_type)

    return router


async def _matched(replicas: ArchiveReplicas, subject: str, query: ArchiveQuery, policies: Sequence[str]) -> Response:
    if reason := check_subject(subject):
        raise request_refused([Fault("subject", "not-a-subject", reason)])
    pairs = [*query.pairs(), *(("policy", each) for each in policies)]
    try:
        answer = await replicas.ask(f"/v1/subjects/{quote(subject, safe=':')}/policies", pairs, query.wait_s)
    except NoReplicaAnswered as fault:
        raise nobody_answered(str(fault)) from fault
    return JsonResponse(answer.body, answer.status, media_type=answer.content_type)


async def _trial_request(request: Request, policies: Mapping[str, Policy]) -> TrialRequest:
    raw = await json_of(request)
    try:
        asked = TrialRequest.model_validate(raw)
    except ValidationError as refused:
        raise request_refused([_shape_fault(each) for each in refused.errors()]) from None
    if faults := list(_request_faults(asked)):
        raise request_refused(faults)
    if not asked.definition:
        _known(policies, asked.policy)
    return asked


def _shape_fault(error: Any) -> Fault:
    return Fault(".".join(map(str, error["loc"])) or "body", "wrong-type", error["msg"])


def _request_faults(asked: TrialRequest) -> Iterator[Fault]:
    if not asked.purpose.strip():
        yield Fault("purpose", "missing", "a trial names its purpose")
    if not (asked.case.strip() or asked.grant.strip()):
        yield Fault("grant", "missing", "a trial names a case or grant")
    if not asked.definition:
        return
    try:
        policy_of_text(asked.name, asked.definition)
    except DefinitionFaultsError as refused:
        yield from (Fault(f"definition.{each.place}", "faulty-definition", str(each)) for each in refused.faults)


async def _first_answer(stack: AsyncExitStack, urls: Sequence[str], body: bytes) -> aiohttp.ClientResponse:
    """The first fit answer of a replica, open until the stack is closed; a trial takes as long as it takes."""
    limits = aiohttp.ClientTimeout(total=None, connect=_CONNECT_S)
    session = await stack.enter_async_context(aiohttp.ClientSession(trust_env=False, timeout=limits))
    faults = []
    for url in urls:
        try:
            answer = await stack.enter_async_context(session.post(f"{url}/v1/policies/trials", data=body))
        except (aiohttp.ClientError, TimeoutError) as fault:
            faults.append(type(fault).__name__)
            continue
        if answer.status < _UNFIT:
            return answer
        faults.append(str(answer.status))
    await stack.aclose()
    raise nobody_answered(f"{len(urls)} archive replicas are known, none answered {' '.join(faults)}")


async def _passed_on(stack: AsyncExitStack, answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async with stack:
        async for part in answer.content.iter_any():
            yield part


def _known(policies: Mapping[str, Policy], policy: str) -> Policy:
    found = policies.get(policy)
    if found is None:
        raise Problem(
            404,
            "no-such-policy",
            "没有这项政策 / no such policy",
            f"no policy {policy!r} is in the catalogue",
            "see GET /v1/policies, or: onething policy list",
        )
    return found
