"""The list of high-frequency services drawn up from the lake as of a day, in the columns of the register's list."""

from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final

import duckdb
import msgspec

from analytics.bottlenecks.known import Known
from analytics.bottlenecks.window import Window
from analytics.services.rule import ListedService, ServiceCount, ServiceRule, listed
from catalog.evaluations import load_evaluation_rule
from catalog.items import load_items

KIND: Final = "high-frequency"
KIND_NAMES: Final = {"bundle": "一件事", "item": "事项"}


def counted_window(as_of: date, rule: ServiceRule) -> Window:
    """The months that are counted: so many until the day, whole ones where the day ends a month."""
    return Window(_months_before(as_of + timedelta(days=1), rule.months), as_of, as_of)


def counts(connection: duckdb.DuckDBPyConnection, as_of: date, rule: ServiceRule) -> tuple[ServiceCount, ...]:
    """What was counted of each service as of a day."""
    window = counted_window(as_of, rule)
    earlier = Window(_months_before(window.first, rule.months), window.first, window.as_of)
    parameters = {
        "as_of": window.known_before,
        "since": window.since,
        "until": window.until,
        "previous_since": earlier.since,
        "good_stars": load_evaluation_rule().good_stars,
    }
    cursor = connection.execute(_sql(), parameters)
    names = [column[0] for column in cursor.description or ()]
    return tuple(msgspec.convert(dict(zip(names, row, strict=True)), ServiceCount) for row in cursor.fetchall())


def drawn(connection: duckdb.DuckDBPyConnection, as_of: date, rule: ServiceRule, known: Known) -> list[dict[str, Any]]:
    """The rows of the list as of a day."""
    return [_row(each, known) for each in listed(counts(connection, as_of, rule), rule)]


def _row(service: ListedService, known: Known) -> dict[str, Any]:
    count = service.count
    department = known.leads.get(count.code, "") if count.kind == "bundle" else _department_of(count.code)
    return {
        "key": f"{count.kind}:{count.code}",
        "service_kind": KIND_NAMES[count.kind],
        "service": count.code,
        "name": known.name(count.kind, count.code),
        "department": department,
        "department_name": known.departments.get(department, ""),
        "grounds": "、".join(service.grounds),
        "volume": count.volume,
        "previous_volume": count.previous,
        "growth": _part(count.growth, "上期为零"),
        "online_share": _part(count.online_share, ""),
        "evaluations": count.evaluations,
        "good_share": _part(count.good_share, "无评价"),
        "to_improve": "、".join(service.to_improve),
    }


def _department_of(item: str) -> str:
    """Whom the register names first for an item; "" where the sources name nobody."""
    registered = load_items().by_code.get(item)
    return registered.organisations[0] if registered and registered.organisations else ""


def _part(value: float | None, nothing: str) -> str:
    return nothing if value is None else f"{value:.1%}"


def _months_before(day: date, months: int) -> date:
    """The same day so many months before, or the last of that month where it has no such day."""
    number = day.year * 12 + day.month - 1 - months
    year, month = divmod(number, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)  # noqa: PLR2004 - December
    last = following - timedelta(days=1)
    return last if day.day > last.day else date(year, month + 1, day.day)


@cache
def _sql() -> str:
    return files("analytics.services").joinpath("counts.sql").read_text(encoding="utf-8")
