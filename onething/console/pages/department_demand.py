"""One demand: what is asked for, what the law's clock says, what happened, and what this department may do next."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Final, Literal

from onething.console.case_words import word
from onething.console.catalog_names import departments, limits, resources
from onething.console.demand_words import ACTIONS, MEANS, SHARING, STATES, Field, Move, Party, moves_of
from onething.console.department import Desk, confirm, desk, in_whose_name, option_field, reason_field
from onething.console.elements import badge, box, bullets, button, facts, link, note, section, text, text_field
from onething.console.frame import console_page, retitle
from onething.console.hub import HubFault, hub, segment
from onething.console.instants import CHINA, day, minute
from onething.console.language import Words, t
from onething.console.pages.department_demands import PATH, clock, running_duties
from onething.console.states import Region, empty
from onething.console.tables import plain_table

Told = Mapping[str, Any]
Kind = Literal["primary", "plain"]
_LATE: Final = "overdue"
_SOON: Final = "due-soon"


def register() -> None:
    """The page of one demand."""

    @console_page(f"{PATH}/{{demand_id}}", Words("共享需求", "Demand"))
    async def demand(demand_id: str) -> None:
        place = await desk()
        if place is not None:
            await _Page(place, demand_id).region.load()


class _Page:
    """What one sees of a demand, and does with it."""

    def __init__(self, place: Desk, demand_id: str) -> None:
        self._place, self._id = place, demand_id
        self._path = f"/v1/demands/{segment(demand_id)}"
        self.region: Region[Told] = Region(self._fetch, self._draw)

    async def _fetch(self) -> Told:
        found, history, names, known, basis = await asyncio.gather(
            hub().get(self._path), hub().get(f"{self._path}/history"), departments(), resources(), limits()
        )
        state = found["state"]
        duties = await running_duties(state["provider"])
        return {
            **state,
            "history": history["changes"],
            "names": names,
            "known": known,
            "limits": basis,
            "duties": [each for each in duties if each["entity_id"] == self._id],
        }

    def _draw(self, demand: Told) -> None:
        parties = _parties(demand, self._place.code)
        if not parties:
            empty(t("这是其他部门的共享需求", "This is a demand of other departments"), t("返回", "Back"), PATH)
            return
        retitle(f"{t('共享需求', 'Demand')} {demand['id']}")
        self._clock(demand)
        _standing(demand)
        self._acts(demand, parties)
        _scope(demand)
        _history(demand)

    def _clock(self, demand: Told) -> None:
        if not demand["duties"]:
            return
        worst = demand["duties"][0]
        with section(t("法定期限", "The legal clock")):
            if worst["stands"] == _LATE:
                badge(t("已逾期：请立即办理，并说明理由", "overdue: act now"), "bad")
            elif worst["stands"] == _SOON:
                badge(t("即将到期", "due soon"), "warning")
            plain_table(
                t("法定期限", "terms"),
                [
                    (t("责任部门", "Owed by"), lambda _: demand["names"].get(demand["provider"], demand["provider"])),
                    (t("起算", "Received"), lambda each: minute(each["received_at"])),
                    (t("期限", "Due"), lambda each: partial(clock, each)),
                    (t("依据", "Limit"), lambda each: partial(_limit, demand["limits"], each)),
                ],
                demand["duties"],
            )
            if any(each["provisional"] for each in demand["duties"]):
                note(t("所跨年度的节假日安排尚未公布，期限为暂算。", "Holidays are not arranged yet: provisional."))

    def _acts(self, demand: Told, parties: set[Party]) -> None:
        moves = moves_of(demand["state"], parties)
        reviews = demand["state"] == "decided" and "provider" in parties
        completes = demand["state"] == "completing" and "requester" in parties
        if not (moves or reviews or completes):
            return
        with section(t("可办理", "What can be done")):
            if demand["missing"] and completes:
                note(t("需补正：", "To complete: ") + "、".join(demand["missing"]))
            in_whose_name(self._place)
            with box("actions"):
                if reviews:
                    self._review(demand)
                if completes:
                    button(t("补正", "Complete"), partial(self._complete, demand), "primary")
                for place, move in enumerate(moves):
                    is_first = place == 0 and not (reviews or completes)
                    plain: Kind = "primary" if is_first else "plain"
                    button(move.words, partial(self._do, move), "danger" if move.danger else plain)

    def _review(self, demand: Told) -> None:
        decision = demand["decision"]
        approved = "granted" if decision["outcome"] == "grant" else "refused"
        button(t("审核同意", "Approve"), partial(self._said, approved, {}), "primary")
        returned = Move("returned", "provider", ("decided",), Words("退回重新决定", "Return"), reason=True)
        button(returned.words, partial(self._do, returned))

    async def _do(self, move: Move) -> None:
        async def act(said: Told) -> str:
            payload = {each.name: each.said(str(said[each.name] or "")) for each in move.fields}
            await self._post(move.action, payload, str(said.get("reason") or ""))
            return str(ACTIONS[move.action])

        def asked() -> Told:
            fields = {each.name: _field(each) for each in move.fields}
            in_whose_name(self._place)
            return {**fields, "reason": reason_field()} if move.reason else fields

        kind = "danger" if move.danger else "primary"
        await confirm(str(move.words), asked, act, self.region.load, kind=kind)

    async def _said(self, action: str, payload: Told) -> None:
        await self._post(action, payload, "")
        await self.region.load()

    async def _complete(self, demand: Told) -> None:
        async def act(said: Told) -> str:
            await hub().post(
                f"{self._path}/completed", {"actor": self._place.person, "payload": _completed(demand, said)}
            )
            return str(ACTIONS["completed"])

        def asked() -> Told:
            note(t("请一次补齐：", "Everything in one go: ") + "、".join(demand["missing"]))
            until = "" if demand["until"] is None else day(demand["until"] - 1)
            return {
                "basis": text_field(
                    t("依据（每行一项）", "Legal basis, one a line"), "\n".join(demand["basis"]), long=True
                ),
                "scenario": text_field(t("场景", "Scenario"), demand["scenario"]),
                "purpose": text_field(t("用途", "Purpose"), demand["purpose"]),
                "means": option_field(
                    t("方式", "Means"),
                    {name: str(words) for name, words in MEANS.items()},
                    next(iter(demand["means"]), "interface"),
                ),
                "until": text_field(t("使用期限（最后一天，如 2027-06-30）", "Until (last day)"), until),
            }

        await confirm(t("补正", "Complete"), asked, act, self.region.load)

    async def _post(self, action: str, payload: Told, reason: str) -> None:
        body: dict[str, Any] = {
            "actor": self._place.person,
            "payload": {"organisation": self._place.code, **payload},
        }
        await hub().post(f"{self._path}/{action}", body | ({"reason": reason} if reason else {}))


def _limit(known: Mapping[str, tuple[str, bool]], duty: Told) -> None:
    basis, is_stated = known.get(duty["limit"], (duty["limit"], True))
    link(basis, f"/duties/{duty['id']}")
    if not is_stated:
        text(t("（转述，未见原文）", " (at second hand)"), classes="note")


def _parties(demand: Told, code: str) -> set[Party]:
    found: set[Party] = set()
    if demand["provider"] == code:
        found.add("provider")
    if demand["requester"] == code:
        found.add("requester")
    return found


def _field(asked: Field) -> Any:
    if asked.options is not None:
        return option_field(str(asked.label), {name: str(words) for name, words in asked.options.items()}, asked.value)
    return text_field(asked.label, asked.value, long=asked.kind in ("long", "lines"))


def _completed(demand: Told, said: Told) -> dict[str, Any]:
    """The application as a whole, with what was completed."""
    kept = {name: demand[name] for name in ("requester", "provider", "scope", "readers")}
    subjects = demand["subjects"]
    return {
        **kept,
        **({"subjects": subjects} if subjects else {"subjects": {"kind": "any"}}),
        "basis": [line.strip() for line in str(said["basis"] or "").splitlines() if line.strip()],
        "scenario": said["scenario"],
        "purpose": said["purpose"],
        "means": [said["means"]],
        "until": _end_of(str(said["until"] or "")),
    }


def _end_of(last_day: str) -> int | None:
    """The end of a day of China, µs UTC."""
    if not last_day:
        return None
    try:
        told = date.fromisoformat(last_day)
    except ValueError as fault:
        remedy = t("请写作 2027-06-30 的形式", "write it as 2027-06-30")
        raise HubFault(t("日期有误", "This is no date"), last_day, remedy) from fault
    end = datetime.combine(told + timedelta(days=1), time.min, CHINA)
    return int(end.timestamp() * 1_000_000)


def _standing(demand: Told) -> None:
    names = demand["names"]
    until = t("未填写", "not said") if demand["until"] is None else day(demand["until"] - 1)
    with section(t("基本情况", "In short")):
        facts(
            [
                (t("状态", "State"), lambda: badge(*word(STATES, demand["state"]))),
                (t("需求方", "Requester"), names.get(demand["requester"], demand["requester"])),
                (t("提供方", "Provider"), names.get(demand["provider"], demand["provider"])),
                (t("共享属性", "Sharing"), SHARING.get(demand["sharing"], demand["sharing"])),
                (t("用途", "Purpose"), demand["purpose"]),
                (t("场景", "Scenario"), demand["scenario"]),
                (t("依据", "Legal basis"), lambda: bullets(demand["basis"] or ["—"])),
                (t("方式", "Means"), "、".join(str(MEANS.get(each, each)) for each in demand["means"])),
                (t("使用至", "Until"), until),
                (t("申请", "Applied"), f"{demand['applied_by']}，{minute(demand['applied_at'])}"),
                *_replied(demand),
            ]
        )


def _replied(demand: Told) -> list[tuple[object, object]]:
    rows: list[tuple[object, object]] = []
    if decision := demand["decision"]:
        outcome = t("同意共享", "grant") if decision["outcome"] == "grant" else t("不予共享", "refuse")
        why = f"（{decision['reason']}）" if decision["reason"] else ""
        rows.append((t("经办意见", "Decided"), f"{decision['decided_by']}：{outcome}{why}"))
        if decision["reviewed_by"]:
            rows.append((t("审核", "Reviewed by"), decision["reviewed_by"]))
    if demand["grant"]:
        rows.append((t("授权", "Grant"), lambda: text(demand["grant"], classes="mono")))
    if delivery := demand["delivery"]:
        told = f"{MEANS.get(delivery['means'], delivery['means'])}：{delivery['reference']}"
        rows.append((t("提供", "Delivered"), f"{told}，{delivery['delivered_by']}，{minute(delivery['at'])}"))
    if receipt := demand["receipt"]:
        rows.append((t("处置回执", "Receipt"), lambda: text(receipt["number"], classes="mono")))
    return rows


def _scope(demand: Told) -> None:
    known = demand["known"]
    with section(t("申请范围", "What is asked for")):
        plain_table(
            t("申请范围", "scope"),
            [
                (
                    t("数据资源", "Resource"),
                    lambda each: known[each["resource"]].name if each["resource"] in known else each["resource"],
                ),
                (t("信息项", "Fields"), partial(_fields, known)),
            ],
            demand["scope"],
        )


def _fields(known: Mapping[str, Any], asked: Told) -> str:
    names = known[asked["resource"]].fields if asked["resource"] in known else {}
    return "、".join(f"{names.get(field, field)}" for field in asked["fields"]) or t("全部", "all")


def _history(demand: Told) -> None:
    with section(t("办理过程", "What happened")):
        plain_table(
            t("办理过程", "history"),
            [
                (t("时间", "When"), lambda each: minute(each["at"])),
                (t("环节", "Step"), lambda each: ACTIONS.get(each["action"], each["action"])),
                (t("经办人", "By"), lambda each: each["actor"]),
                (t("说明", "Reason"), lambda each: each.get("reason")),
            ],
            reversed(demand["history"]),
        )
