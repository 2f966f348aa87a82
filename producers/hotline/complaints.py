"""What a hotline may state of a complaint, and the events that it becomes; every fault of it at once.

One record states that a complaint was received, that it was closed, or both. Case, item, bundle and department are
taken only as the hotline states them: nothing is filled in here.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, Protocol

import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from catalog.hotline import HotlineWords
from connectors.keyring import context
from topics.clear_text import holds_resident_id
from topics.events import Event, HotlineComplaintClosed, HotlineComplaintReceived

LONGEST_ID: Final = 64
LONGEST_TEXT: Final = 4000
MOST_COMPLAINTS: Final = 1000
AHEAD_US: Final = 300_000_000
"""How far a hotline's clock may be ahead of ours."""

EARLIEST_US: Final = 946_656_000_000_000
"""2000-01-01 in China: no hotline of this city is older."""

_CHINA: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DISTRICT: Final = re.compile("[0-9]{6}")
_OF_RECEIPT: Final = ("channel", "kind", "category", "district", "text")
_CANONICAL: Final = msgspec.msgpack.Encoder(order="sorted")


class ComplaintShape(BaseModel):
    """A complaint (热线诉求) as a hotline states it; no caller's name or number is taken."""

    model_config = ConfigDict(extra="forbid", strict=True)

    complaint_id: str = Field(default="", description="诉求编号, required")
    channel: str = Field(default="", description="来源热线：12345、12315、110")
    kind: str = Field(default="", description="诉求类型：complaint 投诉、report 举报、help 求助、consultation 咨询…")
    category: str = Field(default="", description="诉求事由代码, see catalog/hotline.toml")
    received_at: str = Field(default="", description="登记时间, ISO 8601; without an offset: time of China")
    case_id: str = Field(default="", description="办件编号, where it is known")
    item: str = Field(default="", description="事项编码, where it is known")
    bundle: str = Field(default="", description="一件事 id, where it is known")
    department: str = Field(default="", description="被诉或承办单位代码, where it is known")
    district: str = Field(default="", description="行政区划代码, six digits, where it is known")
    text: str = Field(default="", description="诉求内容; sealed before it is kept, may be left out")
    closed_at: str = Field(default="", description="办结时间, ISO 8601")
    outcome: str = Field(default="", description="办理结果：resolved、explained、unresolved、duplicate、withdrawn")
    satisfied: bool | None = Field(default=None, description="回访满意")
    made_up: bool = Field(default=False, description="模拟城市编造的诉求")


@dataclass(frozen=True)
class Known:
    """What a complaint may name."""

    words: HotlineWords
    items: Collection[str]
    bundles: Collection[str]
    departments: Collection[str]


class ComplaintFault(msgspec.Struct, frozen=True):
    """One thing wrong: the complaint's place in what was sent (from 0), the field, a stable code, both reasons."""

    place: int
    field: str
    code: str
    reason: str
    reason_zh: str


@dataclass(frozen=True)
class StatedComplaint:
    """A complaint without a fault; instants are µs UTC, None where it states no such thing."""

    shape: ComplaintShape
    received_at: int | None
    closed_at: int | None


class Sealer(Protocol):
    """What sealing a text needs of the key ring."""

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        """The plaintext, bound to its context."""

    def digest(self, plaintext: bytes, context: bytes) -> bytes:
        """16 bytes that say nothing of the plaintext."""


def judge_complaints(
    raw: Sequence[object], known: Known, now_us: int
) -> tuple[list[StatedComplaint], list[ComplaintFault]]:
    """The complaints without a fault, and every fault of the others; both in the order of what was sent."""
    stated: list[StatedComplaint] = []
    faults: list[ComplaintFault] = []
    for place, each in enumerate(raw):
        shape, found = _shaped(each)
        heads = {field for field, *_ in found}
        found += [fault for fault in _faults(shape, known, now_us) if fault[0] not in heads]
        if found:
            faults += [ComplaintFault(place, *fault) for fault in found]
        else:
            stated.append(StatedComplaint(shape, _instant(shape.received_at), _instant(shape.closed_at)))
    return stated, faults


def complaint_events(stated: StatedComplaint, keys: Sealer) -> Iterator[Event]:
    """The events of one complaint; the same statement always gives the same ones."""
    shape = stated.shape
    if stated.received_at is not None:
        yield _received(shape, stated.received_at, keys)
    if stated.closed_at is not None:
        # What the same record says of its receipt stands there; a closing says what handling found.
        links = {} if stated.received_at is not None else _links(shape, "case_id", "item", "bundle", "department")
        record = {
            "complaint_id": shape.complaint_id,
            "outcome": shape.outcome,
            "satisfied": shape.satisfied,
            **links,
            "closed_at": stated.closed_at,
            "made_up": shape.made_up,
        }
        yield HotlineComplaintClosed(event_id=_event_id("HotlineComplaintClosed", record, b""), **record)


def text_context(complaint_id: str) -> bytes:
    """The place of a complaint's sealed text: it opens for no other complaint."""
    return context("hotline", complaint_id, "text")


def _received(shape: ComplaintShape, received_at: int, keys: Sealer) -> HotlineComplaintReceived:
    record = {
        "complaint_id": shape.complaint_id,
        "channel": shape.channel,
        "kind": shape.kind,
        "category": shape.category,
        **_links(shape, "case_id", "item", "bundle", "department", "district"),
        "received_at": received_at,
        "made_up": shape.made_up,
    }
    text, place = shape.text.encode(), text_context(shape.complaint_id)
    digest = keys.digest(text, place) if text else b""
    sealed = keys.seal(text, place) if text else None
    return HotlineComplaintReceived(
        event_id=_event_id("HotlineComplaintReceived", record, digest), text=sealed, **record
    )


def _links(shape: ComplaintShape, *names: str) -> dict[str, Any]:
    return {name: getattr(shape, name) or None for name in names}


def _event_id(name: str, record: dict[str, Any], digest: bytes) -> bytes:
    content = {key: value for key, value in record.items() if value is not None}
    return hashlib.blake2b(_CANONICAL.encode([name, content, digest]), digest_size=16).digest()


_Found = tuple[str, str, str, str]
"""Field, code, English reason, Chinese reason."""


def _shaped(raw: object) -> tuple[ComplaintShape, list[_Found]]:
    """The complaint with its faulted fields left out, and their faults; no value is repeated."""
    if not isinstance(raw, dict):
        return ComplaintShape(), [("body", "wrong-type", "a JSON object is due", "应为一个 JSON 对象")]
    try:
        return ComplaintShape.model_validate(raw), []
    except ValidationError as refused:
        errors = refused.errors()
    found = {str(each["loc"][0]): _of_pydantic(str(each["loc"][0]), each["type"], each["msg"]) for each in errors}
    whole = {name: value for name, value in raw.items() if str(name) not in found}
    return ComplaintShape.model_validate(whole), [*found.values()]


def _of_pydantic(field: str, kind: str, message: str) -> _Found:
    if kind == "extra_forbidden":
        return field, "unknown-field", "no such field is taken", "没有这个字段"
    return field, "wrong-type", message, "类型不符"


def _faults(shape: ComplaintShape, known: Known, now_us: int) -> Iterator[_Found]:
    yield from _name_faults("complaint_id", shape.complaint_id, required=True)
    yield from _name_faults("case_id", shape.case_id, required=False)
    if not shape.received_at and not shape.closed_at:
        yield (
            "received_at",
            "missing",
            "either received_at or closed_at is required",
            "登记时间、办结时间至少填一项",
        )
    yield from _receipt_faults(shape, known.words)
    yield from _closing_faults(shape, known.words)
    yield from _time_faults(shape, now_us)
    yield from _link_faults(shape, known)


def _name_faults(field: str, text: str, *, required: bool) -> Iterator[_Found]:
    if required and not text.strip():
        yield field, "missing", "is required", "必填"
    elif len(text) > LONGEST_ID or not text.isprintable():
        yield field, "not-a-number", f"at most {LONGEST_ID} printable characters", f"至多 {LONGEST_ID} 个可见字符"
    elif holds_resident_id(text):
        yield field, "personal-data-in-clear", "holds a resident ID number", "含有公民身份号码"


def _receipt_faults(shape: ComplaintShape, words: HotlineWords) -> Iterator[_Found]:
    if not shape.received_at:
        for field in _OF_RECEIPT:
            if getattr(shape, field):
                yield field, "not-of-a-closing", "is stated with received_at only", "只能与登记时间一并填写"
        return
    tables: dict[str, Collection[str]] = {
        "channel": words.channels,
        "kind": words.kinds,
        "category": words.categories,
    }
    for field, table in tables.items():
        yield from _code_faults(field, getattr(shape, field), table)
    if len(shape.text) > LONGEST_TEXT:
        yield "text", "too-long", f"at most {LONGEST_TEXT} characters are taken", f"至多 {LONGEST_TEXT} 字"


def _closing_faults(shape: ComplaintShape, words: HotlineWords) -> Iterator[_Found]:
    if shape.closed_at:
        yield from _code_faults("outcome", shape.outcome, words.outcomes)
        return
    if shape.outcome:
        yield "outcome", "not-closed", "is stated with closed_at only", "只能与办结时间一并填写"
    if shape.satisfied is not None:
        yield "satisfied", "not-closed", "is stated with closed_at only", "只能与办结时间一并填写"


def _code_faults(field: str, code: str, table: Collection[str]) -> Iterator[_Found]:
    if not code:
        yield field, "missing", "is required", "必填"
    elif code not in table:
        known = ", ".join(table)
        yield field, "unknown-code", f"is none of {known}", f"应为 {known} 之一"


def _time_faults(shape: ComplaintShape, now_us: int) -> Iterator[_Found]:
    read: dict[str, int] = {}
    for field in ("received_at", "closed_at"):
        text = getattr(shape, field)
        instant = _instant(text)
        if instant is not None:
            read[field] = instant
        elif text:
            yield field, "not-an-instant", "an ISO 8601 instant is due", "应为 ISO 8601 时间"
    for field, instant in read.items():
        if instant > now_us + AHEAD_US:
            yield field, "in-the-future", "has not come yet", "时间在未来"
        if instant < EARLIEST_US:
            yield field, "too-early", "is before the year 2000", "早于2000年"
    if len(read) == 2 and read["closed_at"] < read["received_at"]:  # noqa: PLR2004 - both of them
        yield "closed_at", "before-receipt", "is before received_at", "早于登记时间"


def _link_faults(shape: ComplaintShape, known: Known) -> Iterator[_Found]:
    tables = {"item": known.items, "bundle": known.bundles, "department": known.departments}
    for field, table in tables.items():
        code = getattr(shape, field)
        if code and code not in table:
            yield field, f"unknown-{field}", "the catalogue has no such code", "目录中没有这个代码"
    if shape.district and _DISTRICT.fullmatch(shape.district) is None:
        yield "district", "not-a-district", "six digits are due", "应为六位行政区划代码"


def _instant(text: str) -> int | None:
    """µs UTC, None for a text that is no instant; without an offset it is China's time."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    aware = read if read.tzinfo else read.replace(tzinfo=_CHINA)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def known_codes(words: HotlineWords, items: Iterable[str], bundles: Iterable[str], departments: Iterable[str]) -> Known:
    """What complaints may name, as sets."""
    return Known(words, frozenset(items), frozenset(bundles), frozenset(departments))
