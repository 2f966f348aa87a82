"""收件凭证: what an applicant is given for an application, on a screen and at a counter alike."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from catalog.form_fields import Material
from catalog.working_days import load_calendar
from onething.gateway.case_view import iso
from onething.gateway.handling_rows import StoredHandling
from processors.domain.handling.plan import HandlingPlan
from processors.domain.handling.state import Handling, Piece

UNSTATED: Final = "来源未载明"
CHANNEL_WORDS: Final = {"online": "线上", "counter": "窗口", "self-service": "自助终端"}
MODE_WORDS: Final = {"whole-online": "全程网办", "collected-elsewhere": "代收代办", "joint-places": "多地联办"}
LEVEL_WORDS: Final = {"city": "市", "district": "区县（开发区）", "street": "街道（镇）", "community": "社区（村）"}
MEANS_WORDS: Final = {
    "archive": "档案调用，无需提交",
    "upload": "已上传",
    "paper": "纸质",
    "promise": "告知承诺",
    "later": "容缺，后补",
}
DELIVERY_WORDS: Final = {"counter": "窗口领取", "mail": "邮寄", "e-licence": "电子证照"}


def receipt(stored: StoredHandling, materials: Mapping[str, Material]) -> dict[str, Any]:
    """The receipt as a JSON-ready document; ``text`` is the same for a printer.

    Args:
        stored: the case.
        materials: names of materials by their id.
    """
    handling = stored.handling
    plan, application = handling.plan, handling.application
    days, unstated = promised_days(handling)
    shown: dict[str, Any] = {
        "case_id": handling.case_id,
        "bundle": {"id": plan.bundle, "name": plan.name, "document": plan.document},
        "subject": application.subject,
        "lead": _name(plan, plan.lead),
        "received": iso(application.submitted_at),
        "received_at": _place(application.received_at.level, application.received_at.code),
        "handled_at": _place(application.handled_at.level, application.handled_at.code),
        "channel": CHANNEL_WORDS[application.channel],
        "mode": MODE_WORDS[application.mode],
        "submitted_by": application.submitted_by,
        "agent": application.agent,
        "authority": application.authority,
        "items": [
            {"number": item.number, "text": item.text, "departments": [_name(plan, code) for code in item.departments]}
            for item, state in handling.planned()
            if state.state != "not-applicable"
        ],
        "materials": [_material(piece, materials) for piece in handling.pieces],
        "delivery": f"{'统一发证' if application.delivery.together else '依次发证'}，"
        f"{DELIVERY_WORDS[application.delivery.means]}",
        "promised_days": days or None,
        "due_at": iso(load_calendar().due_at(application.submitted_at, days)) if days else None,
        "days_unstated_for": unstated,
    }
    return {**shown, "text": _text(shown)}


def last_day(due_at: str | None) -> str:
    """The last day on which something due at this instant (ISO 8601) is in time: a term ends as its last day ends."""
    if due_at is None:
        return ""
    return (datetime.fromisoformat(due_at) - timedelta(microseconds=1)).date().isoformat()


def promised_days(handling: Handling) -> tuple[int, list[int]]:
    """Working days on the longest way through the order of the items, and the items whose time nobody states."""
    applying = {item.number: item for item, state in handling.planned() if state.state != "not-applicable"}
    until: dict[int, int] = {}

    def days_until(number: int) -> int:
        if number not in until:
            item = applying[number]
            before = (days_until(each) for each in item.after if each in applying)
            until[number] = max(before, default=0) + (item.limit_days or 0)
        return until[number]

    unstated = [each.number for each in applying.values() if each.mode == "handled" and each.limit_days is None]
    return max(map(days_until, applying), default=0), unstated


def _material(piece: Piece, materials: Mapping[str, Material]) -> dict[str, Any]:
    known = materials.get(piece.material)
    return {
        "material": piece.material,
        "name": known.name if known else piece.material,
        "means": piece.means,
        "reference": piece.reference,
        "due_at": None if piece.due_at is None else iso(piece.due_at),
    }


def _name(plan: HandlingPlan, code: str) -> str:
    return plan.names.get(code, code)


def _place(level: str, code: str) -> str:
    return f"{LEVEL_WORDS[level]} {code}"


def _text(shown: dict[str, Any]) -> str:
    """The receipt as it is printed."""
    lines = [
        "收件凭证",
        f"办件编号：{shown['case_id']}",
        f"办理事项：{shown['bundle']['name']}（{shown['bundle']['document']}）",
        f"申请人：{_shown_subject(shown['subject'])}",
        f"收件时间：{shown['received'][:19].replace('T', ' ')}",
        f"收件地：{shown['received_at']}　办理地：{shown['handled_at']}",
        f"受理渠道：{shown['channel']}　办理方式：{shown['mode']}　收件人：{shown['submitted_by']}",
        *([f"代办人：{_shown_subject(shown['agent'])}　授权书：{shown['authority']}"] if shown["agent"] else []),
        f"牵头部门：{shown['lead']}",
        "办理内容：",
        *(
            f"  {each['number']}. {each['text']}（{'、'.join(each['departments']) or UNSTATED}）"
            for each in shown["items"]
        ),
        "收到材料：" if shown["materials"] else "收到材料：无",
        *map(_material_line, shown["materials"]),
        f"承诺办结时限：{_promised(shown)}",
        f"结果领取：{shown['delivery']}",
        "查询：凭办件编号线上查询，或到任一窗口查询",
    ]
    return "\n".join(lines) + "\n"


def _material_line(each: dict[str, Any]) -> str:
    due = f"，{last_day(each['due_at'])} 前补交" if each["due_at"] else ""
    return f"  · {each['name']}（{MEANS_WORDS[each['means']]}{due}）"


def _promised(shown: dict[str, Any]) -> str:
    if shown["promised_days"] is None:
        return UNSTATED
    told = f"{shown['promised_days']} 个工作日，{last_day(shown['due_at'])} 前"
    return told if not shown["days_unstated_for"] else f"{told}（第 {_numbers(shown)} 项{UNSTATED}）"


def _numbers(shown: dict[str, Any]) -> str:
    return "、".join(map(str, shown["days_unstated_for"]))


def _shown_subject(subject: str) -> str:
    kind, _, name = subject.partition(":")
    return name if kind == "enterprise" else f"自然人 {name[:8]}…"
