"""The sentences of a bulletin: figures in the words of an official notice, nothing that the figures do not say."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from analytics.bulletins.content import (
    ComplaintCount,
    DataServed,
    DutyLine,
    EntryLine,
    EvaluationLine,
    RateLine,
    ReductionLine,
    ResourceLine,
    StepLine,
    WaitLine,
)

_POINT: Final = 0.0005
_NAMED: Final = 3
_BEHIND: Final = ("overdue", "slipping")


def share(value: float | None, places: int = 1) -> str:
    """A share as a percentage; what is unstated says so."""
    return "未载明" if value is None else f"{value * 100:.{places}f}%"


def rate_sentence(lines: Sequence[RateLine]) -> str:
    """How the rates with a target stand."""
    aimed = [each for each in lines if each.target is not None and each.value is not None]
    if not aimed:
        return "数据共享指标方面，本期没有可计算的指标。"
    told = "；".join(_aimed(each) for each in aimed)
    met = sum(each.met is True for each in aimed)
    return f"数据共享指标方面，设有目标的{len(aimed)}项指标中{met}项已达到目标值。其中，{told}。"


def ledger_sentence(entries: Sequence[EntryLine]) -> str:
    """How the entries of the ledger stand, and which are furthest behind."""
    if not entries:
        return "工作台账方面，没有牵头的条目。"
    closed = sum(each.state == "closed" for each in entries)
    overdue = sum(each.state == "overdue" for each in entries)
    slipping = sum(each.state == "slipping" for each in entries)
    told = f"工作台账方面，共{len(entries)}项，已销号{closed}项，逾期{overdue}项，滞后{slipping}项"
    behind = [each for each in entries if each.state in _BEHIND and each.days_late > 0][:_NAMED]
    if not behind:
        return f"{told}。"
    return f"{told}。滞后较多的有：{'；'.join(f'{_quoted(each.name)}已逾{each.days_late}天' for each in behind)}。"


def duty_sentence(duties: Sequence[DutyLine], *, named: bool) -> str:
    """How many duties of the legal clock are overdue; ``named`` tells whose, too."""
    if not duties:
        return "法定时限方面，期末没有逾期未办事项。"
    longest = duties[0]
    told = (
        f"法定时限方面，期末逾期未办{len(duties)}件，最长逾期{longest.working_days_late}个工作日（{longest.kind_name}）"
    )
    if not named:
        return f"{told}。"
    counts: dict[str, int] = {}
    for each in duties:
        counts[each.department_name] = counts.get(each.department_name, 0) + 1
    most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_NAMED]
    return f"{told}，较多的单位为{_counted(most, '件')}。"


def wait_sentence(waits: Sequence[WaitLine], slowest: Sequence[WaitLine], steps: Sequence[StepLine]) -> str:
    """Where cases waited: counts, what is overdue, the ``slowest`` of departments or items, and of bundles."""
    ended, still = sum(each.ended for each in waits), sum(each.open for each in waits)
    if not ended and not still:
        return "办件方面，期内没有分派办理的事项。"
    overdue = sum(each.overdue for each in waits)
    told = f"办件方面，期内办结分派事项{ended}件次，期末在办{still}件次，其中超过办理时限{overdue}件次"
    slow = [each for each in slowest if each.working_days_p90][:_NAMED]
    if slow:
        names = "、".join(f"{each.name}（{each.working_days_p90:g}个工作日）" for each in slow)
        told += f"；办理用时九成位较长的为{names}"
    if steps:
        first = steps[0]
        slowest_step = f"最慢环节是{_quoted(first.step)}，占全程{share(first.share, 0)}"
        told += f"。全程用时最长的一件事为{_quoted(first.name)}，{slowest_step}"
    return f"{told}。"


def resource_sentence(served: DataServed, resources: Sequence[ResourceLine]) -> str:
    """How many cases data served, and which resources are wanted most."""
    if not served.cases:
        return "数据支撑方面，期内没有新办件。"
    part = share(served.served / served.cases)
    told = f"数据支撑方面，期内新办{served.cases}件，全程由共享数据支撑{served.served}件（{part}）"
    wanted = [each for each in resources if each.touched]
    if not wanted:
        return f"{told}。"
    names = "、".join(f"{each.name}（{each.department_name}）" for each in wanted)
    return f"{told}。最需补齐的数据资源为{names}；全部补齐可达{served.would_be_served}件。"


def evaluation_sentence(evaluations: Iterable[EvaluationLine], complaints: ComplaintCount) -> str:
    """What applicants said, and what callers complained of."""
    lines = list(evaluations)
    count, bad = sum(each.count for each in lines), sum(each.bad for each in lines)
    late = sum(each.overdue for each in lines)
    told = (
        "评价方面，期内没有收到好差评"
        if not count
        else f"评价方面，期内收到好差评{count}件，差评{bad}件，逾期未整改{late}件"
    )
    return f"{told}；{''.join(_complained(complaints))}。"


def reduction_sentence(lines: Sequence[ReductionLine]) -> str:
    """How many cases were delivered; what they saved stands in the table."""
    if not lines:
        return "四减方面，期内没有办结办件。"
    cases = sum(each.count for each in lines)
    return f"四减方面，期内{len(lines)}个一件事办结{cases}件，环节、时间、材料、跑动次数见附表。"


def _aimed(line: RateLine) -> str:
    told = f"{line.name}{share(line.value)}"
    if line.change is None or abs(line.change) < _POINT:
        moved = "与上月持平" if line.change is not None else "上月无可比数"
    else:
        moved = f"较上月{'提高' if line.change > 0 else '下降'}{abs(line.change) * 100:.1f}个百分点"
    if line.met or line.target is None or line.value is None:
        return f"{told}，{moved}，已达目标"
    return f"{told}，{moved}，距目标（{share(line.target, 0)}）差{abs(line.target - line.value) * 100:.1f}个百分点"


def _complained(complaints: ComplaintCount) -> Iterator[str]:
    if not complaints.total:
        yield "热线未收到相关诉求"
        return
    about = _counted(complaints.categories[:_NAMED], "件")
    yield f"热线收到相关诉求{complaints.total}件，主要反映{about}"
    notes = [f"其中{complaints.inferred}件按单位和时间推定关联，非热线载明"] if complaints.inferred else []
    notes += [f"含模拟数据{complaints.made_up}件"] if complaints.made_up else []
    if notes:
        yield f"（{'；'.join(notes)}）"


def _quoted(name: str) -> str:
    """A name in quotation marks, unless it bears its own."""
    return name if "“" in name else f"“{name}”"


def _counted(pairs: Iterable[tuple[str, int]], unit: str) -> str:
    return "、".join(f"{name}{count}{unit}" for name, count in pairs)
