"""Why a demand is not taken or not moved on: every fault at once, each with its field, reason and remedy."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from catalog.demands.model import EVERYTHING, Application, Demand, ScopeOf
from catalog.register.changes import LEGAL_BASIS, ORGANISATION, RESOURCE, Lookup, Refusal
from topics.identifiers import check_subject

_CHINA: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

MISSING_NAMES: Final[Mapping[str, str]] = {
    "scope": "数据范围（到信息项）",
    "basis": "申请依据",
    "scenario": "使用场景",
    "purpose": "用途",
    "subjects": "主体范围",
    "means": "共享方式",
    "until": "使用期限",
}
"""What art. 20 wants stated, by field."""


def refusal(field: str, reason: str, reason_en: str, remedy: str, remedy_en: str) -> Refusal:
    """A refusal in both languages."""
    return Refusal(field=field, reason=reason, reason_en=reason_en, remedy=remedy, remedy_en=remedy_en)


def shown(instant_us: int) -> str:
    """An instant as people in China read it, to the minute."""
    return f"{(_EPOCH + timedelta(microseconds=instant_us)).astimezone(_CHINA):%Y-%m-%d %H:%M}"


def missing(asked: Application) -> tuple[str, ...]:
    """What the application leaves out of what art. 20 wants stated, by field; fields of a resource count as well."""
    empty = (name for name in MISSING_NAMES if not getattr(asked, name))
    fieldless = (f"scope.{each.resource}.fields" for each in asked.scope if not each.fields)
    return (*empty, *fieldless)


def of_application(asked: Application, at: int, lookup: Lookup) -> Iterator[Refusal]:
    """Faults of what is stated; what is not stated is none."""
    for field, code in (("requester", asked.requester), ("provider", asked.provider)):
        if lookup.get(ORGANISATION, code) is None:
            yield refusal(
                f"payload.{field}",
                f"没有登记的机构“{code}”",
                f"no organisation {code!r} is registered",
                "填写机构代码",
                "give an organisation's code",
            )
    if asked.requester == asked.provider:
        yield refusal(
            "payload.provider",
            "需求方不必向自己申请",
            "the requester is the provider",
            "更正提供方",
            "correct the provider",
        )
    yield from _of_scope(asked, lookup)
    yield from _of_subjects(asked)
    if asked.until is not None and asked.until <= at:
        yield refusal(
            "payload.until",
            f"期限{shown(asked.until)}已过",
            f"the term ended at {shown(asked.until)}",
            "填写以后的时间（微秒，UTC）",
            "give a later instant (µs UTC)",
        )
    for place, reader in enumerate(asked.readers):
        if reader.partition(":")[0] != asked.requester:
            yield refusal(
                f"payload.readers[{place}]",
                f"账号“{reader}”不属于需求方",
                f"the account {reader!r} is not the requester's (art. 25: no third party)",
                f"写作“{asked.requester}:账号”",
                f"write {asked.requester}:<account>",
            )


def still_missing(names: tuple[str, ...]) -> Iterator[Refusal]:
    """A completion that leaves things out still."""
    for name in names:
        field = name.partition(".")[0]
        yield refusal(
            f"payload.{name}",
            f"仍未填写：{MISSING_NAMES[field]}",
            f"{name} is still missing",
            "一次补齐后提交",
            "complete everything and send it at once",
        )


def wrong_state(demand: Demand, action: str, allowed: tuple[str, ...]) -> Refusal:
    """The demand stands where this cannot be done."""
    return refusal(
        "action",
        f"需求处于“{demand.state}”，不能“{action}”",
        f"the demand is {demand.state!r}: {action!r} is not possible",
        f"仅当处于：{'、'.join(allowed)}",
        f"possible while it is {', '.join(allowed)}",
    )


def not_theirs(named: str, organisation: str, role: str, role_en: str) -> Refusal:
    """The action is another party's."""
    return refusal(
        "payload.organisation",
        f"此操作由{role}“{organisation}”办理，不是“{named}”",
        f"this is for the {role_en} {organisation!r} to do, not for {named!r}",
        "由该机构的人员办理",
        "let a person of that organisation do it",
    )


def asked_already(demand: Demand) -> Refusal:
    """Completion is asked for once."""
    when = shown(demand.completion_asked_at or 0)
    return refusal(
        "action",
        f"已于{when}一次性告知补正，不得再次要求",
        f"completion was asked for at {when}; it is asked for once (art. 21)",
        "受理申请，并答复",
        "accept the demand and reply",
    )


def same_person(person: str) -> Refusal:
    """Two persons decide."""
    return refusal(
        "actor",
        f"经办人“{person}”不得审核自己的决定",
        f"{person!r} decided it and cannot review it",
        "由另一人审核",
        "let another person review it",
    )


def no_reason() -> Refusal:
    """A refusal gives reasons."""
    return refusal(
        "reason",
        "不予共享须说明理由",
        "a refusal gives its reasons (art. 21)",
        "填写理由",
        "give the reasons",
    )


def withheld_granted(resources: tuple[str, ...]) -> Refusal:
    """What is withheld is not granted while it is."""
    return refusal(
        "payload.outcome",
        f"资源属不予共享类：{'、'.join(resources)}",
        f"resources are withheld: {', '.join(resources)}",
        "先变更共享属性，或者不予共享",
        "change their sharing class first, or refuse",
    )


def of_withheld_basis(basis: str, at: int, lookup: Lookup) -> Iterator[Refusal]:
    """A refusal because data is withheld names a legal basis that is registered and in force (art. 14)."""
    state = lookup.get(LEGAL_BASIS, basis) if basis else None
    if state is None:
        yield refusal(
            "payload.withheld_basis",
            "不予共享须有登记的法律依据" if not basis else f"没有登记的法律依据“{basis}”",
            "what is withheld needs its legal basis" if not basis else f"no legal basis {basis!r} is registered",
            "填写法律依据的编号",
            "give the id of a legal basis",
        )
    elif not _in_force(state, at):
        yield refusal(
            "payload.withheld_basis",
            f"法律依据“{basis}”当时无效",
            f"the legal basis {basis!r} was not in force then",
            "填写有效的法律依据",
            "give one that is in force",
        )


def kept_still(demand: Demand) -> Refusal:
    """Records are kept for three years."""
    until = "处置完成后三年" if demand.records_until is None else shown(demand.records_until)
    return refusal(
        "action",
        f"记录须保存至{until}",
        f"records are kept for three years after the end (art. 29): {until}",
        "期满后再销毁",
        "destroy them after that",
    )


def not_the_means(named: str, demand: Demand) -> Refusal:
    """Delivery is by a means that was granted."""
    return refusal(
        "payload.means",
        f"“{named}”不是授权的共享方式",
        f"{named!r} is not a granted means",
        f"可用：{'、'.join(demand.means)}",
        f"one of {', '.join(demand.means)}",
    )


def not_the_next_rung(named: str, expected: str | None) -> Refusal:
    """The ladder is climbed rung by rung."""
    return refusal(
        "payload.rung",
        f"“{named}”不是争议处理的下一级",
        f"{named!r} is not the next rung of the ladder (art. 28)",
        f"下一级：{expected or '无'}",
        f"next: {expected or 'none, the government decided'}",
    )


def _of_scope(asked: Application, lookup: Lookup) -> Iterator[Refusal]:
    seen = set[str]()
    for place, each in enumerate(asked.scope):
        field = f"payload.scope[{place}]"
        entry = lookup.get(RESOURCE, each.resource)
        if each.resource in seen:
            yield refusal(
                f"{field}.resource", "同一资源列了两次", "the resource stands twice", "合并为一项", "state it once"
            )
        seen.add(each.resource)
        if entry is None or entry["state"] != "published":
            yield refusal(
                f"{field}.resource",
                f"目录中没有已发布的资源“{each.resource}”",
                f"no entry {each.resource!r} is published",
                "在目录中查找：onething catalog list resource",
                "look it up: onething catalog list resource",
            )
        else:
            yield from _of_entry(field, each, entry, asked)


def _of_entry(field: str, scope: ScopeOf, entry: Mapping[str, Any], asked: Application) -> Iterator[Refusal]:
    if entry["provider"] != asked.provider:
        yield refusal(
            f"{field}.resource",
            f"“{scope.resource}”由“{entry['provider']}”提供",
            f"{scope.resource!r} is provided by {entry['provider']!r}",
            "向其提供方另行申请",
            "apply to its provider in a demand of its own",
        )
    known = {each["field"] for each in entry["data_items"]}
    for name in scope.fields:
        if name not in known:
            yield refusal(
                f"{field}.fields",
                f"“{scope.resource}”没有信息项“{'（全部）' if name == EVERYTHING else name}”",
                f"{scope.resource!r} has no data item {name!r}; a scope names its fields",
                f"可用：{'、'.join(sorted(known)) or '（目录未列信息项）'}",
                f"one of {', '.join(sorted(known)) or '(the entry lists none)'}",
            )


def _of_subjects(asked: Application) -> Iterator[Refusal]:
    chosen = asked.subjects
    if chosen is None:
        return
    for place, subject in enumerate(chosen.listed):
        # The reason only: what was written may be a resident's number.
        if fault := check_subject(subject):
            yield refusal(
                f"payload.subjects.listed[{place}]",
                "主体标识无效",
                fault,
                "企业写 enterprise:<统一社会信用代码>，个人写 person:<标识>",
                "write enterprise:<USCC> or person:<token>",
            )
    if chosen.territory and chosen.kind != "enterprise":
        yield refusal(
            "payload.subjects.territory",
            "地域只能用于企业",
            "a division selects enterprises only: a person's token names none",
            "主体类别写 enterprise，或逐个列出",
            "give the kind enterprise, or list the subjects",
        )


def _in_force(basis: Mapping[str, Any], at: int) -> bool:
    day = shown(at)[:10]
    until = basis.get("in_force_until")
    return not basis.get("withdrawn") and basis["in_force_from"] <= day and (until is None or day <= until)
