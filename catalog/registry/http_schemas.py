"""Schemas by id, whatever subject they stand under."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query

from catalog.registry.decisions import schema_not_found
from catalog.registry.http_shapes import Deleted, PageOf, Writer, shown
from catalog.registry.records import SchemaVersion
from catalog.registry.state import RegistryState

router = APIRouter(prefix="/schemas", tags=["schemas"])

Subject = Annotated[str | None, Query(description="of this subject only")]


@router.get("/types")
def types() -> list[str]:
    """List the kinds of schema that are kept."""
    return ["AVRO"]


@router.get("")
def schemas(
    writer: Writer,
    page: PageOf,
    prefix: Annotated[str, Query(alias="subjectPrefix")] = "",
    deleted: Deleted = False,
    latest_only: Annotated[bool, Query(alias="latestOnly")] = False,
) -> list[dict[str, Any]]:
    """List every version of every subject."""

    def found(state: RegistryState) -> list[SchemaVersion]:
        each_subject = (state.versions(subject, deleted=deleted) for subject in state.subjects(deleted=deleted))
        return [
            version
            for versions in each_subject
            for version in (versions[-1:] if latest_only else versions)
            if version.subject.startswith(prefix)
        ]

    return [shown(version) for version in page.of(writer.read(found))]


@router.get("/ids/{schema_id}")
def by_id(
    schema_id: int, writer: Writer, fetch_max_id: Annotated[bool, Query(alias="fetchMaxId")] = False
) -> dict[str, Any]:
    """Show the schema of an id; deleted ones too, because messages under them are still read."""

    def found(state: RegistryState) -> dict[str, Any]:
        if schema_id not in state.texts:
            raise schema_not_found()
        return {"schema": state.texts[schema_id]} | ({"maxId": state.next_id - 1} if fetch_max_id else {})

    return writer.read(found)


@router.get("/ids/{schema_id}/schema")
def text_by_id(schema_id: int, writer: Writer) -> Any:
    """Show the schema of an id alone."""
    return json.loads(by_id(schema_id, writer)["schema"])


@router.get("/ids/{schema_id}/versions")
def versions_by_id(
    schema_id: int, writer: Writer, page: PageOf, subject: Subject = None, deleted: Deleted = False
) -> list[dict[str, Any]]:
    """List where an id stands."""
    found = _standing(writer, schema_id, subject, deleted)
    return page.of([{"subject": each.subject, "version": each.version} for each in found])


@router.get("/ids/{schema_id}/subjects")
def subjects_by_id(
    schema_id: int, writer: Writer, page: PageOf, subject: Subject = None, deleted: Deleted = False
) -> list[str]:
    """List the subjects that have an id."""
    return page.of(sorted({each.subject for each in _standing(writer, schema_id, subject, deleted)}))


def _standing(writer: Writer, schema_id: int, subject: str | None, deleted: bool) -> list[SchemaVersion]:
    def found(state: RegistryState) -> list[SchemaVersion]:
        if schema_id not in state.texts:
            raise schema_not_found()
        return state.with_id(schema_id, deleted=deleted)

    return [each for each in writer.read(found) if subject in (None, each.subject)]
