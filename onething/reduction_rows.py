"""Four reductions (四减) and evaluations (好差评) as programs and people read them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from catalog.evaluation_counts import Evaluations
from catalog.item_words import UNSTATED_WORDS
from catalog.savings import MEASURES, Measure, MeasureName, Saving
from onething.rows import Row

MEASURE_WORDS: Final[Mapping[MeasureName, str]] = {
    "steps": "环节（个）",
    "days": "时间（工作日）",
    "materials": "材料（份）",
    "trips": "跑动（次）",
}


#: Stands under every table of savings: no source states what it was before.
BEFORE_NOTE: Final = "“→”前为改革前分别办理的数，由平台估计，不是来源文件所载；“→”后为已办结办件的中位数。"


def saving_view(saving: Saving, name: str, before_origin: str | None) -> dict[str, Any]:
    """A bundle's saving.

    Args:
        saving: the figures; ``before``, ``saved`` and ``saved_part`` are null where what was before is unstated.
        name: the bundle's, in Chinese.
        before_origin: who says what it was before: ``ours``, None where nobody does.
    """
    measures: dict[str, Any] = {each: _measure_view(saving.of(each)) for each in MEASURES}
    return {
        "bundle": saving.bundle,
        "name": name,
        "count": saving.count,
        "before_origin": before_origin,
        **measures,
    }


def _measure_view(measure: Measure) -> dict[str, Any]:
    return {
        "before": measure.before,
        "median": measure.median,
        "mean": measure.mean,
        "saved": measure.saved,
        "saved_part": measure.saved_part,
    }


def saving_rows(views: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Savings as rows of a table: before → median, and what that saves."""
    return [
        {
            "一件事": view["name"],
            "办结": view["count"],
            **{words: _told(view[each]) for each, words in MEASURE_WORDS.items()},
        }
        for view in views
    ]


def _told(measure: Mapping[str, Any]) -> str:
    taken = "尚无办结" if measure["median"] is None else f"{measure['median']:g}"
    if measure["before"] is None:
        return f"{taken}（改革前{UNSTATED_WORDS}）"
    told = f"{measure['before']} → {taken}"
    if measure["saved_part"] is None or not measure["saved"]:
        return told
    word = "减" if measure["saved"] > 0 else "增"
    return f"{told}（{word}{abs(measure['saved_part']):.0%}）"


def evaluation_view(of: Mapping[str, str], evaluations: Evaluations) -> dict[str, Any]:
    """Counted evaluations; ``of`` names what they are of, as ``{"bundle": "newborn", "name": "新生儿出生"}``."""
    return {
        **of,
        "count": evaluations.count,
        "mean_stars": evaluations.mean_stars,
        "good": evaluations.good,
        "good_part": evaluations.good_part,
        "bad": evaluations.bad,
        "answered": evaluations.answered,
        "answered_in_time": evaluations.answered_in_time,
        "overdue": evaluations.overdue,
        "bad_cases": list(evaluations.bad_cases),
    }


def evaluation_rows(views: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Counted evaluations as rows of a table."""
    return [
        {
            "名称": view["name"],
            "评价": view["count"],
            "平均星级": f"{view['mean_stars']:.2f}",
            "好评率": f"{view['good_part']:.1%}",
            "差评": view["bad"],
            "按期整改": view["answered_in_time"],
            "逾期未整改": view["overdue"],
        }
        for view in views
    ]
