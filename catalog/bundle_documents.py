"""Guides (集成办事指南) and working instructions (集成办理工作指引) of whole bundles as documents."""

from collections.abc import Sequence
from typing import Final

from catalog.bundle_guide import Asked, BundleGuide, BundleGuideItem, GuidedCommitment, Total
from catalog.documents import Document, Section, Table
from catalog.guide_documents import NOTES, brought_words, decisions_section, field_words, filled_words, names_words
from catalog.item_words import MATERIAL_FORM_WORDS, SUBJECT_WORDS, UNSTATED_WORDS, days_words, fee_words

ITEM_KIND_WORDS: Final = {
    "intake-and-delivery": "统筹",
    "check": "核查",
    "handling": "办理",
    "joint": "联合办理",
    "payment": "缴费",
}
MEANS_WORDS: Final = {"counter": "窗口领取", "mail": "邮寄", "e-licence": "电子证照"}
_BASELINE: Final = (
    ("steps", "环节", "个"),
    ("days", "时间", "个工作日"),
    ("materials", "材料", "份"),
    ("trips", "跑动", "次"),
)


def bundle_guide_document(guide: BundleGuide) -> Document:
    """Return the guide that the public reads."""
    return Document(
        title=f"{guide.name}集成办事指南",
        subtitle=f"{guide.document}　{_place(guide)}　第 {guide.version} 版",
        sections=(
            Section("基本信息", tables=(_identity(guide),)),
            Section("包含的事项", _open(guide), (_items(guide),)),
            *_situations(guide),
            _materials(guide),
            _fields(guide),
            *_commitments(guide),
            _times(guide),
            _fee(guide),
            _results(guide),
            _delivery(guide),
            _procedure(guide),
            *_baseline(guide),
        ),
        notes=NOTES,
    )


def bundle_instruction_document(guide: BundleGuide) -> Document:
    """Return the working instruction that the lead and the departments read."""
    return Document(
        title=f"{guide.name}集成办理工作指引",
        subtitle=f"{guide.document}　{_place(guide)}　第 {guide.version} 版　供牵头部门和责任单位使用",
        sections=(
            Section("基本信息", tables=(_identity(guide),)),
            Section("分工", _open(guide), (_division(guide),)),
            _order(guide),
            *_situations(guide),
            _lead_duties(guide),
            _clocks(guide),
            decisions_section(),
            *_commitments(guide),
            _delivery(guide),
            *_baseline(guide),
        ),
        notes=NOTES,
    )


def _place(guide: BundleGuide) -> str:
    return f"第{guide.number}项" if guide.annex is None else f"附件{guide.annex}第{guide.number}项"


def _identity(guide: BundleGuide) -> Table:
    acting = "" if guide.leads else f"（暂由{guide.acting_lead.name}牵头）"
    rows = [
        ("名称", guide.name),
        ("来源", f"{guide.document} {_place(guide)}"),
        ("阶段", guide.stage or UNSTATED_WORDS),
        ("服务对象", SUBJECT_WORDS[guide.subject]),
        ("牵头部门", names_words(guide.leads) + acting),
    ]
    if guide.participants:
        rows.append(("参与单位", "、".join(guide.participants)))
    return Table(("要素", "内容"), tuple(rows))


def _open(guide: BundleGuide) -> tuple[str, ...]:
    return ("来源文件的事项以“等”结尾，没有列尽。",) if guide.open_items else ()


def _departments(item: BundleGuideItem) -> str:
    if item.departments is None:
        return f"{UNSTATED_WORDS}（暂由{names_words(item.routed_to)}办理）"
    return names_words(item.departments) + ("等" if item.open_list else "")


def _applies(item: BundleGuideItem) -> str:
    told = (f"{each.question}选“{'”或“'.join(each.choices)}”时" for each in item.applies_when)
    return "；".join(told) or "都要办理"


def _items(guide: BundleGuide) -> Table:
    headings = ("序号", "事项", "方式※", "责任单位", "何时办理※", "承诺时限※", "办理结果※")
    return Table(headings, tuple(_item_row(item) for item in guide.items))


def _item_row(item: BundleGuideItem) -> tuple[str, ...]:
    result = item.register.result
    return (
        str(item.number),
        item.text,
        ITEM_KIND_WORDS[item.kind],
        _departments(item),
        _applies(item),
        days_words(item.register.promised_days),
        UNSTATED_WORDS if result is None else result.name,
    )


def _situations(guide: BundleGuide) -> tuple[Section, ...]:
    if not guide.situations:
        return ()
    rows = tuple(
        (situation.question, choice.text, numbers_words(choice.items) or "不增加事项")
        for situation in guide.situations
        for choice in situation.choices
    )
    return (Section("情形引导", tables=(Table(("问题", "选择", "相应办理的事项"), rows),), ours=True),)


def numbers_words(numbers: Sequence[int]) -> str:
    """Write the numbers of items."""
    return f"第{'、'.join(map(str, numbers))}项" if numbers else ""


def _materials(guide: BundleGuide) -> Section:
    rows = tuple(_material_row(each) for each in guide.materials)
    table = Table(("材料", "形式", "来源", "用于事项"), rows)
    lines = _unstated_lines(guide.materials_unstated)
    return Section("申请材料（一套）", lines, (table,) if rows else (), ours=bool(rows))


def _material_row(asked: Asked) -> tuple[str, ...]:
    assert asked.material is not None  # noqa: S101  a material was asked for
    material = asked.material
    return (material.name, MATERIAL_FORM_WORDS[material.form], brought_words(material), numbers_words(asked.items))


def _unstated_lines(unstated: Sequence[int]) -> tuple[str, ...]:
    return (f"{numbers_words(unstated)}：{UNSTATED_WORDS}",) if unstated else ()


def _fields(guide: BundleGuide) -> Section:
    rows = tuple(_field_row(each) for each in guide.fields)
    table = Table(("内容", "类型", "要求", "来源", "用于事项"), rows)
    lines = _unstated_lines(guide.fields_unstated)
    return Section("申请表填报内容（一张表）", lines, (table,) if rows else (), ours=bool(rows))


def _field_row(asked: Asked) -> tuple[str, ...]:
    assert asked.field is not None  # noqa: S101  a field was asked for
    field = asked.field
    required = "必填" if field.required else "选填"
    return (field.name, field_words(field), required, filled_words(field), numbers_words(asked.items))


def _commitments(guide: BundleGuide) -> tuple[Section, ...]:
    if not guide.commitments:
        return ()
    rows = tuple(_commitment_row(each) for each in guide.commitments)
    table = Table(("材料", "方式", "承诺内容", "期限和核查", "违反承诺的责任"), rows)
    return (Section("告知承诺和容缺受理", tables=(table,), ours=True),)


def _commitment_row(each: GuidedCommitment) -> tuple[str, ...]:
    way = "告知承诺" if each.kind == "promise" else "容缺后补"
    due = "" if each.days is None else f"{each.days}个工作日内{'履行' if each.kind == 'promise' else '补交'}"
    check = "" if each.after_check_days is None else f"决定后{each.after_check_days}个工作日内事后核查"
    restricted = "须符合适用条件，且" if each.restricted else ""
    return (
        each.material.name,
        f"{way}（{restricted}没有未修复的违反承诺记录）",
        each.text,
        "；".join(filter(None, (due, check))) or UNSTATED_WORDS,
        each.liability,
    )


def _times(guide: BundleGuide) -> Section:
    rows = (("法定办结时限", total_days(guide.legal_days)), ("承诺办结时限", total_days(guide.promised_days)))
    told = ("各事项并联办理，合计时限按最长的一条办理顺序计算；全部事项都办理时：",)
    return Section("办理时限", told, (Table(("时限", "合计"), rows),), ours=True)


def total_days(total: Total) -> str:
    """Write days of the whole, with the items that state none."""
    return _partly(days_words(total.value), total)


def _partly(words: str, total: Total) -> str:
    if total.value is None or not total.unstated:
        return words
    return f"已载明的{words}；{numbers_words(total.unstated)}{UNSTATED_WORDS}"


def _fee(guide: BundleGuide) -> Section:
    return Section("收费", (_partly(fee_words(guide.fee_fen.value), guide.fee_fen),), ours=True)


def _results(guide: BundleGuide) -> Section:
    rows = tuple(
        (str(item.number), item.register.result.name, "是" if item.register.result.resource else "否")
        for item in guide.items
        if item.register.result is not None
    )
    if not rows:
        return Section("办理结果", (UNSTATED_WORDS,))
    return Section("办理结果", tables=(Table(("事项序号", "结果", "自动归入档案"), rows),), ours=True)


def _delivery(guide: BundleGuide) -> Section:
    together = "全部办结后一次送达" if guide.delivery.together else "办结一项送达一项"
    means = "、".join(MEANS_WORDS[each] for each in guide.delivery.means)
    return Section("结果送达（一窗发证）", (f"{together}；申请人可以选择：{means}",), ours=True)


def _procedure(guide: BundleGuide) -> Section:
    lines = (
        "选择情形：回答引导问题，确定要办的事项，一次告知所需材料",
        "申请：网上或者综合窗口提交一张申请表、一套材料，能共享的自动填入",
        f"受理：{guide.acting_lead.name}统一受理，出具一张收件凭证",
        "并联办理：事项同时派发各责任单位，有先后顺序的依次派发",
        "送达：按申请人选择的方式送达结果，可以评价",
    )
    return Section("办理流程", lines, numbered=True, ours=True)


def _baseline(guide: BundleGuide) -> tuple[Section, ...]:
    if guide.baseline is None:
        return ()
    baseline = guide.baseline
    rows = tuple((words, _stated(getattr(baseline, name), unit)) for name, words, unit in _BASELINE)
    lines = (baseline.note,) if baseline.note else ()
    return (Section("改革前（四减的基数）", lines, (Table(("要素", "分别办理时"), rows),), ours=True),)


def _stated(number: int | None, unit: str) -> str:
    return UNSTATED_WORDS if number is None else f"{number}{unit}"


def _division(guide: BundleGuide) -> Table:
    rows = tuple(
        (str(item.number), item.text, ITEM_KIND_WORDS[item.kind], _departments(item), _two_persons(item))
        for item in guide.items
    )
    return Table(("序号", "事项", "方式※", "责任单位", "经办和审核※"), rows)


def _two_persons(item: BundleGuideItem) -> str:
    if item.kind == "intake-and-delivery":
        return "牵头部门统筹"
    return "两人" if item.handled_and_reviewed else "一人"


def _order(guide: BundleGuide) -> Section:
    waiting = [item for item in guide.items if item.after]
    if not waiting:
        return Section("办理次序", ("全部事项同时派发，并联办理",))
    lines = tuple(f"{numbers_words([item.number])}在{numbers_words(item.after)}通过后派发" for item in waiting)
    return Section("办理次序", (*lines, "其余事项受理后同时派发，并联办理"), ours=True)


def _lead_duties(guide: BundleGuide) -> Section:
    lines = (
        f"牵头部门（{guide.acting_lead.name}）统一受理、派发、汇总和送达，可以查看办件全貌；责任单位只看本单位的事项",
        "补正由平台合并后一次性告知申请人，期间停止计时",
        "到期前提醒责任单位，到期未办的报牵头部门督办",
        "每项审批决定同步推送监管",
        "差评由牵头部门核实整改并答复申请人",
    )
    return Section("牵头部门职责", lines, numbered=True, ours=True)


def _clocks(guide: BundleGuide) -> Section:
    rows = tuple(
        (str(item.number), days_words(item.register.legal_days), days_words(item.register.promised_days))
        for item in guide.items
    )
    total = ("合计", total_days(guide.legal_days), total_days(guide.promised_days))
    return Section("时限和计时", tables=(Table(("事项序号", "法定", "承诺"), (*rows, total)),), ours=True)
