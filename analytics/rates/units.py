"""Behind a figure: its units with their evidence, what moved since a day, the events themselves, the SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from analytics.lake.tables import TABLES
from analytics.rates.blocks import load_blocks, parameters, with_blocks
from analytics.rates.definition import Definition
from analytics.rates.figures import Figures, UnknownRate, When
from analytics.rates.folding import DIMENSIONS
from analytics.rates.names import name_of
from analytics.rates.periods import first_day
from analytics.rates.trying import COLUMNS

SORTS: Final = ("unit", "unit_name", "department", "district", "level", "counts", "why")
_EQUAL: Final = (*DIMENSIONS, "why")
_SHOWN: Final[Mapping[str, str]] = MappingProxyType(
    {"true": "counts > 0 AND out_of > 0", "false": "counts = 0 AND out_of > 0"}
)


class NotInForce(LookupError):  # noqa: N818  named for the fact
    """On that day no definition of the rate was in force yet."""


@dataclass(frozen=True)
class UnitsAsked:
    """Which units: those with these values of dimensions or reasons, counted or not, with a twin, unstated ones.

    ``after`` counts the units to pass over, in the order of ``sort`` (``-`` before it turns it round).
    """

    equal: Mapping[str, str]
    counted: str = ""
    twin: str = ""
    unstated: str = ""
    after: int = 0
    limit: int = 100
    sort: str = "unit"


def units(figures: Figures, rate: str, when: When, asked: UnitsAsked) -> dict[str, Any]:
    """A page of the units of a rate, with why they count or not and the events that decide.

    Raises:
        UnknownRate: no such rate is defined.
        NotInForce: none of its definitions was in force on the day.
    """
    definition = _in_force(figures, rate, when.as_of)
    first = first_day(when.as_of, when.period)
    wanted, values = _wanted(asked)
    sql = f"SELECT *, count(*) OVER () AS total FROM (\n{definition.sql}\n) WHERE {wanted}\n{_page(asked)}"  # noqa: S608  definitions are SQL; values are parameters
    rows = figures.counting.rows(sql, when.as_of, first, values, raw=when.raw)
    total = int(str(rows[0][-1])) if rows else _total(figures, definition, when, wanted, values)
    names = figures.counting.organisations(when.as_of)
    following = asked.after + len(rows)
    return {
        "id": rate,
        "version": definition.version,
        "as_of": when.as_of.isoformat(),
        "total": total,
        "units": [_told(row, names) for row in rows],
        "next_after": str(following) if following < total else None,
    }


def statement(figures: Figures, rate: str, when: When) -> dict[str, Any]:
    """The SQL of a figure's units as any door to the lake runs it, over raw rows, and its parameters.

    Raises:
        UnknownRate: no such rate is defined.
        NotInForce: none of its definitions was in force on the day.
    """
    definition = _in_force(figures, rate, when.as_of)
    sql = with_blocks(f"SELECT *\nFROM (\n{definition.sql.strip()}\n)\nORDER BY unit", load_blocks())
    days = parameters(sql, when.as_of, first_day(when.as_of, when.period))
    return {
        "id": rate,
        "version": definition.version,
        "sql": sql,
        "parameters": {name: day.isoformat() for name, day in sorted(days.items())},
    }


def moves(figures: Figures, rate: str, when: When, against: date) -> dict[str, Any]:
    """What moved since a day: units that came to count and that no longer do, by the definition of the later day.

    Raises:
        UnknownRate: no such rate is defined.
        NotInForce: none of its definitions was in force on the later day.
    """
    definition = _in_force(figures, rate, when.as_of)
    now, before = _standing(figures, definition, when), _standing(figures, definition, when.on(against))
    entered = sorted(unit for unit, counts in now.items() if counts[0] and not before.get(unit, (False,))[0])
    left = sorted(unit for unit, counts in before.items() if counts[0] and not now.get(unit, (False,))[0])
    names = figures.counting.organisations(when.as_of)
    return {
        "id": rate,
        "version": definition.version,
        "as_of": when.as_of.isoformat(),
        "against": against.isoformat(),
        "entered": [_moved(unit, now[unit], names, None) for unit in entered],
        "left": [_moved(unit, now.get(unit, before[unit]), names, unit not in now) for unit in left],
        "units_added": len(now.keys() - before.keys()),
        "units_gone": len(before.keys() - now.keys()),
    }


def events(figures: Figures, wanted: Sequence[tuple[str, str, date]], as_of: date) -> list[dict[str, Any]]:
    """The events of the lake that units name as evidence: (table, event id in hexadecimal, day)."""
    found = []
    for table, event_id, day in wanted:
        columns = TABLES[table].schema.names
        sql = f"SELECT {', '.join(map(_quoted, columns))} FROM {table} WHERE day = $day AND event_id = unhex($event_id)"  # noqa: S608  names of our own tables
        values = {"day": day, "event_id": event_id}
        rows = figures.counting.rows(sql, as_of, as_of, values, raw=True)
        found += [{"table": table, **dict(zip(columns, map(_plain, row), strict=True))} for row in rows]
    return found


def _in_force(figures: Figures, rate: str, as_of: date) -> Definition:
    if rate not in figures.rule.definitions.versions:
        raise UnknownRate(rate)
    definition = figures.rule.definitions.in_force(rate, as_of)
    if definition is None:
        raise NotInForce(rate)
    return definition


def _wanted(asked: UnitsAsked) -> tuple[str, dict[str, object]]:
    equal = {name: value for name, value in asked.equal.items() if name in _EQUAL}
    wanted = [f"coalesce({_quoted(name)}, '') = $equal_{name}" for name in equal]
    values: dict[str, object] = {f"equal_{name}": value for name, value in equal.items()}
    if asked.counted:
        wanted.append(_SHOWN[asked.counted])
    if asked.unstated:
        wanted.append("unstated" if asked.unstated == "true" else "NOT unstated")
    if asked.twin:
        wanted.append("list_contains(twins, $twin)")
        values["twin"] = asked.twin
    return " AND ".join(wanted) or "TRUE", values


def _page(asked: UnitsAsked) -> str:
    name = asked.sort.removeprefix("-")
    turned = " DESC" if asked.sort.startswith("-") else ""
    return f"ORDER BY {_quoted(name)}{turned} NULLS LAST, unit LIMIT {asked.limit} OFFSET {asked.after}"


def _total(figures: Figures, definition: Definition, when: When, wanted: str, values: Mapping[str, object]) -> int:
    sql = f"SELECT count(*) FROM (\n{definition.sql}\n) WHERE {wanted}"  # noqa: S608  the same
    rows = figures.counting.rows(sql, when.as_of, first_day(when.as_of, when.period), values, raw=when.raw)
    return int(str(rows[0][0]))


def _standing(figures: Figures, definition: Definition, when: When) -> dict[str, tuple[Any, ...]]:
    sql = (
        "SELECT unit, counts > 0 AND out_of > 0, unit_name, department, why"  # noqa: S608  the same
        f" FROM (\n{definition.sql}\n)"
    )
    rows = figures.counting.rows(sql, when.as_of, first_day(when.as_of, when.period), raw=when.raw)
    return {str(unit): tuple(rest) for unit, *rest in rows}


def _moved(unit: str, standing: tuple[Any, ...], names: Mapping[str, str], gone: bool | None) -> dict[str, Any]:
    _, unit_name, department, why = standing
    told = {"unit": unit, "unit_name": unit_name, "department": department}
    told["department_name"] = name_of("department", department or "", names)
    if gone is not None:
        told["why"] = "gone" if gone else why
        told["why_name"] = "不再在分母中" if gone else name_of("why", why or "", {})
    return told


def _told(row: Sequence[Any], names: Mapping[str, str]) -> dict[str, Any]:
    unit = dict(zip(COLUMNS, row, strict=False))
    unit["counted"] = unit["counts"] > 0 and unit["out_of"] > 0
    unit["department_name"] = name_of("department", unit["department"] or "", names)
    unit["why_name"] = name_of("why", unit["why"], {}) if unit["why"] else None
    unit["evidence"] = [{**each, "day": each["day"].isoformat()} for each in unit["evidence"]]
    return unit


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else value


def _quoted(name: str) -> str:
    return f'"{name}"'
