"""A page's view of something that changes: each state as the hub's events bring it, until the page is closed."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, Final

import structlog
from nicegui import background_tasks, context, ui
from nicegui.element import Element

from onething.console.elements import badge, text
from onething.console.hub import HubFault, hub
from onething.console.instants import instant, left, now
from onething.console.language import t

AGAIN_S: Final = 2.0
_SOON_S: Final = 7200
_EVERY_SOON_S: Final = 1.0
_EVERY_LATER_S: Final = 30.0
_log = structlog.get_logger(__name__)


def follow(path: str, show: Callable[[dict[str, Any]], bool], place: Element) -> None:
    """Show every state that comes from an event stream; ``show`` says whether more is to come.

    A stream that breaks off is asked for again; meanwhile ``place`` says so. It ends with the page.
    """
    task = background_tasks.create(_followed(path, show, _Sign(place)), name="follow", context=context.client)
    context.client.on_delete(task.cancel)


class _Sign:
    """Says whether what one sees is live."""

    def __init__(self, place: Element) -> None:
        self._place, self._shown = place, ""

    def show(self, sign: str) -> None:
        """Show one of ``live``, ``broken``, ``ended``."""
        if sign == self._shown or self._place.is_deleted:
            return
        self._shown = sign
        self._place.clear()
        with self._place:
            if sign == "live":
                badge(t("实时更新中", "live"), "running")
            elif sign == "broken":
                badge(t("连接中断，正在重试", "connection lost, trying again"), "warning")


async def _followed(path: str, show: Callable[[dict[str, Any]], bool], sign: _Sign) -> None:
    while True:
        try:
            async with aclosing(hub().events(path)) as events:
                async for view in events:
                    if not show(view):
                        sign.show("ended")
                        return
                    sign.show("live")
        except HubFault as fault:
            _log.info("following_broke_off", fault=fault.title)
        sign.show("broken")
        await asyncio.sleep(AGAIN_S)


class Countdown:
    """The time left until a deadline, counting; it stops when there is nothing left to wait for."""

    def __init__(self) -> None:
        self._due: str | None = None
        self._shown = text("")
        self._timer = ui.timer(_EVERY_SOON_S, self._tick)

    def until(self, due: str | None) -> None:
        """Count down to this deadline; none stops the count."""
        self._due = due
        self._timer.active = due is not None
        self._shown.set_text(left(due, now()) if due else "")

    def _tick(self) -> None:
        due = instant(self._due)
        if due is not None:
            far = abs((due - now()).total_seconds()) > _SOON_S
            self._timer.interval = _EVERY_LATER_S if far else _EVERY_SOON_S
            self._shown.set_text(left(self._due, now()))
