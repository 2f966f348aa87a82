"""What departments send about refused records: how one is mended, or why it is put aside."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from onething.gateway.problems import Fault
from onething.gateway.verification_request import text_fault
from producers.refused.mending import Change

MOST_CHANGES: Final = 100


class ChangeBody(BaseModel):
    """One place of the record, and what is to stand there."""

    model_config = ConfigDict(extra="forbid", strict=True)

    path: str = Field(description="信息项路径 such as content.state or subject.id")
    value: Any = Field(default=None, description="更正后的值 any JSON value")
    removed: bool = Field(default=False, description="删去该项 the place is taken out")


class RetryBody(BaseModel):
    """The mended record: single changes, the whole record, or its text; exactly one of the three."""

    model_config = ConfigDict(extra="forbid", strict=True)

    mended_by: str = Field(default="", description="更正人, required")
    changes: list[ChangeBody] | None = Field(
        default=None, description="逐项更正 of what was refused; the rest is sent as it was, and need not be opened"
    )
    record: dict[str, Any] | None = Field(default=None, description="整条记录 as a draft")
    text: str | None = Field(default=None, description="整条记录的文本 as JSON")
    dry_run: bool = Field(default=False, description="只检查，不上报: say what is wrong, and keep nothing")


class DismissBody(BaseModel):
    """Why a record is put aside without being mended."""

    model_config = ConfigDict(extra="forbid", strict=True)

    dismissed_by: str = Field(default="", description="经办人, required")
    reason: str = Field(default="", description="理由, required")


def retry_faults(body: RetryBody) -> list[Fault]:
    """Everything that is wrong with a request to mend, before the record is looked at."""
    faults = [text_fault("mended_by", body.mended_by)]
    given = [each for each in (body.changes, body.record, body.text) if each is not None]
    if len(given) != 1:
        reason = "请给出 changes、record、text 之一 / exactly one of changes, record and text is due"
        faults.append(Fault("record", "one-of-three", reason))
    if body.changes is not None and len(body.changes) > MOST_CHANGES:
        faults.append(Fault("changes", "too-many", f"at most {MOST_CHANGES}"))
    return [each for each in faults if each is not None]


def dismiss_faults(body: DismissBody) -> list[Fault]:
    """Everything that is wrong with a request to put aside."""
    faults = (text_fault("dismissed_by", body.dismissed_by), text_fault("reason", body.reason))
    return [each for each in faults if each is not None]


def changes_of(body: RetryBody) -> tuple[Change, ...]:
    """The single changes that a request names."""
    return tuple(Change(each.path, each.value, each.removed) for each in body.changes or ())
