"""核查: ask for one, watch every check fill in, read its report."""

from secrets import token_hex
from typing import Any

from nicegui import context, ui

from onething.console.acting import actor
from onething.console.case_words import ANSWERS, CASE_STATES, REPORT_STATES, is_asked, line_state, word
from onething.console.downloads import download
from onething.console.elements import (
    badge,
    box,
    bullets,
    button,
    choice_field,
    facts,
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
from onething.console.instants import minute, took, when
from onething.console.lanes import Lane, Lanes
from onething.console.language import Words, t
from onething.console.live_view import Countdown, follow
from onething.console.markup import Markup, badge_markup, inline, link_markup, mono
from onething.console.masking import masked, subject_name
from onething.console.qr import qr_code
from onething.console.states import announcer
from onething.console.tables import plain_table

LOOK_BACK_YEARS = {1: "1", 2: "2", 3: "3", 5: "5"}


def register() -> None:
    """Ask for a verification; one verification."""

    @console_page("/verifications/new", Words("申请核查", "Ask for a verification"), group="services", order=30)
    async def new(bundle: str = "listing-compliance", subject: str = "") -> None:
        found = await hub().get("/v1/bundles")
        _request(verifying(found["bundles"]), bundle, subject)

    @console_page("/verifications/{case_id}", Words("核查办件", "Verification"))
    async def one(case_id: str) -> None:
        path = f"/v1/verifications/{segment(case_id)}"
        page = VerificationPage(await hub().get(path))
        follow(f"{path}/events", page.show, page.sign)


def verifying(bundles: list[dict[str, Any]]) -> dict[str, str]:
    """Bundles that only check enterprises, by id and name."""
    return {each["id"]: each["name"] for each in bundles if each["is_verification"] and each["subject"] == "enterprise"}


def _request(bundles: dict[str, str], bundle: str, subject: str) -> None:
    key = token_hex(16)
    paragraph(
        t(
            "各责任单位的核查同时进行；档案中已有的由枢纽即时答复，只有需要人核的才派给部门。",
            "All checks run at once; what archives hold is answered by the hub, the rest goes to departments.",
        )
    )
    with section(t("申请", "Request")):
        chosen = choice_field(
            t("一件事", "Bundle"), bundles, bundle if bundle in bundles else next(iter(bundles), None)
        )
        asked_of = text_field(t("被核查主体（统一社会信用代码）", "Subject (USCC)"), subject)
        purpose = text_field(t("用途", "Purpose"), hint=t("例如：企业上市", "for example: listing"))
        asker = text_field(t("申请单位", "Asked by"), actor().person)
        years = choice_field(t("追溯年限", "Look back, years"), LOOK_BACK_YEARS, 3)
        related = tick(t("一并核查控股股东和实际控制人", "Controlling shareholder and actual controller too"))

        async def ask() -> None:
            body = {
                "bundle": chosen.value,
                "subject": str(asked_of.value or "").strip(),
                "purpose": str(purpose.value or "").strip(),
                "requested_by": str(asker.value or "").strip() or t("控制台", "console"),
                "look_back_years": years.value,
                "include_related": related.value,
            }
            opened = await hub().post("/v1/verifications", body, key=key)
            ui.navigate.to(f"/verifications/{opened['case_id']}")

        with box("actions"):
            button(t("提交核查申请", "Ask"), ask, "primary")


class VerificationPage:
    """One verification as it goes."""

    def __init__(self, view: dict[str, Any]) -> None:
        retitle(view["bundle"]["name"])
        self._said = announcer()
        self._revision = -1
        with section(t("办件", "Case")):
            with box("inline state-line"):
                self._state = box("inline")
                self.sign = box().props("role=status")
            facts(_head(view))
            with box("inline"):
                text(t("期限：", "Due: ") + when(view["deadline_at"]))
                self._countdown = Countdown()
        with section(t(f"核查事项（{len(view['lines'])}）", f"Checks ({len(view['lines'])})")):
            self._lanes = Lanes(self._said)
        self._report = box()
        self._reports: list[dict[str, Any]] = []
        self.show(view)

    def show(self, view: dict[str, Any]) -> bool:
        """Show the case as it stands; whether more can come: a later answer amends a report, so always."""
        if view["revision"] > self._revision or self._revision < 0:
            self._revision = view["revision"]
            self._show_state(view)
            self._lanes.show([_lane(line, is_running=view["status"] == "running") for line in view["lines"]])
            if view["reports"] != self._reports:
                self._reports = view["reports"]
                self._report.clear()
                with self._report:
                    _report(view)
        return True

    def _show_state(self, view: dict[str, Any]) -> None:
        answered = sum(line["answer"] is not None and not is_asked(line) for line in view["lines"])
        self._state.clear()
        with self._state:
            badge(*word(CASE_STATES, view["status"]))
            text(t(f"已答复 {answered} / {len(view['lines'])} 项", f"{answered} of {len(view['lines'])} answered"))
        self._countdown.until(view["deadline_at"] if view["status"] == "running" else None)


def _head(view: dict[str, Any]) -> list[tuple[object, object]]:
    years = view["look_back_years"]
    return [
        (t("办件编号", "Case"), mono(view["case_id"])),
        (t("被核查主体", "Subject"), _subjects(view)),
        (t("用途", "Purpose"), masked(view["purpose"])),
        (t("申请单位", "Asked by"), masked(view["requested_by"])),
        (t("追溯", "Look back"), t(f"{years} 年", f"{years} years")),
        (t("核查地域", "Territory"), view["territory"] or t("不限", "anywhere")),
        (t("申请时间", "Asked"), when(view["requested_at"])),
    ]


def _subjects(view: dict[str, Any]) -> Markup:
    return inline(
        link_markup(subject_name(each), f"/archives/{each.replace(':', '/')}?case={view['case_id']}", "mono")
        for each in (*view["subjects"], *view["related"])
    )


def _lane(line: dict[str, Any], *, is_running: bool) -> Lane:
    notes = [part["note"] for part in line["parts"] if part["note"]]
    return Lane(
        number=line["number"],
        title=line["text"],
        who="、".join(each["name"] for each in line["departments"]),
        # After the deadline the report says what the hub itself could answer, though people may still do better.
        word=word(ANSWERS, line_state(line) if is_running else str(line["answer"] or "open")),
        took="" if is_running and is_asked(line) else took(line["elapsed_ms"]),
        reason=masked("；".join(notes)) if notes else "",
    )


def _report(view: dict[str, Any]) -> None:
    report = view["report"]
    if report is None:
        return
    with section(report["title"]), box("columns"):
        with box():
            facts(
                (
                    (t("出具时间", "Issued"), when(report["issued_at"])),
                    (t("报告序号", "Number"), report["number"]),
                    (t("牵头部门", "Lead"), report["lead"]["name"]),
                    (t("结论", "Result"), _summary(report["summary"])),
                )
            )
            if report["late"]:
                note(t("本报告晚于期限出具。", "This report was issued after its deadline."))
            if report["changes"]:
                heading(t("与上一份的不同", "Changed since the one before"), 3)
                bullets(_change(each) for each in report["changes"])
            with box("actions"):
                download(
                    t("下载报告（文本）", "Report as text"), f"/v1/verifications/{view['case_id']}/report?format=text"
                )
                download(t("下载报告（数据）", "Report as data"), f"/v1/verifications/{view['case_id']}/report")
        with box():
            heading(t("验证码", "Verification code"), 3)
            address = f"{base_url()}/public/report?code={report['verification_code']}"
            qr_code(address, t("扫码验证本报告", "Scan to check this report"))
            text(report["verification_code"], "p", "mono")
            link(t("验证这份报告", "Check this report"), address)
    _reports(view)


def base_url() -> str:
    """Where this console answers, as the reader reached it."""
    return str(context.client.request.base_url).rstrip("/")


def _summary(summary: dict[str, int]) -> Markup:
    words = {answer: word(ANSWERS, answer) for answer in summary}
    return inline(badge_markup(f"{words[answer][0]} {count}", words[answer][1]) for answer, count in summary.items())


def _change(change: dict[str, Any]) -> str:
    before, after = (str(word(ANSWERS, change[name])[0]) for name in ("before", "after"))
    return f"{change['part']['check_id']}：{before} → {after}"


def _reports(view: dict[str, Any]) -> None:
    if len(view["reports"]) > 1:
        with section(t("全部报告", "All reports")):
            plain_table(
                t("全部报告", "all reports"),
                (
                    (t("序号", "No."), lambda each: str(each["number"])),
                    (t("出具时间", "Issued"), lambda each: minute(each["issued_at"])),
                    (t("状态", "State"), lambda each: badge_markup(*word(REPORT_STATES, each["status"]))),
                    (t("验证码", "Code"), lambda each: mono(each["verification_code"])),
                ),
                view["reports"],
            )
