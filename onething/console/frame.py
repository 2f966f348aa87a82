"""What surrounds every page: skip link, header, navigation, one main with its title, footer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import isawaitable
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote

from nicegui import context, ui
from nicegui.element import Element

from onething.console import acting, navigation
from onething.console.elements import box, link, markup, text
from onething.console.hub import HubFault
from onething.console.language import HTML_LANGUAGES, SPOKEN, Words, lang, t
from onething.console.markup import Markup, tagged
from onething.console.navigation import GROUPS, Entry, Group
from onething.console.states import refusal

Builder = TypeVar("Builder", bound=Callable[..., Any])

NAME: Final = Words("一件事数据共享枢纽", "OneThing Hub")
LOCAL_ONLY: Final = Words(
    "身份认证接入前，仅限本机访问。", "Until identities exist, this console serves this machine only."
)
RESPONSE_S: Final = 10.0
_TOGGLE_MENU: Final = """(e) => {
    const open = document.body.classList.toggle('menu-open');
    e.currentTarget.setAttribute('aria-expanded', open ? 'true' : 'false');
}"""


class Page(ui.page):
    """A page whose language is the reader's."""

    def resolve_language(self) -> Literal["zh-CN", "en-US"]:
        """The language of the request that is answered."""
        return HTML_LANGUAGES[SPOKEN.get()]


def console_page(
    path: str, words: Words, *, group: Group | None = None, order: int = 50, public: bool = False
) -> Callable[[Builder], Builder]:
    """Serve what the decorated function draws, in the frame, at a path such as ``/cases/{case_id}``.

    Args:
        path: as FastAPI takes it; the function's parameters are the path's and the query's.
        words: the page's title; ``retitle`` says a more telling one.
        group: the group of the navigation that shows it; None for pages that others link to.
        order: its place within the group.
        public: draw it without navigation, as citizens see it.
    """
    if group is not None:
        navigation.add(Entry(order, path, words, group))

    def decorated(build: Builder) -> Builder:
        @wraps(build)
        async def framed(*given: Any, **named: Any) -> None:
            with page_frame(words, public=public):
                try:
                    drawing = build(*given, **named)
                    if isawaitable(drawing):
                        await drawing
                except HubFault as fault:
                    refusal(fault, ui.navigate.reload)

        Page(path, response_timeout=RESPONSE_S)(framed)
        return build

    return decorated


@contextmanager
def page_frame(words: Words, *, public: bool = False) -> Iterator[Element]:
    """Draw the frame around a page; what is drawn inside stands in its main."""
    _plain_layout()
    ui.page_title(f"{words} · {NAME}")
    link(t("跳到主要内容", "Skip to main content"), "#main", "skip-link")
    _header(public=public)
    with box("below-header"):
        if not public:
            _navigation()
        with ui.element("main").props("id=main tabindex=-1") as main:
            context.client.storage["title"] = text(words, "h1")
            yield main
    _footer()


def retitle(words: object) -> None:
    """Give the page a title of its own, in its heading and in the browser's."""
    context.client.storage["title"].set_text(str(words))
    ui.page_title(f"{words} · {NAME}")


def _plain_layout() -> None:
    """Leave landmarks to the frame: Quasar's page is a main of its own."""
    client = context.client
    for each in (client.layout, client.page_container, *client.page_container.default_slot.children):
        each.tag = "div"


def _header(*, public: bool) -> None:
    with ui.element("header").classes("site-header"):
        if not public:
            menu = text("☰", "button", "menu-button").props("type=button aria-expanded=false aria-controls=site-menu")
            menu.props["aria-label"] = t("菜单", "Menu")
            menu.on("click", js_handler=_TOGGLE_MENU)
        link(NAME, "/public/report" if public else "/", "site-name")
        box("grow")
        if not public:
            acting.who_acts()
        other = "en" if lang() == "zh" else "zh"
        here = context.client.request.url
        back = here.path + (f"?{here.query}" if here.query else "")
        href = f"/language/{other}?back={quote(back, safe='/')}"
        switch = link("English" if other == "en" else "中文", href, "language")
        switch.props["lang"] = "en" if other == "en" else "zh-CN"


def _navigation() -> None:
    here = navigation.current(context.client.request.url.path)
    groups = (_group(group, words, here) for group, words in GROUPS.items())
    menu = markup(Markup("".join(groups)), "nav", "site-menu").props("id=site-menu")
    menu.props["aria-label"] = t("主导航", "Main")


def _group(group: Group, words: Words, here: Entry | None) -> Markup:
    found = navigation.entries(group)
    if not found:
        return Markup()
    entries = "".join(_entry(each, is_current=each == here) for each in found)
    title = tagged("p", words, class_="menu-group", id=f"menu-{group}")
    return Markup(title + tagged("ul", Markup(entries), aria_labelledby=f"menu-{group}"))


def _entry(entry: Entry, *, is_current: bool) -> Markup:
    return tagged("li", tagged("a", entry.words, href=entry.path, aria_current="page" if is_current else ""))


def _footer() -> None:
    with ui.element("footer").classes("site-footer"):
        text(LOCAL_ONLY, "p")
        text(t("个人信息已遮蔽；每次查档均有记录。", "Personal data is masked; every read is on record."), "p")
