"""Request bodies as records: what was read from each, and its bytes exactly as they came."""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from producers.faults import Fault, fault
from producers.intake.cloudevents import draft_of
from producers.outcomes import Received

JSON: Final = "application/json"
NDJSON: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")
CLOUDEVENT: Final = "application/cloudevents+json"
CLOUDEVENTS: Final = "application/cloudevents-batch+json"
MEDIA_TYPES: Final = (JSON, *NDJSON, CLOUDEVENT, CLOUDEVENTS)
_BINARY: Final = "application/http"
_OBJECT: Final = "application/json"


class Record(msgspec.Struct, frozen=True):
    """One record of a request; ``faults`` say why no draft could be read, ``line`` counts from 1 in NDJSON."""

    received: Received
    faults: tuple[Fault, ...] = ()
    line: int | None = None


class Reading(msgspec.Struct, frozen=True):
    """The records of one request, and whether they came as a batch."""

    records: tuple[Record, ...]
    is_batch: bool


def read_request(media_type: str, headers: Mapping[str, str], body: bytes) -> Reading | None:
    """The records of a request; None when its media type is none of ``MEDIA_TYPES``.

    Args:
        media_type: without parameters, lower case.
        headers: names in lower case; ``ce-…`` headers make it a CloudEvent in binary mode.
        body: the bytes.
    """
    if "ce-specversion" in headers:
        return Reading((_binary(headers, body, media_type),), is_batch=False)
    if media_type == JSON:
        return _array(body, _OBJECT, _draft) if body.lstrip()[:1] == b"[" else _one(body, _OBJECT, _draft)
    if media_type in NDJSON:
        return Reading(tuple(_lines(body)), is_batch=True)
    if media_type == CLOUDEVENT:
        return _one(body, CLOUDEVENT, _structured)
    if media_type == CLOUDEVENTS:
        return _array(body, CLOUDEVENT, _structured)
    return None


def read_json(body: bytes) -> tuple[Any, tuple[Fault, ...]]:
    """What the bytes say as JSON in UTF-8, or why they say nothing."""
    try:
        return msgspec.json.decode(body), ()
    except msgspec.MsgspecError as broken:
        return None, (_unreadable(str(broken), "不是有效的 JSON"),)
    except UnicodeDecodeError as broken:
        return None, (_unreadable(f"byte {broken.start} is no UTF-8", f"第 {broken.start} 字节不是 UTF-8"),)
    except RecursionError:
        return None, (_unreadable("nested too deeply", "嵌套过深"),)


_Read = Callable[[Any], tuple[Any, tuple[Fault, ...]]]


def _one(body: bytes, content_type: str, read: _Read) -> Reading:
    return Reading((_record(body, content_type, read, "record 0"),), is_batch=False)


def _array(body: bytes, content_type: str, read: _Read) -> Reading:
    try:
        elements = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _one(body, content_type, read)
    records = (_record(bytes(element), content_type, read, f"record {index}") for index, element in enumerate(elements))
    return Reading(tuple(records), is_batch=True)


def _lines(body: bytes) -> Iterator[Record]:
    for number, line in enumerate(body.split(b"\n"), start=1):
        if line.strip():
            yield msgspec.structs.replace(_record(line, _OBJECT, _draft, f"line {number}"), line=number)


def _record(body: bytes, content_type: str, read: _Read, origin: str) -> Record:
    value, faults = read_json(body)
    draft, more = (None, ()) if faults else read(value)
    return Record(Received(body, draft, content_type, origin), faults + more)


def _draft(value: Any) -> tuple[Any, tuple[Fault, ...]]:
    return value, ()


def _structured(value: Any) -> tuple[Any, tuple[Fault, ...]]:
    if not isinstance(value, dict):
        return None, (fault("not-an-object", ""),)
    attributes = {name: each for name, each in value.items() if name not in ("data", "data_base64")}
    if "data_base64" in value:
        data, faults = _from_base64(value["data_base64"])
        if faults:
            return None, faults
        return draft_of(attributes, data)
    return draft_of(attributes, value.get("data"))


def _from_base64(text: Any) -> tuple[Any, tuple[Fault, ...]]:
    try:
        return read_json(base64.b64decode(text, validate=True))
    except (binascii.Error, TypeError, ValueError):
        return None, (fault("bad-cloudevent", "data_base64", "it is no base64", "不是 base64"),)


def _binary(headers: Mapping[str, str], body: bytes, media_type: str) -> Record:
    attributes: dict[str, Any] = {
        name.removeprefix("ce-"): unquote(value) for name, value in headers.items() if name.startswith("ce-")
    }
    attributes["datacontenttype"] = media_type or JSON
    data, faults = read_json(body)
    draft, more = (None, ()) if faults else draft_of(attributes, data)
    return Record(Received(_as_http(headers, body), draft, _BINARY, "record 0"), faults + more)


def _as_http(headers: Mapping[str, str], body: bytes) -> bytes:
    """The parts of the request that carry the record, as they came: its attributes are headers."""
    kept = [
        f"{name}: {value}\r\n" for name, value in headers.items() if name.startswith("ce-") or name == "content-type"
    ]
    return "".join(kept).encode("latin-1", "replace") + b"\r\n" + body


def _unreadable(en: str, zh: str) -> Fault:
    return fault("unreadable", "", en, zh)
