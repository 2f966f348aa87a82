"""One assignment of a department: what it is about, what was supplied, one person's decision, another's review."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from nicegui import ui

from onething.console.case_words import ITEM_STATES, MEANS, word
from onething.console.catalog_names import departments
from onething.console.department import Desk, confirm, desk, in_whose_name, option_field
from onething.console.elements import (
    badge,
    box,
    bullets,
    button,
    choice_field,
    facts,
    link,
    note,
    section,
    tell,
    text,
    text_field,
    tick,
)
from onething.console.frame import console_page, retitle
from onething.console.hub import HubFault, hub, segment
from onething.console.inbox import DECISIONS, HANDLED, ITEM, KINDS, OPEN, STATES, assignment_row, registered
from onething.console.instants import left, now, when
from onething.console.language import Words, t
from onething.console.masking import masked, masked_name, subject_name
from onething.console.pages.department_inbox import PATH, stands
from onething.console.states import Region
from onething.console.tables import plain_table

Told = Mapping[str, Any]
FEN: Final = 100
PURPOSE: Final = "办理本部门事项"
_DELIVERY: Final = {"counter": "窗口领取 counter", "mail": "邮寄 mail", "e-licence": "电子证照 e-licence"}


def register() -> None:
    """The page of one assignment."""

    @console_page(f"{PATH}/{{assignment_id}}", Words("待办事项", "Assignment"))
    async def assignment(assignment_id: str) -> None:
        place = await desk()
        if place is not None:
            await _Work(place, assignment_id).region.load()


class _Work:
    """What one sees of an assignment, and does with it."""

    def __init__(self, place: Desk, assignment_id: str) -> None:
        self._place = place
        self._path = f"/v1/departments/{segment(place.code)}/assignments/{segment(assignment_id)}"
        self.region: Region[Told] = Region(self._fetch, self._draw)

    async def _fetch(self) -> Told:
        given = await hub().get(self._path)
        return {**given, "departments": await departments(), "registered": await registered(given)}

    def _draw(self, given: Told) -> None:
        retitle(f"{KINDS.get(given['kind'], given['kind'])} · {given['text']}")
        self._standing(given)
        self._acts(given)
        _materials(given["case"])
        self._form(given)
        _items(given["case"])

    def _standing(self, given: Told) -> None:
        row = assignment_row(given)
        case = given["case"]
        words, tone = word(STATES, given["state"])
        with section(t("基本情况", "In short")):
            facts(
                [
                    (t("状态", "State"), lambda: badge(words, tone)),
                    (t("一件事", "Bundle"), case["bundle"]["name"]),
                    (t("办件", "Case"), lambda: link(given["case_id"], row["case_path"], "mono")),
                    (t("主体", "Subject"), lambda: text(subject_name(given["subject"]), classes="mono")),
                    (t("申请人", "Submitted by"), masked_name(case["submitted_by"])),
                    (t("牵头部门", "Lead"), case["lead"]["name"]),
                    (t("收到", "Arrived"), when(given["dispatched_at"])),
                    (t("期限", "Due"), _due(given)),
                    *_basis(given["registered"]),
                    *_proposed(given),
                    *([(t("审核退回", "Returned"), masked(given["review_note"]))] if given["review_note"] else []),
                ]
            )

    def _acts(self, given: Told) -> None:
        if given["state"] == HANDLED:
            self._review(given)
        elif given["kind"] == ITEM and given["state"] in (OPEN, "suspended", "supplementing"):
            self._decide(given)
        elif given["state"] == OPEN:
            self._other(given)

    def _decide(self, given: Told) -> None:
        with section(t("经办", "Decide")):
            choices = {each: str(words) for each, words in DECISIONS.items()}
            decision = choice_field(t("决定", "Decision"), choices, "approve")
            reason = text_field(t("理由（除通过、恢复外必填）", "Reason (due but for approve, resume)"), long=True)
            missing = _materials_field(given["case"])
            to = choice_field(t("转办至", "Pass on to"), given["departments"], None, searchable=True)
            fee = text_field(t("应缴费用（元，免缴填 0）", "Fee (yuan, 0 for none)"))
            issue = _issued(given)
            in_whose_name(self._place)

            def arranged() -> None:
                chosen = decision.value
                reason.set_visibility(chosen not in ("approve", "resume"))
                missing.set_visibility(chosen == "supplement")
                to.set_visibility(chosen == "pass-on")
                fee.set_visibility(chosen == "approve" and _asks_fee(given))
                if issue is not None:
                    issue.set_visibility(chosen == "approve")

            async def decided() -> None:
                body: dict[str, Any] = {"decision": decision.value, "handled_by": self._place.person}
                body["reason"] = reason.value.strip() or None
                if decision.value == "supplement":
                    body["missing"] = list(missing.value or [])
                if decision.value == "pass-on":
                    body["pass_on_to"] = to.value
                if decision.value == "approve":
                    body["issue"] = issue is not None and bool(issue.value)
                    body["fee_fen"] = _fen(fee.value)
                told = await hub().post(f"{self._path}/decision", body)
                await self._done(told["state"])

            decision.on_value_change(arranged)
            arranged()
            with box("actions"):
                button(t("提交经办意见", "Decide"), decided, "primary")

    def _review(self, given: Told) -> None:
        proposed = given["proposed"]
        with section(t("审核", "Review")):
            if proposed is not None and proposed["handled_by"] == self._place.actor.person:
                badge(t("经办人不得审核自己的决定，请由另一人审核", "Another person reviews it"), "warning")
            remark = text_field(t("审核意见", "Note"), long=True)
            in_whose_name(self._place)

            async def reviewed(*, approved: bool) -> None:
                body = {"approved": approved, "reviewed_by": self._place.person, "note": remark.value.strip() or None}
                told = await hub().post(f"{self._path}/review", body)
                await self._done(told["state"])

            with box("actions"):
                button(t("审核通过", "Approve"), partial(reviewed, approved=True), "primary")
                button(t("退回重办", "Return"), partial(reviewed, approved=False), "danger")

    def _other(self, given: Told) -> None:
        case = f"/v1/applications/{segment(given['case_id'])}"
        with section(str(KINDS.get(given["kind"], given["kind"]))):
            in_whose_name(self._place)
            with box("actions"):
                if given["kind"] == "delivery":
                    button(t("登记发证", "Delivered"), partial(self._deliver, case), "primary")
                elif given["kind"] == "commitment-check":
                    button(t("登记核查结果", "Checked"), partial(self._check, case, given["material"]), "primary")
                elif given["kind"] == "rectification":
                    button(t("答复整改", "Answer"), partial(self._rectify, case), "primary")

    def _who(self) -> dict[str, str]:
        return {"department": self._place.code, "by": self._place.person}

    async def _deliver(self, case: str) -> None:
        async def act(said: Told) -> str:
            body = {**self._who(), "means": said["means"], "reference": said["reference"] or None}
            await hub().post(f"{case}/delivery", body)
            return t("已登记发证", "Delivered")

        def asked() -> Told:
            return {
                "means": option_field(t("方式", "Means"), _DELIVERY, "counter"),
                "reference": text_field(t("签收或寄递单号", "Reference")),
            }

        await confirm(t("登记发证", "Delivered"), asked, act, self.region.load)

    async def _check(self, case: str, material: str) -> None:
        async def act(said: Told) -> str:
            body = {**self._who(), "material": material, "kept": said["kept"] == "yes", "note": said["note"] or None}
            await hub().post(f"{case}/commitments", body)
            return t("已登记核查结果", "Checked")

        def asked() -> Told:
            verdicts = {"yes": t("已兑现", "kept"), "no": t("未兑现", "broken")}
            return {
                "kept": option_field(t("承诺", "The promise is"), verdicts, "yes"),
                "note": text_field(t("说明（不得含个人信息）", "Note (no personal data)"), long=True),
            }

        await confirm(t("登记核查结果", "Checked"), asked, act, self.region.load)

    async def _rectify(self, case: str) -> None:
        async def act(said: Told) -> str:
            await hub().post(f"{case}/rectification", {**self._who(), "answer": said["answer"]})
            return t("已答复", "Answered")

        def asked() -> Told:
            return {"answer": text_field(t("整改答复", "Answer"), long=True)}

        await confirm(t("答复整改", "Answer"), asked, act, self.region.load)

    def _form(self, given: Told) -> None:
        with section(t("申报表", "The form")):
            place = box()
            with place:
                note(t("表内可能有个人信息，查阅会留痕。", "It may hold personal data; reading it is put on record."))
                button(
                    t("查阅申报表（留痕）", "Read it (on record)"), partial(self._read_form, given["case_id"], place)
                )

    async def _read_form(self, case_id: str, place: Any) -> None:
        query = {"department": self._place.code, "purpose": PURPOSE}
        headers = {"X-Reader": quote(self._place.person)}
        shown = await hub().ask("GET", f"/v1/applications/{segment(case_id)}/form", query=query, headers=headers)
        place.clear()
        with place:
            facts([(each["name"], _value(each["value"])) for each in shown["fields"]])
            if shown["withheld"]:
                note(t(f"另有 {shown['withheld']} 项不属本部门事项，未显示。", f"{shown['withheld']} are not shown."))

    async def _done(self, state: str) -> None:
        await self.region.load()
        tell(t("已提交；", "Done; ") + stands(state))


def _issued(given: Told) -> Any:
    """A box to tick where the register names what the item ends with."""
    result = given["registered"].get("result")
    if not result:
        return None
    return tick(t(f"由平台出具办理结果：{result['name']}", f"the hub states the result: {result['name']}"), value=True)


def _due(given: Told) -> str:
    if given["due_at"] is None:
        return t("来源未载明期限", "no time stated")
    told = f"{when(given['due_at'])}（{left(given['due_at'], now())}）"
    return told + (t("，计时已中止", ", the clock stands still") if given["clock"]["paused"] else "")


def _basis(registered: Told) -> list[tuple[object, object]]:
    told = registered.get("legal_basis") or []
    return [(t("法律依据", "Legal basis"), lambda: bullets(told))] if told else []


def _proposed(given: Told) -> list[tuple[object, object]]:
    proposed = given["proposed"]
    if proposed is None:
        return []
    told = f"{proposed['handled_by']}：{DECISIONS.get(proposed['decision'], proposed['decision'])}"
    why = proposed.get("reason")
    return [(t("经办意见", "Proposed"), told + (f"（{masked(why)}）" if why else ""))]


def _materials(case: Told) -> None:
    if not case["materials"]:
        return
    with section(t("申请材料", "Materials")):
        plain_table(
            t("申请材料", "materials"),
            [
                (t("材料", "Material"), lambda each: each["name"]),
                (t("来路", "Means"), lambda each: MEANS.get(each["means"], each["means"])),
                (t("期限", "Due"), lambda each: when(each["due_at"]) if each["due_at"] else ""),
            ],
            case["materials"],
        )


def _items(case: Told) -> None:
    with section(t("同一办件的其他事项", "The case's items")):
        plain_table(
            t("事项", "items"),
            [
                (t("序号", "No."), lambda each: each["number"]),
                (t("事项", "Item"), lambda each: each["text"]),
                (t("部门", "Department"), lambda each: "、".join(one["name"] for one in each["departments"])),
                (t("状态", "State"), lambda each: partial(_item_badge, each)),
            ],
            case["items"],
        )


def _item_badge(item: Told) -> None:
    words, tone = word(ITEM_STATES, item["state"])
    badge(words, tone)


def _materials_field(case: Told) -> Any:
    names = {each["material"]: each["name"] for each in case["materials"]}
    field = ui.select(
        names, label=t("需补正的材料（一次告知）", "What is missing (told once)"), value=[], multiple=True
    )
    return field.props("outlined dense stack-label use-chips").classes("field")


def _asks_fee(given: Told) -> bool:
    item = next((each for each in given["case"]["items"] if each["number"] == given["number"]), None)
    return item is not None and item["kind"] == "payment"


def _fen(yuan: str) -> int | None:
    words = (yuan or "").strip()
    if not words:
        return None
    try:
        return int(Decimal(words) * FEN)
    except InvalidOperation as fault:
        raise HubFault(t("金额有误", "This is no amount"), words, t("请填写元，例如 12.50", "write yuan")) from fault


def _value(value: object) -> object:
    return "、".join(map(str, value)) if isinstance(value, list) else value
