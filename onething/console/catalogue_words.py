"""What the catalogue's codes are called on pages."""

from typing import Final

from onething.console.elements import Tone
from onething.console.language import Words, t

UNSTATED: Final = Words("未载明", "unstated")

STATES: Final[dict[str, tuple[Words, Tone]]] = {
    "draft": (Words("草稿", "draft"), "quiet"),
    "submitted": (Words("待审核", "submitted"), "running"),
    "reviewed": (Words("待发布", "reviewed"), "running"),
    "published": (Words("已发布", "published"), "good"),
    "withdrawn": (Words("已撤销", "withdrawn"), "quiet"),
}
SHARING: Final[dict[str, Words]] = {
    "unconditional": Words("无条件共享", "unconditional"),
    "conditional": Words("有条件共享", "conditional"),
    "withheld": Words("不予共享", "withheld"),
}
ITEM_CLASSES: Final[dict[str, Words]] = {
    "ordinary": Words("一般", "ordinary"),
    "personal": Words("个人信息", "personal"),
    "sensitive-personal": Words("敏感个人信息", "sensitive personal"),
    "trade-secret": Words("商业秘密", "trade secret"),
    "state-restricted": Words("依法限制", "restricted by law"),
}
LEVELS: Final[dict[str, Words]] = {
    "city": Words("市级", "city"),
    "district": Words("区级", "district"),
    "vertical": Words("垂直管理", "vertical"),
    "province": Words("省级", "province"),
    "state": Words("国家级", "state"),
}
TYPES: Final[dict[str, Words]] = {
    "text": Words("字符型", "text"),
    "number": Words("数值型", "number"),
    "date": Words("日期型", "date"),
    "instant": Words("日期时间型", "instant"),
    "boolean": Words("布尔型", "boolean"),
    "choice": Words("代码", "choice"),
    "file": Words("文件", "file"),
}
ACTIONS: Final[dict[str, Words]] = {
    "declared": Words("随系统登记", "declared"),
    "drafted": Words("起草", "drafted"),
    "changed": Words("修改", "changed"),
    "submitted": Words("提交", "submitted"),
    "returned": Words("退回", "returned"),
    "reviewed": Words("审核通过", "reviewed"),
    "published": Words("发布", "published"),
    "updated": Words("更新", "updated"),
    "update-due": Words("应更新", "update due"),
    "withdrawn": Words("撤销", "withdrawn"),
}


def said(words: dict[str, Words], code: str | None) -> str:
    """A code in words; one that nobody states as such, one that is not known as itself."""
    if code in (None, "", "unstated"):
        return str(UNSTATED)
    return str(words.get(str(code), code))


def days(count: int | None) -> str:
    """An update cycle."""
    return str(UNSTATED) if count is None else t(f"{count} 天", f"{count} days")
