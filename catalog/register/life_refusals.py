"""Why a step of an entry's life is refused."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, Protocol

from catalog.name_likeness import normalised
from catalog.register.changes import Command, Refusal
from catalog.register.model import DataItem

STAGES: Final[Mapping[str, str]] = MappingProxyType(
    {"draft": "草稿", "submitted": "已提交", "reviewed": "已审核", "published": "已发布", "withdrawn": "已撤销"}
)


class Acts(Protocol):
    """Who says for which organisation they act."""

    @property
    def organisation(self) -> str:
        """Its code; ``""``: unstated."""
        ...


def not_allowed(command: Command, acting: Acts, organisations: tuple[str, ...]) -> Iterator[Refusal]:
    """Yield that only these organisations take this step, when another one does."""
    if acting.organisation not in organisations:
        known = "、".join(organisations)
        yield Refusal(
            field="payload.organisation",
            reason=f"“{acting.organisation or '未写明的机构'}”不能办理“{command.action}”，应由 {known} 办理",
            reason_en=f"{acting.organisation or 'nobody'!r} may not do this, but: {', '.join(organisations)}",
            remedy="由有权机构的人员办理，并写明机构",
            remedy_en="have somebody of that organisation do it, and name it",
        )


def not_at(command: Command, stage: str, *stages: str) -> Iterator[Refusal]:
    """Yield that the step is not due, unless the entry stands at one of these stages."""
    if stage not in stages:
        yield wrong_stage(command, stage, stages)


def wrong_stage(command: Command, stage: str, stages: tuple[str, ...]) -> Refusal:
    """The entry stands elsewhere in its life."""
    due = "、".join(STAGES[each] for each in stages)
    return Refusal(
        field="state",
        reason=f"条目{STAGES[stage]}，“{command.action}”要求：{due}",
        reason_en=f"the entry is {stage}; {command.action!r} takes one that is {' or '.join(stages)}",
        remedy="已提交、已审核的条目先退回再修改"
        if command.action == "changed"
        else "请按草稿、提交、审核、发布的次序办理",
        remedy_en="draft, submit, review and publish in this order; have it returned to change it",
    )


def same_person(command: Command, persons: Iterable[str | None]) -> Iterator[Refusal]:
    """Yield that another person must do this, when one of these does it."""
    if normalised(command.actor) in {normalised(each) for each in persons if each}:
        yield Refusal(
            field="actor",
            reason=f"“{command.actor}”编写或提交了该条目，不能审核或发布",
            reason_en=f"{command.actor!r} wrote or submitted the entry and cannot review or publish it",
            remedy="由另一人办理",
            remedy_en="have another person do it",
        )


def without_reason(command: Command) -> Iterator[Refusal]:
    """Yield that a reason is due, when there is none."""
    if not (command.reason or "").strip():
        yield Refusal(
            field="reason",
            reason="没有写明事由",
            reason_en="there is no reason",
            remedy="写明事由",
            remedy_en="state the reason",
        )


def unconfirmed(items: Iterable[DataItem]) -> Iterator[Refusal]:
    """Yield that somebody must look at what was guessed."""
    guessed = [item.name for item in items if item.guessed]
    if guessed:
        yield Refusal(
            field="payload.confirm_guesses",
            reason=f"{len(guessed)} 个信息项的类型和类别为推测，尚未确认：{'、'.join(guessed[:5])}",
            reason_en=f"type and class of {len(guessed)} data items are guesses that nobody confirmed",
            remedy="退回更正，或逐项核对后确认（confirm_guesses）",
            remedy_en="return the entry, or look at each and confirm them (confirm_guesses)",
        )


def there_already(command: Command) -> Refusal:
    """A draft for a code that is taken."""
    return Refusal(
        field="entity_id",
        reason=f"已有资源“{command.entity_id}”，内容不同",
        reason_en=f"there is an entry {command.entity_id!r} already, with other content",
        remedy="修改该条目（changed），或换用其他标识",
        remedy_en="change that entry (changed), or take another code",
    )


def not_stated(field: str) -> Refusal:
    """A field that follows from the entry's life."""
    return Refusal(
        field=f"payload.{field}",
        reason=f"“{field}”由办理过程产生，不能填写",
        reason_en=f"{field!r} follows from what is done with the entry",
        remedy="删去该字段",
        remedy_en="leave it out",
    )


def other_code(command: Command, code: str) -> Refusal:
    """The content speaks of another entry."""
    return Refusal(
        field="payload.code",
        reason=f"内容中的标识“{code}”与登记标识“{command.entity_id}”不一致",
        reason_en=f"the payload names {code!r}, the command {command.entity_id!r}",
        remedy="请使两处标识一致",
        remedy_en="name the same code in both places",
    )


def no_code(code: str) -> Refusal:
    """Not the form of a code."""
    return Refusal(
        field="payload.code",
        reason=f"资源标识“{code}”不是“部门.名称”的形式",
        reason_en=f"the code {code!r} is not of the form department.name",
        remedy="由部门代码、“.”和小写字母、数字、连字符组成的名称构成",
        remedy_en="write the department's code, a dot, and a name of lower-case letters, digits and hyphens",
    )


def no_organisation(provider: str) -> Refusal:
    """A provider that nobody registered."""
    return Refusal(
        field="payload.provider",
        reason=f"没有登记机构“{provider}”",
        reason_en=f"no organisation {provider!r} is registered",
        remedy="先登记机构，或更正代码",
        remedy_en="register the organisation first, or correct its code",
    )
