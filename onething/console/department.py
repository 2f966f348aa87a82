"""For which department one works on the pages of departments, and in whose name one acts."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nicegui import ui

from onething.console.acting import Actor, actor, ask_who
from onething.console.catalog_names import departments
from onething.console.elements import box, button, choice_field, note, tell, text, text_field
from onething.console.hub import HubFault
from onething.console.language import t
from onething.console.states import empty

HUB: Final = "hub"
BUREAU: Final = "data-bureau"
"""Who looks after records that are nobody's."""


@dataclass(frozen=True)
class Desk:
    """A department's desk: its code and name, and who sits there."""

    code: str
    name: str
    actor: Actor

    @property
    def codes(self) -> frozenset[str]:
        """Whose refused records this desk looks after."""
        return frozenset((self.code, HUB)) if self.code == BUREAU else frozenset((self.code,))

    @property
    def person(self) -> str:
        """Who acts.

        Raises:
            HubFault: nobody said so yet.
        """
        if not self.actor.person:
            raise HubFault(
                t("未填写经办人", "Nobody is named who acts"),
                "",
                t("请先在页面右上角填写经办人姓名。", "say who acts, at the top of the page"),
            )
        return self.actor.person


async def desk() -> Desk | None:
    """The desk at which the reader of this page sits, told above what follows; None draws how to take a seat."""
    mine = actor()
    known = await departments()
    if mine.department not in known:
        empty(
            t("请先选择部门和经办人", "Choose a department and say who acts first"),
            t("身份认证接入前，由本人如实填写；每次办理以此具名记录。", "Until identities exist you say so yourself."),
        )
        with box("actions"):
            button(t("选择部门", "Choose"), ask_who, "primary")
        return None
    found = Desk(mine.department, known[mine.department], mine)
    with box("inline state-line"):
        text(t("当前部门：", "Department: ") + found.name)
        text(t("经办人：", "Who acts: ") + (mine.person or t("未填写", "not said")))
        button(t("更换", "Change"), ask_who, "quiet")
    return found


async def confirm(
    title: str,
    ask: Callable[[], Mapping[str, Any]],
    act: Callable[[Mapping[str, Any]], Awaitable[str]],
    after: Callable[[], object],
    *,
    kind: str = "primary",
) -> None:
    """Ask for what an act needs in a dialog, do it, say what came of it.

    Args:
        title: of the dialog and its button.
        ask: draws the fields; their elements by the names under which ``act`` gets their values.
        act: does it, and gives the words that tell it was done.
        after: what the page does then.
        kind: of the button that does it.
    """
    with ui.dialog(value=True) as dialog, ui.card().classes("dialog"):
        text(title, "h2")
        fields = ask()

        async def do() -> None:
            said = await act({name: _said(field.value) for name, field in fields.items()})
            dialog.close()
            tell(said)
            going = after()
            if isinstance(going, Awaitable):
                await going

        with box("actions"):
            button(t("确定", "Do it"), do, "danger" if kind == "danger" else "primary")
            button(t("取消", "Cancel"), dialog.close)


def in_whose_name(place: Desk) -> None:
    """State on an act in whose name it is recorded."""
    who = place.actor.person or t("（未填写经办人）", "(nobody named)")
    note(t(f"将以“{place.name} · {who}”的名义记录。", f"It is recorded in the name of {place.name}, {who}."))


def reason_field(label: str = "") -> Any:
    """A field for a reason."""
    return text_field(label or t("理由", "Reason"), long=True)


def option_field(label: str, options: Mapping[str, str], value: str | None = None) -> Any:
    """A field for one of a few options."""
    return choice_field(label, options, value)


def _said(value: object) -> object:
    return value.strip() if isinstance(value, str) else value
