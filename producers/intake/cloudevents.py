"""CloudEvents 1.0 as drafts.

| attribute | draft |
|---|---|
| ``type`` | ``cn.onething.<family>.<EventName>.v<schema version>`` → ``type`` |
| ``source`` | ``urn:onething:department:<code>`` → ``source`` |
| ``subject`` | ``enterprise:<credit code>`` or ``person:<token>`` → ``subject``; absent when ``data`` names it |
| ``time`` | ``valid_at``, unless ``data`` has one |
| ``id`` | required, not kept: the event's identity follows from its content |
| ``data`` | the draft's other fields: resource, record_id, version, case_id, content |
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from producers.faults import Fault, fault
from producers.shapes import event_shapes
from topics.clear_text import holds_resident_id
from topics.schemas import published_schemas

SPEC_VERSION: Final = "1.0"
_TYPE: Final = re.compile(r"cn\.onething\.(?P<family>[a-z]+)\.(?P<name>[A-Za-z]+)\.v(?P<version>[1-9][0-9]{0,2})")
_SOURCE: Final = re.compile(r"urn:onething:department:(?P<code>[a-z]+(?:-[a-z]+)*)")
_FROM_ATTRIBUTES: Final = ("type", "source")
_JSON: Final = re.compile(r"application/(?:[A-Za-z0-9.-]+\+)?json(?:\s*;.*)?", re.IGNORECASE)


def cloudevent_type(name: str) -> str:
    """The CloudEvents type of the newest schema of an event type."""
    newest = max(schema.version for schema in published_schemas() if schema.name == name)
    return f"cn.onething.{event_shapes()[name].family}.{name}.v{newest}"


def cloudevent_source(department: str) -> str:
    """The CloudEvents source of a department."""
    return f"urn:onething:department:{department}"


def draft_of(attributes: Mapping[str, Any], data: Any) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """The draft that a CloudEvent carries, and what is wrong with its attributes.

    Args:
        attributes: context attributes by name, extensions included.
        data: the event's data, already read from JSON.
    """
    faults = [*_attribute_faults(attributes), *_data_faults(data)]
    content = dict(data) if isinstance(data, Mapping) else {}
    draft = {name: value for name, value in content.items() if name not in _FROM_ATTRIBUTES}
    draft["type"] = _event_name(attributes.get("type"))
    draft["source"] = _department(attributes.get("source"))
    if attributes.get("subject") is not None and "subject" not in content:
        draft["subject"] = attributes["subject"]
    if attributes.get("time") is not None and "valid_at" not in content:
        draft["valid_at"] = attributes["time"]
    return draft, tuple(faults)


def _attribute_faults(attributes: Mapping[str, Any]) -> Iterator[Fault]:
    if attributes.get("specversion") != SPEC_VERSION:
        yield fault("bad-cloudevent", "specversion", "1.0 is due", "应为 1.0")
    if not isinstance(attributes.get("id"), str) or not attributes["id"]:
        yield fault("bad-cloudevent", "id", "a text is due", "应为非空文本")
    if _event_name(attributes.get("type")) is None:
        due = "cn.onething.<family>.<EventName>.v1"
        yield fault("bad-cloudevent", "type", f"{due} is due", f"应为 {due}")
    if _department(attributes.get("source")) is None:
        due = "urn:onething:department:<code>"
        yield fault("bad-cloudevent", "source", f"{due} is due", f"应为 {due}")
    if _JSON.fullmatch(str(attributes.get("datacontenttype") or "application/json")) is None:
        yield fault("bad-cloudevent", "datacontenttype", "application/json is due", "应为 application/json")
    for name, value in attributes.items():
        if isinstance(value, str) and holds_resident_id(value):
            yield fault("personal-data-in-clear", name if name.isalpha() and name.isascii() else "?")


def _data_faults(data: Any) -> Iterator[Fault]:
    if not isinstance(data, Mapping):
        yield fault("not-an-object", "data")
        return
    for name in _FROM_ATTRIBUTES:
        if name in data:
            yield fault("unknown-field", f"data.{name}")


def _event_name(value: Any) -> str | None:
    """The event type; None when the CloudEvents type names none that is published in this version."""
    found = _TYPE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    shape = event_shapes().get(found["name"])
    if shape is None or shape.family != found["family"]:
        return None
    versions = {schema.version for schema in published_schemas() if schema.name == shape.name}
    return shape.name if int(found["version"]) in versions else None


def _department(value: Any) -> str | None:
    found = _SOURCE.fullmatch(value) if isinstance(value, str) else None
    return found["code"] if found else None
