"""上报情况: per resource what was published and refused, until when it is complete; how the department answers."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from onething.console.catalog_names import ResourceName, resources
from onething.console.department import desk
from onething.console.elements import Tone, badge, box, bullets, figure, link, note, section, text
from onething.console.frame import console_page
from onething.console.hub import HubFault, hub, segment
from onething.console.instants import minute, span
from onething.console.language import Words, t
from onething.console.pages.department_refusals import PATH as REFUSALS
from onething.console.states import loaded
from onething.console.tables import plain_table

PATH: Final = "/departments/publishing"
HEALTHS: Final[Mapping[str, tuple[Words, Tone]]] = {
    "good": (Words("良好", "good"), "good"),
    "bad": (Words("异常", "bad"), "bad"),
    "unknown": (Words("样本不足，暂不判定", "unknown"), "quiet"),
}
ARCHIVE: Final = "archive"
COUNTS: Final = """
SELECT resource, count(*) AS facts, CAST(epoch_us(max(known_at)) AS BIGINT) AS last_us
FROM facts WHERE department = $department GROUP BY resource
"""
_LATE_CYCLES: Final = 1.0
_SOON_CYCLES: Final = 0.8

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Published:
    """One resource: what is known of its publishing; None where nobody could tell."""

    code: str
    name: str
    facts: int | None
    last_us: int | None
    refused: int
    coverage: Told | None


@dataclass(frozen=True)
class Health:
    """A department as a source; each part is None where the part of the hub that knows it does not answer."""

    source: Told | None
    today: Told | None
    published: tuple[Published, ...]
    waiting: int | None
    lag: int | None
    silent: tuple[str, ...]


def register() -> None:
    """The publishing health of a department."""

    @console_page(PATH, Words("上报情况", "Publishing"), group="departments", order=20)
    async def publishing() -> None:
        place = await desk()
        if place is not None:
            await loaded(partial(_fetch, place.code), _draw)


async def _fetch(code: str) -> Health:
    """Ask every part that knows something; what one of them does not tell leaves the rest standing."""
    silent: list[str] = []

    async def tried(asked: Awaitable[dict[str, Any]], who: str) -> dict[str, Any] | None:
        try:
            return await asked
        except HubFault as fault:
            if not fault.is_missing:
                silent.append(f"{who}：{fault.title}")
            return None

    asked = {"sql": COUNTS, "parameters": {"department": code}}
    source, live, counted, refused, known = await asyncio.gather(
        tried(hub().get(f"/v1/live/sources/{segment(code)}"), t("实时监测", "live figures")),
        tried(hub().get("/v1/live", span="day"), t("实时监测", "live figures")),
        tried(hub().post("/v1/lake/query", asked), t("数据湖", "the lake")),
        tried(hub().get(f"/v1/departments/{segment(code)}/refusals/counts"), t("拒收记录", "refused records")),
        resources(),
    )
    today = next((each for each in live["departments"] if each["department"] == code), None) if live else None
    published = _published(code, known, source, counted, refused)
    waiting = refused["states"]["open"] if refused else None
    lag = max((each["lag"] for each in live["views"] if each["kind"] == ARCHIVE), default=None) if live else None
    return Health(source, today, published, waiting, lag, tuple(dict.fromkeys(silent)))


def _published(
    code: str, known: Mapping[str, ResourceName], source: Told | None, counted: Told | None, refused: Told | None
) -> tuple[Published, ...]:
    facts = {row[0]: (row[1], row[2]) for row in counted["rows"]} if counted else {}
    open_ones = {each["key"]: each["count"] for each in refused["resources"]} if refused else {}
    covered = {each["resource"]: each for each in source["coverage"]} if source else {}
    own = {resource: each for resource, each in known.items() if each.provider == code}
    return tuple(
        Published(
            resource,
            each.name,
            facts.get(resource, (0, None))[0] if counted else None,
            facts.get(resource, (0, None))[1],
            open_ones.get(resource, 0),
            covered.get(resource),
        )
        for resource, each in sorted(own.items(), key=lambda named: named[1].name)
    )


def _draw(health: Health) -> None:
    for each in health.silent:
        badge(each, "warning")
    _source(health)
    _resources(health)


def _source(health: Health) -> None:
    with box("figures"):
        if health.today is not None:
            figure(f"{health.today['kept']:,}", t("近 24 小时入库（条）", "facts kept in 24 hours"))
            figure(
                f"{health.today['refused']:,}",
                t("近 24 小时拒收（条）", "refused in 24 hours"),
                f"{REFUSALS}?state=open",
            )
        if health.waiting is not None:
            figure(f"{health.waiting:,}", t("待更正的拒收记录", "waiting to be mended"), REFUSALS)
        if health.lag is not None:
            figure(f"{health.lag:,}", t("尚未归档（条）", "not in archives yet"))
        late = sum(_tone(each.coverage) == "bad" for each in health.published)
        figure(late, t("覆盖超期或未声明的资源", "resources that are behind"))
    if health.source is not None:
        _answers(health.source)


def _answers(source: Told) -> None:
    words, tone = HEALTHS.get(source["health"], (Words(source["health"], source["health"]), "quiet"))
    with section(t("作为数源", "As a source")):
        with box("inline state-line"):
            badge(words, tone)
            text(t("最近有数据：", "last seen ") + minute(source["last_seen"]))
        if source["why"]:
            bullets(source["why"])
        told = [each for each in source.get("answers", ()) if each["sample"]]
        if not told:
            note(t("近 30 分钟没有核查问到本部门数据。", "Nothing was asked of this data in the last 30 minutes."))
            return
        means = {"archive": t("平台代答", "by the hub"), "department": t("部门答复", "by the department")}
        plain_table(
            t("答复情况", "answers"),
            [
                (t("方式", "By"), lambda each: means.get(each["means"], each["means"])),
                (t("次数", "Answers"), lambda each: each["sample"]),
                (t("成功率", "Success"), lambda each: f"{each['success_share']:.1%}"),
                (t("中位用时", "Median"), lambda each: _seconds(each["p50_s"])),
                (t("95% 用时", "p95"), lambda each: _seconds(each["p95_s"])),
            ],
            told,
            figures=(1, 2, 3, 4),
        )


def _resources(health: Health) -> None:
    with section(t("各数据资源", "Resources")):
        if not health.published:
            note(t("本部门没有登记数据资源。", "The register knows no resource of this department."))
            return
        plain_table(
            t("各数据资源", "resources"),
            [
                (t("数据资源", "Resource"), lambda each: partial(_named, each)),
                (t("累计上报", "Published"), lambda each: "—" if each.facts is None else f"{each.facts:,}"),
                (t("最近上报", "Last"), lambda each: lambda: text(minute(each.last_us), classes="nowrap")),
                (t("待更正", "Refused"), lambda each: partial(_refused, each)),
                (t("数据完整至", "Complete until"), lambda each: partial(_coverage, each.coverage)),
            ],
            health.published,
            figures=(1, 3),
        )


def _named(each: Published) -> None:
    text(each.name)
    text(each.code, "p", "mono note")


def _refused(each: Published) -> None:
    if each.refused:
        link(f"{each.refused:,}", REFUSALS)
    else:
        text("0")


def _coverage(coverage: Told | None) -> None:
    tone = _tone(coverage)
    if coverage is None or not coverage["complete_until"]:
        badge(t("未声明", "not stated"), tone)
        return
    text(minute(coverage["complete_until"]))
    told = t(f"已 {span(int(coverage['lag_s']))}", f"{span(int(coverage['lag_s']))} ago")
    cycle = coverage["update_cycle_days"]
    with box():
        badge(told + (t(f"，周期 {cycle} 天", f", cycle {cycle} d") if cycle else ""), tone)


def _tone(coverage: Told | None) -> Tone:
    if coverage is None or not coverage["complete_until"]:
        return "bad"
    cycles = coverage["cycles"]
    if cycles is None:
        return "quiet"
    return "bad" if cycles > _LATE_CYCLES else "warning" if cycles > _SOON_CYCLES else "good"


def _seconds(told: float | None) -> str:
    return "—" if told is None else f"{told:.2f} s"
