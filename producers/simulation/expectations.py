"""What a check should answer about a made-up enterprise, by plain Python over what was generated.

Nothing of the hub's own evaluation is used: the bundle's definition says which resources are read and by which rule,
and the rules are written here once more.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from catalog.bundles import Bundle, Item, Read
from producers.simulation.calendar import DAY_US
from producers.simulation.drafts import Draft

_STRENGTH: Final = ("found", "disputed", "unavailable", "source-behind", "clear")
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


class Record(msgspec.Struct, frozen=True):
    """The newest fact about a record, and whether a dispute marks it."""

    draft: Draft
    is_disputed: bool


class Asked(msgspec.Struct, frozen=True):
    """A request: when it is made (µs), for how many calendar years back, where (leading digits of a region code)."""

    at: int
    look_back_years: int
    territory: str = ""

    @property
    def since(self) -> int:
        """The begin of the look-back, µs."""
        local = datetime.fromtimestamp(self.at / 1e6, UTC).astimezone(_SHANGHAI)
        try:
            back = local.replace(year=local.year - self.look_back_years)
        except ValueError:  # 29 February
            back = local.replace(year=local.year - self.look_back_years, day=28)
        return int(back.timestamp() * 1_000_000)


def expected_answers(
    bundle: Bundle, records: Iterable[Record], coverage: Mapping[str, int], asked: Asked
) -> dict[str, str]:
    """Check id → the answer that the archive gives: the strongest of what its resources say.

    Args:
        bundle: the checks.
        records: the newest facts about one registered enterprise.
        coverage: resource → the instant until which it is stated to be complete.
        asked: the request.
    """
    by_resource: dict[str, list[Record]] = {}
    for record in records:
        by_resource.setdefault(record.draft["resource"], []).append(record)
    return {str(item.id): _item_answer(item, by_resource, coverage, asked) for item in bundle.checks}


def _item_answer(item: Item, by_resource: Mapping[str, list[Record]], coverage: Mapping[str, int], asked: Asked) -> str:
    answers = [
        _read_answer(read, by_resource.get(read.resource, ()), coverage, asked)
        for answerer in item.answerers
        for read in answerer.reads
    ]
    return min(answers, key=_STRENGTH.index)


def _read_answer(read: Read, records: Iterable[Record], coverage: Mapping[str, int], asked: Asked) -> str:
    speaks_against = _RULES[read.rule]
    against = [record for record in records if speaks_against(record.draft, asked)]
    if any(not record.is_disputed for record in against):
        return "found"
    if against:
        return "disputed"
    complete_until = coverage.get(read.resource)
    if complete_until is None:
        return "unavailable"
    return "clear" if complete_until >= asked.at - read.coverage_max_age_days * DAY_US else "source-behind"


def _decided(draft: Draft, asked: Asked, since: int) -> bool:
    content: dict[str, Any] = draft["content"]
    return (
        content.get("state") == "in-force"
        and since <= content["decided_at"] < asked.at
        and content["territory"].startswith(asked.territory)
    )


def _penalty_in_force(draft: Draft, asked: Asked) -> bool:
    return _decided(draft, asked, asked.since)


def _listing_in_force(draft: Draft, asked: Asked) -> bool:
    return _decided(draft, asked, 0)


def _payment_in_arrears(draft: Draft, asked: Asked) -> bool:
    content: dict[str, Any] = draft["content"]
    return (
        content.get("outcome") == "欠缴"
        and asked.since <= draft["valid_at"] < asked.at
        and content["territory"].startswith(asked.territory)
    )


_SAY_NOTHING: Final = ("Withdrawn", "ValueDisputed", "DisputeEnded")
_ENDED: Final = frozenset(
    (
        *("暂扣", "吊销", "注销", "撤销", "失效", "转出", "迁出", "死亡", "closed", "revoked", "repaired"),
        *("已注销", "已撤销", "已取消", "已缴销", "已迁出", "销户", "终结", "终止", "退出", "停发"),
    )
)


def _record_in_force(draft: Draft, asked: Asked) -> bool:
    content: dict[str, Any] = draft["content"]
    ended = {content.get("state"), content.get("status")} & _ENDED
    return _is_stated(draft) and not ended and draft["valid_at"] < asked.at and _is_in(content["territory"], asked)


def _payment_on_record(draft: Draft, asked: Asked) -> bool:
    return (
        _is_stated(draft)
        and asked.since <= draft["valid_at"] < asked.at
        and _is_in(draft["content"]["territory"], asked)
    )


def _is_stated(draft: Draft) -> bool:
    return not draft["type"].endswith(_SAY_NOTHING)


def _is_in(territory: str, asked: Asked) -> bool:
    return territory.startswith(asked.territory)


_RULES: Final[dict[str, Callable[[Draft, Asked], bool]]] = {
    "penalty-in-force": _penalty_in_force,
    "listing-in-force": _listing_in_force,
    "payment-in-arrears": _payment_in_arrears,
    "record-in-force": _record_in_force,
    "payment-on-record": _payment_on_record,
}
"""The rules of catalog/rules.toml by their code. A withdrawal has no state and no outcome: it never speaks against."""
