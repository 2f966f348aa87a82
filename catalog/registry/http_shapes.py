"""What goes over the registry's wire."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from catalog.registry.decisions import (
    UNPROCESSABLE,
    RegistryRefusal,
    invalid_schema,
    subject_not_found,
    version_not_found,
)
from catalog.registry.records import SchemaVersion
from catalog.registry.state import RegistryState
from catalog.registry.writer import RegistryWriter

Item = TypeVar("Item")


class RegistryJson(JSONResponse):
    """JSON under the media type that registry clients ask for."""

    media_type = "application/vnd.schemaregistry.v1+json"


class SchemaBody(BaseModel):
    """A schema in a request. Only Avro, whole in one text."""

    text: str = Field(alias="schema")
    schema_type: str | None = Field(default=None, alias="schemaType")
    references: list[dict[str, Any]] | None = None
    metadata: dict[str, Any] | None = None
    rule_set: dict[str, Any] | None = Field(default=None, alias="ruleSet")
    schema_id: int | None = Field(default=None, alias="id")

    def avro(self) -> str:
        """The schema's text.

        Raises:
            RegistryRefusal: the request asks for what this registry does not do.
        """
        if (self.schema_type or "AVRO").upper() != "AVRO":
            raise invalid_schema(f"schema type {self.schema_type} is not kept here; AVRO is")
        if self.references:
            raise invalid_schema("schema references are not supported; put the named types into the schema itself")
        if self.metadata or self.rule_set:
            raise invalid_schema("metadata and rule sets are not supported; leave them out")
        if self.schema_id is not None and self.schema_id >= 0:
            raise RegistryRefusal(UNPROCESSABLE, 42205, "ids are given by the registry: it is not in mode IMPORT")
        return self.text


class LevelBody(BaseModel):
    """A compatibility level in a request."""

    compatibility: str


class ModeBody(BaseModel):
    """A mode in a request."""

    mode: str


class Page(BaseModel):
    """Which part of a list is asked for."""

    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=-1, description="negative: all that follow")

    def of(self, items: Sequence[Item]) -> list[Item]:
        """That part."""
        end = None if self.limit < 0 else self.offset + self.limit
        return list(items[self.offset : end])


def _writer(request: Request) -> RegistryWriter:
    writer = request.app.state.writer
    assert isinstance(writer, RegistryWriter)  # noqa: S101  set by registry_app
    return writer


Writer = Annotated[RegistryWriter, Depends(_writer)]
PageOf = Annotated[Page, Query()]
Deleted = Annotated[bool, Query(description="deleted ones too")]
DeletedOnly = Annotated[bool, Query(alias="deletedOnly", description="deleted ones only")]


def shown(version: SchemaVersion) -> dict[str, Any]:
    """A version as clients read it."""
    told: dict[str, Any] = {
        "subject": version.subject,
        "version": version.version,
        "id": version.schema_id,
        "schema": version.text,
    }
    return told | ({"deleted": True} if version.is_deleted else {})


def version_number(text: str) -> int | None:
    """The number in a path; None for the latest.

    Raises:
        RegistryRefusal: neither a number from 1 on nor ``latest`` or ``-1``.
    """
    if text in ("latest", "-1"):
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text[:10]) < 2**31 and len(text) <= 10):  # noqa: PLR2004
        message = (
            f"The specified version '{text}' is not a valid version id; a number from 1 to 2147483647 or latest is"
        )
        raise RegistryRefusal(UNPROCESSABLE, 42202, message)
    return int(text)


def version_of(state: RegistryState, subject: str, version: str, *, deleted: bool = False) -> SchemaVersion:
    """One version of a subject.

    Raises:
        RegistryRefusal: no such version or subject.
    """
    number = version_number(version)
    found = state.versions(subject, deleted=deleted)
    if not found:
        raise subject_not_found(subject)
    if number is None:
        return found[-1]
    for each in found:
        if each.version == number:
            return each
    raise version_not_found(version)
