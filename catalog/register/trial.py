"""A changed record schema or entry, tried before it is published: on recorded traffic, and on all who read it."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from types import MappingProxyType
from typing import Any, Final

import fastavro
import msgspec

from catalog.register.changes import Refusal
from catalog.register.field_readers import BrokenReader, FieldReader, broken_readers
from catalog.register.life_binding import Bindings
from catalog.register.life_compatibility import change_faults, schema_refusals
from catalog.register.model import Resource
from catalog.registry.compatibility import Level

TOLD_FAULTS: Final = 20
"""Messages that cannot be read and are told one by one; the rest is counted."""


class RecordedMessage(msgspec.Struct, frozen=True):
    """One message as it was appended: its place, the schema that it was written with, and its Avro body."""

    topic: str
    partition: int
    offset: int
    schema: str
    body: bytes


class UnreadMessage(msgspec.Struct, frozen=True):
    """A message that the changed schema cannot read."""

    topic: str
    partition: int
    offset: int
    reason: str
    reason_en: str


class TrafficTrial(msgspec.Struct, frozen=True, kw_only=True):
    """What came of recorded messages.

    Attributes:
        tried: messages of the schema's own record; others on the topic are passed over.
        unread: how many of them the changed schema cannot read; ``faults`` are the first of these.
        lost: field → in how many messages it held a value that the changed schema drops.
    """

    tried: int
    unread: int
    faults: tuple[UnreadMessage, ...] = ()
    lost: Mapping[str, int] = MappingProxyType({})


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What a change would do: why it may not follow, what it cannot read, and whom it would break."""

    faults: tuple[Refusal, ...]
    traffic: TrafficTrial
    broken: tuple[BrokenReader, ...]

    @property
    def is_harmless(self) -> bool:
        """Whether nothing speaks against the change."""
        return not (self.faults or self.traffic.unread or self.broken)


def schema_trial(
    text: str,
    earlier: Sequence[tuple[int, str]],
    messages: Iterable[RecordedMessage],
    readers: Iterable[FieldReader],
    resources: Iterable[str],
) -> Trial:
    """Try a changed record schema.

    Args:
        text: the changed schema.
        earlier: ``(version, text)`` of what is published, oldest first.
        messages: recorded traffic.
        readers: who reads what.
        resources: codes of the resources whose facts the schema carries.
    """
    faults = schema_refusals(Level.BACKWARD_TRANSITIVE, text, earlier)
    if not _is_record(text):
        return Trial(faults=faults, traffic=TrafficTrial(tried=0, unread=0), broken=())
    changed = sorted(_changed_fields(earlier[-1][1], text)) if earlier else []
    return Trial(
        faults=faults,
        traffic=traffic_trial(text, messages),
        broken=broken_readers(readers, dict.fromkeys(resources, changed)),
    )


def entry_trial(
    before: Resource,
    after: Resource,
    bindings: Bindings,
    messages: Iterable[RecordedMessage],
    readers: Iterable[FieldReader],
) -> Trial:
    """Try the next version of a published entry; recorded traffic is read with the schema that it is bound to."""
    types = {item.field: item.type for item in after.data_items}
    changed = [item.field for item in before.data_items if types.get(item.field) != item.type]
    text = bindings.schemas.get(after.schema_name)
    return Trial(
        faults=change_faults(before, after, bindings),
        traffic=TrafficTrial(tried=0, unread=0) if text is None else traffic_trial(text, messages),
        broken=broken_readers(readers, {before.code: changed}),
    )


def traffic_trial(text: str, messages: Iterable[RecordedMessage]) -> TrafficTrial:
    """Read recorded messages of the schema's own record with the changed schema."""
    definition = json.loads(text)
    reader = _parsed(text)
    kept = {field["name"] for field in definition["fields"]}
    tried = 0
    faults: list[UnreadMessage] = []
    lost: Counter[str] = Counter()
    for message in messages:
        written = json.loads(message.schema)
        if _full_name(written) != _full_name(definition):
            continue
        tried += 1
        writer = _parsed(message.schema)
        try:
            fastavro.schemaless_reader(BytesIO(message.body), writer, reader)
        except Exception as fault:  # noqa: BLE001  fastavro raises its own, and whatever a resolution stumbles over
            faults.append(_unread(message, fault))
            continue
        dropped = {field["name"] for field in written["fields"]} - kept
        if dropped:
            record: Any = fastavro.schemaless_reader(BytesIO(message.body), writer, None)
            lost.update(name for name in dropped if record[name] is not None)
    return TrafficTrial(tried=tried, unread=len(faults), faults=tuple(faults[:TOLD_FAULTS]), lost=dict(lost))


def _unread(message: RecordedMessage, fault: Exception) -> UnreadMessage:
    place = f"{message.topic}-{message.partition}@{message.offset}"
    said = str(fault).partition("\n")[0][:200] or type(fault).__name__
    return UnreadMessage(
        message.topic,
        message.partition,
        message.offset,
        f"{place} 的记录不能按新结构读取：{said}",
        f"the message {place} cannot be read: {said}",
    )


def _changed_fields(before: str, after: str) -> Iterator[str]:
    """Fields of the earlier schema that vanish, or whose type is another one."""
    types = {field["name"]: field["type"] for field in json.loads(after)["fields"]}
    for field in json.loads(before)["fields"]:
        if types.get(field["name"]) != field["type"]:
            yield field["name"]


def _is_record(text: str) -> bool:
    try:
        definition = json.loads(text)
        _parsed(text)
    except Exception:  # noqa: BLE001  whatever is wrong with it is told as a fault of the schema
        return False
    return isinstance(definition, dict) and definition.get("type") == "record"


def _parsed(text: str) -> Any:
    # Schemas of one record in several versions bear one name: each is parsed among names of its own.
    return fastavro.parse_schema(json.loads(text), named_schemas={})


def _full_name(definition: Mapping[str, Any]) -> str:
    name = str(definition["name"])
    return name if "." in name else f"{definition.get('namespace', '')}.{name}".lstrip(".")
