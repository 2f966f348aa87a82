"""高频服务清单 and 通报: what is computed by rule and published, and what is drawn up every month."""

from functools import partial
from typing import Any

from onething.console.downloads import PATH, download
from onething.console.elements import badge, box, bullets, link, markup, note, section
from onething.console.frame import console_page
from onething.console.hub import hub, segment
from onething.console.language import Words, t
from onething.console.markup import Markup, tagged
from onething.console.states import empty, loaded
from onething.console.tables import plain_table

Found = dict[str, Any]


def register() -> None:
    """The list of services that are asked for most, and the bulletins."""

    @console_page("/services", Words("高频服务清单", "High-frequency services"), group="bureau", order=55)
    async def services() -> None:
        await loaded(lambda: hub().get("/v1/high-frequency-services"), _versions)
        await loaded(lambda: hub().get("/v1/high-frequency-services/draft"), _draft)

    @console_page("/bulletins", Words("月度通报", "Bulletins"), group="bureau", order=60)
    async def bulletins(month: str = "") -> None:
        await loaded(lambda: hub().get("/v1/bulletins"), partial(_months, month))
        if month:
            words = t("正在汇总本月数据…", "Gathering the month…")
            await loaded(lambda: hub().get(f"/v1/bulletins/{segment(month)}"), partial(_bulletin, month), words=words)


def _versions(found: Found) -> None:
    with section(t("已发布的清单", "Published lists")):
        if not found["versions"]:
            empty(
                t("还没有发布过清单", "No list was published yet"),
                t("由不同的人编制、审签、发布", "Drawn up, signed off and published by different persons"),
                "/lists",
            )
            return
        plain_table(
            t("清单", "lists"),
            (
                (t("版本", "Version"), lambda each: str(each["version"])),
                (
                    t("发布日", "Published"),
                    lambda each: str(each.get("published_on") or each.get("published_at") or "—"),
                ),
                (t("服务数", "Services"), lambda each: str(each.get("count") or len(each.get("rows", ())))),
            ),
            found["versions"],
        )


def _draft(found: Found) -> None:
    title = t(f"按口径算出（{found['from']} 至 {found['to']}）", f"By the rule ({found['from']} to {found['to']})")
    with section(title):
        if not found["rows"]:
            empty(
                t("期内没有达到高频的服务", "No service is asked for often enough"),
                t(f"口径第 {found['rule_version']} 版；办件增多后自动列入。", f"By rule {found['rule_version']}."),
            )
            return
        plain_table(
            t("高频服务", "services"),
            (
                (t("服务", "Service"), lambda each: each["name"]),
                (t("类别", "Kind"), lambda each: each["service_kind"]),
                (t("部门", "Department"), lambda each: each["department_name"]),
                (t("入选理由", "Why"), lambda each: each["grounds"]),
                (t("办件量", "Cases"), lambda each: str(each["volume"])),
                (t("较上期", "Growth"), lambda each: each["growth"]),
                (t("网办率", "Online"), lambda each: each["online_share"]),
                (t("好评率", "Good"), lambda each: each["good_share"]),
                (t("待改进", "To improve"), lambda each: each["to_improve"] or "—"),
            ),
            found["rows"],
            figures=(4,),
        )
        note(t(f"口径第 {found['rule_version']} 版。", f"Rule {found['rule_version']}."))


def _months(chosen: str, found: Found) -> None:
    with section(t("月份", "Months")):
        if not found["months"]:
            empty(t("还没有可以通报的数据", "There is nothing to report on yet"))
        with box("actions"):
            for each in found["months"]:
                words = each["month"] + (t("（未结束，暂计）", " (provisional)") if each["provisional"] else "")
                shown = link(words, f"/bulletins?month={each['month']}", "button")
                if each["month"] == chosen:
                    shown.props("aria-current=page")


def _bulletin(month: str, found: Found) -> None:
    with section(found["title"]):
        if found["provisional"]:
            badge(t("本月未结束，暂计", "provisional"), "warning")
        bullets(found["city"]["paragraphs"])
        with box("actions"):
            download(t("全部页 PDF", "All pages, PDF"), f"/v1/bulletins/{month}.pdf")
            download(t("全部页 XLSX", "All pages, XLSX"), f"/v1/bulletins/{month}.xlsx")
        markup(Markup("".join(_files(month, each) for each in _pages(found))), "ul", "pages")


def _pages(found: Found) -> list[Found]:
    return [{"code": "city", "name": t("全市", "The city")}, *found["departments"]]


def _files(month: str, page: Found) -> Markup:
    """A page of the bulletin with its two files."""
    files = (_file(month, page, ending) for ending in ("pdf", "xlsx"))
    return tagged("li", Markup(tagged("span", page["name"]) + tagged("span", Markup("　".join(files)))))


def _file(month: str, page: Found, ending: str) -> Markup:
    href = f"{PATH}/v1/bulletins/{month}/{page['code']}.{ending}"
    told = f"{page['name']} {ending.upper()}"
    return tagged("a", ending.upper(), href=href, download=told.replace(" ", "."), aria_label=told)
