"""Notices, forms and pre-checks as people read them on a terminal."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

UNSTATED: Final = "来源未载明"
HOLDS: Final = {True: "符合", False: "不符合", None: "待核对"}
ELIGIBLE: Final = {True: "可以", False: "不可以", None: "待核对"}
SUPPLIED: Final = {
    "archive": "由档案取得",
    "upload": "上传",
    "paper": "纸质件",
    "promise": "告知承诺",
    "later": "容缺受理",
}
DELIVERY: Final = {"counter": "窗口领取", "mail": "邮寄", "e-licence": "电子证照"}
FILLED: Final = {"filled": "已共享", "held-masked": "已共享（隐去）", "given": "已填", "asked": "待填"}


def print_notice(notice: dict[str, Any]) -> None:
    """一次告知书."""
    console = Console(highlight=False)
    console.print(f"一次告知　{notice['name']}　{notice['document']}", style="bold", markup=False)
    _lines(console, _notice_head(notice))
    _items(console, notice["items"])
    _questions(console, notice)
    _held(console, notice["held"])
    _needed(console, notice)
    _lines(console, _notice_end(notice))


def print_form(form: dict[str, Any]) -> None:
    """一表申报."""
    console = Console(highlight=False)
    console.print(f"申报表　{form['name']}", style="bold", markup=False)
    _form(console, form)


def print_precheck(found: dict[str, Any]) -> None:
    """预审结果."""
    console = Console(highlight=False)
    faults = found["faults"]
    title = "预审通过，可以提交" if found["passes"] else f"预审未通过：{len(faults)} 处问题"
    console.print(f"{title}　{found['form']['name']}", style="bold", markup=False)
    if faults:
        _table(console, "问题", ("位置", "问题", "怎么办"), ((f["place"], f["message"], f["remedy"]) for f in faults))
    rows = ((each["name"], SUPPLIED[each["means"]], each["reference"] or "") for each in found["materials"])
    _table(console, "材料", ("材料", "方式", "凭据"), rows)
    judged = (
        (str(each["item"]), condition["text"], condition["reason"])
        for each in found["to_judge"]
        for condition in each["conditions"]
    )
    _table(console, "由受理人员核对的条件", ("事项", "条件", "原因"), judged)
    _form(console, found["form"])


def _notice_head(notice: dict[str, Any]) -> Iterator[str]:
    yield f"申请人：{notice['subject'].partition(':')[2]}　时间：{moment(notice['at'])}"
    lead = "、".join(notice["lead"]) or f"{UNSTATED}，由{notice['acting_lead']}受理"
    yield f"牵头单位：{lead}"
    if notice["participants"]:
        yield f"参与单位：{'、'.join(notice['participants'])}"
    if not notice["exists"]:
        yield "档案中没有该主体的记录"
    if closed := notice["closed"]:
        doubt = "，该登记存在争议" if closed["disputed"] else ""
        yield f"⚠ 档案已关闭：{closed['state']}，{moment(closed['since'])}（{closed['by']}{doubt}）"
    for fault in notice["faults"]:
        yield f"⚠ {fault['message']}（{fault['place']}）：{fault['remedy']}"
    for broken in notice["broken"]:
        doubt = "（有争议）" if broken["disputed"] else ""
        yield f"⚠ 违反承诺{doubt}：{broken['text']}（{broken['resource']}，{moment(broken['valid_at'])}）"


def _items(console: Console, items: Sequence[dict[str, Any]]) -> None:
    rows = (
        (
            str(item["number"]),
            item["text"],
            "、".join(item["departments"]) + ("等" if item["open_list"] else ""),
            days(item["promised_days"] if item["promised_days"] is not None else item["legal_days"]),
            money(item["fee_fen"]),
        )
        for item in items
    )
    _table(console, "办理事项", ("序号", "事项", "办理单位", "时限", "收费"), rows)
    conditions = (
        (str(item["number"]), each["text"], HOLDS[each["holds"]], "" if each["holds"] is not None else each["reason"])
        for item in items
        for each in item["conditions"]
    )
    _table(console, "受理条件", ("事项", "条件", "结论", "说明"), conditions)


def _questions(console: Console, notice: dict[str, Any]) -> None:
    rows = (
        (question["id"], question["text"], "、".join(f"{each['id']}（{each['text']}）" for each in question["options"]))
        for question in notice["questions"]
    )
    _table(console, "待选情形", ("问题", "内容", "选项"), rows)
    undecided = ((str(each["number"]), each["text"], "、".join(each["questions"])) for each in notice["undecided"])
    _table(console, "视情形办理", ("序号", "事项", "取决于"), undecided)


def _held(console: Console, held: Sequence[dict[str, Any]]) -> None:
    rows = ((each["name"], *_source(each["evidence"]), _covered(each["evidence"])) for each in held)
    _table(console, "免于提交（档案已有）", ("材料", "来源", "记录", "入库时间", "数据截至"), rows)


def _needed(console: Console, notice: dict[str, Any]) -> None:
    rows = ((each["name"], numbers(each["items"]), each["text"]) for each in notice["needed"])
    _table(console, "需要提交", ("材料", "用于事项", "原因"), rows)
    names = {each["id"]: each["name"] for each in notice["needed"]}
    offers = (
        (
            names[each["material"]],
            each["kind_name"],
            ELIGIBLE[each["eligible"]],
            days(each["days"]),
            "；".join(each[part].rstrip("。；") for part in ("reason", "text", "liability") if each[part]),
        )
        for each in notice["offers"]
    )
    _table(console, "可以承诺或后补", ("材料", "方式", "能否适用", "期限", "说明"), offers)


def _notice_end(notice: dict[str, Any]) -> Iterator[str]:
    yield f"法定办结时限：{_term(notice['legal'])}　承诺办结时限：{_term(notice['promised'])}"
    yield f"收费：{_fee(notice['fee'])}"
    yield "办理结果：" + ("、".join(each["name"] for each in notice["results"]) or UNSTATED)
    means = "、".join(DELIVERY.get(each, each) for each in notice["delivery"]["means"]) or UNSTATED
    together = {True: "统一发证", False: "依次发证", None: UNSTATED}[notice["delivery"]["together"]]
    yield f"领取：{means}；{together}"
    form = notice["form"]
    yield f"申报表：共 {form['total']} 项，已由共享填 {form['filled']} 项，待填 {form['asked']} 项"
    yield from _unstated(notice["items"])


def _unstated(items: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What the items leave open; those that leave the same open share a line."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for item in items:
        alike.setdefault(tuple(item["unstated"]), []).append(item["number"])
    return (f"事项 {numbers(each)} {UNSTATED}：{'、'.join(what)}" for what, each in alike.items() if what)


def _form(console: Console, form: dict[str, Any]) -> None:
    table = Table()
    for heading in ("内容", "值", "来源"):
        table.add_column(heading, overflow="fold")
    for group in form["groups"]:
        table.add_row(Text(f"{group['title']}（事项 {numbers(group['items'])}）", style="bold"))
        for field in group["fields"]:
            table.add_row(*map(Text, _field(field)))
        table.add_section()
    if form["groups"]:
        console.print(table)
    counts, rate = form["counts"], form["recollection_rate"]
    console.print(
        f"共 {counts['total']} 项：共享已填 {counts['filled']} 项，待填 {counts['asked']} 项，"
        f"其中本可共享 {counts['asked_though_shareable']} 项；重复收集率 {'—' if rate is None else f'{rate:.1%}'}"
    )
    if form["unstated"]:
        console.print(f"事项 {numbers(form['unstated'])} 的填报内容{UNSTATED}")


def _field(field: dict[str, Any]) -> tuple[str, str, str]:
    star = "" if field["required"] else "（选填）"
    value = "" if field["value"] is None else str(field["value"])
    told = [FILLED[field["status"]], field["text"], "　".join(filter(None, _source(field["source"])))]
    return field["name"] + star, value, "：".join(filter(None, told))


def _source(evidence: dict[str, Any] | None) -> tuple[str, str, str]:
    if evidence is None:
        return "", "", ""
    return f"{evidence['department']}　{evidence['name']}", evidence["record_id"], moment(evidence["known_at"])


def _covered(evidence: dict[str, Any]) -> str:
    """Up to when the source has stated that its data are complete."""
    return moment(evidence["complete_until"]) if evidence["complete_until"] else "未声明"


def _term(term: dict[str, Any]) -> str:
    if term["days"] is None:
        return UNSTATED
    left = f"（不含事项 {numbers(term['unstated'])}，{UNSTATED}）" if term["unstated"] else ""
    return days(term["days"]) + left


def _fee(fee: dict[str, Any]) -> str:
    left = f"（不含事项 {numbers(fee['unstated'])}，{UNSTATED}）" if fee["unstated"] else ""
    return UNSTATED if fee["total_fen"] is None else money(fee["total_fen"]) + left


def days(count: int | None) -> str:
    """Working days as a notice writes them."""
    return UNSTATED if count is None else f"{count} 个工作日"


def money(fen: int | None) -> str:
    """An amount in fen as a notice writes it."""
    if fen is None:
        return UNSTATED
    return "不收费" if fen == 0 else f"{fen // 100}.{fen % 100:02d} 元"


def moment(iso: str) -> str:
    """An instant to the minute."""
    return iso[:16].replace("T", " ")


def numbers(items: Sequence[int]) -> str:
    """Numbers of items."""
    return "、".join(map(str, items))


def _lines(console: Console, lines: Iterable[str]) -> None:
    for line in lines:
        console.print(line, markup=False)


def _table(console: Console, title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table; nothing at all where there is no row."""
    known = list(rows)
    if not known:
        return
    table = Table(title=title, title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in known:
        table.add_row(*map(Text, row))
    console.print(table)
