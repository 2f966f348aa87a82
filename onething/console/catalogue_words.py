"""What the catalogue's codes are called on pages."""

from functools import cache
from typing import Final

from catalog.resources import load_resources
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


FIELDS: Final[dict[str, Words]] = {
    "name": Words("资源名称", "name"),
    "catalogue_code": Words("目录代码", "catalogue code"),
    "summary": Words("摘要", "summary"),
    "format": Words("资源格式", "format"),
    "data_items": Words("信息项", "data items"),
    "data_items.guessed": Words("信息项的推测", "guessed data items"),
    "update_cycle_days": Words("更新周期", "update cycle"),
    "sharing_class": Words("共享属性", "sharing class"),
    "sharing_means": Words("共享方式", "sharing means"),
    "conditions_of_use": Words("共享条件", "conditions of use"),
    "scope_of_use": Words("使用范围", "scope of use"),
    "legal_basis": Words("依据", "legal basis"),
    "withheld_reason": Words("不予共享理由", "why withheld"),
    "classification": Words("分类分级", "classification"),
    "theme": Words("主题", "theme"),
    "level": Words("层级", "level"),
    "provider": Words("提供部门", "provider"),
    "system": Words("所在系统", "system"),
    "topic": Words("Kafka 主题", "topic"),
    "schema_name": Words("记录结构", "record schema"),
    "record_type": Words("记录类型", "record type"),
}
_OWN_ACTORS: Final[dict[str, Words]] = {
    "declaration": Words("系统登记", "declared with the hub"),
    "clock": Words("系统（到期）", "the hub's clock"),
}


def field_name(field: str) -> str:
    """What an entry's field is called; one of a data item by its place."""
    return str(FIELDS.get(field) or FIELDS.get(field.partition("[")[0]) or field)


def actor_name(actor: str) -> str:
    """Who did it; what the hub does by itself is called so."""
    return str(_OWN_ACTORS.get(actor, actor))


@cache
def record_types() -> dict[str, Words]:
    """What kinds of records are called, as the catalogue's definitions have it."""
    return {code: Words(each.name, code) for code, each in load_resources().record_types.items()}


def said(words: dict[str, Words], code: str | None) -> str:
    """A code in words; one that nobody states as such, one that is not known as itself."""
    if code in (None, "", "unstated"):
        return str(UNSTATED)
    return str(words.get(str(code), code))


def days(count: int | None) -> str:
    """An update cycle."""
    return str(UNSTATED) if count is None else t(f"{count} 天", f"{count} days")
