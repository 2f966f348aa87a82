"""The ledger as people read it on a terminal: the list, the leads, one entry line by line."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from onething.rows import Row

View = Mapping[str, Any]

UNSTATED: Final = "未载明"
MOST_ENTERED: Final = 5
"""More than so many entries that came in a period are counted rather than named."""
ACTORS: Final = {"declaration": "平台（随附的来源文件）", "ledger": "平台（自动测算）"}
LATE: Final = {"overdue": "逾期", "slipping": "落后"}
ORIGINS: Final = {"source": "", "planned": "（牵头单位增列）"}


def entry_row(entry: View) -> Row:
    """One line of the list."""
    return {
        "编号": entry["id"],
        "类别": entry["kind_name"],
        "名称": entry["name"],
        "牵头单位": _names(entry["leads"]) or _text(entry["lead_text"]),
        "应完成": _share(entry["planned_share"]),
        "已完成": _share(entry["done_share"]),
        "滞后": _share(entry["slippage_share"]),
        "逾期天数": entry["days_late"] or None,
        "下一期限": entry["next_due"],
        "状态": entry["state_name"],
    }


def lead_row(line: View, states: Mapping[str, str]) -> Row:
    """One lead's sums."""
    return {
        "牵头单位": line["name"],
        "条目": line["entries"],
        **{name: line["states"][state] for state, name in states.items()},
        "应完成": _share(line["planned_share"]),
        "已完成": _share(line["done_share"]),
        "未解决问题": line["open_problems"],
    }


ENTERED: Final = "entered"


def change_lines(changes: list[View]) -> Iterator[str]:
    """What changed since the last period; entries that came are counted, where they are many."""
    entered = [each for each in changes if each["what"] == ENTERED]
    if len(entered) > MOST_ENTERED:
        yield f"新列入台账 {len(entered)} 项"
    for each in changes:
        if each["what"] != ENTERED or len(entered) <= MOST_ENTERED:
            yield f"{each['name']}：{each['told']}"


def team_row(team: View) -> Row:
    """One team of the register."""
    state = team["state"]
    return {
        "一件事": state["bundle"],
        "牵头": state["lead"],
        "组员": "、".join(state["organisations"]),
        "工作方案": (state["plan"] or {}).get("title"),
        "已结束": "是" if state["ended_at"] else None,
    }


def shown_entry(entry: View) -> Iterator[str]:
    """One entry line by line."""
    yield f"{entry['kind_name']} {entry['number'] or ''} {entry['name']}　{entry['state_name']}".replace("  ", " ")
    yield f"  来源      {entry['document']}　{entry['section']}".rstrip("　")
    yield f"  牵头单位  {_lead(entry)}"
    yield f"  责任单位  {_text(entry['responsible_text'])}"
    yield f"  进展      应完成 {_share(entry['planned_share']) or '—'}，已完成 {_share(entry['done_share']) or '—'}"
    for milestone in entry["milestones"]:
        yield from _milestone(milestone, entry["current_period"])
    yield from _team(entry["team"])
    yield from _problems(entry["problems"])
    for meeting in entry["meetings"]:
        yield f"  {meeting['kind_name']}　{meeting['on']}　{meeting['subject']}"
    for standard in entry["standards"]:
        yield from _standard(standard)
    if (entry["reductions"] or {}).get("before_origin") == "ours":
        yield "    四减中改革前的数由平台估计，不是来源文件所载"
    yield from _arrivals(entry["arrivals"])
    yield from _closing(entry["closing"])
    yield "  经过"
    for each in entry["history"]:
        reason = f"，{each['reason']}" if each["reason"] else ""
        actor = ACTORS.get(each["actor"], each["actor"])
        yield f"    {each['at'][:16].replace('T', ' ')}　{each['action_name']}　{actor}{reason}"


def _milestone(each: View, period: View) -> Iterator[str]:
    yield f"  目标 {each['id']}　{each['name']}{ORIGINS[each['origin']]}　{each['state_name']}"
    if each["quote"]:
        yield f"    原文    {each['quote']}"
    yield f"    期限    {_text(each['due_text'])}；数量 {_text(each['quantity_text'])}"
    for reading in each["readings"]:
        yield f"    读法    {reading}（平台）"
    done = "没有填报" if each["done"] is None else f"已完成 {each['done']:g}{each['unit']}"
    planned = "—" if each["planned"] is None else f"{each['planned']:.4g}{each['unit']}"
    late = f"，{LATE.get(each['state'], '晚')} {each['days_late']} 天" if each["days_late"] else ""
    yield f"    进展    {done}，应完成 {planned}（{each['how_planned_name']}）{late}"
    within = each["period"]
    if within["planned"] is not None or within["done"] is not None:
        yield f"    {period['name']}　计划 {_amount(within['planned'])}，完成 {_amount(within['done'])}"
    if each["rate_value"] is not None:
        above = "，填报高于测算" if each["reported_above_rate"] else ""
        yield f"    平台测算 {each['rate_value']:.1%}{above}"
    forecast = each["forecast"]
    yield f"    预计    {forecast['reaches_on'] or forecast['why']}"


def _lead(entry: View) -> str:
    acting = entry["acting_lead"]
    if acting:
        return f"{UNSTATED}（由{acting['name']}代行，平台路由）"
    return _text(entry["lead_text"])


def _team(team: View | None) -> Iterator[str]:
    if team is None:
        return
    for member in team["members"]:
        yield f"  工作组    {member['organisation']['name']}　{member['role']}　{member['contact']}"
    if team["unrepresented"]:
        yield f"  未派组员  {_names(team['unrepresented'])}"
    if team["plan"]:
        yield f"  工作方案  {team['plan']['title']}（{team['plan']['reference']}，{team['plan']['adopted_on']}）"


def _problems(problems: list[View]) -> Iterator[str]:
    for each in problems:
        stands = f"已解决：{each['outcome']}" if each["resolved_at"] else "未解决"
        yield f"  问题 {each['id']}　{each['text']}　{stands}"


_MET: Final = {True: "达到", False: "未达到", None: "平台无法测算，须书面说明"}


def _standard(standard: View) -> Iterator[str]:
    why = dict.fromkeys(each["why_unmeasured"] for each in standard["criteria"])
    told = f"（{'；'.join(filter(None, why))}）" if standard["met"] is None else ""
    yield f"  销号标准　{standard['name']}　{_MET[standard['met']]}{told}"
    if standard["met"] is None:
        return
    for each in standard["criteria"]:
        figure = each["why_unmeasured"] or f"{each['count']}/{each['of']}"
        decides = "" if each["closes_at"] is not None else "（只列示）"
        yield f"    {each['name']}{decides}　{figure}"
        yield from (f"      缺 {missing}" for missing in each["missing"] if each["closes_at"] is not None)


def _arrivals(arrivals: list[View]) -> Iterator[str]:
    """The twin of “shared”: whether the data really comes."""
    if not arrivals:
        return
    in_time = sum(each["in_time"] for each in arrivals)
    yield f"  数据实际到达（更新周期内）　{in_time}/{len(arrivals)}"
    for each in arrivals:
        if not each["in_time"]:
            until = each["complete_until"]
            yield f"    缺 {each['resource']}　{'从未到达' if until is None else f'只到 {until[:10]}'}"


def _closing(closing: View | None) -> Iterator[str]:
    if closing is None:
        return
    yield f"  申请销号  {closing['organisation']['name']} {closing['requested_by']}　{closing['requested_at'][:10]}"
    for each in closing["reviews"]:
        yield f"  审核同意  {each['organisation']['name']} {each['by']}　{each['at'][:10]}"
    if closing["closed_at"]:
        yield f"  销号      {closing['closed_at'][:10]}"


def _names(named: list[View]) -> str:
    return "、".join(each["name"] for each in named)


def _text(stated: str) -> str:
    return UNSTATED if stated == "unstated" else stated


def _share(share: float | None) -> str | None:
    return None if share is None else f"{share:.0%}"


def _amount(amount: float | None) -> str:
    return "—" if amount is None else f"{amount:.4g}"
