"""实时监测: what happens now, whose answers can be relied on, and which alerts stand; kept fresh while it is open."""

from typing import Any, Final

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from onething.console.catalog_names import Remembered
from onething.console.elements import Tone, box, bullets, facts, figure, note, section, text
from onething.console.frame import console_page, retitle
from onething.console.hub import HubFault, hub, segment
from onething.console.instants import minute, span, when
from onething.console.language import Words, t
from onething.console.markup import Markup, badge_markup, link_markup, unbroken
from onething.console.states import Region, empty, loaded
from onething.console.tables import folded_table, plain_table

EVERY_S: Final = 2.0
"""How often an open page looks; the console asks the hub once for all of them."""

HEALTH: Final[dict[str, tuple[Words, Tone]]] = {
    "good": (Words("良好", "good"), "good"),
    "bad": (Words("不良", "bad"), "bad"),
    "unknown": (Words("未知", "unknown"), "quiet"),
}
SEVERITIES: Final[dict[str, Tone]] = {"critical": "bad", "warning": "warning", "info": "quiet"}

Found = dict[str, Any]


async def _asked() -> Found:
    return await hub().get("/v1/live")


async def _asked_alerts() -> Found:
    return await hub().get("/v1/live/alerts")


async def _asked_sources() -> Found:
    return await hub().get("/v1/live/sources")


_LIVE: Final = Remembered(_asked, fresh_s=1.0)
_ALERTS: Final = Remembered(_asked_alerts, fresh_s=2.0)
_SOURCES: Final = Remembered(_asked_sources, fresh_s=5.0)


def register() -> None:
    """Live figures, and one source's health."""

    @console_page("/live", Words("实时监测", "Live"), group="bureau", order=15)
    async def live() -> None:
        await loaded(_LIVE.now, LiveFigures)
        alerts: Region[Found] = await loaded(_ALERTS.now, _alerts)
        sources: Region[Found] = await loaded(_SOURCES.now, _sources)
        ui.timer(EVERY_S * 5, alerts.load, immediate=False)
        ui.timer(EVERY_S * 5, sources.load, immediate=False)

    @console_page("/live/sources/{department}", Words("数源健康", "A source's health"))
    async def source(department: str) -> None:
        await loaded(lambda: hub().get(f"/v1/live/sources/{segment(department)}"), _source)


class LiveFigures:
    """The totals, written over in place as they change."""

    def __init__(self, found: Found) -> None:
        self._hour: dict[str, TextElement] = {}
        self._minute: dict[str, TextElement] = {}
        with section(t("最近一小时", "The last hour")):
            with box("figures"):
                for each in found["totals"]:
                    with box("figure"):
                        self._hour[each["figure"]] = text("", "strong")
                        text(each["name"])
                        self._minute[each["figure"]] = text("", "small")
            self._at = note("")
        self._show(found)
        ui.timer(EVERY_S, self._refresh, immediate=False)

    async def _refresh(self) -> None:
        try:
            self._show(await _LIVE.now())
        except HubFault as fault:
            self._at.set_text(t(f"{fault.title}；所示为先前的数值。", f"{fault.title}; these are the figures before."))

    def _show(self, found: Found) -> None:
        for each in found["totals"]:
            if each["figure"] in self._hour:
                self._hour[each["figure"]].set_text(f"{each['hour']:,}")
                last = t(f"最近一分钟 {each['minute']:,}", f"{each['minute']:,} in the last minute")
                self._minute[each["figure"]].set_text(last)
        lags = "；".join(f"{each['view']} {each['lag']:,}" for each in found["views"])
        self._at.set_text(t(f"{when(found['now'])}；落后消息数：{lags}", f"{when(found['now'])}; lag: {lags}"))


def _alerts(found: Found) -> None:
    firing = [each for each in found["alerts"] if each["state"] == "firing"]
    with section(t(f"告警（{len(firing)}）", f"Alerts ({len(firing)})")):
        if not found["alerts"]:
            empty(t("没有告警", "No alert"))
            return
        plain_table(
            t("告警", "alerts"),
            (
                (t("级别", "Severity"), _severity),
                (t("告警", "Alert"), lambda each: each["summary"]),
                (t("自", "Since"), lambda each: unbroken(minute(each["since"]))),
                (t("怎么办", "What to do"), lambda each: each["remedy"]),
            ),
            found["alerts"],
        )


def _severity(alert: Found) -> Markup:
    words = t("告警", "firing") if alert["state"] == "firing" else t("待观察", "pending")
    return badge_markup(words, SEVERITIES.get(alert["severity"], "warning") if alert["state"] == "firing" else "quiet")


def _sources(found: Found) -> None:
    rule = found["rule"]
    ordered = sorted(found["sources"], key=pressing)
    with section(t("数源健康", "Health of sources")):
        if not ordered:
            empty(t("还没有数源上报", "No source was heard of yet"))
            return
        folded_table(
            t("数源健康", "sources"),
            (
                (t("部门", "Department"), _department),
                (t("判定", "Health"), _health),
                (t("原因", "Why"), lambda each: "；".join(each["why"]) or "—"),
                (t("成功率", "Success"), lambda each: share(each["success_share"])),
                (t("p50 / p95（秒）", "p50 / p95, s"), _times),
                (t("覆盖滞后", "Coverage lag"), lambda each: unbroken(lag(each["coverage_lag_s"]))),
                (t("最近所见", "Last seen"), lambda each: unbroken(minute(each["last_seen"]))),
                (t("样本", "Sample"), lambda each: str(each["sample"])),
            ),
            ordered,
            figures=(3, 4, 7),
        )
        note(t(f"{rule['name']}第 {rule['version']} 版：{rule['basis']}", f"rule {rule['version']}"))


def pressing(source: Found) -> tuple[int, int, str]:
    """What puts a source in front: bad health, then how much was asked of it."""
    return ("bad", "unknown", "good").index(source["health"]), -source["sample"], source["name"]


def _department(source: Found) -> Markup:
    return link_markup(source["name"], f"/live/sources/{segment(source['department'])}")


def _health(source: Found) -> Markup:
    return badge_markup(*HEALTH[source["health"]])


def share(value: float | None) -> str:
    """A share; a dash where there is no sample."""
    return "—" if value is None else f"{value:.1%}"


def _times(source: Found) -> str:
    if source["p50_s"] is None:
        return "—"
    return f"{source['p50_s']:.1f} / {source['p95_s']:.1f}"


def lag(seconds: float | None) -> str:
    """How far a source's coverage is behind."""
    return "—" if seconds is None else span(int(seconds))


def _source(found: Found) -> None:
    retitle(found["name"])
    with section(t("判定", "Health")):
        facts(
            (
                (t("判定", "Health"), _health(found)),
                (t("原因", "Why"), lambda: bullets(found["why"]) if found["why"] else text("—")),
                (t("成功率", "Success"), share(found["success_share"])),
                (t("最近所见", "Last seen"), when(found["last_seen"])),
            )
        )
        with box("figures"):
            figure(f"{found['kept']:,}", t("入库事实", "facts kept"))
            figure(f"{found['refused']:,}", t("拒收记录", "refused"))
    with section(t("覆盖", "Coverage")):
        plain_table(
            t("覆盖", "coverage"),
            (
                (t("数据资源", "Resource"), _resource),
                (t("完整至", "Complete until"), lambda each: unbroken(minute(each["complete_until"]))),
                (t("更新周期（天）", "Cycle, days"), lambda each: str(each["update_cycle_days"])),
                (t("滞后周期数", "Cycles behind"), lambda each: f"{each['cycles']:.1f}"),
            ),
            found["coverage"],
            figures=(2, 3),
        )


def _resource(row: Found) -> Markup:
    return link_markup(row["resource"], f"/catalogue/{segment(row['resource'])}", "mono")
