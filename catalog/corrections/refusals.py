"""Why a dispute is not taken or not ended: every fault at once, each with its field, reason and remedy."""

from collections.abc import Iterator
from typing import Final

from catalog.corrections.model import CorrectedBy, Correction, Disputed, source_of
from catalog.register.changes import CORRECTION, ORGANISATION, RESOURCE, Command, Lookup, Refusal
from topics.clear_text import holds_resident_id
from topics.identifiers import check_subject

ORGANISATION_FIELD: Final = "payload.organisation"


def refusal(field: str, reason: str, reason_en: str, remedy: str, remedy_en: str) -> Refusal:
    """A refusal in both languages."""
    return Refusal(field=field, reason=reason, reason_en=reason_en, remedy=remedy, remedy_en=remedy_en)


def of_dispute(value: Disputed, command: Command, lookup: Lookup) -> Iterator[Refusal]:
    """Faults of a dispute."""
    yield from _of_reason(command, "异议须说明理由", "a dispute gives its reason")
    if fault := check_subject(value.subject):
        # The fault only: what was written may be a resident's number.
        yield refusal(
            "payload.subject",
            "主体标识无效",
            fault,
            "企业写 enterprise:<统一社会信用代码>，个人写 person:<标识>",
            "write enterprise:<USCC> or person:<token>",
        )
    if lookup.get(RESOURCE, value.resource) is None:
        yield _unknown("resource", "资源", value.resource, "onething catalog list resource")
    if lookup.get(ORGANISATION, value.disputed_by) is None:
        yield _unknown("disputed_by", "机构", value.disputed_by, "onething catalog list organisation")
    if value.disputed_by == source_of(value.resource) and not value.by_subject:
        yield refusal(
            "payload.disputed_by",
            "数源部门不必对自己的数据提出异议",
            "a source does not dispute its own record",
            "直接发布更正后的记录",
            "publish the corrected record",
        )
    if not (value.grant or value.case):
        yield refusal(
            "payload.grant",
            "须写明读取所依据的授权或办件",
            "a dispute names the grant or the case under which the value was read",
            "填写 grant 或 case",
            "give grant or case",
        )
    yield from _disputed_already(value, lookup)


def of_end(correction: Correction, organisation: str, command: Command) -> Iterator[Refusal]:
    """Faults of an end by the source department."""
    yield from _ended_already(correction)
    if organisation != correction.provider:
        yield _not_theirs(organisation, correction.provider, "数源部门", "source department")
    yield from _of_reason(command, "结束校核须说明理由", "the end of a dispute gives its reason")


def of_correcting(correction: Correction, fact: CorrectedBy) -> Iterator[Refusal]:
    """Faults of a fact that is to correct the disputed one."""
    if fact.event_id == correction.value.event_id or fact.version <= correction.value.version:
        yield refusal(
            "payload.event_id",
            "更正须有数源部门新发布的记录",
            "a correction is a newer fact of the source, of a higher version than the disputed one",
            "先发布更正后的记录，再办结校核",
            "publish the corrected record first, then end the dispute",
        )


def of_withdrawal(correction: Correction, organisation: str, command: Command) -> Iterator[Refusal]:
    """Faults of a withdrawal by who disputed."""
    yield from _of_reason(command, "撤回异议须说明理由", "a withdrawal gives its reason")
    yield from _ended_already(correction)
    if organisation != correction.disputed_by:
        yield _not_theirs(organisation, correction.disputed_by, "提出异议的部门", "department that disputed it")


def disputed_already(correction: str) -> Refusal:
    """The id is taken."""
    return refusal(
        "entity_id",
        f"校核编号 {correction} 已使用",
        f"the correction {correction!r} is there already",
        "换用新的编号",
        "give an id of its own",
    )


def _disputed_already(value: Disputed, lookup: Lookup) -> Iterator[Refusal]:
    standing = lookup.find(
        CORRECTION, state="disputed", resource=value.resource, record_id=value.record_id, disputed_by=value.disputed_by
    )
    for each in standing:
        if each["subject"] == value.subject and each["value"].get("field") == value.field:
            yield refusal(
                "payload.record_id",
                f"本部门对该信息项的异议 {each['id']} 尚未办结",
                f"this department's dispute of it, {each['id']}, is open",
                "在其办结前不必再提",
                "wait for its end, or withdraw it",
            )


def _ended_already(correction: Correction) -> Iterator[Refusal]:
    if correction.state != "disputed":
        yield refusal(
            "action",
            f"校核已办结：{correction.state}",
            f"the dispute has ended: {correction.state}",
            "如仍有异议，请重新提出",
            "dispute the value anew",
        )


def _not_theirs(named: str, organisation: str, role: str, role_en: str) -> Refusal:
    return refusal(
        ORGANISATION_FIELD,
        f"此操作由{role}“{organisation}”办理，不是“{named}”",
        f"this is for the {role_en} {organisation!r} to do, not for {named!r}",
        "由该机构的人员办理",
        "let a person of that organisation do it",
    )


def _of_reason(command: Command, missing: str, missing_en: str) -> Iterator[Refusal]:
    """The reason goes out on the log, in a fact that every archive of the subject shows."""
    reason = command.reason or ""
    if not reason.strip():
        yield refusal("reason", missing, missing_en, "填写理由", "give the reason")
    if holds_resident_id(reason) or any(not each.isprintable() for each in reason):
        yield refusal(
            "reason",
            "理由中不得有公民身份号码或控制字符",
            "the reason holds a resident ID number, or a character that cannot be printed",
            "删去后重新提交",
            "leave it out and send the command again",
        )


def _unknown(field: str, kind: str, code: str, command: str) -> Refusal:
    return refusal(
        f"payload.{field}",
        f"没有登记的{kind}“{code}”",
        f"{code!r} is not registered",
        f"查找：{command}",
        f"look it up: {command}",
    )
