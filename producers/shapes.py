"""What each event type asks of a draft's content, read off its published schema."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, Final

from producers import values
from producers.values import Take
from topics.declarations import PUBLISHED_FAMILIES
from topics.events import Fact
from topics.schemas import PublishedSchema, newest_schemas

DRAFT_FAMILIES: Final = (*PUBLISHED_FAMILIES, "correction")
"""Families that a source states by drafts; coverage is stated by the publisher, which knows the offsets."""

LICENCE_STATES: Final = ("有效", "暂扣", "撤销", "注销", "失效", "转出", "吊销", "其他")
PENALTY_STATES: Final = ("in-force", "repaired", "revoked")
ENTERPRISE_STATES: Final = ("存续", "迁出", "吊销", "注销")
PERSON_STATES: Final = ("在籍", "迁出", "死亡注销")
VERIFICATION_OUTCOMES: Final = ("符合", "不符合", "欠缴", "正常", "异常")
DISPUTE_OUTCOMES: Final = ("corrected", "mark-removed", "undeterminable")

CONTROLLED: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("LicenceIssued", "state"): LICENCE_STATES,
    ("LicenceChanged", "state"): LICENCE_STATES,
    ("PenaltyImposed", "state"): PENALTY_STATES,
    ("PenaltyRepaired", "state"): PENALTY_STATES,
    ("EnterpriseRegistered", "state"): ENTERPRISE_STATES,
    ("EnterpriseChanged", "state"): ENTERPRISE_STATES,
    ("PersonRegistered", "state"): PERSON_STATES,
    ("VerificationRecorded", "outcome"): VERIFICATION_OUTCOMES,
    ("DisputeEnded", "outcome"): DISPUTE_OUTCOMES,
}
"""(event type, field) → the values that it may have."""

PERIODS: Final = (("valid_from", "valid_to"), ("period_from", "period_to"), ("established_on", "closed_on"))
"""Fields of which the second may not lie before the first."""

_BY_NAME: Final[Mapping[str, Take]] = {
    "territory": values.territory,
    "licence_identifier": values.licence_identifier,
    "replaces": values.licence_identifier,
    "controlling_shareholder": values.subject,
    "actual_controller": values.subject,
}
_PERSONAL: Final[Mapping[str, Take]] = {"resident_id": values.resident_id, "born_on": values.day_text}
_BY_TYPE: Final[Mapping[str, Take]] = {
    "string": values.text,
    "long": values.whole_number,
    "date": values.day,
    "timestamp-micros": values.moment,
}


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One field of a content; ``kind`` is ``string``, ``long``, ``date``, ``timestamp-micros`` or ``personal``."""

    name: str
    required: bool
    kind: str
    take: Take


@dataclass(frozen=True)
class EventShape:
    """One event type; ``periods`` are those of ``PERIODS`` that it has."""

    name: str
    full_name: str
    family: str
    rules: tuple[FieldRule, ...]
    periods: tuple[tuple[str, str], ...]

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of its fields."""
        return frozenset(rule.name for rule in self.rules)

    @cached_property
    def is_personal(self) -> bool:
        """Whether any field of its content is personal."""
        return any(rule.kind == "personal" for rule in self.rules)


@cache
def event_shapes() -> Mapping[str, EventShape]:
    """Every event type that a draft may have, by name."""
    found = (_shape(schema) for schema in newest_schemas().values() if schema.family in DRAFT_FAMILIES)
    return MappingProxyType({shape.name: shape for shape in found})


def _shape(schema: PublishedSchema) -> EventShape:
    rules = tuple(_rules(schema))
    names = {rule.name for rule in rules}
    periods = tuple(period for period in PERIODS if names.issuperset(period))
    return EventShape(schema.name, schema.full_name, schema.family, rules, periods)


def _rules(schema: PublishedSchema) -> Iterator[FieldRule]:
    for field in schema.definition["fields"]:
        name = field["name"]
        if name not in Fact.__struct_fields__:
            kind = "personal" if field.get("class") == "personal" else _kind(field["type"])
            yield FieldRule(name, not isinstance(field["type"], list), kind, _take(schema.name, name, kind))


def _kind(avro_type: Any) -> str:
    inner = avro_type[1] if isinstance(avro_type, list) else avro_type
    return str(inner["logicalType"]) if isinstance(inner, dict) else str(inner)


def _take(event: str, name: str, kind: str) -> Take:
    if kind == "personal":
        return _PERSONAL.get(name, values.text)
    if allowed := CONTROLLED.get((event, name)):
        return values.one_of(allowed)
    return _BY_NAME.get(name) or _BY_TYPE[kind]
