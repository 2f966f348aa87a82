"""Who acts at this browser: a department and a person's name, as they say themselves until identities exist."""

from dataclasses import dataclass
from typing import Final

from nicegui import app, ui

from onething.console.elements import box, button, link, note, text, text_field
from onething.console.language import t

DEPARTMENT: Final = "department"
PERSON: Final = "person"


@dataclass(frozen=True)
class Actor:
    """Who acts: a department's code (may be empty) and a name (may be empty)."""

    department: str = ""
    person: str = ""

    @property
    def reader(self) -> str:
        """Who reads, as the hub keeps it: ``<organisation>:<account>``."""
        return f"{self.department or 'console'}:{self.person or t('未具名', 'unnamed')}"


def actor() -> Actor:
    """Who acts at the browser of this page."""
    kept = app.storage.user
    return Actor(str(kept.get(DEPARTMENT, "")), str(kept.get(PERSON, "")))


def act_as(*, department: str | None = None, person: str | None = None) -> None:
    """Keep who acts, for every page of this browser from now on."""
    kept = app.storage.user
    if department is not None:
        kept[DEPARTMENT] = department.strip()
    if person is not None:
        kept[PERSON] = person.strip()


def who_acts() -> None:
    """Draw who acts in the header, with a way to say so."""
    mine = actor()
    with box("who"):
        shown = "·".join(each for each in (mine.department, mine.person) if each)
        button(shown or t("填写经办人", "Who acts?"), _ask, "quiet").props(f'title="{t("经办人", "who acts")}"')


def _ask() -> None:
    mine = actor()
    with ui.dialog(value=True) as dialog, ui.card().classes("dialog"):
        text(t("经办人", "Who acts"), "h2")
        note(
            t(
                "身份认证接入前，由本人如实填写；查档和办理都以此具名记录。",
                "Until identities exist you say so yourself; reads and acts are recorded in this name.",
            )
        )
        department = text_field(t("部门代码", "Department's code"), mine.department)
        person = text_field(t("姓名", "Name"), mine.person)

        def kept() -> None:
            act_as(department=department.value, person=person.value)
            dialog.close()
            ui.navigate.reload()

        with box("actions"):
            button(t("保存", "Save"), kept, "primary")
            button(t("取消", "Cancel"), dialog.close)
        link(t("部门代码见部门名录", "Codes of departments"), "/departments")
