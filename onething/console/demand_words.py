"""What becomes of a demand, in words, and what a party of it may do next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from catalog.duties.ladder import RUNG_NAMES
from onething.console.elements import Tone
from onething.console.language import Words

Party = Literal["provider", "requester"]

STATES: Final[Mapping[str, tuple[Words, Tone]]] = {
    "applied": (Words("已申请，待受理", "applied"), "running"),
    "completing": (Words("待补正", "to be completed"), "warning"),
    "accepted": (Words("已受理，待决定", "accepted"), "running"),
    "decided": (Words("已决定，待审核", "decided, to be reviewed"), "warning"),
    "granted": (Words("已授权，待提供", "granted, to be delivered"), "running"),
    "delivered": (Words("已提供", "delivered"), "good"),
    "disposal-due": (Words("待处置", "disposal due"), "warning"),
    "disposed": (Words("已处置", "disposed"), "quiet"),
    "refused": (Words("不予共享", "refused"), "bad"),
    "withdrawn": (Words("已撤回", "withdrawn"), "quiet"),
}
SHARING: Final[Mapping[str, Words]] = {
    "unconditional": Words("无条件共享", "unconditional"),
    "conditional": Words("有条件共享", "conditional"),
    "withheld": Words("不予共享", "withheld"),
}
MEANS: Final[Mapping[str, Words]] = {
    "interface": Words("接口", "interface"),
    "file": Words("文件", "file"),
    "database": Words("库表", "database"),
}
ACTIONS: Final[Mapping[str, Words]] = {
    "applied": Words("申请", "applied"),
    "completion-asked": Words("一次告知补正", "completion asked"),
    "completed": Words("补正", "completed"),
    "accepted": Words("受理", "accepted"),
    "extension-consented": Words("延长答复期限", "extended"),
    "decided": Words("经办决定", "decided"),
    "granted": Words("审核同意，授权", "granted"),
    "refused": Words("审核同意，不予共享", "refused"),
    "returned": Words("审核退回", "returned"),
    "delivered": Words("提供数据", "delivered"),
    "used": Words("登记使用", "used"),
    "disposed": Words("处置（销毁）", "disposed"),
    "disposal-due": Words("授权到期，待处置", "disposal due"),
    "withdrawn": Words("撤回", "withdrawn"),
    "escalated": Words("争议提请上级协调", "escalated"),
    "settled": Words("争议了结", "settled"),
    "records-destroyed": Words("销毁记录", "records destroyed"),
}


@dataclass(frozen=True)
class Field:
    """A field that an act asks for; ``kind``: text, long, lines (one entry a line), number, or option."""

    name: str
    label: Words
    kind: Literal["text", "long", "lines", "number", "option"] = "text"
    options: Mapping[str, Words] | None = None
    value: str = ""

    def said(self, words: str) -> Any:
        """What was written, as the hub takes it."""
        if self.kind == "lines":
            return [line.strip() for line in words.splitlines() if line.strip()]
        if self.kind == "number":
            return int(words) if words.strip().isdigit() else words
        return words.strip()


@dataclass(frozen=True)
class Move:
    """Something that a party may do with a demand in some states; ``reason`` says whether it gives one."""

    action: str
    party: Party
    states: tuple[str, ...]
    words: Words
    fields: tuple[Field, ...] = ()
    reason: bool = False
    danger: bool = False


_OUTCOMES: Final = {"grant": Words("同意共享", "grant"), "refuse": Words("不予共享", "refuse")}
_RUNGS: Final = {code: Words(name, code) for code, name in RUNG_NAMES.items()}
_EVIDENCE: Final = Field("evidence", Words("佐证（每行一项）", "evidence, one a line"), "lines")

MOVES: Final[tuple[Move, ...]] = (
    Move("accepted", "provider", ("applied",), Words("受理", "Accept")),
    Move(
        "completion-asked",
        "provider",
        ("applied",),
        Words("一次告知补正", "Ask to complete, once"),
        (Field("missing", Words("需补正的内容（每行一项，只告知一次）", "what is missing, one a line"), "lines"),),
    ),
    Move(
        "decided",
        "provider",
        ("applied", "accepted"),
        Words("提出答复意见", "Decide"),
        (
            Field("outcome", Words("答复", "reply"), "option", _OUTCOMES, "grant"),
            Field("withheld_basis", Words("不予共享的依据（登记的依据编号）", "registered legal basis")),
        ),
        reason=True,
    ),
    Move(
        "extension-consented",
        "provider",
        ("applied", "accepted", "decided"),
        Words("延长答复期限", "Extend"),
        (
            Field("days", Words("延长天数", "days"), "number"),
            Field("evidence", Words("数据主管部门同意的佐证（每行一项）", "what shows the consent"), "lines"),
            Field("told", Words("告知需求方的佐证（每行一项）", "how the requester was told"), "lines"),
        ),
    ),
    Move(
        "delivered",
        "provider",
        ("granted",),
        Words("登记提供", "Deliver"),
        (
            Field("means", Words("方式", "means"), "option", MEANS, "interface"),
            Field("reference", Words("接口地址、文件或库表名", "where it is found")),
        ),
    ),
    Move(
        "used",
        "requester",
        ("granted", "delivered"),
        Words("登记使用", "Record a use"),
        tuple(
            Field(name, words, "long")
            for name, words in (
                ("scenario", Words("使用场景", "scenario")),
                ("process", Words("使用过程", "process")),
                ("effect", Words("应用成效", "effect")),
                ("storage", Words("存储情况", "storage")),
            )
        ),
    ),
    Move(
        "disposed",
        "requester",
        ("granted", "delivered", "disposal-due"),
        Words("处置（销毁）", "Dispose"),
        (Field("method", Words("处置方式", "method")), _EVIDENCE),
        danger=True,
    ),
    Move(
        "withdrawn",
        "requester",
        ("applied", "completing", "accepted", "decided"),
        Words("撤回申请", "Withdraw"),
        reason=True,
        danger=True,
    ),
    Move(
        "escalated",
        "requester",
        ("refused",),
        Words("提请上级协调", "Escalate"),
        (Field("rung", Words("提请的层级", "rung"), "option", _RUNGS, next(iter(_RUNGS))), _EVIDENCE),
    ),
)
"""What the register's rule takes, by party and state; the review is drawn apart, as it follows the decision."""


def moves_of(state: str, parties: set[Party]) -> list[Move]:
    """What these parties may do with a demand in a state."""
    return [move for move in MOVES if move.party in parties and state in move.states]
