"""What people read when a case does not take what they do: a title in Chinese first, and what to do about it."""

from collections.abc import Mapping
from typing import Final

from processors.domain.requests import Refusal

LOOK: Final = "see how the case stands: GET /v1/applications/<case id>"
_CORRECT: Final = "correct it and send it again"
_OWN: Final = "list the department's own: GET /v1/departments/<code>/assignments"

UNFIT: Final[Mapping[str, tuple[str, str, str]]] = {
    "unknown-decision": (
        "decision",
        "决定不在规定之列 / the decision is not one that a department may give",
        "use approve, refuse, supplement, suspend, resume, pass-on or return",
    ),
    "no-person": ("by", "未写明经办人 / nobody is named who did it", "name the person"),
    "no-reason": ("reason", "未写明理由 / a reason is due", "give the reason"),
    "no-answer": ("answer", "未写明答复 / an answer is due", "write the answer"),
    "nothing-missing": ("missing", "未写明需补正的材料 / what is missing is not named", "name every missing material"),
    "nothing-supplied": (
        "materials",
        "没有补交内容 / nothing is supplied",
        "name materials, each once, or form fields",
    ),
    "unknown-department": ("pass_on_to", "没有这个部门代码 / no department has this code", _CORRECT),
    "pass-on-to-self": ("pass_on_to", "已在该部门 / it is there already", "name another department"),
    "bad-means": ("means", "方式不在规定之列 / these means are not possible", _CORRECT),
    "bad-material": ("materials", "材料编号无效 / this names no material", _CORRECT),
    "material-repeated": ("materials", "材料重复 / a material stands more than once", "name each material once"),
    "no-commitment": (
        "materials",
        "该材料不可承诺或容缺 / this material may be neither promised nor left for later",
        "supply it",
    ),
    "bad-stars": ("stars", "星级为 1 至 5 / stars are 1 to 5", _CORRECT),
    "bad-fee": ("fee_fen", "费用无效 / this is no fee", "state the fee in fen, from 0"),
    "bad-time": ("at", "时间不合理 / the time cannot be meant", "see the clocks of this machine and of the gateway"),
    "bad-text": ("", "含有控制字符 / a text holds a control character", _CORRECT),
    "bad-evidence": ("evidence", "证据编号无效 / this is no event id", "32 lower-case hexadecimal characters each"),
    "bad-licence-identifier": ("results", "电子证照标识无效 / this is no licence identifier", _CORRECT),
    "too-long": ("", "内容过长 / a text is too long", "shorten it"),
    "too-many": ("", "数量过多 / a list is too long", "send fewer"),
    "personal-data-in-clear": (
        "",
        "文字中含公民身份号码 / a text holds a resident ID number",
        "leave the number out: persons are named by the case",
    ),
}
"""Refusals of words, each with the field that it is about ("": the refusal itself names it); all others are about how
the case stands."""

STANDING: Final[Mapping[str, tuple[str, str]]] = {
    "same-person": (
        "经办人不得审核自己的决定 / who handled a decision cannot review it",
        "let another person of the department review it",
    ),
    "nothing-to-review": ("没有待审核的决定 / no decision waits for review", "decide on the assignment first"),
    "awaits-review": ("有决定待审核 / a decision waits for review", "review it first: POST …/review"),
    "assignment-closed": ("该待办已办结 / the assignment is closed", LOOK),
    "assignment-suspended": ("该待办已中止 / the assignment is suspended", "resume it first: decision=resume"),
    "not-suspended": ("并未中止 / it is not suspended", LOOK),
    "already-suspended": ("办件已经中止 / the case is suspended already", LOOK),
    "case-ended": ("办件已办结 / the case has ended", LOOK),
    "case-suspended": ("办件已中止 / the case is suspended", "the lead resumes it: POST /v1/applications/<id>/resume"),
    "case-exists": ("办件编号已被使用 / this case id is another case's", "send it with another Idempotency-Key"),
    "not-your-assignment": ("该待办不属于本部门 / the assignment is another department's", _OWN),
    "not-your-commitment": ("该承诺不由本部门核查 / another department checks this promise", _OWN),
    "not-yours": ("由牵头部门或事项部门发证 / the lead, or the item's department, delivers", LOOK),
    "not-the-lead": ("仅牵头部门可以操作 / only the lead does this", "ask the lead, which the case names"),
    "no-such-assignment": ("没有这项待办 / there is no such assignment", _OWN),
    "no-such-commitment": ("没有这项承诺 / there is no such promise", LOOK),
    "no-such-payment": ("没有这项缴费 / there is no such payment", LOOK),
    "no-such-result": ("没有以此为结果的事项 / no item ends with this", LOOK),
    "other-kind": ("该待办须以自己的方式办理 / this assignment is answered in its own way", LOOK),
    "return-to-self": ("牵头部门无处可退 / the lead has nobody to return it to", "refuse it or pass it on"),
    "supplement-asked-before": (
        "补正只告知一次 / what is missing is told once",
        "decide with what is there, or suspend with a reason",
    ),
    "supplement-awaited": ("等待申请人补正 / a supplement is awaited", "wait for it, or refuse with a reason"),
    "not-asked-for": ("没有要求补交 / nobody waits for this", LOOK),
    "nothing-ready": ("没有可发放的结果 / nothing waits to be delivered", LOOK),
    "too-early": ("时间未到 / it is too early for this", LOOK),
    "already-checked": ("该承诺已核查 / the promise was checked already", LOOK),
    "not-ended": ("办结后方可评价 / a case is evaluated once it has ended", LOOK),
    "evaluated-before": ("已经评价 / the case was evaluated already", LOOK),
    "nothing-to-rectify": ("没有待整改的差评 / no bad evaluation waits for an answer", LOOK),
    "nothing-checked": ("该办件没有核查事项 / the case checks nothing", LOOK),
    "item-closed": ("该事项已办结 / the item is closed", LOOK),
    "wrong-amount": ("缴费金额不符 / another amount is due", "settle the difference with the payment office"),
    "withdrawn-result": ("已撤回的结果不能办结事项 / a withdrawn record closes no item", LOOK),
    "too-many-acts": (
        "操作次数过多 / too much was done in this case",
        "bring it to its end: approve, refuse or resume",
    ),
}

_OTHER: Final = ("办件未能受理该操作 / the case does not take this", LOOK)


def is_of_words(refusal: Refusal) -> bool:
    """Whether the words are wrong, not how the case stands."""
    return refusal.code in UNFIT


def title_and_remedy(refusal: Refusal) -> tuple[str, str]:
    """What happened, Chinese first, and what to do."""
    if refusal.code in UNFIT:
        return UNFIT[refusal.code][1:]
    return STANDING.get(refusal.code, _OTHER)


def field_of(refusal: Refusal) -> str:
    """The field that a refusal is about, ``body`` where it is about none."""
    if refusal.code not in UNFIT:
        return "reviewed_by" if refusal.code == "same-person" else "body"
    named = UNFIT[refusal.code][0]
    first = refusal.detail.partition(":")[0].partition(" ")[0]
    return named or (first if first.isidentifier() else "body")
