"""一企一档、一人一档: a subject's records as a time line, where each stands on the log and what is disputed of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from nicegui import ui

from onething.console.acting import actor, ask_who
from onething.console.catalog_names import ResourceName, departments, resources
from onething.console.elements import (
    badge,
    box,
    button,
    choice_field,
    compact_facts,
    heading,
    note,
    paragraph,
    section,
    text,
    text_field,
)
from onething.console.frame import console_page, retitle
from onething.console.hub import hub, segment
from onething.console.instants import when
from onething.console.language import Words, t
from onething.console.masking import masked, subject_name
from onething.console.states import empty, loaded

ON_A_PAGE: Final = 20
STATES: Final[Mapping[str, Words]] = {
    "in-force": Words("有效", "in force"),
    "repaired": Words("已修复", "repaired"),
    "revoked": Words("已撤销", "revoked"),
}
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True)
class Ground:
    """Why an archive is read: the purpose, and the case or the grant; and as of when, empty for now."""

    purpose: str = ""
    case: str = ""
    grant: str = ""
    as_of: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the hub takes it."""
        return bool(self.purpose.strip() and (self.case.strip() or self.grant.strip()))

    def query(self) -> dict[str, object]:
        """As the hub takes it."""
        as_of = f"{self.as_of}+08:00" if self.as_of and "+" not in self.as_of else self.as_of
        return {"purpose": self.purpose, "case": self.case, "grant": self.grant, "as_of": as_of}

    def page_of(self, kind: str, name: str) -> str:
        """The page that shows the archive on this ground."""
        given = {k: v for k, v in vars(self).items() if v}
        return f"/archives/{kind}/{quote(name, safe='')}?{urlencode(given)}"


def register() -> None:
    """Ask for an archive; one archive."""

    @console_page("/archives", Words("查档", "Archives"), group="services", order=40)
    async def ask(case: str = "") -> None:
        paragraph(
            t(
                "每次查档须写明用途和所依据的办件或授权，并记录在案；个人信息以遮蔽形式显示。",
                "Every read names its purpose and a case or grant, and is recorded; personal fields are masked.",
            )
        )
        _form("enterprise", "", Ground(case=case))

    @console_page("/archives/{kind}/{name}", Words("档案", "Archive"))
    async def one(kind: str, name: str, purpose: str = "", case: str = "", grant: str = "", as_of: str = "") -> None:
        ground = Ground(purpose, case, grant, as_of)
        retitle(f"{_kind(kind)} {subject_name(f'{kind}:{name}')}")
        _form(kind, name, ground)
        if not ground.is_whole:
            return
        if not actor().department:
            empty(t("请先填写经办人", "Say first who acts"), t("查档以部门和姓名记录。", "Reads are recorded by name."))
            button(t("填写经办人", "Who acts?"), ask_who, "primary")
            return
        names = await resources()
        known = await departments()
        await loaded(lambda: _read(kind, name, ground), lambda found: Timeline(found, names, known).draw())


def _kind(kind: str) -> str:
    return t("一企一档", "Enterprise") if kind == "enterprise" else t("一人一档", "Person")


def _form(kind: str, name: str, ground: Ground) -> None:
    with section(t("查档依据", "Ground")):
        with box("filters"):
            kinds = {"enterprise": t("企业", "enterprise"), "person": t("个人（令牌）", "person, by token")}
            chosen = choice_field(t("对象", "Kind"), kinds, kind if kind in kinds else "enterprise")
            subject = text_field(t("统一社会信用代码或个人令牌", "USCC or token"), name)
            purpose = text_field(t("用途（必填）", "Purpose, required"), ground.purpose)
            case = text_field(t("办件编号", "Case"), ground.case)
            grant = text_field(t("或授权编号", "or grant"), ground.grant)
            as_of = text_field(t("截至（留空为现在）", "As of; now if empty"), ground.as_of).props(
                "type=datetime-local"
            )

        def read() -> None:
            asked = Ground(*(str(each.value or "").strip() for each in (purpose, case, grant, as_of)))
            ui.navigate.to(asked.page_of(chosen.value, str(subject.value or "").strip()))

        button(t("查档", "Read"), read, "primary")


async def _read(kind: str, name: str, ground: Ground) -> dict[str, Any]:
    headers = {"X-Reader": quote(actor().reader, safe=":")}
    path = f"/v1/{kind}s/{segment(name)}/archive"
    return await hub().ask("GET", path, query=ground.query(), headers=headers)


class Timeline:
    """The records of an archive, the newest first."""

    def __init__(
        self, found: dict[str, Any], names: Mapping[str, ResourceName], departments: Mapping[str, str]
    ) -> None:
        self._found, self._names, self._departments = found, names, departments
        self._records = sorted(found["records"], key=lambda each: each["valid_at"], reverse=True)
        self._shown = 0

    def draw(self) -> None:
        """Draw the archive's head and its first records."""
        disputed = sum(bool(each["disputed"]) for each in self._records)
        with section(t(f"记录（{len(self._records)}）", f"Records ({len(self._records)})")):
            with box("inline state-line"):
                if self._found["closed"]:
                    badge(t(f"主体已终止：{when(self._found['closed']['since'])}", "subject has ended"), "warning")
                if disputed:
                    badge(t(f"{disputed} 条存在争议", f"{disputed} disputed"), "warning")
                if self._found["as_of"]:
                    badge(t(f"截至 {when(self._found['as_of'])}", f"as of {when(self._found['as_of'])}"), "running")
            if not self._records:
                empty(t("档案中没有记录", "The archive holds no record"))
            self._list = ui.element("ol").classes("timeline")
            self._more = box("actions")
            self._show_more()
        self._show_missing()

    def _show_more(self) -> None:
        upto = self._shown + ON_A_PAGE
        with self._list:
            for record in self._records[self._shown : upto]:
                self._entry(record)
        self._shown = min(upto, len(self._records))
        self._more.clear()
        rest = len(self._records) - self._shown
        if rest:
            with self._more:
                button(
                    t(f"再看更早的 {min(rest, ON_A_PAGE)} 条", f"{min(rest, ON_A_PAGE)} earlier ones"), self._show_more
                )

    def _show_missing(self) -> None:
        missing = self._found["missing"]
        if missing:
            with section(t("未能给出的数据", "Not shown")):
                note(t("授权或来源不包含这些数据。", "Neither grant nor source holds these."))
                text("、".join(self._resource(str(each)).name for each in missing))

    def _entry(self, record: dict[str, Any]) -> None:
        resource = self._resource(record["resource"])
        with ui.element("li").classes("disputed" if record["disputed"] else ""):
            text(when(record["valid_at"]), "div", "when")
            with box("inline"):
                heading(resource.name, 3)
                if record["withdrawn"]:
                    badge(t("已撤回", "withdrawn"), "quiet")
                if record["disputed"]:
                    badge(t("争议中", "disputed"), "warning")
                if record["rivals"]:
                    badge(t(f"与 {len(record['rivals'])} 条来源不一致", "sources differ"), "warning")
            note(t("数源部门：", "Source: ") + self._departments.get(record["source"], record["source"]))
            compact_facts(content_rows(record["content"], resource))
            self._provenance(record)

    def _provenance(self, record: dict[str, Any]) -> None:
        place = record["provenance"]
        with ui.element("details"):
            where = f"{place['topic']} / {place['partition']} / {place['offset']}"
            text(t("来历：", "Provenance: ") + where, "summary")
            compact_facts(
                (
                    (t("入库时间", "Known"), when(record["known_at"])),
                    (t("发生时间", "Happened"), when(record["valid_at"])),
                    (t("事件", "Event"), record["event"]),
                    (t("事件编号", "Event id"), record["event_id"]),
                    (t("记录编号", "Record"), masked(record["record_id"])),
                    (t("所属办件", "Case"), record["case_id"]),
                    (t("更早版本", "Earlier versions"), len(record["history"])),
                )
            )
        for mark in record["disputes"]:
            note(t("争议标注：", "Dispute mark: ") + masked(mark["record_id"]))

    def _resource(self, code: str) -> ResourceName:
        return self._names.get(code, ResourceName(code, ""))


def content_rows(content: Mapping[str, Any], resource: ResourceName) -> list[tuple[object, object]]:
    """A record's fields by the names that the register gives them; those that say nothing are left out."""
    return [
        (resource.fields.get(name, name), shown_value(value, resource.types.get(name, "text"), name))
        for name, value in content.items()
        if value not in (None, "", [])
    ]


def shown_value(value: Any, type_: str, name: str) -> str:
    """A field's value as people read it: days and instants by the calendar, fen as yuan."""
    if isinstance(value, bool):
        return t("是", "yes") if value else t("否", "no")
    if isinstance(value, int):
        return _shown_number(value, type_, name)
    if isinstance(value, list | tuple):
        return "、".join(shown_value(each, "text", "") for each in value)
    return str(STATES[value]) if value in STATES else masked(str(value))


def _shown_number(value: int, type_: str, name: str) -> str:
    if name.endswith("_fen"):
        return t(f"{value / 100:,.2f} 元", f"¥{value / 100:,.2f}")
    if type_ == "date":
        return (_EPOCH + timedelta(days=value)).isoformat()
    return when(value) if type_ == "instant" else str(value)
