"""What is registered: the fold of the registry's log."""

import json
from collections.abc import Iterable, Mapping

from catalog.registry.records import (
    RETIRED_IDS,
    LevelChanged,
    Record,
    SchemaVersion,
    SubjectDeleted,
    VersionErased,
)

DEFAULT_LEVEL = "BACKWARD"


class RegistryState:
    """Subjects, versions, ids and levels after some prefix of the log.

    A schema has one id wherever it is registered, and an id that was given once is never given to another schema.
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        """Fold these records."""
        self._versions: dict[str, dict[int, SchemaVersion]] = {}
        self._levels: dict[str | None, str] = {}
        self._texts: dict[int, str] = {}
        self._ids: dict[str, int] = {}
        for record in records:
            self.apply(record)

    def copy(self) -> "RegistryState":
        """The same state, changed apart from this one."""
        twin = RegistryState()
        twin._versions = {subject: dict(versions) for subject, versions in self._versions.items()}
        twin._levels = dict(self._levels)
        twin._texts = dict(self._texts)
        twin._ids = dict(self._ids)
        return twin

    def apply(self, record: Record) -> None:
        """Take the next record of the log."""
        match record:
            case SchemaVersion():
                self._versions.setdefault(record.subject, {})[record.version] = record
                self._texts.setdefault(record.schema_id, record.text)
                self._ids.setdefault(identity(record.text), record.schema_id)
            case VersionErased():
                self._erase(record)
            case LevelChanged(subject, None):
                self._levels.pop(subject, None)
            case LevelChanged(subject, str(level)):
                self._levels[subject] = level
            case SubjectDeleted():
                self._hide(record)

    @property
    def texts(self) -> Mapping[int, str]:
        """Schema text by id, deleted ones included: messages under them are still read."""
        return self._texts

    @property
    def next_id(self) -> int:
        """The id that no schema has had."""
        return max(self._texts, default=0) + 1

    def id_of(self, text: str) -> int | None:
        """The id of this schema under any subject."""
        return self._ids.get(identity(text))

    def subjects(self, *, deleted: bool = False) -> list[str]:
        """Names of subjects with versions, sorted; ``deleted`` includes those with hidden ones only."""
        return sorted(subject for subject in self._versions if self.versions(subject, deleted=deleted))

    def versions(self, subject: str, *, deleted: bool = False) -> list[SchemaVersion]:
        """The versions of a subject in their order; none for an unknown subject."""
        if subject == RETIRED_IDS:
            return []
        found = self._versions.get(subject, {})
        return [found[number] for number in sorted(found) if deleted or not found[number].is_deleted]

    def with_id(self, schema_id: int, *, deleted: bool = False) -> list[SchemaVersion]:
        """Every version of every subject that has this id."""
        return [
            each
            for subject in self.subjects(deleted=deleted)
            for each in self.versions(subject, deleted=deleted)
            if each.schema_id == schema_id
        ]

    def level(self, subject: str | None) -> str | None:
        """The compatibility level set for a subject, or for all with None; None where none is set."""
        return self._levels.get(subject)

    def effective_level(self, subject: str) -> str:
        """The compatibility level that holds for a subject."""
        return self._levels.get(subject) or self._levels.get(None) or DEFAULT_LEVEL

    def _erase(self, record: VersionErased) -> None:
        versions = self._versions.get(record.subject, {})
        versions.pop(record.version, None)
        if not versions:
            self._versions.pop(record.subject, None)

    def _hide(self, record: SubjectDeleted) -> None:
        versions = self._versions.get(record.subject, {})
        for number, each in list(versions.items()):
            if number <= record.up_to_version:
                versions[number] = SchemaVersion(each.subject, number, each.schema_id, each.text, is_deleted=True)


def identity(text: str) -> str:
    """What two texts of one schema have in common: its JSON, white space and order of members aside."""
    return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
