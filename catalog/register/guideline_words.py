"""The guideline's own words for formats, means, classes, cycles and types, and what the register writes for them."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from catalog.register.model import UNSTATED, DataItemType, ItemClass, SharingClass

FORMATS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "数据库": (
            "数据库",
            "库表",
            "mysql",
            "oracle",
            "sqlserver",
            "sql server",
            "postgresql",
            "db2",
            "dm",
            "kingbase",
        ),
        "电子表格": ("电子表格", "xls", "xlsx", "et", "csv"),
        "电子文件": ("电子文件", "文档", "doc", "docx", "wps", "txt", "pdf", "html", "ofd", "ceb"),
        "图形图像": ("图形图像", "图片", "图像", "jpg", "jpeg", "png", "gif", "tif", "bmp", "psd", "shp"),
        "流媒体": ("流媒体", "音频", "视频", "mp3", "mp4", "avi", "rm", "mpg", "wma", "wmv"),
        "自描述格式": ("自描述", "json", "xml", "avro"),
    }
)
"""信息资源格式: the guideline's categories, and the words by which people name them."""

MEANS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "库表": ("库表", "数据库交换", "table"),
        "接口": ("接口", "服务", "api"),
        "文件": ("文件", "下载", "file"),
        "消息": ("消息", "主题订阅", "订阅", "topic", "stream"),
        "介质": ("介质", "拷盘", "邮件", "离线"),
    }
)
"""共享方式: exchange of tables, interface, file, message (ours: a topic of the hub), physical medium."""

CARRIED_BY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "库表": ("数据库", "电子表格"),
        "消息": ("数据库", "电子表格", "自描述格式"),
        "接口": ("数据库", "电子表格", "自描述格式", "电子文件", "图形图像"),
    }
)
"""Means → the formats that it can carry; means that are not named here carry all."""

SHARING_CLASSES: Final[Mapping[str, SharingClass]] = MappingProxyType(
    {"无条件共享": "unconditional", "有条件共享": "conditional", "不予共享": "withheld"}
)
ITEM_CLASSES: Final[Mapping[str, ItemClass]] = MappingProxyType(
    {
        "一般": "ordinary",
        "个人信息": "personal",
        "敏感个人信息": "sensitive-personal",
        "商业秘密": "trade-secret",
        "国家限制": "state-restricted",
    }
)
ITEM_TYPES: Final[Mapping[str, DataItemType]] = MappingProxyType(
    {
        "字符型": "text",
        "数值型": "number",
        "日期型": "date",
        "日期时间型": "instant",
        "逻辑型": "boolean",
        "代码型": "choice",
        "通用型": "file",
    }
)
CYCLES: Final[Mapping[str, int]] = MappingProxyType(
    {"每日": 1, "每周": 7, "每月": 30, "每季度": 90, "每半年": 180, "每年": 365}
)
"""更新周期 in days; a month counts 30, a quarter 90, half a year 180, as ours."""

_CYCLES_READ: Final[Mapping[str, int]] = MappingProxyType(
    {"实时": 1, "天": 1, "日": 1, "周": 7, "月": 30, "季": 90, "季度": 90, "半年": 180, "年": 365}
)
_DAYS: Final = re.compile(r"(?:每)?(\d+)(?:天|日|days?)?")


def format_of(written: str) -> str | None:
    """The guideline's category of a format; ``None``: its words name none."""
    return _named(written, FORMATS)


def means_of(written: str) -> str | None:
    """The guideline's word for a means of sharing; ``None``: the words name none."""
    return _named(written, MEANS)


def cycle_days(written: str) -> int | None:
    """The update cycle in days; ``None``: no number of days can be read from it.

    Raises:
        ValueError: the words are no cycle at all.
    """
    text = written.strip()
    if not text or text in (UNSTATED, "不定期", "未载明"):
        return None
    if match := _DAYS.fullmatch(text):
        if int(match[1]) > 0:
            return int(match[1])
    elif (days := CYCLES.get(text) or _CYCLES_READ.get(text.removeprefix("每").removesuffix("更新"))) is not None:
        return days
    raise ValueError(f"not a cycle: {text}")


def cycle_words(days: int | None) -> str:
    """The cycle as the guideline names it, else ``N天``; ``""``: unstated."""
    if days is None:
        return ""
    return next((word for word, length in CYCLES.items() if length == days), f"{days}天")


def _named(written: str, known: Mapping[str, tuple[str, ...]]) -> str | None:
    folded = written.strip().casefold()
    words = set(re.split(r"[\s/、,，;；:：.]+", folded))
    for name, synonyms in known.items():
        for synonym in synonyms:
            if synonym in words or (not synonym.isascii() and synonym in folded):
                return name
    return None
