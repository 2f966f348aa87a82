"""What a part of a page shows while it has nothing to show: loading, empty, refused; the same everywhere."""

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Final, Generic, TypeVar

import structlog
from nicegui import background_tasks, context, ui
from nicegui.element import Element

from onething.console.elements import box, bullets, button, fault_lines, link, paragraph, text
from onething.console.hub import HubFault
from onething.console.language import t

Found = TypeVar("Found")

_log = structlog.get_logger(__name__)

PATIENCE_S: Final = 0.4
"""How long a page waits for an answer before it goes out with a skeleton in the answer's place."""


def loading(words: object = "") -> Element:
    """A skeleton in place of what is being read."""
    shown = box("state loading").props("role=status")
    with shown:
        text(words or t("正在读取…", "Loading…"))
        for _ in range(3):
            box("skeleton").props("aria-hidden=true")
    return shown


def empty(words: object, next_step: object = "", href: str = "") -> Element:
    """There is nothing, and what to do next."""
    shown = box("state empty")
    with shown:
        text(words, "p", "state-title")
        if href:
            link(next_step, href, "button")
        elif next_step:
            paragraph(next_step)
    return shown


def refusal(fault: HubFault, again: Callable[[], Awaitable[object] | object] | None = None) -> Element:
    """Why there is nothing, what to do, and a way to try again."""
    if fault.is_missing:  # what the gateway tells programs to do there is of no use to who reads a page
        return empty(fault.title, t("回到首页", "Go to the first page"), "/")
    shown = box("state refusal").props("role=alert")
    with shown:
        text(fault.title, "p", "state-title")
        bullets(fault_lines(fault))
        if fault.remedy:
            paragraph(t("怎么办：", "What to do: ") + fault.remedy)
        if again is not None:
            button(t("重试", "Try again"), again)
    return shown


async def loaded(
    fetch: Callable[[], Awaitable[Found]],
    build: Callable[[Found], Awaitable[object] | object],
    *,
    words: object = "",
    patience_s: float = PATIENCE_S,
) -> "Region[Found]":
    """Show what ``build`` draws from what ``fetch`` finds; a skeleton meanwhile, a refusal with retry if it fails.

    The page goes out with the content when it is there within the patience, else the content follows.
    """
    region = Region(fetch, build, words)
    await region.load(patience_s)
    return region


class Region(Element, Generic[Found]):
    """A part of a page with content that is fetched; ``load`` fetches and draws it anew."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Found]],
        build: Callable[[Found], Awaitable[object] | object],
        words: object = "",
    ) -> None:
        super().__init__("div")
        self.classes("region")
        self._fetch, self._build, self._words = fetch, build, words

    async def load(self, patience_s: float = PATIENCE_S) -> None:
        """Fetch and draw; the old content, or a skeleton, stands until it is there."""
        reading = background_tasks.create(self._found(), name="region", context=self)
        done, _ = await asyncio.wait({reading}, timeout=patience_s)
        if not done and not self.default_slot.children:
            with self:
                loading(self._words)

    async def _found(self) -> None:
        self.props("aria-busy=true")
        try:
            await self._redraw(await self._fetch())
        except HubFault as fault:
            self._refuse(fault)
        except Exception as bug:  # noqa: BLE001  a part of a page that breaks is shown as broken; the others stand
            _log.exception("region_broke")
            self._refuse(page_fault(bug))
        finally:
            if not self.is_deleted:
                self.props(remove="aria-busy")

    async def _redraw(self, found: Found) -> None:
        if self.is_deleted:
            return
        self.clear()
        drawing = self._build(found)
        if isawaitable(drawing):
            await drawing

    def _refuse(self, fault: HubFault) -> None:
        if not self.is_deleted:
            self.clear()
            refusal(fault, self.load)


def page_fault(bug: Exception) -> HubFault:
    """A fault of the console itself, as a page shows it."""
    return HubFault(
        t("页面出错", "A fault of this page"),
        type(bug).__name__,
        t("请重试；若仍出错，请查看控制台日志。", "try again; if it stays, the console's log holds the reason"),
    )


def announcer() -> "Announcer":
    """A place from which changes are read out without being seen."""
    return Announcer(ui.element("div").classes("visually-hidden").props("aria-live=polite role=status"))


class Announcer:
    """Reads out what changed."""

    def __init__(self, place: Element) -> None:
        with place:
            self._said = text("")

    def say(self, words: object) -> None:
        """Read this out."""
        self._said.set_text(str(words))


def is_open() -> bool:
    """Whether somebody still looks at the page that is being drawn."""
    return not context.client.is_deleted
