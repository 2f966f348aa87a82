"""Figures as tables and JSON, from the rules to the row."""

from catalog.evaluation_counts import Evaluations
from catalog.savings import Measure, Saving
from onething.reduction_rows import evaluation_rows, evaluation_view, saving_rows, saving_view
from onething.rows import Form, written


def measure(before: int | None, median: float) -> Measure:
    return Measure(before=before, median=median, mean=median, saved=None if before is None else before - median)


SAVING = Saving(
    bundle="restaurant-opening",
    count=3,
    steps=measure(8, 2.0),
    days=measure(45, 4.5),
    materials=measure(None, 6.0),
    trips=measure(0, 1.0),
)


def test_a_saving_as_programs_read_it() -> None:
    view = saving_view(SAVING, "开办餐饮店“一件事”", "ours")
    assert (view["bundle"], view["count"], view["before_origin"]) == ("restaurant-opening", 3, "ours")
    assert view["steps"] == {"before": 8, "median": 2.0, "mean": 2.0, "saved": 6.0, "saved_part": 0.75}
    assert view["materials"] == {"before": None, "median": 6.0, "mean": 6.0, "saved": None, "saved_part": None}


def test_a_saving_as_people_read_it() -> None:
    longer = saving_view(
        Saving(
            bundle="b", count=1, steps=measure(2, 3), days=measure(1, 1), materials=measure(4, 0), trips=measure(0, 0)
        ),
        "更长",
        None,
    )
    assert saving_rows([saving_view(SAVING, "开办餐饮店", "ours"), longer]) == [
        {
            "一件事": "开办餐饮店",
            "办结": 3,
            "环节（个）": "8 → 2（减75%）",
            "时间（工作日）": "45 → 4.5（减90%）",
            "材料（份）": "6（改革前来源未载明）",
            "跑动（次）": "0 → 1",
        },
        {
            "一件事": "更长",
            "办结": 1,
            "环节（个）": "2 → 3（增50%）",
            "时间（工作日）": "1 → 1",
            "材料（份）": "4 → 0（减100%）",
            "跑动（次）": "0 → 0",
        },
    ]


def test_a_bundle_without_a_delivered_case_says_so() -> None:
    nothing = {"before": 8, "median": None, "mean": None, "saved": None, "saved_part": None}
    view = {"name": "新生儿出生", "count": 0} | dict.fromkeys(("steps", "days", "materials", "trips"), nothing)
    (row,) = saving_rows([view])
    assert row["环节（个）"] == "8 → 尚无办结"


def test_evaluations_as_people_read_them() -> None:
    counted = Evaluations(
        count=8, mean_stars=4.125, good=7, bad=1, answered=1, answered_in_time=1, overdue=0, bad_cases=("case-9",)
    )
    view = evaluation_view({"bundle": "newborn", "name": "新生儿出生"}, counted)
    assert (view["bundle"], view["good_part"], view["bad_cases"]) == ("newborn", 0.875, ["case-9"])
    table = written(evaluation_rows([view]), Form.TABLE)
    assert table.splitlines()[1].split() == ["新生儿出生", "8", "4.12", "87.5%", "1", "1", "0"]
