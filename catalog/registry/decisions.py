"""What the registry does with a request: from the state and the request to records for the log, or a refusal.

Nothing is written here; the writer commits the records, and decides anew when another writer was faster.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from catalog.registry.columnar import columnar_faults, is_fact_subject
from catalog.registry.compatibility import CompatibilityFault, Level, SchemaInvalid, compatibility_faults, parsed
from catalog.registry.records import RETIRED_IDS, LevelChanged, Record, SchemaVersion, VersionErased
from catalog.registry.state import RegistryState, identity

SUBJECT_LIMIT: Final = 512
NOT_FOUND: Final = 404
INCOMPATIBLE: Final = 409
UNPROCESSABLE: Final = 422


# Not frozen: `with` sets the traceback of an exception that passes a context manager.
@dataclass(unsafe_hash=True)
class RegistryRefusal(Exception):  # noqa: N818  a refusal is a value, raised only across the registry's edge
    """A request that the registry does not grant.

    Attributes:
        status: HTTP status.
        error_code: Confluent's number for it.
        message: what happened and what to do.
    """

    status: int
    error_code: int
    message: str

    remedy: ClassVar[str] = "see what is registered: onething registry list; test a schema: onething registry check"

    def __str__(self) -> str:
        """The message."""
        return self.message


@dataclass(frozen=True)
class Registered:
    """Under which id and version a schema stands."""

    subject: str
    version: int
    schema_id: int


def subject_not_found(subject: str) -> RegistryRefusal:
    """Nothing was registered under this subject."""
    return RegistryRefusal(NOT_FOUND, 40401, f"Subject '{subject}' not found.")


def version_not_found(version: object) -> RegistryRefusal:
    """The subject has no such version."""
    return RegistryRefusal(NOT_FOUND, 40402, f"Version {version} not found.")


def schema_not_found() -> RegistryRefusal:
    """No such schema is registered."""
    return RegistryRefusal(NOT_FOUND, 40403, "Schema not found")


def level_not_set(subject: str) -> RegistryRefusal:
    """The subject has no level of its own."""
    message = f"Subject '{subject}' does not have subject-level compatibility configured"
    return RegistryRefusal(NOT_FOUND, 40408, message)


def invalid_schema(reason: str) -> RegistryRefusal:
    """The text is no schema, or none that this subject takes."""
    return RegistryRefusal(UNPROCESSABLE, 42201, reason)


def register(
    state: RegistryState, subject: str, text: str, *, normalize: bool = False
) -> tuple[list[Record], Registered]:
    """The next version of a subject, or the one that it already has.

    Raises:
        RegistryRefusal: no schema, unreadable in columns on a fact topic, or incompatible; each fault with its place.
    """
    _demand_subject(subject)
    demand_valid(text, subject)
    text = normalized(text) if normalize else text
    if (known := find(state, subject, text, normalize=normalize)) is not None:
        return [], Registered(subject, known.version, known.schema_id)
    _demand_compatible(state, subject, text)
    every = state.versions(subject, deleted=True)
    version = every[-1].version + 1 if every else 1
    schema_id = state.id_of(text) or state.next_id
    # One id has one text, letter for letter, whoever registers it again in another layout.
    kept = state.texts.get(schema_id, text)
    return [SchemaVersion(subject, version, schema_id, kept)], Registered(subject, version, schema_id)


def register_all(state: RegistryState, schemas: Iterable[tuple[str, str]]) -> tuple[list[Record], list[Registered]]:
    """Each (subject, text) in turn, as ``register``; one refusal refuses all.

    Raises:
        RegistryRefusal: of the first schema that is refused.
    """
    draft = state.copy()
    records: list[Record] = []
    outcomes: list[Registered] = []
    for subject, text in schemas:
        added, outcome = register(draft, subject, text)
        for record in added:
            draft.apply(record)
        records += added
        outcomes.append(outcome)
    return records, outcomes


def find(
    state: RegistryState, subject: str, text: str, *, normalize: bool = False, deleted: bool = False
) -> SchemaVersion | None:
    """The newest version of a subject with this schema."""

    def same(stored: str) -> str:
        return identity(normalized(stored) if normalize else stored)

    wanted = same(text)
    found = (each for each in reversed(state.versions(subject, deleted=deleted)) if same(each.text) == wanted)
    return next(found, None)


def faults_against(
    state: RegistryState, subject: str, text: str, earlier: Sequence[SchemaVersion]
) -> list[CompatibilityFault]:
    """Why ``text`` may not follow these versions at the level of the subject.

    Raises:
        RegistryRefusal: the text is no schema.
    """
    level = Level(state.effective_level(subject))
    try:
        return compatibility_faults(level, text, [(each.version, each.text) for each in earlier])
    except SchemaInvalid as fault:
        raise invalid_schema(str(fault)) from fault


def set_level(state: RegistryState, subject: str | None, level: str) -> tuple[list[Record], str]:
    """Set the compatibility level of a subject, or of all with None.

    Raises:
        RegistryRefusal: no such level.
    """
    if level.upper() not in Level.__members__:
        names = ", ".join(Level)
        raise RegistryRefusal(UNPROCESSABLE, 42203, f"Invalid compatibility level {level}; valid are {names}")
    if subject is not None:
        _demand_subject(subject)
    unchanged = state.level(subject) == level.upper()
    return [] if unchanged else [LevelChanged(subject, level.upper())], level.upper()


def unset_level(state: RegistryState, subject: str | None) -> tuple[list[Record], str]:
    """Take back the level that was set; returns what it was.

    Raises:
        RegistryRefusal: none was set for this subject.
    """
    level = state.level(subject)
    if level is None:
        if subject is None:
            return [], Level.BACKWARD
        raise level_not_set(subject)
    return [LevelChanged(subject, None)], level


def delete_version(state: RegistryState, subject: str, version: int, *, permanent: bool) -> tuple[list[Record], int]:
    """Hide a version, or erase one that is hidden; the id stays readable in both cases.

    Raises:
        RegistryRefusal: unknown, hidden already, not hidden before, or on a fact topic.
    """
    _demand_deletable(subject)
    found = next((each for each in state.versions(subject, deleted=True) if each.version == version), None)
    if found is None:
        raise version_not_found(version) if state.versions(subject, deleted=True) else subject_not_found(subject)
    if permanent:
        if not found.is_deleted:
            message = f"Subject '{subject}' Version {version} was not deleted first before being permanently deleted"
            raise RegistryRefusal(NOT_FOUND, 40407, message)
        return _erased(found), version
    if found.is_deleted:
        message = f"Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently"
        raise RegistryRefusal(NOT_FOUND, 40406, message)
    return [_hidden(found)], version


def delete_subject(state: RegistryState, subject: str, *, permanent: bool) -> tuple[list[Record], list[int]]:
    """Hide all versions of a subject, or erase them once all are hidden; returns their numbers.

    Raises:
        RegistryRefusal: unknown, hidden already, not hidden before, or on a fact topic.
    """
    _demand_deletable(subject)
    shown, every = state.versions(subject), state.versions(subject, deleted=True)
    if not every:
        raise subject_not_found(subject)
    level: list[Record] = [LevelChanged(subject, None)] if state.level(subject) else []
    if permanent:
        if shown:
            message = f"Subject '{subject}' was not deleted first before being permanently deleted"
            raise RegistryRefusal(NOT_FOUND, 40405, message)
        return [record for each in every for record in _erased(each)], [each.version for each in every]
    if not shown:
        message = f"Subject '{subject}' was soft deleted. Set permanent=true to delete permanently"
        raise RegistryRefusal(NOT_FOUND, 40404, message)
    return [*(_hidden(each) for each in shown), *level], [each.version for each in shown]


def demand_valid(text: str, subject: str) -> None:
    """Refuse what is no schema, or none that a view could read on the subject's topic.

    Raises:
        RegistryRefusal: with the place and reason of every fault.
    """
    try:
        parsed(text)
    except SchemaInvalid as fault:
        raise invalid_schema(str(fault)) from fault
    faults = columnar_faults(text) if is_fact_subject(subject) else []
    if faults:
        listed = "; ".join(f"{fault.place or '/'}: {fault.reason}" for fault in faults)
        raise invalid_schema(f"a schema of facts that cannot be read in columns: {listed}")


def normalized(text: str) -> str:
    """The text without what makes no difference: ``{"type": "string"}`` becomes ``"string"``, members are sorted."""
    return json.dumps(_plain(json.loads(text)), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(branch) for branch in node]
    if not isinstance(node, dict):
        return node
    if node.keys() == {"type"}:
        return _plain(node["type"])
    # Only what holds a type is entered: a default is data and may look like one.
    types = {key: _plain(node[key]) for key in ("type", "items", "values") if key in node}
    fields = {"fields": [each | {"type": _plain(each["type"])} for each in node["fields"]]} if "fields" in node else {}
    return node | types | fields


def _demand_subject(subject: str) -> None:
    if not subject or len(subject) > SUBJECT_LIMIT or not subject.isprintable() or subject == RETIRED_IDS:
        message = f"a subject is 1 to {SUBJECT_LIMIT} printable characters and not {RETIRED_IDS}"
        raise RegistryRefusal(UNPROCESSABLE, 42208, message)


def _demand_compatible(state: RegistryState, subject: str, text: str) -> None:
    faults = faults_against(state, subject, text, state.versions(subject))
    if faults:
        level, listed = state.effective_level(subject), "; ".join(map(str, faults))
        message = f"Schema being registered is incompatible with an earlier schema of {subject} ({level}): {listed}"
        raise RegistryRefusal(INCOMPATIBLE, INCOMPATIBLE, message)


def _demand_deletable(subject: str) -> None:
    if is_fact_subject(subject):
        message = (
            f"Subject '{subject}' belongs to a fact topic, whose messages are kept for ever and need their schemas"
        )
        raise RegistryRefusal(UNPROCESSABLE, 42205, message)


def _hidden(found: SchemaVersion) -> SchemaVersion:
    return SchemaVersion(found.subject, found.version, found.schema_id, found.text, is_deleted=True)


def _erased(found: SchemaVersion) -> list[Record]:
    kept = SchemaVersion(RETIRED_IDS, found.schema_id, found.schema_id, found.text, is_deleted=True)
    return [kept, VersionErased(found.subject, found.version)]
