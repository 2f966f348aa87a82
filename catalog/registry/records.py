"""The records of the registry's log, in Confluent's own format, and what they mean.

Keys are compact JSON with their members in one fixed order, because compaction compares bytes.
"""

import json
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

SCHEMA_LOG: Final = "_schemas"
"""The topic: one partition, compacted."""

RETIRED_IDS: Final = "onething.retired-ids"
"""The subject that keeps the text of an id whose last version was erased: messages under that id stay readable."""


@dataclass(frozen=True)
class SchemaVersion:
    """One version of a subject; a deleted one is hidden, but its id stays readable."""

    subject: str
    version: int
    schema_id: int
    text: str
    is_deleted: bool = False


@dataclass(frozen=True)
class VersionErased:
    """A version of a subject was removed for good."""

    subject: str
    version: int


@dataclass(frozen=True)
class LevelChanged:
    """A compatibility level was set, or taken back (None); subject None is the level for all subjects."""

    subject: str | None
    level: str | None


@dataclass(frozen=True)
class SubjectDeleted:
    """All versions of a subject up to this one were hidden; written by Confluent's registry, read here."""

    subject: str
    up_to_version: int


Record: TypeAlias = SchemaVersion | VersionErased | LevelChanged | SubjectDeleted


def written(record: Record) -> tuple[bytes, bytes | None]:
    """Key and value of a record in the log; value None is a tombstone."""
    match record:
        case SchemaVersion():
            value = {
                "subject": record.subject,
                "version": record.version,
                "id": record.schema_id,
                "schema": record.text,
                "deleted": record.is_deleted,
            }
            return _schema_key(record.subject, record.version), _json(value)
        case VersionErased():
            return _schema_key(record.subject, record.version), None
        case LevelChanged():
            key = _json({"keytype": "CONFIG", "subject": record.subject, "magic": 0})
            return key, None if record.level is None else _json({"compatibilityLevel": record.level})
        case SubjectDeleted():
            key = _json({"keytype": "DELETE_SUBJECT", "subject": record.subject, "magic": 0})
            return key, _json({"subject": record.subject, "version": record.up_to_version})


def read(key: bytes | None, value: bytes | None) -> Record | None:
    """What a record of the log says; None for kinds that say nothing about schemas, e.g. NOOP.

    Raises:
        ValueError: bytes that are no record of a schema registry.
    """
    if key is None:
        raise ValueError("a record without a key")
    try:
        return _record(json.loads(key), None if value is None else json.loads(value))
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"a record of another shape: {fault!r}") from fault


def _record(key: dict[str, Any], value: dict[str, Any] | None) -> Record | None:
    match key["keytype"]:
        case "SCHEMA" if value is None:
            return VersionErased(str(key["subject"]), int(key["version"]))
        case "SCHEMA":
            return _schema_version(value)
        case "CONFIG":
            return LevelChanged(key["subject"], None if value is None else str(value["compatibilityLevel"]))
        case "DELETE_SUBJECT" if value is not None:
            return SubjectDeleted(str(value["subject"]), int(value["version"]))
    return None


def _schema_version(value: Any) -> SchemaVersion | None:
    if value.get("schemaType", "AVRO") != "AVRO":
        return None
    return SchemaVersion(
        subject=str(value["subject"]),
        version=int(value["version"]),
        schema_id=int(value["id"]),
        text=str(value["schema"]),
        is_deleted=bool(value.get("deleted", False)),
    )


def _schema_key(subject: str, version: int) -> bytes:
    return _json({"keytype": "SCHEMA", "subject": subject, "version": version, "magic": 1})


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
