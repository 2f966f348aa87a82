"""一件事: the list as the sources print it, and one bundle with its items, questions, commitments and savings."""

from typing import Any, Final

from onething.console.case_words import DELIVERY, SUBJECT_KINDS, UNSTATED
from onething.console.elements import badge, box, bullets, facts, figure, heading, link, note, paragraph, section, text
from onething.console.frame import console_page, retitle
from onething.console.hub import HubFault, hub, segment
from onething.console.language import Words, t
from onething.console.markup import Markup, link_markup, marked, tagged
from onething.console.states import empty, loaded
from onething.console.tables import plain_table

ITEM_KINDS: Final = {
    "handling": Words("办理", "handled"),
    "check": Words("核查", "checked"),
    "joint": Words("联办", "jointly"),
    "payment": Words("缴费", "paid"),
    "intake-and-delivery": Words("受理送达", "taken in and delivered"),
}

REDUCTIONS: Final = {
    "steps": Words("环节", "steps"),
    "days": Words("时限（工作日）", "working days"),
    "materials": Words("材料", "materials"),
    "trips": Words("跑动次数", "trips"),
}


def register() -> None:
    """The list of bundles, and one of them."""

    @console_page("/bundles", Words("一件事清单", "Bundles"), group="services", order=10)
    async def bundles() -> None:
        await loaded(lambda: hub().get("/v1/bundles"), _list)

    @console_page("/bundles/{bundle}", Words("一件事", "Bundle"))
    async def one(bundle: str) -> None:
        path = f"/v1/bundles/{segment(bundle)}"
        await loaded(lambda: hub().get(path), _one)
        await loaded(lambda: _savings(path), _saved)


def _list(found: dict[str, Any]) -> None:
    bundles = found["bundles"]
    for document in dict.fromkeys(each["document"] for each in bundles):
        mine = [each for each in bundles if each["document"] == document]
        with section(t(f"{document}：{len(mine)} 件", f"{document}: {len(mine)}")):
            plain_table(
                t("一件事清单", "bundles"),
                (
                    (t("序号", "No."), _number),
                    (t("一件事", "Bundle"), lambda each: link_markup(each["name"], f"/bundles/{each['id']}")),
                    (t("对象", "For"), lambda each: str(SUBJECT_KINDS[each["subject"]])),
                    (t("阶段", "Stage"), lambda each: each["stage"] or UNSTATED),
                    (t("牵头部门", "Lead"), lambda each: "、".join(each["leads"]) or UNSTATED),
                    (t("事项数", "Items"), lambda each: str(len(each["items"]))),
                ),
                mine,
            )


def _number(bundle: dict[str, Any]) -> str:
    annex, number = bundle["annex"], bundle["number"]
    return str(number) if annex is None else t(f"附件{annex}-{number}", f"annex {annex}-{number}")


def _one(bundle: dict[str, Any]) -> None:
    retitle(bundle["name"])
    with box("actions"):
        if bundle["is_verification"]:
            link(t("申请核查", "Verify"), f"/verifications/new?bundle={bundle['id']}", "button primary")
        else:
            link(t("我要办理", "Apply"), f"/bundles/{bundle['id']}/apply", "button primary")
        link(t("查看办件", "Its cases"), f"/cases?bundle={bundle['id']}", "button")
    with section(t("概况", "At a glance")):
        facts(
            (
                (t("来源", "Source"), f"{bundle['document']}　{_number(bundle)}"),
                (t("办理对象", "For"), SUBJECT_KINDS[bundle["subject"]]),
                (t("阶段", "Stage"), bundle["stage"] or UNSTATED),
                (t("牵头部门", "Lead"), "、".join(bundle["leads"]) or UNSTATED),
                (t("配合单位", "Taking part"), "、".join(bundle["participants"]) or "—"),
                (t("结果领取", "Results"), _delivery(bundle["delivery"])),
                (t("定义版本", "Version"), bundle["version"]),
            )
        )
        if bundle["lead_note"]:
            note(bundle["lead_note"])
    _items(bundle)
    _situations(bundle["situations"])
    _commitments(bundle["commitments"])


def _delivery(delivery: dict[str, Any]) -> str:
    together = t("统一发证", "together") if delivery["together"] else t("依次发证", "one by one")
    return f"{together}：{'、'.join(str(DELIVERY[each]) for each in delivery['means'])}"


def _items(bundle: dict[str, Any]) -> None:
    with section(t(f"事项（{len(bundle['items'])}）", f"Items ({len(bundle['items'])})")):
        plain_table(
            t("事项", "items"),
            (
                (t("序号", "No."), lambda each: str(each["number"])),
                (t("事项", "Item"), _item),
                (t("方式", "How"), lambda each: str(ITEM_KINDS.get(each["kind"], each["kind"]))),
                (t("责任单位", "Responsible"), lambda each: "、".join(each["departments"]) or UNSTATED),
                (t("须先办", "After"), lambda each: "、".join(map(str, each["after"])) or "—"),
            ),
            bundle["items"],
        )


def _item(item: dict[str, Any]) -> Markup:
    return Markup(marked(item["name"]) + (tagged("p", item["note"], class_="note") if item["note"] else ""))


def _situations(situations: list[dict[str, Any]]) -> None:
    if situations:
        with section(t("情形问题（智能导办）", "Questions")):
            for each in situations:
                heading(each["question"], 3)
                bullets(_choice(choice) for choice in each["choices"])


def _choice(choice: dict[str, Any]) -> str:
    items = "、".join(map(str, choice["items"]))
    return str(choice["text"]) + (t(f"：办第 {items} 项", f": item {items}") if items else "")


def _commitments(commitments: list[dict[str, Any]]) -> None:
    if commitments:
        with section(t("告知承诺与容缺受理", "Promises and documents to follow")):
            for each in commitments:
                kind = t("告知承诺", "promise") if each["kind"] == "promise" else t("容缺受理", "to follow")
                with box("inline"):
                    badge(kind)
                    text(t(f"{each['days']} 个工作日内", f"within {each['days']} working days"))
                paragraph(each["text"])
                note(each["liability"])


async def _savings(path: str) -> dict[str, Any]:
    try:
        return await hub().get(f"{path}/savings")
    except HubFault as fault:
        if fault.is_missing:
            return {}
        raise


def _saved(found: dict[str, Any]) -> None:
    with section(t("四减", "Four reductions")):
        if not found.get("count"):
            empty(t("还没有办结的办件，无法比较", "No case has ended yet, so nothing can be compared"))
            return
        with box("figures"):
            for name, words in REDUCTIONS.items():
                figure(change(found[name]), words)
        note(t(f"按已办结的 {found['count']} 件取中位数。", f"The median of {found['count']} ended cases."))
        if found["before_origin"] == "ours":
            note(
                t(
                    "改革前的数由本枢纽估定，来源未公布。",
                    "The figures before are our estimate.",
                )
            )


def change(measure: dict[str, Any]) -> str:
    """From the figure before to the median now; a dash where nobody states the one before."""
    return " → ".join("—" if each is None else f"{each:g}" for each in (measure["before"], measure["median"]))
