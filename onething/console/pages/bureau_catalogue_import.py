"""导入目录文件: an Excel or CSV file of entries; tried first, row by row and cell by cell, then taken as drafts."""

import json
from typing import Any, Final

from nicegui import events, ui
from nicegui.element import Element

from onething.console.acting import actor, ask_who
from onething.console.catalogue_words import field_name
from onething.console.elements import Tone, box, bullets, button, figure, link, note, section, text
from onething.console.file_imports import LARGEST_BYTES, PATH, SENT, answered
from onething.console.frame import console_page
from onething.console.hub import HubFault, segment
from onething.console.language import Words, t
from onething.console.markup import Markup, badge_markup, link_markup, over, unbroken
from onething.console.states import refusal
from onething.console.tables import folded_table

OUTCOMES: Final[dict[str, tuple[Words, Tone]]] = {
    "refused": (Words("未通过", "refused"), "bad"),
    "new": (Words("新增", "new"), "good"),
    "changed": (Words("变更", "changed"), "running"),
    "same": (Words("无变化", "same"), "quiet"),
}
"""What becomes of a row, what needs a look in front."""

COLUMNS: Final = "信息资源名称、信息资源提供方、信息资源摘要、信息项名称、数据类型、更新周期、共享类型……"

Found = dict[str, Any]


def register() -> None:
    """The page of the import."""

    @console_page("/catalogue/import", Words("导入目录文件", "Import a file of entries"))
    async def imported() -> None:
        with section(t("选择文件", "Choose a file")):
            _about()
            with box("field"):
                text(t("目录文件（.xlsx 或 .csv）", "The file (.xlsx or .csv)"), "label").props["for"] = "import-file"
                chosen = ui.element("input").props('id=import-file type=file accept=".xlsx,.csv"')
                chosen.classes("import-file")
            place = Import()
            with box("actions"):
                place.sender(t("检查", "Try it"), dry_run=True)
        place.answers_here()
        chosen.on("change", place.forget)


def _about() -> None:
    most = LARGEST_BYTES >> 20
    bullets(
        (
            t(f"列按编制指南：{COLUMNS}", f"Columns as the guideline has them: {COLUMNS}"),
            t(
                "一行一个信息项；同一资源的其余行，名称和提供方留空。空单元格不改动已登记的内容。",
                "A row for each data item; an empty cell changes nothing that is registered.",
            ),
            t(
                f"先检查，不作更改；全部通过后导入为草稿，由提供部门提交审核。至多 {most} MB。",
                f"It is tried first; what passes is taken as drafts, all or nothing. At most {most} MB.",
            ),
        )
    )


class Import:
    """What came of the file that stands in the field, and the way to take it."""

    def __init__(self) -> None:
        self._place: Element | None = None

    def answers_here(self) -> None:
        """Answers are drawn where this is called."""
        self._place = box().props("aria-live=polite")

    def forget(self) -> None:
        """Another file was chosen: what came of the one before holds no longer."""
        if self._place is not None:
            self._place.clear()

    def sender(self, words: str, *, dry_run: bool, kind: str = "primary") -> None:
        """A button that sends the file: to be tried, or to be taken."""
        who = actor()
        if not who.person:
            button(words, ask_who, "primary")
            return
        named = {"largest": LARGEST_BYTES, "path": PATH, "actor": json.dumps(who.person)}
        script = SENT % {**named, "dry_run": "true" if dry_run else "false"}
        shown = text(words, "button", f"button {kind}").props("type=button")
        shown.on("click", self._answered, js_handler=script)

    def _answered(self, event: events.GenericEventArguments) -> None:
        if self._place is None:
            return
        self._place.clear()
        with self._place:
            try:
                self._show(answered(event.args))
            except HubFault as fault:
                refusal(fault)

    def _show(self, found: Found) -> None:
        with section(title_of(found)):
            with box("figures"):
                for name, (words, _) in OUTCOMES.items():
                    figure(found["counts"][name], words)
            if found["dry_run"] and is_worth_taking(found):
                note(t("检查未作更改。", "Nothing was changed."))
                with box("actions"):
                    self.sender(t("导入", "Take it"), dry_run=False)
            if found["taken"]:
                link(t("查看草稿", "See the drafts"), "/catalogue", "button")
        _faults(found)
        _results(found)


def title_of(found: Found) -> str:
    """What came of the file, in a line."""
    if found["taken"]:
        return t(f"“{found['file']}”已导入", f"{found['file']} was taken")
    if found["acceptable"]:
        return t(f"“{found['file']}”检查通过", f"{found['file']} may be taken")
    count = found["fault_count"]
    return t(f"“{found['file']}”有 {count} 处须改正", f"{found['file']}: {count} cells to mend")


def is_worth_taking(found: Found) -> bool:
    """Whether taking the file would change anything, and may be done."""
    return bool(found["acceptable"] and (found["counts"]["new"] or found["counts"]["changed"]))


def pressing_first(results: list[Found]) -> list[Found]:
    """Rows in the order of ``OUTCOMES``; those of one kind as the file has them."""
    order = list(OUTCOMES)
    return sorted(results, key=lambda each: order.index(each["outcome"]))


def _faults(found: Found) -> None:
    if not found["faults"]:
        return
    with section(t("须改正的单元格", "Cells to mend")):
        folded_table(
            t("须改正的单元格", "cells"),
            (
                (t("单元格", "Cell"), lambda each: unbroken(each["cell"] or "—")),
                (t("列", "Column"), lambda each: field_name(each["column"])),
                (t("问题", "Fault"), lambda each: t(each["reason"], each["reason_en"])),
                (t("怎么办", "What to do"), lambda each: t(each["remedy"], each["remedy_en"])),
            ),
            found["faults"],
        )
        if found["fault_count"] > len(found["faults"]):
            note(t(f"只列前 {len(found['faults'])} 处。", f"The first {len(found['faults'])}."))


def _results(found: Found) -> None:
    if not found["results"]:
        return
    with section(t("逐条结果", "Every entry")):
        folded_table(
            t("逐条结果", "entries"),
            (
                (t("单元格", "Cell"), lambda each: unbroken(each["cell"])),
                (t("资源", "Resource"), _resource),
                (t("结果", "Result"), lambda each: badge_markup(*OUTCOMES[each["outcome"]])),
                (t("变更的字段", "Fields"), changed_fields),
                (t("说明", "Notes"), lambda each: "；".join(each["notes"]) or "—"),
            ),
            pressing_first(found["results"]),
        )
        total = sum(found["counts"].values())
        if total > len(found["results"]):
            note(t(f"只列前 {len(found['results'])} 条。", f"The first {len(found['results'])} of {total}."))


def _resource(row: Found) -> Markup:
    """An entry by its name and code; one whose provider nobody knows has no code yet."""
    name = row["name"] if row["outcome"] in ("new", "refused") else link_markup(row["name"], _page(row))
    return over(name, "" if row["code"].startswith(".") else row["code"], "mono note")


def _page(row: Found) -> str:
    return f"/catalogue/{segment(row['code'])}"


def changed_fields(row: Found) -> str:
    """Which fields a change touches, each once; a new entry has them all."""
    if row["outcome"] != "changed":
        return "—"
    return "、".join(dict.fromkeys(field_name(each) for each in row["fields"])) or "—"
