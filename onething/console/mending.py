"""The form in which a refused record is mended: which places it asks for, and what a person's words mean there."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

HIDDEN: Final = "＊＊＊"
SUBJECT: Final = "subject"
_WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")
_NUMBERS: Final = frozenset(("long", "timestamp-micros"))
_UNKNOWN: Final = frozenset(("unknown-field",))


@dataclass(frozen=True)
class Asked:
    """One place that the form asks for.

    Attributes:
        path: such as ``content.state``.
        shown: what stands there as far as it is shown, as text; ``HIDDEN`` where it may be personal.
        why: what is wrong there and what to do; empty for a place that is fine.
        kind: string, long, date, timestamp-micros, personal; empty when the schema does not say.
        allowed: the values that it may have; empty when any.
        removable: whether the place should not be there at all.
    """

    path: str
    shown: str
    why: str = ""
    kind: str = ""
    allowed: tuple[str, ...] = ()
    removable: bool = False


def asked_places(record: Mapping[str, Any]) -> list[Asked]:
    """The places that are wrong, each once, in the order in which they were told."""
    fields = {each["path"]: each for each in record["fields"]}
    found: dict[str, Asked] = {}
    for fault in record["faults_now"] or record["reasons"]:
        for path in _paths(fault["field"], record["record"]):
            known = fields.get(path, {})
            found.setdefault(
                path,
                Asked(
                    path,
                    as_text(value_at(record["record"], path)),
                    f"{fault['reason']}。{fault['remedy']}",
                    known.get("kind", ""),
                    tuple(known.get("allowed", ())),
                    fault["code"] in _UNKNOWN,
                ),
            )
    return list(found.values())


def other_places(record: Mapping[str, Any]) -> dict[str, str]:
    """The places that are not wrong and can be changed too: path by path."""
    wrong = {each.path for each in asked_places(record)}
    paths = ["valid_at", "version", "record_id", *(each["path"] for each in record["fields"])]
    return {path: path for path in paths if path not in wrong}


def asked_place(record: Mapping[str, Any], path: str) -> Asked:
    """A place that somebody chose to change as well."""
    known: Mapping[str, Any] = next((each for each in record["fields"] if each["path"] == path), {})
    shown = as_text(value_at(record["record"], path))
    return Asked(path, shown, "", known.get("kind", ""), tuple(known.get("allowed", ())))


def changes(places: Sequence[tuple[Asked, str, bool]]) -> list[dict[str, Any]]:
    """What is to be changed, of (place, what was written there, whether it is to be taken out)."""
    told: list[dict[str, Any]] = []
    for asked, written, removed in places:
        if removed:
            told.append({"path": asked.path, "removed": True})
        elif written != asked.shown:
            told.append({"path": asked.path, "value": value_of(asked, written)})
    return told


def value_of(asked: Asked, written: str) -> str | int | None:
    """What a person's words mean at a place; nothing written is null."""
    words = written.strip()
    if not words:
        return None
    is_number = asked.kind in _NUMBERS or (not asked.kind and asked.path in ("version", "valid_at"))
    return int(words) if is_number and _WHOLE_NUMBER.fullmatch(words) else words


def value_at(record: Any, path: str) -> Any:
    """What stands at a path of a record, None where nothing does."""
    for name in path.split("."):
        if not isinstance(record, Mapping):
            return None
        record = record.get(name)
    return record


def as_text(value: Any) -> str:
    """A value as a field of the form shows it."""
    return "" if value is None else str(value)


def _paths(field: str, record: Any) -> Iterator[str]:
    """The places that a fault's place stands for: a subject has two, the whole record none."""
    if not field:
        return
    if field == SUBJECT and not isinstance(value_at(record, SUBJECT), str):
        yield from ("subject.kind", "subject.id")
    elif re.fullmatch(r"[a-z_]+(\.[A-Za-z0-9_-]+)*", field):
        yield field
