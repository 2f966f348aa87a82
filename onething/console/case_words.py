"""What states of cases, items and answers are called on pages, and how good or bad they are."""

from collections.abc import Mapping
from typing import Final

from onething.console.elements import Tone
from onething.console.language import Words

Word = tuple[Words, Tone]

CASE_STATES: Final[Mapping[str, Word]] = {
    "submitted": (Words("已提交待受理", "submitted"), "running"),
    "accepted": (Words("已受理", "accepted"), "running"),
    "running": (Words("核查中", "being checked"), "running"),
    "handling": (Words("办理中", "being handled"), "running"),
    "supplementing": (Words("待补正", "waits for supplements"), "warning"),
    "suspended": (Words("已中止", "suspended"), "warning"),
    "deciding": (Words("已办结待发证", "decided, to be delivered"), "running"),
    "delivered": (Words("已送达", "delivered"), "good"),
    "reported": (Words("已出报告", "reported"), "good"),
    "amended": (Words("报告已更新", "report amended"), "good"),
    "refused": (Words("不予许可", "refused"), "bad"),
    "withdrawn": (Words("已撤回", "withdrawn"), "quiet"),
}
ITEM_STATES: Final[Mapping[str, Word]] = {
    "waiting": (Words("等待前序事项", "waits for earlier items"), "quiet"),
    "open": (Words("待经办", "to be handled"), "running"),
    "handled": (Words("待审核", "to be reviewed"), "running"),
    "supplementing": (Words("待补正", "waits for supplements"), "warning"),
    "suspended": (Words("已中止", "suspended"), "warning"),
    "checking": (Words("核查中", "being checked"), "running"),
    "paying": (Words("待缴费", "to be paid"), "warning"),
    "approved": (Words("通过", "approved"), "good"),
    "refused": (Words("不予通过", "refused"), "bad"),
    "not-applicable": (Words("不涉及", "does not apply"), "quiet"),
    "stopped": (Words("终止", "stopped"), "quiet"),
}
ANSWERS: Final[Mapping[str, Word]] = {
    "clear": (Words("未发现记录", "no record found"), "good"),
    "found": (Words("发现记录", "records found"), "bad"),
    "disputed": (Words("存在争议", "disputed"), "warning"),
    "unavailable": (Words("无法核查", "cannot be checked"), "warning"),
    "timed-out": (Words("逾期未复", "no reply in time"), "warning"),
    "source-behind": (Words("数据未及时", "source behind"), "warning"),
    "no-such-subject": (Words("查无此主体", "no such subject"), "warning"),
    "asked": (Words("部门核查中", "the department is asked"), "running"),
    "open": (Words("核查中", "being checked"), "running"),
}
REPORT_STATES: Final[Mapping[str, Word]] = {
    "current": (Words("现行有效", "current"), "good"),
    "amended": (Words("已有补充报告", "amended since"), "warning"),
    "superseded": (Words("已被新报告取代", "superseded"), "bad"),
}
MEANS: Final[Mapping[str, Words]] = {
    "archive": Words("档案调用，无需提交", "from the archive"),
    "upload": Words("已上传", "uploaded"),
    "paper": Words("纸质", "on paper"),
    "promise": Words("告知承诺", "promised"),
    "later": Words("容缺，后补", "to follow"),
}
DELIVERY: Final[Mapping[str, Words]] = {
    "counter": Words("窗口领取", "at the counter"),
    "mail": Words("邮寄", "by mail"),
    "e-licence": Words("电子证照", "as an e-licence"),
}
SUBJECT_KINDS: Final[Mapping[str, Words]] = {
    "enterprise": Words("企业", "enterprise"),
    "person": Words("个人", "person"),
}
UNSTATED: Final = Words("来源未载明", "not stated by the source")


def word(words: Mapping[str, Word], state: str) -> Word:
    """What a state is called; one that nobody named yet is called by its code."""
    return words.get(state, (Words(state, state), "quiet"))


def line_state(line: Mapping[str, object]) -> str:
    """The answer of a verification's line; ``asked`` while a department has it before it, ``open`` before either.

    What the hub itself could not answer is asked of the department's people; their answer takes its place.
    """
    if is_asked(line):
        return "asked"
    answer = line.get("answer")
    return "open" if answer is None else str(answer)


def is_asked(line: Mapping[str, object]) -> bool:
    """Whether the people of a department have a verification's line before them."""
    parts = line.get("parts")
    return isinstance(parts, list) and any(
        part["task"] and part["task"]["status"] in ("open", "handled") for part in parts
    )
