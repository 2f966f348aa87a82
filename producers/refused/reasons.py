"""A refused record's reasons as people read them: the line on the log, taken apart, in Chinese, with a remedy."""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from producers.fault_texts import TEXTS

_PLACE: Final = re.compile(r"[A-Za-z_?][A-Za-z0-9_.?-]*")
_OF_THE_LOG: Final[Mapping[str, tuple[str, str]]] = {
    "unknown-schema": ("模式未登记", "先登记模式，再由数源系统重新发布"),
    "unknown-event": ("不是已知的事件类型", "使用已登记的事件类型"),
    "not-the-event": ("内容与事件类型不符", "按该事件类型的模式重新编码"),
    "undecodable": ("无法按模式解码", "按登记的模式重新编码"),
    "trailing-bytes": ("记录之后还有多余字节", "每条消息只放一条记录"),
    "cannot-upcast": ("旧版模式缺少无缺省值的信息项", "改用新版模式发布"),
    "int-out-of-range": ("数值超出 32 位范围", "核对数值"),
    "not-canonical": ("编码不规范", "用标准的 Avro 库编码"),
    "batch-in-doubt": ("批次无法可靠解码", "逐条重新发布"),
    "tombstone": ("空消息不是事实", "撤回请发布 …Withdrawn 事件"),
    "bad-header": ("消息头不是模式编号", "使用 Confluent 消息格式"),
    "not-a-fact": ("不是事实类的模式", "发布到与事件类型相符的主题"),
    "wrong-topic": ("不属于该主题", "发布到与事件类型相符的主题"),
    "wrong-source": ("数源与主题的部门不符", "只发布到本部门的主题"),
    "wrong-resource": ("数据资源不属于该数源", "使用本部门的数据资源"),
    "wrong-key": ("消息键不是记录的主体", "以主体为消息键"),
    "long-key": ("消息键过长，随正文一并留存", "以主体为消息键"),
    "key-mismatch": ("消息键不是办件编号", "以办件编号为消息键"),
    "bad-case-id": ("办件编号无效", "使用平台给出的办件编号"),
    "not-taken": ("办件不接受该事件", "核对事件类型与主题"),
}
"""What parts of the hub that read the log refuse messages for, by code: (reason, remedy)."""
_LOOK: Final = "核对原记录后由数源系统重新发布"


class Reason(msgspec.Struct, frozen=True):
    """One reason: its stable code, the place in the record (empty for all of it), and what to do."""

    code: str
    field: str
    reason: str
    remedy: str


def reason_of(line: str) -> Reason:
    """A line such as ``missing-field: content.state: 缺少必填项``, taken apart; any text becomes a reason."""
    code, parted, rest = line.partition(": ")
    if not parted:
        return Reason(line if _PLACE.fullmatch(line) else "refused", "", line, _LOOK)
    if code in TEXTS:
        field, text = _place_and_text(rest)
        return Reason(code, field, text, _remedy(code, text))
    if code in _OF_THE_LOG:
        reason, remedy = _OF_THE_LOG[code]
        return Reason(code, "", f"{reason}（{rest}）", remedy)
    return Reason(code, "", rest, _LOOK)


def code_of(line: str) -> str:
    """The stable code of a line."""
    return reason_of(line).code


def name_of(code: str) -> str:
    """What a code is called in lists and counts; the code itself where nobody named it."""
    if code in TEXTS:
        return TEXTS[code].reason_zh.partition("：{}")[0].replace("{}", "…")
    return _OF_THE_LOG.get(code, (code, ""))[0]


def _place_and_text(rest: str) -> tuple[str, str]:
    place, parted, text = rest.partition(": ")
    return (place, text) if parted and _PLACE.fullmatch(place) else ("", rest)


def _remedy(code: str, told: str) -> str:
    """What to do, with what the reason says is due put where the remedy repeats it."""
    text = TEXTS[code]
    if "{}" not in text.remedy_zh:
        return text.remedy_zh
    before, _, after = text.reason_zh.partition("{}")
    due = told.removeprefix(before).removesuffix(after) if after else told.removeprefix(before)
    return text.remedy_zh.replace("{}", due)
