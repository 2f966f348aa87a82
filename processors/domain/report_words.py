"""The words of a report, by language."""

from collections.abc import Mapping
from typing import Final, Literal

Lang = Literal["zh", "en"]

ANSWER_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "found": "发现记录",
        "disputed": "存在争议",
        "unavailable": "无法核查",
        "timed-out": "逾期未复",
        "source-behind": "数据未及时",
        "no-such-subject": "查无此主体",
        "clear": "未发现记录",
    },
    "en": {
        "found": "records found",
        "disputed": "disputed",
        "unavailable": "cannot be checked",
        "timed-out": "no reply in time",
        "source-behind": "source behind",
        "no-such-subject": "no such subject",
        "clear": "no record found",
    },
}
"""What each answer is called in front of people."""

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "number": "报告编号",
        "revision": "版次",
        "first": "第{number}版",
        "amendment": "第{number}版（补正）",
        "bundle": "依据事项",
        "subject": "被核查主体",
        "related": "（关联主体：控股股东或实际控制人）",
        "purpose": "用途",
        "requested_by": "申请单位",
        "requested_at": "申请时间",
        "look_back": "核查期限",
        "span": "{since} 至 {until}（追溯{years}年）",
        "territory": "核查地域",
        "anywhere": "不限",
        "region": "行政区划代码 {territory}",
        "lead": "牵头部门",
        "result": "核查结果",
        "reply": "答复情况",
        "handling": "办理情况",
        "department": "责任单位",
        "conclusion": "核查结论",
        "by_hub": "共享平台依据归集数据比对",
        "by_department": "责任单位答复",
        "answered": "{who}，{at}",
        "persons": "经办：{handled}",
        "reviewed": "　审核：{reviewed}",
        "evidence": "依据记录",
        "coverage": "数据截止",
        "complete": "{resource} 数据完整截至 {until}",
        "reconciled": "，已核对 {count} 条",
        "never": "{resource} 尚无数据截止说明",
        "note": "说明",
        "awaits": "责任单位尚未答复，答复后另行补正",
        "lead_line": "受理 {received}，送达 {delivered}",
        "summary": "结论汇总",
        "count": "{answer} {count} 项",
        "changes": "本版变更",
        "change": "{text}（{department}，{subject}）：{before} → {after}",
        "nothing": "未答复",
        "earlier": "以前各版",
        "earlier_line": "第{number}版，{issued}，{status}，校验码 {code}",
        "current": "有效",
        "amended": "已补正",
        "superseded": "已被取代",
        "terms": "说明",
        "late": "因系统中断，本报告晚于办结时限（{deadline}）出具。",
        "issued_at": "出具时间",
        "code": "校验码",
    },
    "en": {
        "number": "Report number",
        "revision": "Version",
        "first": "{number}",
        "amendment": "{number} (amendment)",
        "bundle": "Item",
        "subject": "Subject",
        "related": " (related: controlling shareholder or actual controller)",
        "purpose": "Purpose",
        "requested_by": "Requested by",
        "requested_at": "Requested at",
        "look_back": "Look-back",
        "span": "{since} to {until} ({years} years)",
        "territory": "Territory",
        "anywhere": "anywhere",
        "region": "region code {territory}",
        "lead": "Lead department",
        "result": "Results",
        "reply": "Answered by",
        "handling": "Handling",
        "department": "Department",
        "conclusion": "Answer",
        "by_hub": "the hub, from its archive",
        "by_department": "the department",
        "answered": "{who}, {at}",
        "persons": "handled by {handled}",
        "reviewed": ", reviewed by {reviewed}",
        "evidence": "Evidence",
        "coverage": "Coverage",
        "complete": "{resource} is complete until {until}",
        "reconciled": ", {count} records reconciled",
        "never": "{resource} never stated its coverage",
        "note": "Note",
        "awaits": "the department has not replied yet; its reply will amend this report",
        "lead_line": "received {received}, delivered {delivered}",
        "summary": "Summary",
        "count": "{answer}: {count}",
        "changes": "Changed in this version",
        "change": "{text} ({department}, {subject}): {before} → {after}",
        "nothing": "unanswered",
        "earlier": "Earlier versions",
        "earlier_line": "version {number}, {issued}, {status}, verification code {code}",
        "current": "in force",
        "amended": "amended",
        "superseded": "superseded",
        "terms": "Terms",
        "late": "An outage delayed this report beyond its deadline ({deadline}).",
        "issued_at": "Issued at",
        "code": "Verification code",
    },
}
"""Everything else on the page."""

TERMS: Final[Mapping[str, tuple[str, ...]]] = {
    "zh": (
        (
            "“未发现记录”是对数据覆盖情况的说明：在所列数据来源、数据截止时间、核查期限和核查地域之内未发现有关记录，"
            "不构成对上述范围以外情况的证明。"
        ),
        (
            "同一事项由多个单位核查或涉及多个主体的，结论取其中最强者，次序为：发现记录、存在争议、无法核查、逾期未复、"
            "数据未及时、查无此主体、未发现记录；各单位结论均如实列出。"
        ),
        "时限届满仍未答复的，据实列明；此后答复或者数据变化的，另行出具补正版并注明变更。",
        "校验码为本报告规范 JSON 文本（不含校验码本身）的 SHA-256 值，可据以核对真伪。",
    ),
    "en": (
        (
            "“No record found” is a statement about coverage: no record within the sources, coverage times, look-back "
            "and territory named here. It proves nothing beyond them."
        ),
        (
            "A line with several parts says what its strongest part says: records found, disputed, cannot be checked, "
            "no reply in time, source behind, no such subject, no record found. All parts are shown."
        ),
        "What was not answered by the deadline is named as such; later answers and changed data amend the report.",
        "The verification code is the SHA-256 of the report's canonical JSON without the code itself.",
    ),
}
"""What applies to every report, at its end."""
