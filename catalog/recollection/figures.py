"""Rates of re-collection, each with its numerator, its denominator and its definition; no official formula is known."""

from collections.abc import Iterable

import msgspec

from catalog.recollection.comparison import Compared

DENOMINATOR = "所列表单要求填写的全部字段（材料）；技术字段不计"


class Rate(msgspec.Struct, frozen=True):
    """One rate; ``percent`` is None where nothing is asked."""

    code: str
    name: str
    of: int
    count: int
    definition: str

    @property
    def percent(self) -> float | None:
        """The count as a part of what it is of."""
        return round(100 * self.count / self.of, 1) if self.of else None


def rates(lines: Iterable[Compared]) -> tuple[Rate, ...]:
    """Return the rates over these lines: strict and broad 重复收集率, and beside it what is filled and what is not."""
    due = [line for line in lines if line.how != "technical"]
    named = [line for line in due if line.how in ("same-name", "synonym")]
    strict = sum(line.is_stated_shareable for line in named)
    broad = sum(line.guessed for line in due)
    mapped = sum(line.how == "mapped" for line in due)
    blocked = sum(line.how == "blocked" for line in due)
    total = len(due)
    return (
        Rate(
            "collected-again",
            "重复收集率（从严）",
            total,
            strict,
            f"仍要求填写、与已载明可共享资源的信息项同名或同义的 / {DENOMINATOR}；按名称推测，待核对",
        ),
        Rate(
            "collected-again-broad",
            "重复收集率（从宽）",
            total,
            broad,
            f"另含名称相近的，以及共享属性未载明的资源 / {DENOMINATOR}；按名称推测，待核对",
        ),
        Rate("filled", "共享预填率", total, mapped, f"按映射由共享数据预填的 / {DENOMINATOR}"),
        Rate(
            "blocked", "有映射而不能预填", total, blocked, f"所映射的资源未发布、不予共享或没有该信息项 / {DENOMINATOR}"
        ),
    )
