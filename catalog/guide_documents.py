"""Service guides (办事指南) and operating instructions (操作规程) of items as documents."""

from typing import Final

from catalog.documents import OURS_MARK, Document, Section, Table
from catalog.item_words import (
    FIELD_TYPE_WORDS,
    MATERIAL_FORM_WORDS,
    MODE_WORDS,
    PASSES_WORDS,
    UNSTATED_WORDS,
    days_words,
    fee_words,
)
from catalog.service_guide import GuideAnswerer, GuideCondition, GuideField, GuideMaterial, Named, ServiceGuide

CODE_NOTE: Final = "事项编码按 GB/T 39554.1 基本编码的形式暂编，以政务服务事项基本目录公布的编码为准。"
UNSTATED_NOTE: Final = f"“{UNSTATED_WORDS}”：来源文件没有写明，平台也没有补充。"
OURS_NOTE: Final = f"标“{OURS_MARK}”的内容由平台编制，不是来源文件所载。"
KIND_NOTE: Final = "事项类型由平台归类。"
NOTES: Final = (OURS_NOTE, UNSTATED_NOTE, KIND_NOTE + CODE_NOTE)


def guide_document(guide: ServiceGuide) -> Document:
    """Return the service guide that the public reads."""
    return Document(
        title=f"{guide.name}办事指南",
        subtitle=f"事项编码 {guide.code}　第 {guide.version} 版",
        sections=(
            Section("基本信息", tables=(_identity(guide),)),
            _texts(guide, "设定依据", guide.legal_basis),
            _texts(guide, "服务对象", None if guide.audience is None else tuple(each.name for each in guide.audience)),
            conditions_section("受理条件", guide.conditions),
            materials_section(guide.materials),
            fields_section(guide.fields),
            _times(guide),
            _fee(guide),
            _result(guide),
            _procedure(guide),
            *_uses(guide),
        ),
        notes=NOTES,
    )


def instruction_document(guide: ServiceGuide) -> Document:
    """Return the operating instruction that the staff of the organisations reads."""
    return Document(
        title=f"{guide.name}操作规程",
        subtitle=f"事项编码 {guide.code}　第 {guide.version} 版　供承办单位工作人员使用",
        sections=(
            Section("事项和承办单位", tables=(_identity(guide),)),
            *check_sections(guide),
            steps_section(guide),
            conditions_section("审查要点", guide.conditions),
            materials_section(guide.materials),
            fields_section(guide.fields),
            two_persons_section(guide),
            _clock(guide),
            *_what_may_be_said(guide),
            _fee(guide),
            _closing(guide),
        ),
        notes=NOTES,
    )


def names_words(named: tuple[Named, ...] | None) -> str:
    """Write several names in one line."""
    return UNSTATED_WORDS if named is None else "、".join(each.name for each in named)


def _identity(guide: ServiceGuide) -> Table:
    rows = [
        ("事项名称", guide.name),
        ("事项编码", guide.code),
        ("事项类型", guide.kind.name),
        ("实施机关", names_words(guide.organisations)),
    ]
    if guide.aliases:
        rows.append(("来源文件的其他写法", "、".join(guide.aliases)))
    if guide.main_item:
        rows.append(("所属主项", f"{guide.main_item.name}（{guide.main_item.code}）"))
    if guide.sub_items:
        rows.append(("子项", "、".join(f"{each.name}（{each.code}）" for each in guide.sub_items)))
    return Table(("要素", "内容"), tuple(rows))


def _texts(guide: ServiceGuide, heading: str, texts: tuple[str, ...] | None) -> Section:
    if texts is None:
        return Section(heading, (UNSTATED_WORDS,))
    return Section(heading, texts or ("无",), ours=guide.origin is not None)


def conditions_section(heading: str, conditions: tuple[GuideCondition, ...] | None) -> Section:
    """Return the conditions, and who judges each."""
    if conditions is None:
        return Section(heading, (UNSTATED_WORDS,))
    if not conditions:
        return Section(heading, ("无",), ours=True)
    rows = tuple((each.text, _judged(each)) for each in conditions)
    return Section(heading, tables=(Table(("条件", "由谁判断"), rows),), ours=True)


def _judged(condition: GuideCondition) -> str:
    if not condition.by_rule:
        return "工作人员审查"
    return f"平台自动核对：{names_words(condition.reads)}" if condition.reads else "平台按申请内容自动核对"


def materials_section(materials: tuple[GuideMaterial, ...] | None) -> Section:
    """Return the materials, and which of them nobody has to bring."""
    if materials is None:
        return Section("申请材料", (UNSTATED_WORDS,))
    if not materials:
        return Section("申请材料", ("无需提交材料",), ours=True)
    rows = tuple((each.name, MATERIAL_FORM_WORDS[each.form], brought_words(each)) for each in materials)
    return Section("申请材料", tables=(Table(("材料", "形式", "来源"), rows),), ours=True)


def brought_words(material: GuideMaterial) -> str:
    """Write whether a material has to be brought."""
    if material.supplied_by is None:
        return "申请人提供"
    return f"平台共享，免于提交（{material.supplied_by.name}）；查无有效记录时由申请人提供"


def fields_section(fields: tuple[GuideField, ...] | None) -> Section:
    """Return the fields of the form, and which of them are filled in already."""
    if fields is None:
        return Section("申请表填报内容", (UNSTATED_WORDS,))
    if not fields:
        return Section("申请表填报内容", ("无需填报",), ours=True)
    rows = tuple(
        (each.name, field_words(each), "必填" if each.required else "选填", filled_words(each)) for each in fields
    )
    return Section("申请表填报内容", tables=(Table(("内容", "类型", "要求", "来源"), rows),), ours=True)


def field_words(field: GuideField) -> str:
    """Write a field's type, with what may be chosen."""
    words = FIELD_TYPE_WORDS[field.type]
    return f"{words}：{'、'.join(field.choices)}" if field.choices else words


def filled_words(field: GuideField) -> str:
    """Write whether a field has to be filled in."""
    return "申请人填写" if field.filled_from is None else f"自动填入（{field.filled_from.name}）"


def _times(guide: ServiceGuide) -> Section:
    rows = (("法定办结时限", days_words(guide.legal_days)), ("承诺办结时限", days_words(guide.promised_days)))
    ours = guide.legal_days is not None or guide.promised_days is not None
    return Section("办理时限", tables=(Table(("时限", "内容"), rows),), ours=ours)


def _fee(guide: ServiceGuide) -> Section:
    basis = f"（{guide.fee_basis}）" if guide.fee_basis and guide.fee_fen else ""
    return Section("收费", (fee_words(guide.fee_fen) + basis,), ours=guide.fee_fen is not None)


def _result(guide: ServiceGuide) -> Section:
    if guide.result is None:
        return Section("办理结果", (UNSTATED_WORDS,))
    entered = f"，办结后自动归入档案（{guide.result.resource.name}）" if guide.result.resource else ""
    return Section("办理结果", (guide.result.name + entered,), ours=True)


def _procedure(guide: ServiceGuide) -> Section:
    if guide.kind.code in TOLD_WITHIN:
        return Section("办理流程", (TOLD_WITHIN[guide.kind.code],), ours=True)
    pays = ("缴费：按告知的金额网上缴费",) if guide.fee_fen else ()
    reviewed = "，经办人办理、审核人审核" if guide.handled_and_reviewed else ""
    lines = (
        "申请：网上或者窗口提交一张申请表、一套材料，同标准受理",
        "受理：出具一张收件凭证；缺材料的一次告知，补正期间停止计时",
        f"办理：{names_words(guide.organisations) if guide.organisations else '承办单位'}办理{reviewed}",
        *pays,
        f"办结：送达{guide.result.name if guide.result else '办理结果'}，可以评价",
    )
    return Section("办理流程", lines, numbered=True, ours=True)


#: Items that nobody applies for by themselves.
TOLD_WITHIN: Final = {
    "information-check": "申请人不必单独申请：所在“一件事”受理后，由平台和答复单位核查并反馈",
    "coordination": "申请人不必单独申请：由牵头部门受理、分派、汇总和送达",
}


def _uses(guide: ServiceGuide) -> tuple[Section, ...]:
    if not guide.uses:
        return ()
    rows = tuple((use.bundle_name, str(use.number), use.text) for use in guide.uses)
    return (Section("集成办理", tables=(Table(("一件事", "序号", "清单中的写法"), rows),)),)


def check_sections(guide: ServiceGuide) -> tuple[Section, ...]:
    """Return who answers what from where, for a check of information; nothing for another item."""
    if guide.check is None:
        return ()
    rows = tuple(_answerer_row(each) for each in guide.check.answerers)
    table = Table(("答复单位", "方式", "查询的数据资源", "规则"), rows)
    return (Section("核查内容", (PASSES_WORDS[guide.check.passes],), (table,), ours=True),)


def _answerer_row(answerer: GuideAnswerer) -> tuple[str, ...]:
    return (
        answerer.department.name,
        MODE_WORDS[answerer.mode],
        "、".join(each.name for each in answerer.reads) or "无",
        "；".join(each.name for each in answerer.rules) or "无",
    )


def steps_section(guide: ServiceGuide) -> Section:
    """Return the working steps."""
    if guide.working_steps is None:
        return Section("办理步骤", (UNSTATED_WORDS,))
    return Section("办理步骤", guide.working_steps or ("无",), numbered=bool(guide.working_steps), ours=True)


def two_persons_section(guide: ServiceGuide) -> Section:
    """Return whether an answer needs a second person."""
    told = {
        None: "按所在“一件事”的定义执行（经办–审核）",
        True: "经办人提出意见，另一名工作人员审核后生效；同一人不得既经办又审核",
        False: "经办人答复即生效",
    }
    return Section("经办和审核", (told[guide.handled_and_reviewed],), ours=guide.handled_and_reviewed is not None)


def _clock(guide: ServiceGuide) -> Section:
    lines = (
        f"法定办结时限：{days_words(guide.legal_days)}；承诺办结时限：{days_words(guide.promised_days)}",
        "自收件次日起按工作日计算；补正和中止期间停止计时",
        "到期前提醒，到期未办的转牵头部门督办",
    )
    return Section("时限和计时", lines, ours=True)


DECISIONS: Final = Table(
    ("决定", "何时使用", "须写明"),
    (
        ("通过", "符合条件、标准", "办理结果"),
        ("不予通过", "不符合条件、标准", "理由"),
        ("补正", "材料不齐全或者不符合法定形式；一次性告知，只告知一次", "缺少的全部材料"),
        ("中止", "需要等待其他程序的结果", "理由"),
        ("恢复", "中止的原因消除", "理由"),
        ("转办", "应由其他单位承办", "接办单位和理由"),
        ("退回", "派发有误，退回牵头部门重新派发", "理由"),
    ),
)
"""What a department may decide on an item."""


ANSWERS: Final = Table(
    ("答复", "含义"),
    (
        ("查有记录", "查到有关记录，逐条注明"),
        ("无违法违规记录", "数据完整，没有查到有关记录"),
        ("记录有异议", "有关记录正在校核，或者同一版本内容不一致"),
        ("数据未更新到位", "数据没有更新到答复所需的时间"),
        ("无此主体", "没有这个企业或者个人的登记"),
        ("无法核查", "不能作出以上任何一种答复；须写明原因"),
    ),
)
"""What a department may answer to a check."""


def _what_may_be_said(guide: ServiceGuide) -> tuple[Section, ...]:
    if guide.kind.code == "information-check":
        return (Section("可以作出的答复", tables=(ANSWERS,), ours=True),)
    return () if guide.kind.code == "coordination" else (decisions_section(),)


def decisions_section() -> Section:
    """Return what a department may decide."""
    return Section("可以作出的决定", tables=(DECISIONS,), ours=True)


def _closing(guide: ServiceGuide) -> Section:
    if guide.result is None:
        return Section("办结和归档", ("办理结果" + UNSTATED_WORDS,))
    if guide.result.resource is None:
        return Section("办结和归档", (f"登记办理结果：{guide.result.name}",), ours=True)
    told = (
        f"按原渠道发布{guide.result.name}（{guide.result.resource.name}）并写明办件编号，平台据此办结本事项并归入档案"
    )
    return Section("办结和归档", (told,), ours=True)
