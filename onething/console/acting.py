"""Who acts at this browser: a department and a person's name, as they say themselves until identities exist."""

from dataclasses import dataclass
from typing import Final

from nicegui import app, ui

from onething.console.catalog_names import departments
from onething.console.elements import box, button, choice_field, note, text, text_field
from onething.console.language import t

DEPARTMENT: Final = "department"
DEPARTMENT_NAME: Final = "department_name"
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


def act_as(*, department: str | None = None, person: str | None = None, name: str = "") -> None:
    """Keep who acts, for every page of this browser from now on; ``name`` is the department's."""
    kept = app.storage.user
    if department is not None:
        kept[DEPARTMENT] = department.strip()
        kept[DEPARTMENT_NAME] = name
    if person is not None:
        kept[PERSON] = person.strip()


def who_acts() -> None:
    """Draw who acts in the header, with a way to say so."""
    mine = actor()
    name = str(app.storage.user.get(DEPARTMENT_NAME, "")) or mine.department
    shown = "·".join(each for each in (name, mine.person) if each)
    pressed = button(shown or t("填写经办人", "Who acts?"), ask_who, "quiet")
    pressed.props["title"] = t("经办人", "who acts")


async def ask_who() -> None:
    """Ask in a dialog who acts."""
    mine = actor()
    known = await departments()
    with ui.dialog(value=True) as dialog, ui.card().classes("dialog"):
        text(t("经办人", "Who acts"), "h2")
        note(
            t(
                "身份认证接入前，由本人如实填写；查档和办理都以此具名记录。",
                "Until identities exist you say so yourself; reads and acts are recorded in this name.",
            )
        )
        chosen = mine.department if mine.department in known else None
        department = choice_field(t("部门", "Department"), known, chosen, searchable=True)
        person = text_field(t("姓名", "Name"), mine.person)

        def kept() -> None:
            act_as(department=department.value or "", person=person.value or "", name=known.get(department.value, ""))
            dialog.close()
            ui.navigate.reload()

        with box("actions"):
            button(t("保存", "Save"), kept, "primary")
            button(t("取消", "Cancel"), dialog.close)
