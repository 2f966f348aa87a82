"""The Chinese words of the item register: what officials call what the register writes as codes."""

from typing import Final

#: What the sources do not say and nobody has added.
UNSTATED_WORDS: Final = "来源未载明"

KIND_WORDS: Final = {
    "licensing": "行政许可",
    "confirmation": "行政确认",
    "benefit": "行政给付",
    "levy": "行政征收",
    "award": "行政奖励",
    "filing": "行政备案",
    "other-power": "其他行政权力",
    "public-service": "公共服务",
    "information-check": "信息核查",
    "coordination": "统筹",
    "unstated": UNSTATED_WORDS,
}
SUBJECT_WORDS: Final = {"enterprise": "企业", "person": "个人"}
MATERIAL_FORM_WORDS: Final = {"licence": "证照", "document": "文件", "statement": "申请书、承诺书"}
FIELD_TYPE_WORDS: Final = {
    "text": "文字",
    "number": "数字",
    "date": "日期",
    "choice": "选项",
    "boolean": "是／否",
    "uscc": "统一社会信用代码",
    "resident-id": "公民身份号码",
    "phone": "电话",
    "address": "地址",
}
PASSES_WORDS: Final = {
    "clear": "查无记录为通过",
    "found": "查有有效记录为通过",
    "any": "如实反馈，不作通过与否的判断",
}
MODE_WORDS: Final = {"archive": "由平台从档案答复，档案不能答复时转人工", "ask": "人工答复"}

FEN_PER_YUAN: Final = 100


def fee_words(fee_fen: int | None) -> str:
    """Write a fee in yuan."""
    if fee_fen is None:
        return UNSTATED_WORDS
    yuan, fen = divmod(fee_fen, FEN_PER_YUAN)
    return "不收费" if fee_fen == 0 else f"{yuan}元" if fen == 0 else f"{yuan}.{fen:02}元"


def days_words(days: int | None) -> str:
    """Write a time in working days."""
    if days is None:
        return UNSTATED_WORDS
    return f"{days}个工作日" if days else "即时办结"
