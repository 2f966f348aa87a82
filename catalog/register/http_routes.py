"""Routes of the register: each kind of entity in the same way."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import time_ns
from types import MappingProxyType
from typing import Annotated, Any, Final, get_args

from fastapi import APIRouter, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from catalog.register.changes import CORRECTION, DEMAND, DUTY, GRANT, LIST, Command, Entity
from catalog.register.http_commands import CommandBatch, CommandBody, command_of, commands_of, door_refusals
from catalog.register.http_problems import json_response, not_found, refused, request_refused
from catalog.register.http_views import applied_view, change_view, difference_view, entity_view
from catalog.register.ordering import UnknownMark, UnknownOrder
from catalog.register.reader import MOST_AT_ONCE, CatalogReader, EntityPage
from catalog.register.refusals import unknown_filter, unknown_mark, unknown_order
from catalog.register.registrar import Registrar
from catalog.register.store import Refused, RefusedCommand
from catalog.register.tables import FILTERED

ENTITIES: Final[tuple[Entity, ...]] = get_args(Entity)

PATHS: Final[Mapping[Entity, str]] = MappingProxyType(
    {DEMAND: "/v1/demands", GRANT: "/v1/grants", DUTY: "/v1/duties", LIST: "/v1/lists", CORRECTION: "/v1/corrections"}
)
"""Kinds of entity that have a path of their own, beside ``/v1/catalog/<kind>``."""

_PAGED_BY: Final = frozenset(("after", "limit", "sort"))

Key = Annotated[str | None, Header(alias="Idempotency-Key", description="the same one twice is one change")]
Limit = Annotated[int, Query(ge=1, le=MOST_AT_ONCE)]
Sort = Annotated[str, Query(description="排序字段，前加 - 为倒序；不填按标识")]


@dataclass(frozen=True)
class RegisterDoor:
    """What the routes work with; ``now_us`` is the clock by which commands are dated, µs UTC."""

    registrar: Registrar
    reader: CatalogReader
    now_us: Callable[[], int] = lambda: time_ns() // 1000


def catalog_router(door: RegisterDoor) -> APIRouter:
    """Routes over all kinds of entity."""
    router = APIRouter(prefix="/v1/catalog", tags=["目录 catalogue"])

    @router.get("", summary="登记数量")
    def counts() -> Response:
        return json_response({"entities": door.reader.counts()})

    @router.get("/changes", summary="全部变更，按序号")
    def changes(after: Annotated[int, Query(ge=0)] = 0, limit: Limit = 100) -> Response:
        page = door.reader.changes(after=after, limit=limit)
        return json_response({"changes": [change_view(each) for each in page.changes], "next_after": page.next_after})

    @router.post("/commands", summary="批量操作：全部成功或全部不变，可试运行")
    async def commands(batch: CommandBatch, key: Key = None) -> Response:
        return await _answered(door, commands_of(batch, key, door.now_us()), dry_run=batch.dry_run)

    return router


def entity_router(door: RegisterDoor, entity: Entity, path: str) -> APIRouter:
    """Routes of one kind of entity under this path."""
    router = APIRouter(prefix=path, tags=[entity])

    @router.get("", summary="按字段查找、排序，逐页")
    def listed(request: Request, after: str = "", limit: Limit = 100, sort: Sort = "") -> Response:
        page = _page(door.reader, entity, _fields(entity, request), after, limit, sort)
        entities = [entity_view(each) for each in page.entities]
        return json_response({"entities": entities, "next_after": page.next_after, "total": page.total})

    @router.get("/{entity_id}", summary="当前内容")
    def shown(entity_id: str) -> Response:
        found = door.reader.get(entity, entity_id)
        if found is None:
            raise not_found("entity_id", f"{entity} {entity_id}")
        return json_response(entity_view(found))

    @router.get("/{entity_id}/history", summary="全部版本")
    def history(entity_id: str) -> Response:
        versions = door.reader.history(entity, entity_id)
        if not versions:
            raise not_found("entity_id", f"{entity} {entity_id}")
        return json_response({"changes": [change_view(each) for each in versions]})

    @router.get("/{entity_id}/diff", summary="两个版本的差异")
    def diff(
        entity_id: str,
        first: Annotated[int, Query(alias="from", ge=1)],
        second: Annotated[int, Query(alias="to", ge=1)],
    ) -> Response:
        found = door.reader.diff(entity, entity_id, first, second)
        if found is None:
            raise not_found("version", f"{entity} {entity_id} {first} … {second}")
        differences = [difference_view(each) for each in found]
        return json_response({"from": first, "to": second, "differences": differences})

    @router.post("/{entity_id}/{action}", summary="提交一项操作")
    async def done(entity_id: str, action: str, body: CommandBody, key: Key = None) -> Response:
        command = command_of(body, entity, entity_id, action, key, door.now_us())
        return await _answered(door, (command,), dry_run=body.dry_run)

    return router


def register_routers(door: RegisterDoor) -> tuple[APIRouter, ...]:
    """Every route of the register, the particular ones first."""
    return (
        catalog_router(door),
        *(entity_router(door, entity, f"/v1/catalog/{entity}") for entity in ENTITIES),
        *(entity_router(door, entity, path) for entity, path in PATHS.items()),
    )


async def _answered(door: RegisterDoor, commands: Sequence[Command], *, dry_run: bool) -> Response:
    at_door = tuple(
        RefusedCommand(place, command.command_id, refusals)
        for place, command in enumerate(commands)
        if (refusals := tuple(door_refusals(command)))
    )
    if at_door:
        raise refused(Refused(at_door))
    answer = await asyncio.wrap_future(door.registrar.submit(commands, dry_run=dry_run))
    if isinstance(answer, Refused):
        raise refused(answer)
    shown: dict[str, Any] = await run_in_threadpool(applied_view, answer, dry_run=dry_run)
    return json_response({"command_ids": [command.command_id for command in commands], **shown})


def _page(
    reader: CatalogReader, entity: Entity, fields: dict[str, str], after: str, limit: int, sort: str
) -> EntityPage:
    try:
        return reader.page(entity, fields, after=after, limit=limit, sort=sort)
    except UnknownOrder as fault:
        raise request_refused(unknown_order(entity, fault.name, fault.known)) from None
    except UnknownMark:
        raise request_refused(unknown_mark()) from None


def _fields(entity: Entity, request: Request) -> dict[str, str]:
    """What entities are asked for by: every parameter that does not page.

    Raises:
        Problem: the register does not find this entity by such a field.
    """
    asked = {name: value for name, value in request.query_params.items() if name not in _PAGED_BY}
    strange = [name for name in asked if name not in FILTERED[entity]]
    if strange:
        raise request_refused(*(unknown_filter(entity, name, FILTERED[entity]) for name in strange))
    return asked
