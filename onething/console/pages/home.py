"""首页: what runs, what is due, and where to go."""

from typing import Any

from onething.console.elements import box, figure, link, paragraph, section
from onething.console.frame import console_page
from onething.console.hub import hub
from onething.console.language import Words, t
from onething.console.states import loaded


def register() -> None:
    """The console's first page."""

    @console_page("/", Words("首页", "Overview"), group="services", order=0)
    async def home() -> None:
        paragraph(t("一条日志，一份档案，一次办好。", "One log, one archive, one answer."))
        await loaded(_bundles, _figures)


async def _bundles() -> dict[str, Any]:
    return await hub().get("/v1/bundles")


def _figures(found: dict[str, Any]) -> None:
    with box("figures"):
        figure(len(found["bundles"]), t("一件事", "bundles"), "/bundles")
    with section(t("从这里开始", "Start here")):
        link(t("选一件事，看一次告知", "Choose a bundle, read its notice"), "/bundles")
