"""What a benchmark found: figures with their units and targets, for people or as JSON."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """One measured figure.

    Attributes:
        name: what was measured.
        value: in ``unit``.
        unit: such as ``events/s`` or ``ms``; empty for a ratio.
        target: the value asked for, None when the figure only stands beside another one.
        bound: whether the value should be at least or at most the target.
    """

    name: str
    value: float
    unit: str = ""
    target: float | None = None
    bound: Literal["≥", "≤"] = "≥"

    @property
    def met(self) -> bool | None:
        """Whether the target is met, None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.bound == "≥" else self.value <= self.target


def at_most(name: str, value: float, unit: str, target: float) -> Figure:
    """A figure that should be small."""
    return Figure(name, value, unit, target, "≤")


def told(benchmark: str, figures: Sequence[Figure], *, as_json: bool) -> str:
    """The figures as one JSON object, or as a table."""
    if as_json:
        rows = [{**msgspec.structs.asdict(each), "met": each.met} for each in figures]
        return json.dumps({"benchmark": benchmark, "machine": machine(), "figures": rows}, ensure_ascii=False)
    width = max(len(each.name) for each in figures)
    title = f"{benchmark}: {', '.join(f'{name} {value}' for name, value in machine().items())}"
    return "\n".join([title, *(_line(each, width) for each in figures)])


def machine() -> dict[str, object]:
    """What the figures were measured on, and how busy it was with other work."""
    load, _, _ = os.getloadavg()
    return {"cores": os.cpu_count(), "python": platform.python_version(), "load_1min": round(load, 1)}


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least this share of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _line(figure: Figure, width: int) -> str:
    digits = 2 if abs(figure.value) < 100 else 0
    target = (
        "" if figure.target is None else f"  {'met' if figure.met else 'MISSED'} ({figure.bound} {figure.target:,g})"
    )
    return f"  {figure.name:{width}}  {figure.value:>12,.{digits}f} {figure.unit:10}{target}"
