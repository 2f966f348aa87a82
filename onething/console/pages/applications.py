"""办件: one application, a lane for every item as departments act on it; its reasons, receipt and evaluation."""

from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import Any, Final

from nicegui.element import Element

from onething.console.acting import actor
from onething.console.case_words import CASE_STATES, ITEM_STATES, MEANS, word
from onething.console.downloads import download
from onething.console.elements import (
    badge,
    box,
    bullets,
    button,
    choice_field,
    facts,
    link,
    markup,
    note,
    paragraph,
    section,
    tell,
    text,
    text_field,
    tick,
)
from onething.console.frame import console_page, retitle
from onething.console.hub import hub, segment
from onething.console.instants import due_day, minute, when
from onething.console.lanes import Lane, Lanes
from onething.console.language import Words, t
from onething.console.live_view import Countdown, follow
from onething.console.markup import Markup, link_markup, mono, tagged
from onething.console.masking import masked, masked_name, subject_name
from onething.console.states import announcer
from onething.console.tables import plain_table

OPEN: Final = frozenset(("submitted", "accepted", "handling", "supplementing", "suspended", "deciding"))
STARS: Final = {5: "★★★★★", 4: "★★★★☆", 3: "★★★☆☆", 2: "★★☆☆☆", 1: "★☆☆☆☆"}
PIECES: Final[Mapping[str, Words]] = {
    "held": Words("已收到", "held"),
    "due": Words("待补交", "due"),
    "overdue": Words("逾期未交", "overdue"),
    "broken": Words("承诺未兑现", "promise broken"),
    "kept": Words("承诺已兑现", "promise kept"),
}
CHANNELS: Final[Mapping[str, Words]] = {
    "online": Words("线上", "online"),
    "counter": Words("窗口", "at a counter"),
    "self-service": Words("自助终端", "at a terminal"),
}

MOMENTS: Final[Mapping[str, Words]] = {
    "submitted": Words("提交申请", "submitted"),
    "supplemented": Words("补正", "supplemented"),
    "dispatched": Words("派给部门", "given to the department"),
    "handled": Words("经办", "handled"),
    "approved": Words("通过", "approved"),
    "refused": Words("不予通过", "refused"),
    "suspended": Words("中止", "suspended"),
    "resumed": Words("恢复", "resumed"),
    "reported": Words("出具核查报告", "report issued"),
    "payment-requested": Words("通知缴费", "payment asked for"),
    "paid": Words("已缴费", "paid"),
    "handed-over": Words("交付结果", "result handed over"),
    "decided": Words("全部办结", "all decided"),
    "delivered": Words("已送达", "delivered"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "evaluated": Words("评价", "evaluated"),
    "rectified": Words("整改答复", "rectification answered"),
}
OUTCOMES: Final[Mapping[str, Words]] = {
    "approved": Words("全部通过", "all approved"),
    "partly": Words("部分通过", "partly approved"),
    "refused": Words("不予许可", "refused"),
}
BY_WORDS: Final[Mapping[str, Words]] = {
    "applicant": Words("申请人", "applicant"),
    "申请人": Words("申请人", "applicant"),
    "控制台": Words("控制台", "console"),
}


def register() -> None:
    """One application."""

    @console_page("/applications/{case_id}", Words("办件", "Case"))
    async def one(case_id: str) -> None:
        path = f"/v1/applications/{segment(case_id)}"
        page = ApplicationPage(path, await hub().get(path))
        follow(f"{path}/events", page.show, page.sign)


class ApplicationPage:
    """One application as it goes."""

    def __init__(self, path: str, view: dict[str, Any]) -> None:
        self._path = path
        self._revision = -1
        self._said = announcer()
        retitle(view["bundle"]["name"])
        with section(t("办件", "Case")):
            with box("inline state-line"):
                self._state = box("inline")
                self.sign = box().props("role=status")
            self._reason = box()
            facts(_head(view))
            with box("inline") as self._term:
                text(t("下一期限：", "Next due: "))
                self._due = text("")
                self._countdown = Countdown()
            with box("actions"):
                download(t("收件凭证", "Receipt"), f"{path}/receipt?format=text")
        with section(t(f"事项（{len(view['items'])}）", f"Items ({len(view['items'])})")):
            self._lanes = Lanes(self._said)
        self._rest = box()
        self._parts: dict[str, tuple[Element, object]] = {}
        self.show(view)

    def show(self, view: dict[str, Any]) -> bool:
        """Show the case as it stands; whether more is to come."""
        if view["revision"] > self._revision:
            self._revision = view["revision"]
            self._show_state(view)
            self._lanes.show([_lane(item, view) for item in view["items"]])
            self._show_rest(view)
        return view["status"] in OPEN or view.get("evaluation") is None

    def _show_state(self, view: dict[str, Any]) -> None:
        self._state.clear()
        with self._state:
            badge(*word(CASE_STATES, view["status"]))
            if view["overdue"]:
                badge(t("逾期", "overdue"), "bad")
            done = sum(item["state"] in ("approved", "not-applicable") for item in view["items"])
            text(t(f"已办 {done} / {len(view['items'])} 项", f"{done} of {len(view['items'])} done"))
        self._reason.clear()
        with self._reason:
            if view["reason"]:
                paragraph(t("理由：", "Reason: ") + masked(view["reason"]))
        due = view["due_at"] if view["status"] in OPEN else None
        self._term.set_visibility(due is not None)
        self._due.set_text(due_day(due))
        self._countdown.until(due)

    def _show_rest(self, view: dict[str, Any]) -> None:
        status, evaluation = view["status"], view.get("evaluation")
        missing, names = _missing(view), department_names(view)
        self._part("supplement", missing, lambda: _supplement(self._path, missing))
        self._part("checks", _reported(view), lambda: _checks(view))
        self._part("materials", view["materials"], lambda: _materials(view["materials"]))
        self._part("notices", view.get("notices"), lambda: _notices(view["notices"]))
        self._part("timeline", view.get("timeline"), lambda: _timeline(view["timeline"], names))
        given = (status, evaluation) if status == "delivered" else None
        self._part("evaluation", given, lambda: _evaluation(self._path, evaluation))
        self._part("withdrawal", status in OPEN and status != "deciding", lambda: _withdrawal(self._path))

    def _part(self, name: str, about: object, draw: Callable[[], object]) -> None:
        """Draw a part anew only where what it is about has changed: somebody may be writing in it."""
        if name not in self._parts:
            with self._rest:
                self._parts[name] = (box(), None)
        place, before = self._parts[name]
        if about == before:
            return
        self._parts[name] = (place, about)
        place.clear()
        if about:
            with place:
                draw()


def _head(view: dict[str, Any]) -> list[tuple[object, object]]:
    return [
        (t("办件编号", "Case"), mono(view["case_id"])),
        (t("申请人", "Applicant"), _applicant(view)),
        (t("牵头部门", "Lead"), view["lead"]["name"]),
        (t("提交时间", "Submitted"), when(view["submitted_at"])),
        (t("受理渠道", "Channel"), CHANNELS.get(view["channel"], view["channel"])),
        (t("代办人", "Agent"), masked(view["agent"])),
        (t("表单", "Form"), _form(view["fields"])),
    ]


def _applicant(view: dict[str, Any]) -> Markup:
    href = f"/archives/{view['subject'].replace(':', '/')}?case={view['case_id']}"
    return link_markup(subject_name(view["subject"]), href, "mono")


def _form(fields: dict[str, int]) -> str:
    total, filled = fields["total"], fields["filled"]
    return t(f"{total} 项，其中 {filled} 项由档案带出", f"{total} fields, {filled} filled from archives")


def _lane(item: dict[str, Any], view: dict[str, Any]) -> Lane:
    words, tone = word(ITEM_STATES, item["state"])
    mine = [each for each in view["assignments"] if each["number"] == item["number"]]
    overdue = any(each["overdue"] for each in mine)
    due = next((each["due_at"] for each in mine if each["due_at"] and item["decision"] is None), None)
    decided = item["decision"]
    return Lane(
        number=item["number"],
        title=item["text"],
        who="、".join(each["name"] for each in item["departments"]) or t("来源未载明", "not stated"),
        word=(Words(f"{words.zh}（逾期）", f"{words.en}, overdue"), "bad")
        if overdue and not decided
        else (words, tone),
        took=minute(decided["at"]) if decided else (t("期限 ", "due ") + due_day(due)[:10] if due else ""),
        reason=masked(item["reason"]) if item["reason"] else "",
    )


def _missing(view: dict[str, Any]) -> dict[str, str]:
    """Materials that are asked for now, by id and name."""
    return {
        each["material"]: each["name"]
        for assignment in view["assignments"]
        if assignment["state"] == "supplementing"
        for each in assignment["missing_materials"]
    } | {each["material"]: each["name"] for each in view["materials"] if each["state"] in ("due", "overdue")}


def _supplement(path: str, missing: dict[str, str]) -> None:
    key = token_hex(16)
    with section(t("补正材料", "Supplement")):
        ticks = {material: tick(name, value=True) for material, name in missing.items()}

        async def supplement() -> None:
            given = [{"id": material} for material, ticked in ticks.items() if ticked.value]
            by = actor().person or t("控制台", "console")
            await hub().post(f"{path}/supplement", {"materials": given, "supplemented_by": by}, key=key)
            tell(t("已提交补正", "Supplement submitted"))

        with box("actions"):
            button(t("提交所选材料", "Submit these"), supplement, "primary")


def _reported(view: dict[str, Any]) -> str | None:
    """The title of the report of the case's checks, None before there is one."""
    checks = view.get("checks")
    return None if checks is None or checks["report"] is None else str(checks["report"]["title"])


def _checks(view: dict[str, Any]) -> None:
    with section(t("核查报告", "Report of the checks")):
        link(_reported(view), f"/verifications/{view['case_id']}")


def _materials(materials: list[dict[str, Any]]) -> None:
    with section(t("材料", "Materials")):
        plain_table(
            t("材料", "materials"),
            (
                (t("材料", "Material"), lambda each: each["name"]),
                (t("方式", "How"), lambda each: str(MEANS.get(each["means"], each["means"]))),
                (t("状态", "State"), lambda each: str(PIECES.get(each["state"], each["state"]))),
                (t("期限", "Due"), lambda each: due_day(each["due_at"])),
            ),
            materials,
        )


def _notices(notices: list[dict[str, Any]]) -> None:
    with section(t("通知", "Notices")):
        bullets(f"{minute(each['at'])}　{masked(each['text'])}" for each in notices)


def _timeline(moments: list[dict[str, Any]], names: Mapping[str, str]) -> None:
    entries = (
        tagged("li", Markup(tagged("div", when(each["at"]), class_="when") + tagged("div", _moment(each, names))))
        for each in moments
    )
    with section(t("经过", "History")):
        markup(Markup("".join(entries)), "ol", "timeline")


def _moment(moment: dict[str, Any], names: Mapping[str, str]) -> str:
    number, department, by = moment["number"], moment["department"], moment["by"]
    told = [
        str(MOMENTS.get(moment["what"], moment["what"])),
        t(f"第 {number} 项", f"item {number}") if number else "",
        names.get(department, department) if department else "",
        "" if by == "hub" else str(BY_WORDS.get(by) or names.get(by) or masked_name(by)),
        str(OUTCOMES.get(moment["note"], masked(moment["note"]))) if moment["note"] else "",
    ]
    return " · ".join(each for each in told if each)


def department_names(view: dict[str, Any]) -> dict[str, str]:
    """The names of all departments that a case names, by code."""
    listed = [view["lead"], *(each["department"] for each in view["assignments"])]
    listed += [each for item in view["items"] for each in item["departments"]]
    return {each["code"]: each["name"] for each in listed}


def _evaluation(path: str, given: dict[str, Any] | None) -> None:
    with section(t("好差评", "Evaluation")):
        if given is not None:
            _evaluated(given)
            return
        stars = choice_field(t("评价", "Stars"), STARS, 5)
        comment = text_field(t("意见", "Comment"), long=True)

        async def evaluate() -> None:
            body = {"stars": stars.value, "evaluated_by": actor().person or t("申请人", "applicant")}
            await hub().post(f"{path}/evaluation", body | ({"comment": comment.value} if comment.value else {}))
            tell(t("感谢评价", "Thank you"))

        with box("actions"):
            button(t("提交评价", "Submit"), evaluate, "primary")


def _evaluated(given: dict[str, Any]) -> None:
    facts(
        (
            (t("评价", "Stars"), STARS[given["stars"]]),
            (t("时间", "At"), when(given["at"])),
            (t("意见", "Comment"), t("有（封存）", "sealed") if given["has_comment"] else "—"),
            (t("整改答复", "Answer"), masked(given["answer"])),
        )
    )


def _withdrawal(path: str) -> Element:
    with section(t("撤回", "Withdraw")) as shown:
        note(t("撤回后本办件终止，可重新申请。", "The case ends; one can apply again."))
        reason = text_field(t("撤回理由", "Reason"))

        async def withdraw() -> None:
            body = {"reason": str(reason.value or "").strip(), "withdrawn_by": actor().person or t("控制台", "console")}
            await hub().post(f"{path}/withdraw", body)
            tell(t("已撤回", "Withdrawn"))

        with box("actions"):
            button(t("撤回办件", "Withdraw the case"), withdraw, "danger")
    return shown
