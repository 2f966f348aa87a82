"""The words of every page: headings, texts, links, facts, states, buttons, fields. Semantic HTML, styled once."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from inspect import isawaitable
from typing import Any, Final, Literal

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from onething.console.hub import HubFault
from onething.console.language import t
from onething.console.markup import SIGNS, Markup, tagged
from onething.console.markup import Tone as Tone  # noqa: PLC0414  pages name it from here

Act = Callable[[], Awaitable[object] | object]

_NOTICES: Final[Mapping[Tone, Literal["positive", "negative", "warning", "info"]]] = {
    "good": "positive",
    "bad": "negative",
    "warning": "warning",
    "running": "info",
    "quiet": "info",
}


def text(words: object, tag: str = "span", classes: str = "") -> TextElement:
    """A piece of text in an element of its own."""
    return TextElement(tag=tag, text=str(words)).classes(classes)


def paragraph(words: object, classes: str = "") -> TextElement:
    """A paragraph."""
    return text(words, "p", classes)


def note(words: object) -> TextElement:
    """A quiet remark."""
    return text(words, "p", "note")


def heading(words: object, level: int = 2) -> TextElement:
    """A heading; a page's title is level 1 and drawn by its frame."""
    return text(words, f"h{level}")


def box(classes: str = "", tag: str = "div") -> Element:
    """A container; use it with ``with``."""
    return ui.element(tag).classes(classes)


def section(title: object, level: int = 2, classes: str = "card") -> Element:
    """A titled part of a page, known to screen readers by its heading; use it with ``with``."""
    part = ui.element("section").classes(classes)
    with part:
        shown = heading(title, level)
        shown.props(f"id=h{shown.id}")
        part.props(f"aria-labelledby=h{shown.id}")
    return part


def link(words: object, href: str, classes: str = "") -> TextElement:
    """A link to another page of the console, or to a file that it serves."""
    shown = text(words, "a", classes)
    shown.props["href"] = href
    return shown


def badge(words: object, tone: Tone = "quiet") -> Element:
    """A state: its sign and its word, coloured too."""
    shown = ui.element("span").classes(f"badge {tone}")
    with shown:
        text(SIGNS[tone]).props("aria-hidden=true")
        text(words)
    return shown


def facts(rows: Iterable[tuple[object, object]]) -> Element:
    """Names and values; a value may be text, markup or a function that draws it."""
    pairs = list(rows)
    if not any(callable(value) for _, value in pairs):
        shown = "".join(tagged("dt", name) + tagged("dd", value) for name, value in pairs)
        return markup(Markup(shown), "dl", "facts")
    with ui.element("dl").classes("facts") as drawn:
        for name, value in pairs:
            text(name, "dt")
            with ui.element("dd"):
                draw(value)
    return drawn


def compact_facts(rows: Iterable[tuple[object, object]]) -> Element:
    """Names and values side by side, as text or markup: records with many fields are one element of the page."""
    pairs = (tagged("div", Markup(tagged("dt", name) + tagged("dd", value))) for name, value in rows)
    return markup(Markup("".join(pairs)), "dl", "facts compact")


def _said(value: object) -> str:
    return "—" if value is None or value == "" else str(value)


def bullets(rows: Iterable[object], *, numbered: bool = False) -> Element:
    """A list of texts, or of functions that draw an entry."""
    shown = ui.element("ol" if numbered else "ul").classes("bullets")
    with shown:
        for row in rows:
            with ui.element("li"):
                draw(row)
    return shown


def draw(content: object) -> None:
    """Draw a cell's or an entry's content: what a function draws, markup, or text; nothing is a dash."""
    if callable(content):
        content()
    elif isinstance(content, Markup):
        markup(content, "span")
    else:
        text(_said(content))


def markup(content: Markup, tag: str = "div", classes: str = "") -> Element:
    """HTML made of escaped texts, as one element."""
    return ui.html(content, sanitize=False, tag=tag).classes(classes)


def figure(value: object, name: object, href: str = "", remark: object = "") -> Element:
    """A figure with its name, large; a link where there is more to see."""
    shown = ui.element("a" if href else "div").classes("figure")
    if href:
        shown.props["href"] = href
    with shown:
        text(value, "strong")
        text(name)
        if remark:
            text(remark, "small")
    return shown


def bar(share: float, name: object) -> Element:
    """A share (0 to 1) as a bar with its percentage in words."""
    with box("bar") as shown:
        meter = ui.element("meter").props("min=0 max=1")
        meter.props["value"] = share
        meter.props["aria-label"] = str(name)
        text(f"{share:.1%}")
    return shown


def button(words: object, act: Act, kind: Literal["plain", "primary", "danger", "quiet"] = "plain") -> TextElement:
    """A button; while what it does goes on it cannot be pressed again, and a refusal is shown as a notice."""
    shown = text(words, "button", f"button {kind}").props("type=button")

    async def pressed() -> None:
        # Not disabled: who came here by keyboard would lose the place.
        if "aria-busy" in shown.props or "aria-disabled" in shown.props:
            return
        shown.props("aria-busy=true")
        try:
            await done(act)
        finally:
            if not shown.is_deleted:
                shown.props(remove="aria-busy")

    return shown.on("click", pressed)


async def done(act: Act) -> bool:
    """Do it; False when the hub refused, which is then shown."""
    try:
        going = act()
        # A dialog that was closed gives itself, and to await it would open it again.
        if isawaitable(going) and not isinstance(going, Element):
            await going
    except HubFault as fault:
        tell_fault(fault)
        return False
    return True


def tell(words: object, tone: Tone = "good") -> None:
    """Say in passing that something was done; read out by screen readers."""
    ui.notify(str(words), type=_NOTICES[tone], position="top", close_button=t("关闭", "close"))


def tell_fault(fault: HubFault) -> None:
    """Show why the hub refused and what to do; it stays until it is closed."""
    lines = [fault.title, *fault_lines(fault), fault.remedy]
    ui.notify(
        "\n".join(line for line in lines if line),
        type="negative",
        position="top",
        timeout=0,
        multi_line=True,
        close_button=t("关闭", "close"),
        classes="fault-notice",
    )


def fault_lines(fault: HubFault) -> list[str]:
    """Each fault of a refusal in one line, else its detail."""
    told = [f"{each.get('field', '')}：{_reason(each)}" for each in fault.faults]
    return told or ([fault.detail] if fault.detail else [])


def _reason(fault: Mapping[str, Any]) -> str:
    return str(t(fault.get("reason", ""), fault.get("reason_en") or fault.get("reason", "")))


def text_field(label: object, value: str = "", *, hint: object = "", long: bool = False) -> Any:
    """A field for text, with its label; ``.value`` holds what was written."""
    field = ui.textarea(str(label), value=value) if long else ui.input(str(label), value=value)
    return _fielded(field, hint)


def choice_field(
    label: object,
    options: Mapping[Any, str] | Sequence[str],
    value: Any = None,
    *,
    hint: object = "",
    searchable: bool = False,
) -> Any:
    """A field for one of some options, by value and words; ``.value`` holds the one chosen.

    ``searchable`` lets one type to find among many.
    """
    given = dict(options) if isinstance(options, Mapping) else list(options)
    return _fielded(ui.select(given, label=str(label), value=value, with_input=searchable), hint)


def tick(label: object, *, value: bool = False) -> ui.checkbox:
    """A box to tick."""
    return ui.checkbox(str(label), value=value)


def _fielded(field: Any, hint: object) -> Any:
    field.props("outlined dense stack-label").classes("field")
    if hint:
        field.props["hint"] = str(hint)
    return field
