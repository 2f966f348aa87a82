"""Catalogue entries as people and programs read them: faults, versions, results of an import, trials."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, Final

import msgspec

from catalog.register.changes import RecordedChange, State
from catalog.register.checker import check, surroundings_of
from catalog.register.entry_fault import EntryFault
from catalog.register.entry_import import RowResult
from catalog.register.life import (
    content_in_preparation,
    life_of,
    published_versions,
    version_differences,
)
from catalog.register.life_attached import WORDS, Attachment
from catalog.register.model import Resource
from catalog.register.sheet_entries import CellFault
from catalog.register.trial import Trial
from onething.catalog_client import CatalogClient
from onething.rows import Row

_CHINA: Final = timezone(timedelta(hours=8))
_SEVERITIES: Final = MappingProxyType({"error": "错误", "warning": "提示"})
_OUTCOMES: Final = MappingProxyType({"new": "新增", "changed": "变更", "same": "无变化", "refused": "未通过"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SHORT: Final = 60


def entry_of(state: State) -> Resource:
    """The entry that a state tells."""
    return msgspec.convert(state, Resource)


def checked(client: CatalogClient, codes: Sequence[str], day: str) -> tuple[tuple[str, EntryFault], ...]:
    """Every fault of these entries as they are prepared, of all that are not withdrawn when none is named."""
    held: dict[Any, list[State]] = {
        kind: [each["state"] for each in client.every(kind)]
        for kind in ("resource", "system", "organisation", "legal-basis")
    }
    around = surroundings_of(lambda kind: held[kind], day)
    known = {each["code"]: each for each in held["resource"]}
    # One that there is not is asked for, so that the register says so.
    missing = [code for code in codes if code not in known]
    if missing:
        client.entity("resource", missing[0])
    wanted = codes or [code for code, state in known.items() if state["state"] != "withdrawn"]
    return tuple(
        (code, fault) for code in wanted for fault in check(entry_of(content_in_preparation(known[code])), around)
    )


def fault_row(code: str, fault: EntryFault) -> Row:
    """One fault of an entry."""
    return {
        "code": code,
        "severity": _SEVERITIES[fault.severity],
        "field": fault.field,
        "reason": fault.reason,
        "reason_en": fault.reason_en,
        "remedy": fault.remedy,
    }


def version_rows(history: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Published versions, each with who published it and when."""
    return [
        {"version": number, "action": change.action, "published_by": change.actor, "at": _instant(change.at)}
        for number, change in published_versions(_recorded(history)).items()
    ]


def difference_rows(history: Iterable[Mapping[str, Any]], first: int, second: int) -> list[Row] | None:
    """What differs between two published versions; ``None``: one of them never was."""
    found = version_differences(_recorded(history), first, second)
    if found is None:
        return None
    return [{"field": each.field, "before": _short(each.before), "after": _short(each.after)} for each in found]


def attachment_row(found: Attachment) -> Row:
    """Whether one entry is attached, and what was seen."""
    seen = found.arrivals
    return {
        "code": found.code,
        "attached": "是" if found.attached else "否",
        "missing": "；".join(WORDS[each][0] for each in found.missing),
        "topic": found.topic,
        "facts_seen": seen.count,
        "last_appended_at": _instant(seen.last_appended_at),
        "complete_until": _instant(seen.complete_until),
    }


def result_row(result: RowResult) -> Row:
    """What becomes of one entry of a sheet."""
    changed = [each.field for each in result.change.differences] if result.change else []
    return {
        "cell": result.cell,
        "code": result.code,
        "name": result.name,
        "outcome": _OUTCOMES[result.outcome],
        "fields": "" if result.outcome == "new" else _short("、".join(changed)),
        "faults": len(result.faults),
    }


def fault_rows(faults: Iterable[CellFault]) -> Iterator[str]:
    """Bad cells, each as one line."""
    for each in faults:
        yield f"{each.cell or '—'} {each.column}：{each.reason} {each.reason_en} → {each.remedy} {each.remedy_en}"


def trial_rows(found: Trial) -> list[Row]:
    """Whatever speaks against a change, one row each."""
    rows = [_row("不兼容", each.field, each.reason, each.reason_en) for each in found.faults]
    for unread in found.traffic.faults:
        place = f"{unread.topic}-{unread.partition}@{unread.offset}"
        rows.append(_row("不能读取", place, unread.reason, unread.reason_en))
    for name, count in sorted(found.traffic.lost.items()):
        rows.append(_row("丢失取值", name, f"{count} 条记录有值", f"held a value in {count} messages"))
    for reader in found.broken:
        fields = "、".join(reader.fields)
        place = f"{reader.kind} {reader.id}"
        rows.append(_row("读者受影响", place, f"“{reader.name}”读取 {reader.resource} 的 {fields}", f"reads {fields}"))
    return rows


def change_line(change: Mapping[str, Any]) -> str:
    """One change that a command made."""
    state = change.get("state") or {}
    version = f" 第 {state['version']} 版" if change["entity"] == "resource" and state.get("version") else ""
    return f"{change['entity']} {change['entity_id']} {change['action']}{version}"


def published_on(states: Iterable[State]) -> dict[str, str]:
    """Code → the day on which the entry's version that holds was published, where it is known."""
    days: dict[str, str] = {}
    for state in states:
        at = life_of(state).published_at
        if at is not None:
            days[state["code"]] = _instant(at)[:10]
    return days


def _recorded(history: Iterable[Mapping[str, Any]]) -> tuple[RecordedChange, ...]:
    return tuple(msgspec.convert(_microseconds(change), RecordedChange) for change in history)


def _microseconds(change: Mapping[str, Any]) -> dict[str, Any]:
    """A change as the register's door shows it, with its instants as numbers."""
    return {**change, **{name: _us(change[name]) for name in ("at", "due_at")}}


def _us(instant: Any) -> Any:
    if not isinstance(instant, str):
        return instant
    return (datetime.fromisoformat(instant) - _EPOCH) // timedelta(microseconds=1)


def _instant(at: int | None) -> str:
    if at is None:
        return ""
    return datetime.fromtimestamp(at / 1_000_000, UTC).astimezone(_CHINA).isoformat(" ", "seconds")


def _row(kind: str, place: str, reason: str, reason_en: str) -> Row:
    return {"kind": kind, "place": place, "reason": reason, "reason_en": reason_en}


def _short(value: Any) -> str | int | bool | None:
    if value is None or isinstance(value, (bool, int)):
        return value
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…(+{len(text) - _SHORT})"
