"""What a data item's name tells of its class and type: a guess that awaits review, never a finding.

The words are ours; the classes follow 个人信息保护法 (art. 28 for what is sensitive) and Order 809.
"""

import re
from typing import Final

from catalog.register.model import DataItemType, ItemClass

_SENSITIVE: Final = re.compile(
    r"身份证|社会保障号|社会保障卡号|低保|病|诊断|医疗(?!保险(人数|缴费年月))|银行账号|银行帐号|生物|指纹|人脸"
    r"|未成年|(^|当事人|法人|法定代表人)证件号码|当事人身份证件"
)
_PERSONAL: Final = re.compile(
    r"姓名|法定代表人(?!证件类型|标志)|性别|出生|联系电话|移动电话|手机|固定电话|举报|电子邮箱|邮箱|通信地址|家庭住址"
    r"|照片|执法人员|工作单位|在职状态|人员(参保|征缴)|共同被执行人|毕业学校|最高学历|最高学位|所学专业|国籍|民族|个人编码|人员id|股东$|投资人|缴费基数|个人(应缴|划入)金额"
)
_SECRET: Final = re.compile(
    r"金额|税额|纳税总额|余额|资产|负债|利润|收入|所有者权益|销售额|投资额|(认缴|实缴)(出资)?额|应缴|划入|主债权数额"
    r"|用[气水]量|水量|抄见|股权比例|账号|帐号"
)
_IS_DISCLOSED: Final = re.compile(r"是否公示|^是否|方式|类型|日期|年月|标志$|注册资本")
"""Names that speak of a secret's neighbour, not of the secret itself."""

_DAY: Final = re.compile(r"日期|日$|截止|起始|有效期[自至止始]")
_TYPES: Final[tuple[tuple[re.Pattern[str], DataItemType], ...]] = (
    (re.compile(r"字符|string|sring|char|text|备注|文本|^C$|^M$", re.IGNORECASE), "text"),
    (re.compile(r"日期时间|timestamp|^T$|instant", re.IGNORECASE), "instant"),
    (re.compile(r"日期|^date$|^D$", re.IGNORECASE), "date"),
    (re.compile(r"逻辑|布尔|bool|^L$", re.IGNORECASE), "boolean"),
    (
        re.compile(r"数值|货币|整[数型]|浮点|双精度|int|float|double|decimal|number|^[NYIFB]$", re.IGNORECASE),
        "number",
    ),
    (re.compile(r"通用|文件|图片|blob|binary|file|^G$", re.IGNORECASE), "file"),
    (re.compile(r"choice|枚举|代码表", re.IGNORECASE), "choice"),
)


def guessed_class(name: str) -> ItemClass:
    """The class that a name suggests; ``ordinary`` where it suggests none."""
    if _SENSITIVE.search(name) and not name.endswith("类型"):
        return "sensitive-personal"
    if _PERSONAL.search(name):
        return "personal"
    if _SECRET.search(name) and not _IS_DISCLOSED.search(name):
        return "trade-secret"
    return "ordinary"


def guessed_type(written: str, name: str) -> DataItemType:
    """The type that a column type of a database or a form means; ``datetime`` is a day where the name says so."""
    if written.strip().lower() == "datetime":
        return "date" if _DAY.search(name) else "instant"
    return next((kind for pattern, kind in _TYPES if pattern.search(written.strip())), "unstated")
