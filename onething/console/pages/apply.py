"""我要办理: who applies and in which situation, one notice, one form, materials, the pre-check, the submission."""

from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any, Final
from urllib.parse import quote

from nicegui import ui

from onething.console.acting import actor
from onething.console.case_words import DELIVERY, MEANS
from onething.console.elements import (
    badge,
    box,
    bullets,
    button,
    choice_field,
    heading,
    link,
    note,
    paragraph,
    section,
    text,
    text_field,
    tick,
)
from onething.console.frame import console_page, retitle
from onething.console.hub import hub, segment
from onething.console.language import Words, t
from onething.console.masking import masked
from onething.console.notice_view import notice_view

CHANNELS: Final = {"online": Words("线上", "online"), "counter": Words("窗口", "counter")}
OFFERED_MEANS: Final = {"promise": "promise", "later": "later"}


@dataclass
class Draft:
    """What has been said so far, as the hub takes it."""

    bundle: str
    person: bool
    subject: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    form: dict[str, Any] = field(default_factory=dict)
    materials: dict[str, str] = field(default_factory=dict)
    delivery: str = "counter"
    address: str = ""
    channel: str = "online"
    key: str = field(default_factory=lambda: token_hex(16))

    def asked(self) -> dict[str, Any]:
        """Whom the notice and the form are about."""
        return {"subject": applicant(self.subject, person=self.person), "choices": self.choices}

    def checked(self) -> dict[str, Any]:
        """What the pre-check holds against the archive."""
        filled = {name: value for name, value in self.form.items() if value not in (None, "")}
        listed = [{"id": material, "means": means} for material, means in self.materials.items() if means]
        return {**self.asked(), "form": filled, "materials": listed, "delivery": self._delivery()}

    def submitted(self, by: str) -> dict[str, Any]:
        """The application itself."""
        return {**self.checked(), "bundle": self.bundle, "submitted_by": by, "channel": self.channel}

    def _delivery(self) -> dict[str, Any]:
        return {"means": self.delivery} | ({"address": self.address} if self.address else {})


def applicant(written: str, *, person: bool) -> object:
    """A subject as the hub takes it: a person's number goes in a body only, and becomes a token there."""
    bare = written.strip()
    return {"resident_id": bare} if person and ":" not in bare else bare


def typed(value: Any, type_: str) -> Any:
    """What was written in a field, as its type wants it; what does not fit is left for the pre-check to name."""
    if type_ != "number" or not isinstance(value, str):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if number.is_integer() else number


def register() -> None:
    """Apply for a bundle."""

    @console_page("/bundles/{bundle}/apply", Words("我要办理", "Apply"))
    async def apply(bundle: str) -> None:
        path = f"/v1/bundles/{segment(bundle)}"
        found = await hub().get(path)
        retitle(t(f"办理：{found['name']}", f"Apply: {found['name']}"))
        Application(path, found).draw()


class Application:
    """The page of one application that is being prepared."""

    def __init__(self, path: str, bundle: dict[str, Any]) -> None:
        self._path, self._bundle = path, bundle
        self._draft = Draft(bundle["id"], person=bundle["subject"] == "person")
        self._fields: dict[str, tuple[Any, str]] = {}

    def draw(self) -> None:
        """Draw what is asked first; the rest follows as answers come."""
        with section(t("一、申请人和情形", "1. Who and which situation")):
            by_number, by_code = t("居民身份证号或个人令牌", "Resident ID or token"), t("统一社会信用代码", "USCC")
            subject = text_field(by_number if self._draft.person else by_code)
            if self._draft.person:
                note(t("证件号只用于本次请求，不留存明文。", "The number is used for this request only, never kept."))
            channel = choice_field(t("受理渠道", "Channel"), {k: str(v) for k, v in CHANNELS.items()}, "online")
            chosen = {each["id"]: self._question(each) for each in self._bundle["situations"]}

            async def told() -> None:
                self._draft.subject = str(subject.value or "")
                self._draft.channel = channel.value
                self._draft.choices = {id_: each.value for id_, each in chosen.items() if each.value}
                await self._tell()

            with box("actions"):
                button(t("查看一次告知", "Show the notice"), told, "primary")
        self._rest = box().props("aria-live=polite")

    def _question(self, question: dict[str, Any]) -> Any:
        heading(question["question"], 3)
        choices = {each["id"]: each["text"] for each in question["choices"]}
        shown = ui.radio(choices)
        shown.props["aria-label"] = question["question"]
        return shown

    async def _tell(self) -> None:
        notice = await self._ask("notice", self._draft.asked())
        form = await self._ask("form", self._draft.asked())
        self._rest.clear()
        with self._rest:
            notice_view(notice)
            if notice["questions"]:
                return
            self._draw_form(form)
            self._draw_materials(notice)
            self._draw_end(notice)

    async def _ask(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"X-Reader": quote(actor().reader, safe=":")}
        return await hub().ask("POST", f"{self._path}/{what}", body=body, headers=headers)

    def _draw_form(self, form: dict[str, Any]) -> None:
        counts = form["counts"]
        with section(t("三、一表申报", "3. One form")):
            note(
                t(
                    f"共 {counts['total']} 项，档案已带出 {counts['filled']} 项，需填 {counts['asked']} 项。",
                    f"{counts['total']} fields: {counts['filled']} filled from archives, {counts['asked']} asked.",
                )
            )
            for group in form["groups"]:
                heading(group["title"], 3)
                for each in group["fields"]:
                    self._draw_field(each)

    def _draw_field(self, each: dict[str, Any]) -> None:
        if each["status"] != "asked":
            _known(each)
            return
        label = each["name"] + ("" if each["required"] else t("（选填）", " (optional)"))
        if each["type"] == "choice":
            shown = choice_field(label, each["choices"])
        elif each["type"] == "boolean":
            shown = tick(label)
        else:
            shown = text_field(label)
            if each["type"] == "date":
                shown.props("type=date")
        self._fields[each["id"]] = (shown, each["type"])

    def _draw_materials(self, notice: dict[str, Any]) -> None:
        offers = {each["material"]: each["kind"] for each in notice["offers"] if each["eligible"]}
        with section(t("四、材料", "4. Materials")):
            if not notice["needed"]:
                paragraph(t("无需提交材料。", "Nothing needs to be supplied."))
            self._material_fields = {
                each["id"]: choice_field(each["name"], material_means(offers.get(each["id"])), "")
                for each in notice["needed"]
            }

    def _draw_end(self, notice: dict[str, Any]) -> None:
        with section(t("五、领取与提交", "5. Delivery and submission")):
            means = {each: str(DELIVERY[each]) for each in notice["delivery"]["means"]}
            self._delivery = choice_field(t("领取方式", "Delivery"), means, next(iter(means)))
            self._address = text_field(t("寄递地址（邮寄时必填，封存）", "Address, for mail; kept sealed"))
            self._found = box().props("aria-live=polite")
            with box("actions"):
                button(t("预审", "Pre-check"), self._precheck)
                button(t("提交申请", "Submit"), self._submit, "primary")

    def _take(self) -> None:
        draft = self._draft
        draft.form = {name: typed(each.value, type_) for name, (each, type_) in self._fields.items()}
        draft.materials = {name: each.value for name, each in self._material_fields.items()}
        draft.delivery, draft.address = self._delivery.value, str(self._address.value or "")

    async def _precheck(self) -> bool:
        self._take()
        found = await self._ask("precheck", self._draft.checked())
        self._found.clear()
        with self._found:
            _prechecked(found)
        return bool(found["passes"])

    async def _submit(self) -> None:
        if not await self._precheck():
            return
        by = actor().person or t("申请人", "applicant")
        opened = await hub().post("/v1/applications", self._draft.submitted(by), key=self._draft.key, wait_s=5)
        ui.navigate.to(f"/applications/{opened['case_id']}")


def material_means(offer: str | None) -> dict[str, str]:
    """How a material may come: uploaded or on paper; promised or later only where the bundle offers it."""
    shown = {"": t("未提交", "not supplied"), "upload": str(MEANS["upload"]), "paper": str(MEANS["paper"])}
    return shown | ({offer: str(MEANS[offer])} if offer in OFFERED_MEANS else {})


def _known(each: dict[str, Any]) -> None:
    source = each["source"]
    with box("known-field"):
        text(each["name"], classes="note")
        with box("inline"):
            text(masked(str(each["value"])) if each["value"] is not None else "—")
            if source:
                badge(t(f"来自{source['department']}", f"from {source['department']}"), "good")


def _prechecked(found: dict[str, Any]) -> None:
    with box("state" if found["passes"] else "state refusal").props("role=status"):
        if found["passes"]:
            text(t("预审通过，可以提交。", "It passes; submit it."), "p", "state-title")
            return
        count = len(found["faults"])
        text(t(f"还有 {count} 处需要补全", f"{count} things are missing"), "p", "state-title")
        bullets(f"{each['message']}　{each['remedy']}" for each in found["faults"])
    link(t("回到表单", "Back to the form"), "#main")
