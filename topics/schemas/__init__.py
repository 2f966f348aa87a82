"""The published Avro schemas, one file a version: ``<Name>.v<version>.avsc``. A published version never changes."""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

_FILE_NAME = re.compile(r"(?P<name>[A-Za-z]+)\.v(?P<version>\d+)\.avsc")


class PublishedSchema(msgspec.Struct, frozen=True):
    """One version of one record schema.

    Attributes:
        name: short record name, e.g. ``LicenceIssued``.
        full_name: Avro full name, e.g. ``onething.licence.LicenceIssued``.
        version: 1, 2, … within the name.
        text: the schema as JSON without insignificant white space, as it is registered.
    """

    name: str
    full_name: str
    version: int
    text: str

    @property
    def definition(self) -> dict[str, Any]:
        """The schema as parsed JSON."""
        return dict(json.loads(self.text))

    @property
    def family(self) -> str:
        """The last part of the namespace: licence, registration, verification, coverage, correction, case and so on."""
        return self.full_name.split(".")[-2]

    @property
    def personal_fields(self) -> tuple[str, ...]:
        """Names of the fields that carry encrypted personal data."""
        return tuple(field["name"] for field in self.definition["fields"] if field.get("class") == "personal")


@cache
def published_schemas() -> tuple[PublishedSchema, ...]:
    """Every version of every schema that this release ships, ordered by name and version."""
    found = [
        _read(match["name"], int(match["version"]), entry.read_text(encoding="utf-8"))
        for entry in files(__name__).iterdir()
        if (match := _FILE_NAME.fullmatch(entry.name))
    ]
    return tuple(sorted(found, key=lambda schema: (schema.name, schema.version)))


@cache
def newest_schemas() -> dict[str, PublishedSchema]:
    """The newest version of each schema by its short name."""
    return {schema.name: schema for schema in published_schemas()}


def _read(name: str, version: int, text: str) -> PublishedSchema:
    definition = json.loads(text)
    compact = json.dumps(definition, ensure_ascii=False, separators=(",", ":"))
    return PublishedSchema(name, f"{definition['namespace']}.{definition['name']}", version, compact)
