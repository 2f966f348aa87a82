"""公众验证: whether a report is genuine and how it stands, by its code, its QR code or its file; nothing personal."""

import json
from typing import Any, Final

from nicegui import events, ui
from nicegui.element import Element

from onething.console.case_words import REPORT_STATES, word
from onething.console.elements import badge, box, button, facts, note, paragraph, section, text, text_field
from onething.console.frame import console_page
from onething.console.hub import HubFault, hub, segment
from onething.console.language import Words, t
from onething.console.markup import mono
from onething.console.states import refusal

LARGEST_REPORT_BYTES: Final = 900_000
"""More than any report has, and less than one message of the browser's socket may carry."""

_READ_FILE: Final = f"""async (e) => {{
    const file = e.target.files[0];
    if (file) emit(file.size > {LARGEST_REPORT_BYTES} ? '' : await file.text());
}}"""


def register() -> None:
    """The one page that citizens and enterprises see."""

    @console_page("/public/report", Words("核查报告验证", "Check a report"), group="public", public=True)
    async def check(code: str = "") -> None:
        paragraph(
            t(
                "输入报告上的验证码（前 16 位即可），或扫描报告上的二维码，或选择报告数据文件。",
                "Enter the code on the report (its first 16 characters will do), scan its QR code, or choose its file.",
            )
        )
        form, place = section(t("验证", "Check")), box().props("aria-live=polite")
        with form:
            field = text_field(t("验证码", "Verification code"), code).props("autocomplete=off spellcheck=false")

            async def ask() -> None:
                await _shown(place, by_code(str(field.value or "")))

            field.on("keydown.enter", ask)
            with box("actions"):
                button(t("验证", "Check"), ask, "primary")
            _file_field(place)
        if code:
            await _shown(place, by_code(code))
        note(
            t(
                "本页只说明报告真伪、现状和日期，不显示报告内容和个人信息。",
                "It tells whether a report is genuine, how it stands and its day; nothing of its content.",
            )
        )


async def by_code(code: str) -> dict[str, Any]:
    """What the hub says of a code."""
    return await hub().get(f"/v1/report-checks/{segment(code.strip() or '-')}")


def _file_field(place: Element) -> None:
    with ui.element("details"):
        text(t("没有验证码？选择报告数据文件（JSON）", "No code? Choose the report's file (JSON)"), "summary")
        field = ui.element("input").props('type=file accept=".json,application/json"').classes("file-field")
        field.props["aria-label"] = t("报告数据文件", "the report's file")

        async def given(event: events.GenericEventArguments) -> None:
            await _shown(place, by_file(str(event.args or "")))

        field.on("change", given, js_handler=_READ_FILE)


async def by_file(content: str) -> dict[str, Any]:
    """What the hub says of a report's own file."""
    try:
        report = json.loads(content)
    except ValueError:
        report = None
    return await hub().post("/v1/report-checks", report if isinstance(report, dict) else {})


async def _shown(place: Element, asked: Any) -> None:
    try:
        found: dict[str, Any] | HubFault = await asked
    except HubFault as fault:
        found = fault
    place.clear()
    with place:
        if isinstance(found, HubFault) and not found.is_missing:
            refusal(found)
        elif isinstance(found, HubFault) or not found["genuine"]:
            _not_genuine(changed=not isinstance(found, HubFault) and found["changed"])
        else:
            _genuine(found)


def _not_genuine(*, changed: bool) -> None:
    with section(t("结果", "Result")):
        if changed:
            badge(t("内容被改动", "changed"), "bad")
            paragraph(t("这份文件的内容与其验证码不符。", "What this file says is not what its code was made for."))
        else:
            badge(t("查无此报告", "not found"), "bad")
            paragraph(
                t(
                    "没有发出过带此验证码的报告；请逐字核对验证码。",
                    "No report that went out bears this code; compare it.",
                )
            )


def _genuine(found: dict[str, Any]) -> None:
    with section(t("结果", "Result")):
        with box("inline state-line"):
            badge(t("真实", "genuine"), "good")
            badge(*word(REPORT_STATES, found["status"]))
        facts(
            (
                (t("报告", "Report"), found["title"]),
                (t("一件事", "Bundle"), f"{found['bundle']['name']}　{found['bundle']['document']}"),
                (t("出具单位", "Issued by"), found["lead"]),
                (t("出具日期", "Day"), found["issued_on"]),
                (t("序号", "Number"), found["number"]),
                (t("主体", "Subject"), mono("、".join(found["subjects"]))),
            )
        )
        if found["status"] != "current":
            note(t("请向持有人索取最新一份报告。", "Ask whoever holds it for the newest report."))
