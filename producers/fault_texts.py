"""Every fault's words by its code. ``{}`` stands for what was expected, never for what was found."""

from typing import Final, NamedTuple


class FaultText(NamedTuple):
    """Reason and remedy in both languages."""

    reason_zh: str
    reason: str
    remedy_zh: str
    remedy: str


_FIELDS_ZH: Final = "字段见 docs/publishing.md 或数据资源的 Avro 模式"
_FIELDS: Final = "see docs/publishing.md or the Avro schema of the resource for its fields"

TEXTS: Final[dict[str, FaultText]] = {
    # the record as a whole
    "unreadable": FaultText(
        "无法读取：{}",
        "cannot be read: {}",
        "按 UTF-8 编码的 JSON（或带表头的 CSV）重新发送",
        "send it again as JSON (or CSV with a header) in UTF-8",
    ),
    "not-an-object": FaultText(
        "应为 JSON 对象",
        "is no JSON object",
        "每条记录一个对象，含 type、source、resource、subject 等",
        "send one object a record, with type, source, resource, subject and so on",
    ),
    "too-large": FaultText(
        "整条记录超过 {} 字节",
        "the whole record is larger than {} bytes",
        "缩短文本项，附件不在此发送",
        "shorten its texts; attachments are not sent this way",
    ),
    # fields
    "missing-field": FaultText("缺少必填项", "is missing and required", "补填后重发", "fill it in and send it again"),
    "unknown-field": FaultText(
        "无此信息项",
        "is not a field of this record",
        f"去掉或改正名称；{_FIELDS_ZH}",
        f"leave it out or correct its name; {_FIELDS}",
    ),
    "wrong-type": FaultText("类型应为{}", "is not {}", "按此类型填写", "write it as {}"),
    "empty-text": FaultText(
        "为空文本",
        "is an empty text",
        "填写内容；没有时填 null 或省略",
        "fill it in; write null or leave it out when there is none",
    ),
    "out-of-range": FaultText(
        "超出范围：{}", "is out of range: {}", "填写范围内的值", "write a value within the range"
    ),
    "not-controlled": FaultText("不是规定的值：{}", "is none of: {}", "使用规定的值", "use one of these values"),
    "bad-date": FaultText("不是有效日期", "is no valid date", "写作 2024-05-01 的形式", "write it as 2024-05-01"),
    "bad-time": FaultText(
        "不是带时区的时间",
        "is no time with its offset from UTC",
        "写作 2024-05-01T09:00:00+08:00，或自 1970 年起的微秒数",
        "write it as 2024-05-01T09:00:00+08:00, or as µs since 1970 (UTC)",
    ),
    "time-not-plausible": FaultText(
        "时间不可信：早于 1900 年或晚于明天",
        "lies before 1900 or more than a day ahead",
        "核对时间及其单位（微秒）",
        "check the time and its unit (µs)",
    ),
    "ends-before-it-begins": FaultText("早于起始日期 {}", "lies before {}", "核对起止日期", "check both dates"),
    "bad-territory": FaultText(
        "不是六位行政区划代码",
        "is no region code of six digits",
        "填写六位行政区划代码，例如 610112",
        "write the region code of six digits, for example 610112",
    ),
    "bad-identifier": FaultText(
        "标识无效：{}",
        "is no valid identifier: {}",
        "向数源核对后重发",
        "check it at its source and send it again",
    ),
    "control-character": FaultText("含控制字符", "holds a control character", "去掉控制字符", "take it out"),
    "not-unicode": FaultText(
        "不是有效的 Unicode 文本",
        "is no valid Unicode text",
        "按 UTF-8 重新导出",
        "export it again as UTF-8",
    ),
    "text-damaged": FaultText(
        "文本已损坏（含 U+FFFD，编码转换出错）",
        "is damaged: it holds U+FFFD, the mark of a wrong decoding",
        "按正确编码重新导出",
        "export it again with the right encoding",
    ),
    "personal-data-in-clear": FaultText(
        "非个人信息项中含公民身份号码",
        "holds a resident ID number, and is no personal field",
        "去掉号码；人员用 subject 或个人信息项表示",
        "take the number out; persons are named by subject or personal fields",
    ),
    "bad-record-id": FaultText(
        "应为 1 至 200 字节、不含控制字符的文本",
        "is no text of 1 to 200 bytes without control characters",
        "使用数源系统中该记录的稳定编号",
        "use the record's stable number in its source system",
    ),
    # what the record says of itself
    "unknown-event-type": FaultText(
        "不是可发布的事件类型",
        "is no event type that a source may publish",
        "使用 LicenceIssued、PenaltyImposed 等类型",
        "use one such as LicenceIssued or PenaltyImposed",
    ),
    "unknown-source": FaultText(
        "不是已登记的数源部门",
        "is no department that publishes here",
        "使用机构编码，见 onething topic list",
        "use its code; see onething topic list",
    ),
    "source-differs": FaultText(
        "与发布者不同：应为 {}",
        "is not the publisher: {}",
        "只发布本部门的记录",
        "publish only your own department's records",
    ),
    "unknown-resource": FaultText(
        "不在数据资源目录中",
        "is not in the catalogue of data resources",
        "使用目录中的编码 <部门>.<名称>",
        "use a code of the catalogue: <department>.<name>",
    ),
    "resource-of-another-department": FaultText(
        "属于其他部门",
        "belongs to another department",
        "只发布本部门的数据资源",
        "publish only your own department's resources",
    ),
    "type-not-of-resource": FaultText(
        "不是该数据资源的事件类型，应为：{}",
        "is no event type of this resource; it takes: {}",
        "改用该资源的事件类型",
        "use an event type of the resource",
    ),
    "subject-kind-not-of-resource": FaultText(
        "该数据资源的主体应为：{}",
        "is no kind of subject of this resource: {}",
        "核对主体或数据资源",
        "check the subject or the resource",
    ),
    "bad-subject": FaultText(
        "主体无效：{}",
        "is no valid subject: {}",
        '企业：{"kind":"enterprise","id":统一社会信用代码}；人员：{"kind":"person","id":公民身份号码} 或 token',
        'write {"kind":"enterprise","id":credit code} or {"kind":"person","id":resident ID} or with a token',
    ),
    "domain-differs": FaultText(
        "该数据资源的执法领域应为 {}",
        "is not the resource's domain: {}",
        "核对数据资源",
        "check the resource",
    ),
    "not-the-disputed-record": FaultText(
        "与所争议的数据资源不符",
        "does not fit the disputed resource",
        "resource 与 disputed_resource 应一致",
        "write the disputed resource in resource and here alike",
    ),
    # the doors
    "bad-cloudevent": FaultText(
        "CloudEvents 属性有误：{}",
        "is no good CloudEvents attribute: {}",
        "见 docs/publishing.md 的对应表",
        "see the mapping in docs/publishing.md",
    ),
    "wrong-cell-count": FaultText(
        "列数与表头不同：{}",
        "does not have the header's number of cells: {}",
        "核对分隔符与引号",
        "check separators and quotes",
    ),
}
