"""Made-up complaints at the hotlines about cases that there are: the same cases and seed give the same complaints.

Every one says that it is made up. Whoever calls seldom knows a case's number: some complaints name the case, some only
the bundle or the department, some nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import msgspec

from catalog.hotline import HotlineWords
from producers.simulation.streams import Streams

_TEXTS: Final = {
    "over-time": "反映办理时间超过承诺期限，至今没有结果。",
    "no-reply": "反映多次拨打窗口电话无人接听。",
    "repeated-materials": "反映已提交过的材料被要求再次提交。",
    "many-trips": "反映为同一事项多次往返窗口。",
    "unclear-notice": "反映一次告知不清，补正要求前后不一致。",
    "passed-around": "反映部门之间相互推诿。",
    "system-fault": "反映网上申报页面无法提交。",
}
_ANY_TEXT: Final = "就办理情况来电。"
_SLOW: Final = ("over-time", "no-reply", "passed-around")
_NO_GRIEVANCE: Final = "other"
_CHANNELS: Final = (("12345", 0.9), ("12315", 0.07), ("110", 0.03))
_KINDS: Final = (("complaint", 0.6), ("help", 0.25), ("consultation", 0.1), ("praise", 0.05))
_OUTCOMES: Final = (("resolved", 0.6), ("explained", 0.3), ("unresolved", 0.1))
_NAMES_CASE: Final = 0.35
_NAMES_BUNDLE: Final = 0.65
_NAMES_DEPARTMENT: Final = 0.92
_CLOSED: Final = 0.7
_SATISFIED: Final = 0.75


class CaseSeen(msgspec.Struct, frozen=True):
    """A case as whoever complains may know it; instants are µs UTC, ``ended_at`` is None while it is open."""

    case_id: str
    bundle: str
    lead: str
    began_at: int
    ended_at: int | None = None


def made_up_complaints(
    cases: Sequence[CaseSeen], count: int, seed: int, run: str, now_us: int, words: HotlineWords
) -> Iterator[dict[str, Any]]:
    """Yield complaints as a hotline would hand them over; none where there is no case.

    Args:
        cases: that there are; open ones are complained of more.
        count: how many complaints.
        seed: the same one draws the same complaints.
        run: part of the complaints' numbers, so that two runs make no two alike.
        now_us: no complaint is later.
        words: the codes that are known.
    """
    stream = Streams(seed).of(f"complaints/{run}")
    ordered = sorted(cases, key=lambda each: each.case_id)
    weights = [1 if each.ended_at else 3 for each in ordered]
    for number in range(count if ordered else 0):
        case = stream.choices(ordered, weights)[0]
        yield _complaint(stream, case, f"SIM-{run}-{number:05d}", now_us, words)


def _complaint(stream: Random, case: CaseSeen, complaint_id: str, now_us: int, words: HotlineWords) -> dict[str, Any]:
    received = _between(stream, case.began_at, now_us)
    kind = _drawn(stream, _KINDS)
    slow = case.ended_at is None and stream.random() < 0.6  # noqa: PLR2004 - what is open is called slow more often
    category = stream.choice(_SLOW if slow else tuple(words.categories))
    category = category if words.kinds[kind].grievance else _NO_GRIEVANCE
    record: dict[str, Any] = {
        "complaint_id": complaint_id,
        "channel": _drawn(stream, _CHANNELS),
        "kind": kind,
        "category": category,
        "received_at": _iso(received),
        "text": f"（模拟）{_TEXTS.get(category, _ANY_TEXT)}",
        "made_up": True,
        **_named(stream, case),
    }
    closed = received + stream.randrange(1, 240) * 3_600_000_000
    if closed < now_us and stream.random() < _CLOSED:
        record |= {"closed_at": _iso(closed), "outcome": _drawn(stream, _OUTCOMES)}
        record["satisfied"] = stream.random() < _SATISFIED
    return record


def _named(stream: Random, case: CaseSeen) -> dict[str, str]:
    """What whoever calls knows of the case."""
    known = stream.random()
    if known < _NAMES_CASE:
        return {"case_id": case.case_id, "bundle": case.bundle, "department": case.lead}
    if known < _NAMES_BUNDLE:
        return {"bundle": case.bundle, "department": case.lead}
    return {"department": case.lead} if known < _NAMES_DEPARTMENT else {}


def _drawn(stream: Random, shares: Sequence[tuple[str, float]]) -> str:
    return stream.choices([code for code, _ in shares], [share for _, share in shares])[0]


def _between(stream: Random, began_us: int, now_us: int) -> int:
    return stream.randrange(began_us, max(began_us, now_us) + 1)


def _iso(us: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).isoformat()
