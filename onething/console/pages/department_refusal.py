"""One refused record: why, what it said, how to mend it and send it again, or to put it aside."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from nicegui import ui

from onething.console.department import Desk, confirm, desk, in_whose_name, reason_field
from onething.console.elements import (
    badge,
    box,
    button,
    choice_field,
    facts,
    note,
    paragraph,
    section,
    tell,
    text,
    text_field,
    tick,
)
from onething.console.field_words import Names, field_names, label_of
from onething.console.frame import console_page, retitle
from onething.console.hub import HubFault, hub, segment
from onething.console.instants import when
from onething.console.language import Words, t
from onething.console.mending import Asked, asked_place, asked_places, changes, other_places
from onething.console.pages.department_refusals import PATH, reasons_of, state_badge
from onething.console.states import Region, announcer, empty
from onething.console.tables import plain_table

Record = Mapping[str, Any]
_SHAPE: Final = "type, source, resource, subject, record_id, version, valid_at, content"
_KINDS: Final = {"enterprise": "企业 enterprise", "person": "个人 person"}


def register() -> None:
    """The page of one refused record."""

    @console_page(f"{PATH}/{{department}}/{{event_id}}", Words("拒收记录", "Refused record"))
    async def refusal(department: str, event_id: str) -> None:
        place = await desk()
        if place is None:
            return
        if department not in place.codes:
            empty(t("这是其他部门的记录", "This is another department's record"), t("返回", "Back"), PATH)
            return
        page = _Page(place, f"/v1/departments/{segment(department)}/refusals/{segment(event_id)}")
        await page.region.load()


class _Page:
    """What one sees of a record; it is masked until somebody opens it in order to mend it."""

    def __init__(self, place: Desk, path: str) -> None:
        self.place, self.path = place, path
        self._opened_by = ""
        self.region: Region[Record] = Region(self._fetch, self._draw)

    async def _fetch(self) -> Record:
        record = await hub().get(self.path, opened_by=self._opened_by)
        return {**record, "names": await field_names(record["resource"])}

    def _draw(self, record: Record) -> None:
        retitle(t("拒收记录", "Refused record") + f" · {record['resource_name'] or t('未能识别', 'not told')}")
        _standing(record)
        _reasons(record)
        if record["state"] == "open":
            if record["mendable"]:
                _Mend(self, record).draw()
            self._aside()
        if not (record["opened"] and record["state"] == "open" and record["mendable"]):
            self._content(record)
        _attempts(record)

    def _content(self, record: Record) -> None:
        with section(t("原记录", "The record as it came")):
            if not record["opened"]:
                note(t("可能属于个人的内容已遮蔽。", "What may be personal is masked."))
            if record["record"] is not None:
                text(json.dumps(record["record"], ensure_ascii=False, indent=2), "pre")
            elif record["text"] is not None:
                text(record["text"], "pre")
            else:
                paragraph(t("无法读作一条记录；打开后可见其原文。", "It cannot be read; open it to see its text."))
            if not record["opened"]:
                button(t("打开原文（留痕）", "Open it (on record)"), self._open)

    async def _open(self) -> None:
        self._opened_by = self.place.person
        await self.region.load()

    def _aside(self) -> None:
        async def put_aside(said: Mapping[str, Any]) -> str:
            await hub().post(f"{self.path}/dismissal", {"dismissed_by": self.place.person, "reason": said["reason"]})
            return t("已搁置", "Put aside")

        def asked() -> Mapping[str, Any]:
            note(t("搁置后不再列为待处理，原记录仍留存。", "It is no longer listed as open; its bytes stay kept."))
            in_whose_name(self.place)
            return {"reason": reason_field()}

        words = t("搁置此记录", "Put it aside")
        with box("actions state-line"):
            button(words, lambda: confirm(words, asked, put_aside, self.region.load, kind="danger"), "danger")


class _Mend:
    """The two ways to mend: single places, or the whole text."""

    def __init__(self, page: _Page, record: Record) -> None:
        self._page, self._record = page, record
        self._written: list[tuple[Asked, Callable[[], str], Callable[[], bool]]] = []
        self._whole: Any = None

    def draw(self) -> None:
        with section(t("更正并重新上报", "Mend it and send it again")):
            if self._record["publishable_now"]:
                badge(t("按现行规则，原记录可以直接上报", "By today's rules it can be sent as it is"), "good")
            if self._record["record"] is not None:
                self._single_places()
            self._whole_text()
            in_whose_name(self._page.place)
            self._result = box().props("aria-live=polite")
            with box("actions"):
                button(t("检查", "Check"), self._check)
                button(t("更正并上报", "Mend and send"), self._send, "primary")
        self._said = announcer()

    def _single_places(self) -> None:
        places = asked_places(self._record)
        with box("mend-places") as form:
            for asked in places:
                self._field(asked)
        others = other_places(self._record)
        if not others:
            return
        chosen = choice_field(
            t("另改一项", "Change another place"),
            {path: label_of(path, self._record["names"]) for path in others},
            None,
            searchable=True,
        )

        def added() -> None:
            if chosen.value and all(each.path != chosen.value for each, _, _ in self._written):
                with form:
                    self._field(asked_place(self._record, chosen.value))

        chosen.on_value_change(added)

    def _field(self, asked: Asked) -> None:
        field = _drawn(asked, self._record["names"])
        gone = tick(t("删去该项", "take it out"), value=True) if asked.removable else None
        self._written.append((asked, lambda: str(field.value or ""), lambda: gone is not None and bool(gone.value)))

    def _whole_text(self) -> None:
        record = self._record
        unread = record["record"] is None
        with ui.element("details") as shown:
            text(t("整条更正（JSON）", "Mend the whole record (JSON)"), "summary")
            if not record["opened"]:
                note(t("请先在下方打开原文；打开会留痕。", "Open the record below first; that is put on record."))
                button(t("打开原文（留痕）", "Open it (on record)"), self._page._open)  # noqa: SLF001  its own page
            else:
                if unread:
                    note(t("请写成一条 JSON 记录：" + _SHAPE, "Write it as one JSON record: " + _SHAPE))
                kept = record["text"] if unread else json.dumps(record["record"], ensure_ascii=False, indent=2)
                self._kept = kept
                self._whole = text_field(t("记录", "Record"), kept or "", long=True)
                self._whole.props("autogrow input-class=mono").classes(remove="field", add="wide-field")
        if unread or record["opened"]:
            shown.props("open")

    def _body(self) -> dict[str, Any]:
        if self._whole is not None and self._whole.value != self._kept:
            return {"text": self._whole.value}
        if self._record["record"] is None:
            raise HubFault(t("尚未更正", "Nothing was mended"), "", t("请整条更正后再上报。", "write the whole record"))
        return {"changes": changes([(asked, written(), gone()) for asked, written, gone in self._written])}

    async def _post(self, **more: Any) -> Record:
        body = {"mended_by": self._page.place.person, **self._body(), **more}
        return await hub().post(f"{self._page.path}/retry", body)

    async def _check(self) -> None:
        told = await self._post(dry_run=True)
        self._result.clear()
        with self._result:
            if told["publishable"]:
                badge(t("检查通过，可以上报", "It can be sent"), "good")
            else:
                badge(t(f"还有 {len(told['faults'])} 处", f"{len(told['faults'])} faults left"), "bad")
                _fault_table(told["faults"], self._record["names"])

    async def _send(self) -> None:
        await self._post()
        tell(t("已更正并上报", "Mended and sent"))
        await self._page.region.load()


def _drawn(asked: Asked, names: Names) -> Any:
    label = label_of(asked.path, names)
    if asked.path == "subject.kind":
        return choice_field(label, _KINDS, asked.shown if asked.shown in _KINDS else None, hint=asked.why)
    if asked.allowed:
        options = {value: value for value in asked.allowed}
        return choice_field(label, options, asked.shown if asked.shown in options else None, hint=asked.why)
    return text_field(label, asked.shown, hint=asked.why)


def _standing(record: Record) -> None:
    with section(t("基本情况", "In short")):
        facts(
            [
                (t("状态", "State"), partial(state_badge, record)),
                (t("拒收时间", "Refused"), _times(record)),
                (t("来路", "Door"), record["door_name"]),
                (t("出处", "Origin"), record["origin"]),
                (t("事件类型", "Event type"), record["event_type"]),
                (t("留存方式", "Kept"), _kept(record)),
                (t("拒收编号", "Id"), lambda: text(record["event_id"], classes="mono")),
                *_settled_facts(record),
            ]
        )


def _times(record: Record) -> str:
    first, last = when(record["received_at"]), when(record["last_at"])
    if record["times"] == 1:
        return first
    return t(f"{first} 起，共 {record['times']} 次，最近 {last}", f"from {first}, {record['times']} times, last {last}")


def _kept(record: Record) -> str:
    size = f"{record['size_bytes']:,} B"
    sealed = t("可能含个人信息，加密留存", "sealed: it may hold personal data")
    return f"{sealed if record['sealed'] else t('原文留存', 'as it came')}，{size}"


def _settled_facts(record: Record) -> list[tuple[object, object]]:
    settled = record["settled"]
    if settled is None:
        return []
    who = f"{settled['settled_by']}，{when(settled['at'])}"
    rows: list[tuple[object, object]] = [(t("处理人", "Settled by"), who)]
    if settled["became"]:
        rows.append((t("更正后事件", "Became"), lambda: text(settled["became"], classes="mono")))
        rows.append((t("入日志位置", "On the log"), lambda: text(settled["receipt"], classes="mono")))
    if settled["reason"]:
        rows.append((t("搁置理由", "Reason"), settled["reason"]))
    return rows


def _reasons(record: Record) -> None:
    with section(t("拒收原因", "Why it was refused")):
        _fault_table(record["reasons"], record["names"])
        if (
            record["state"] == "open"
            and record["mendable"]
            and _places(record["reasons"]) != _places(record["faults_now"])
        ):
            note(t("规则或目录已有变化，按现行规则再查的结果：", "By today's rules:"))
            _fault_table(record["faults_now"], record["names"])


def _places(faults: list[Mapping[str, str]]) -> set[tuple[str, str]]:
    return {(each["code"], each["field"]) for each in faults}


def _fault_table(faults: list[Mapping[str, str]], names: Names) -> None:
    if not faults:
        badge(t("没有问题", "nothing is wrong"), "good")
        return
    plain_table(
        t("问题", "faults"),
        [
            (t("信息项", "Place"), lambda each: label_of(each["field"], names)),
            (t("问题", "What is wrong"), lambda each: each["reason"]),
            (t("怎么改", "What to do"), lambda each: each["remedy"]),
        ],
        faults,
    )


def _attempts(record: Record) -> None:
    if not record["attempts"]:
        return
    with section(t("更正后仍被拒收的记录", "Attempts that were refused")):
        for each in record["attempts"]:
            with box("state-line"):
                text(when(each["last_at"]))
                reasons_of({**each, "names": record["names"]})
