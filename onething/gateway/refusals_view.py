"""Refused records as departments read them."""

from typing import Any, Final

import msgspec

from catalog.resources import Resources
from onething.gateway.case_view import iso
from producers.faults import Fault, as_told
from producers.refused.mending import FieldAsked, value_at
from producers.refused.reasons import name_of, reason_of
from producers.refused.records import Refused, Settled
from producers.refused.search import Counts

DOORS: Final = {
    "sdk": "发布 SDK",
    "intake": "HTTP 接入",
    "file": "文件导入",
    "archive": "归档时",
    "coordinator": "办件流转",
}
STATES: Final = {"open": "待处理", "mended": "已更正", "dismissed": "已搁置"}
OF_CASES: Final = "coordinator"
"""The door of records that are no facts: they are answered in their case, and cannot be published from here."""


def refused_row(refused: Refused, resources: Resources) -> dict[str, Any]:
    """A refused record in a list; none of its own values is in it."""
    resource = resources.by_code.get(refused.resource or "")
    return {
        "event_id": refused.event_id,
        "department": refused.department,
        "state": refused.state,
        "state_name": STATES[refused.state],
        "door": refused.door,
        "door_name": DOORS.get(refused.door, refused.door),
        "reasons": [msgspec.to_builtins(reason_of(line)) for line in refused.reasons],
        "event_type": refused.event_type,
        "resource": refused.resource,
        "resource_name": None if resource is None else resource.name,
        "origin": refused.origin,
        "received_at": iso(refused.received_at),
        "last_at": iso(refused.last_at),
        "times": refused.times,
        "content_type": refused.content_type,
        "sealed": refused.sealed,
        "size_bytes": refused.size_bytes,
        "mendable": refused.door != OF_CASES,
        "settled": None if refused.settled is None else settled_view(refused.settled),
    }


def settled_view(settled: Settled) -> dict[str, Any]:
    """What became of a record."""
    return {
        "outcome": settled.outcome,
        "outcome_name": STATES.get(settled.outcome, settled.outcome),
        "became": settled.became,
        "receipt": settled.receipt,
        "reason": settled.reason,
        "settled_by": settled.settled_by,
        "at": iso(settled.at),
    }


def faults_told(faults: tuple[Fault, ...]) -> list[dict[str, str]]:
    """What the door would refuse a record for now, in Chinese, with what to do."""
    return as_told(faults, "zh")


def field_view(asked: FieldAsked, shown: Any) -> dict[str, Any]:
    """A field of the record's form, with what stands there as far as it is shown."""
    told: dict[str, Any] = msgspec.to_builtins(asked)
    return {**told, "value": value_at(shown, asked.path)}


def counts_view(counts: Counts, resources: Resources) -> dict[str, Any]:
    """How many there are, each group with its name, the largest first."""
    names = {code: resource.name for code, resource in resources.by_code.items()}
    return {
        "states": counts.states,
        "doors": _groups(counts.doors, DOORS),
        "reasons": _groups(counts.reasons, {code: name_of(code) for code in counts.reasons}),
        "resources": _groups(counts.resources, {**names, "": "未能识别"}),
    }


def _groups(counted: dict[str, int], names: dict[str, str]) -> list[dict[str, Any]]:
    ordered = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    return [{"key": key, "name": names.get(key, key), "count": count} for key, count in ordered]
