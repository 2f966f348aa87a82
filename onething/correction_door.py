"""The door of corrections, in the register's process: who may read a value may dispute it, in the same ground's name.

The value is read first, as who disputes it, from an archive replica: what that refuses, cannot be disputed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import takewhile
from typing import Annotated, Any, Final
from uuid import uuid4

import msgspec
from fastapi import APIRouter, FastAPI, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from catalog.corrections import Correction, correction_of
from catalog.corrections.refusals import refusal
from catalog.register.canonical import digest_of
from catalog.register.changes import CORRECTED, CORRECTION, DISPUTED, Command, Refusal
from catalog.register.http_commands import door_refusals
from catalog.register.http_problems import Problem, json_response, not_found, refused, request_refused
from catalog.register.http_routes import RegisterDoor
from catalog.register.http_views import applied_view
from catalog.register.store import Refused, RefusedCommand
from connectors.kafka import KafkaOptions
from onething.endpoints import endpoints
from onething.gateway.replicas import ArchiveReplicas, NoReplicaAnswered
from onething.recalls import recall_csv, recall_of, recall_view, wrong_value
from onething.settings import Settings
from processors.archive.reading import MASK
from processors.recall import LogNotRead, Recall, WrongValue
from topics.identifiers import check_subject

LONGEST: Final = 400
WAIT_S: Final = 10.0
OWN_GROUND: Final = (("reader", "hub"), ("purpose", "校核"), ("grant", "correction"), ("means", "service"))
"""Under what the hub looks whether the source has published a newer record."""
_OK, _NOT_FOUND = 200, 404

Key = Annotated[str | None, Header(alias="Idempotency-Key", description="the same one twice is one dispute")]
Recaller = Callable[[WrongValue], Recall]


class DisputeBody(BaseModel):
    """A value, why it is disputed, and the ground on which it was read."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(max_length=LONGEST, description="enterprise:<USCC> or person:<token>")
    resource: str = Field(min_length=1, max_length=LONGEST, description="数据资源代码")
    record_id: str = Field(min_length=1, max_length=LONGEST, description="记录标识")
    field: str | None = Field(default=None, max_length=LONGEST, description="信息项；left out: the whole record")
    reason: str = Field(min_length=1, max_length=LONGEST, description="异议理由；no person's name or number")
    evidence: list[str] = Field(default=[], max_length=100, description="证据的编号")
    disputed_by: str = Field(min_length=1, max_length=LONGEST, description="提出部门，或受理窗口的部门")
    by: str = Field(min_length=1, max_length=LONGEST, description="经办账号")
    by_subject: bool = Field(default=False, description="由主体本人在窗口提出")
    purpose: str = Field(min_length=1, max_length=LONGEST, description="读取时的用途")
    grant: str = Field(default="", max_length=LONGEST)
    case: str = Field(default="", max_length=LONGEST)

    def query(self) -> list[tuple[str, str]]:
        """The read of this record, as a replica takes it."""
        ground = (("grant", self.grant), ("case", self.case))
        return [
            ("reader", f"{self.disputed_by}:{self.by}"),
            ("purpose", self.purpose),
            *((name, value) for name, value in ground if value),
            ("resource", self.resource),
            *((("field", self.field),) if self.field else ()),
        ]


class CorrectedBody(BaseModel):
    """The source department's word that a newer record of its own says what is right."""

    model_config = ConfigDict(extra="forbid")

    organisation: str = Field(min_length=1, max_length=LONGEST, description="数源部门")
    actor: str = Field(min_length=1, max_length=LONGEST, description="经办")
    reason: str = Field(min_length=1, max_length=LONGEST, description="处理说明")


@dataclass(frozen=True)
class CorrectionDoor:
    """What the routes work with; ``recalled`` reads the log and is called in a thread."""

    register: RegisterDoor
    replicas: ArchiveReplicas
    recalled: Recaller


def wired_correction_router(settings: Settings, options: KafkaOptions, register: RegisterDoor) -> APIRouter:
    """The routes over this hub's archive replicas and log."""
    replicas = ArchiveReplicas(lambda: endpoints(settings, "archive"))
    return correction_router(CorrectionDoor(register, replicas, lambda value: recall_of(options, value)))


def correction_router(door: CorrectionDoor) -> APIRouter:
    """Routes under ``/v1/corrections`` that go before those of every kind of entity."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await door.replicas.close()

    router = APIRouter(prefix="/v1/corrections", tags=["校核 corrections"], lifespan=lifespan)

    @router.post("", summary="提出异议")
    async def dispute(body: DisputeBody, key: Key = None) -> Response:
        faults = tuple(_faults(body))
        if faults:
            raise request_refused(*faults)
        # A repeat finds its own dispute, whatever became of the archive since.
        entity_id = f"C-{digest_of(CORRECTION, key or uuid4().hex).hex()}"
        if key and (held := door.register.reader.get(CORRECTION, entity_id)) is not None:
            return _repeated(correction_of(held.state), body, key)
        record = _found(await _archive(door, body.subject, body.query()), body)
        return await _done(door, _disputing(body, record, entity_id, key, door.register.now_us()))

    @router.post("/{entity_id}/corrected", summary="办结：已更正（数源部门已发布新记录）")
    async def corrected(entity_id: str, body: CorrectedBody, key: Key = None) -> Response:
        held = door.register.reader.get(CORRECTION, entity_id)
        if held is None:
            raise not_found("entity_id", f"{CORRECTION} {entity_id}")
        value = correction_of(held.state).value
        archive = await _archive(door, value.subject, [*OWN_GROUND, ("resource", value.resource)])
        record = next((each for each in archive if each["record_id"] == value.record_id), None)
        newest = record or {"event_id": value.event_id, "version": value.version, "known_at": value.appeared_at}
        payload = {name: newest[name] for name in ("event_id", "version", "known_at")}
        command = Command(
            entity=CORRECTION,
            entity_id=entity_id,
            action=CORRECTED,
            actor=body.actor,
            at=door.register.now_us(),
            command_id=key or uuid4().hex,
            payload={"organisation": body.organisation, **payload},
            reason=body.reason,
        )
        return await _done(door, command)

    @router.get("/{entity_id}/recall", summary="追溯：谁用过这个错误的值")
    async def recall(
        entity_id: str, form: Annotated[str, Query(alias="format", pattern="^(json|csv)$")] = "json"
    ) -> Response:
        held = door.register.reader.get(CORRECTION, entity_id)
        if held is None:
            raise not_found("entity_id", f"{CORRECTION} {entity_id}")
        try:
            found = await asyncio.to_thread(door.recalled, wrong_value(correction_of(held.state)))
        except LogNotRead as fault:
            raise _unavailable(str(fault)) from fault
        return _csv(found) if form == "csv" else json_response(recall_view(entity_id, found))

    return router


def _disputing(body: DisputeBody, record: Mapping[str, Any], entity_id: str, key: str | None, at: int) -> Command:
    same = _same_value(record, body.field)
    payload = {
        "subject": body.subject,
        "resource": body.resource,
        "record_type": record["record_type"],
        "record_id": body.record_id,
        "event_id": record["event_id"],
        "version": record["version"],
        "appeared_at": min(each["known_at"] for each in (record, *same)),
        "earlier": [each["event_id"] for each in same],
        "disputed_by": body.disputed_by,
        "by": body.by,
        "field": body.field,
        "by_subject": body.by_subject,
        "evidence": body.evidence,
        "grant": body.grant,
        "case": body.case,
    }
    return Command(
        entity=CORRECTION,
        entity_id=entity_id,
        action=DISPUTED,
        actor=f"{body.disputed_by}:{body.by}",
        at=at,
        command_id=key or entity_id,
        payload=payload,
        reason=body.reason,
    )


def _same_value(record: Mapping[str, Any], field: str | None) -> tuple[Mapping[str, Any], ...]:
    """The facts right before this one that state the same value already; masked values cannot be compared."""
    value = record["content"].get(field)
    if value is None or value == MASK:
        return ()
    return tuple(takewhile(lambda earlier: earlier["content"].get(field) == value, record.get("history", ())))


async def _done(door: CorrectionDoor, command: Command) -> Response:
    ids = tuple(each for each in door_refusals(command) if each.field == "payload.command_id")
    if ids:
        raise refused(Refused((RefusedCommand(0, command.command_id, ids),)))
    answer = await asyncio.wrap_future(door.register.registrar.submit((command,)))
    if isinstance(answer, Refused):
        raise refused(answer)
    shown = await asyncio.to_thread(applied_view, answer, dry_run=False)
    return json_response({"id": command.entity_id, **shown})


def _repeated(held: Correction, body: DisputeBody, key: str) -> Response:
    asked = body.model_dump(exclude={"purpose", "reason"}) | {"evidence": tuple(body.evidence)}
    if held.reason == body.reason and all(getattr(held.value, name) == value for name, value in asked.items()):
        return json_response({"id": held.id, "repeated": [key], "changes": []})
    told = refusal(
        "command_id",
        "该幂等键已用于另一项异议",
        "this Idempotency-Key was used for another dispute",
        "换用新的幂等键",
        "give a key of its own",
    )
    raise Problem(409, "command-refused", "操作未被接受 / the command is refused", [(0, told)])


async def _archive(door: CorrectionDoor, subject: str, query: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """The records that a replica shows on this ground.

    Raises:
        Problem: the replica's refusal; 503 when none answers.
    """
    try:
        answer = await door.replicas.ask(f"/v1/archives/{subject}", query, WAIT_S)
    except NoReplicaAnswered as fault:
        raise _unavailable(str(fault)) from fault
    if answer.status == _NOT_FOUND:
        return []
    told = msgspec.json.decode(answer.body)
    if answer.status != _OK:
        raise Problem(
            answer.status, "not-to-be-read", "不能读取，因此不能提出异议 / cannot be read", [(0, _unread(told))]
        )
    records: list[dict[str, Any]] = told["records"]
    return records


def _found(records: list[dict[str, Any]], body: DisputeBody) -> dict[str, Any]:
    named = (each for each in records if (each["resource"], each["record_id"]) == (body.resource, body.record_id))
    record = next(named, None)
    if record is None:
        raise not_found("record_id", f"{body.resource} {body.record_id}")
    if body.field and body.field not in record["content"]:
        known = "、".join(sorted(record["content"]))
        raise request_refused(
            refusal(
                "field",
                f"该记录没有信息项“{body.field}”",
                f"the record has no {body.field!r}",
                f"可用：{known}",
                f"one of {known}; or leave it out for the whole record",
            )
        )
    return record


def _faults(body: DisputeBody) -> list[Refusal]:
    faults = []
    if fault := check_subject(body.subject):
        told = "enterprise:<USCC> / person:<token>"
        faults.append(refusal("subject", "主体标识无效", fault, f"写作 {told}", f"write {told}"))
    if bool(body.grant) == bool(body.case):
        faults.append(
            refusal(
                "grant",
                "须写明授权或办件之一",
                "exactly one of grant and case is named",
                "填写读取所依据的 grant 或 case",
                "give the grant or the case under which the value is read",
            )
        )
    return faults


def _unread(told: Mapping[str, Any]) -> Refusal:
    detail = str(told.get("detail") or told.get("title") or "")
    remedy = str(told.get("remedy") or "—")
    return refusal("grant", str(told.get("title", "")), detail, remedy, remedy)


def _unavailable(detail: str) -> Problem:
    told = refusal("", "暂不可用", detail, "稍后重试", "ask again later; see what runs: onething doctor")
    return Problem(503, "unavailable", "暂不可用 / cannot be asked now", [(0, told)])


def _csv(found: Recall) -> Response:
    return Response(recall_csv(found), media_type="text/csv; charset=utf-8")
