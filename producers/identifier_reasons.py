"""The reasons of ``topics.identifiers`` in Chinese."""

import re
from typing import Final

_ZH: Final[tuple[tuple[str, str], ...]] = (
    (r"check character does not fit the (?:17 characters|parts) before it", "校验码不符"),
    (r"masked: .*", "已脱敏（含 *），需完整号码"),
    (r"(\d+) characters where (\d+) are due", r"长度为 \1，应为 \2"),
    (r"lower-case letter: .*", "含小写字母，应为大写"),
    (r"character (\d+) is one of I, O, S, V, Z, .*", r"第 \1 位为不使用的字母 I、O、S、V、Z"),
    (r"character (\d+) is neither a digit nor a capital letter", r"第 \1 位不是数字或大写字母"),
    (r"character 1 is no registration department .*", "第 1 位不是登记管理部门代码"),
    (r"characters 3 to 8 are no region code of six digits", "第 3 至 8 位不是六位行政区划代码"),
    (r"characters 1 and 2 are no province", "第 1、2 位不是省级代码"),
    (r"characters 7 to 14 are no date", "第 7 至 14 位不是日期"),
    (r"birth date lies in the future", "出生日期在将来"),
    (r"15 digits: .*", "15 位为第一代号码，需 18 位号码"),
    (r"character 18 is neither a digit nor X", "第 18 位不是数字或 X"),
    (r"a character among the first 17 is no digit", "前 17 位含非数字字符"),
    (r"does not begin with the root (\S+)", r"不以 \1 开头"),
    (r"(\d+) parts after the root .*", r"根之后有 \1 段，应为 5 段"),
    (r"type is no credit code .*", "证照类型不是 18 位代码加三位数字"),
    (r"credit code in the type is not valid", "证照类型中的统一社会信用代码无效"),
    (r"(issuer|serial) is not made of digits and capital letters", r"\1 段含数字和大写字母以外的字符"),
    (r"version is not three digits", "版本不是三位数字"),
    (r"check is not one digit or capital letter", "校验位不是一位数字或大写字母"),
    (r"subject is neither .*", "不是 enterprise:<统一社会信用代码> 或 person:<令牌>"),
    (r"person token is not 32 .*", "人员令牌不是 32 位小写十六进制字符"),
)


def in_chinese(reason: str) -> str:
    """The reason in Chinese; itself when it has no translation."""
    for pattern, chinese in _ZH:
        if found := re.fullmatch(pattern, reason):
            return found.expand(chinese)
    return reason
