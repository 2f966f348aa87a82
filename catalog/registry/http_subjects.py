"""Subjects and their versions: register, look up, delete."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query

from catalog.registry import decisions
from catalog.registry.decisions import schema_not_found, subject_not_found
from catalog.registry.http_shapes import (
    Deleted,
    DeletedOnly,
    PageOf,
    SchemaBody,
    Writer,
    shown,
    version_number,
    version_of,
)
from catalog.registry.records import Record, SchemaVersion
from catalog.registry.state import RegistryState

router = APIRouter(prefix="/subjects", tags=["subjects"])

Normalize = Annotated[bool, Query(description="compare and keep the schema without what makes no difference")]
Permanent = Annotated[bool, Query(description="erase what was deleted before")]


@router.get("")
def subjects(
    writer: Writer,
    page: PageOf,
    prefix: Annotated[str, Query(alias="subjectPrefix")] = "",
    deleted: Deleted = False,
    deleted_only: DeletedOnly = False,
) -> list[str]:
    """List the subjects."""

    def found(state: RegistryState) -> list[str]:
        hidden = set(state.subjects()) if deleted_only else set()
        every = state.subjects(deleted=deleted or deleted_only)
        return [subject for subject in every if subject.startswith(prefix) and subject not in hidden]

    return page.of(writer.read(found))


@router.post("/{subject}")
def look_up(
    subject: str, body: SchemaBody, writer: Writer, normalize: Normalize = False, deleted: Deleted = False
) -> dict[str, Any]:
    """Tell under which version and id a subject has this schema."""
    text = body.avro()
    decisions.demand_valid(text, "")

    def found(state: RegistryState) -> SchemaVersion:
        if not state.versions(subject, deleted=deleted):
            raise subject_not_found(subject)
        version = decisions.find(state, subject, text, normalize=normalize, deleted=deleted)
        if version is None:
            raise schema_not_found()
        return version

    return shown(writer.read(found))


@router.delete("/{subject}")
def delete_subject(subject: str, writer: Writer, permanent: Permanent = False) -> list[int]:
    """Delete a subject; returns the numbers of its versions."""
    return writer.write(lambda state: decisions.delete_subject(state, subject, permanent=permanent))


@router.get("/{subject}/versions")
def versions(
    subject: str, writer: Writer, page: PageOf, deleted: Deleted = False, deleted_only: DeletedOnly = False
) -> list[int]:
    """List the numbers of a subject's versions."""

    def found(state: RegistryState) -> list[int]:
        every = state.versions(subject, deleted=deleted or deleted_only)
        if not every:
            raise subject_not_found(subject)
        return [each.version for each in every if each.is_deleted or not deleted_only]

    return page.of(writer.read(found))


@router.post("/{subject}/versions")
def register(subject: str, body: SchemaBody, writer: Writer, normalize: Normalize = False) -> dict[str, int]:
    """Register a schema, or find it registered; returns its id."""
    registered = writer.register(subject, body.avro(), normalize=normalize)
    return {"id": registered.schema_id, "version": registered.version}


@router.get("/{subject}/versions/{version}")
def version_shown(subject: str, version: str, writer: Writer, deleted: Deleted = False) -> dict[str, Any]:
    """Show one version; ``latest`` is the newest."""
    return shown(writer.read(lambda state: version_of(state, subject, version, deleted=deleted)))


@router.get("/{subject}/versions/{version}/schema")
def version_text(subject: str, version: str, writer: Writer, deleted: Deleted = False) -> Any:
    """Show the schema alone."""
    return json.loads(writer.read(lambda state: version_of(state, subject, version, deleted=deleted)).text)


@router.get("/{subject}/versions/{version}/referencedby")
def referenced_by(subject: str, version: str, writer: Writer) -> list[int]:
    """List the ids of schemas that refer to this one: none, since references are not taken."""
    writer.read(lambda state: version_of(state, subject, version))
    return []


@router.delete("/{subject}/versions/{version}")
def delete_version(subject: str, version: str, writer: Writer, permanent: Permanent = False) -> int:
    """Delete one version; returns its number."""
    number = version_number(version)

    def decide(state: RegistryState) -> tuple[list[Record], int]:
        chosen = number or version_of(state, subject, version).version
        return decisions.delete_version(state, subject, chosen, permanent=permanent)

    return writer.write(decide)
