"""The columnar pre-filter: which subjects of a chunk may fulfil a policy's conditions, told without folding archives.

A condition that must find something fails where no fact of its resources, of whatever version, fulfils what its rule
asks of a single record. What is in doubt passes: the pre-filter may keep too many, never too few.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any, Final

import numpy as np
import polars as pl

from catalog.policies import Condition, Policy
from catalog.record_filters import Clause, Comparison, Value
from processors.archive.scanning import Row, ScannedChunk
from processors.domain.archive import WITHDRAWN_SUFFIX
from processors.domain.policy import rule_variables
from topics.codec import HEADER_LENGTH, CodecFault, SchemaIds, WireSchema, schema_id_of
from topics.codec.columns import decode_columns, is_columnar, upcast_columns

_PASSES: Final = pl.lit(value=True)
_TEXTS: Final = (pl.String,)
_NUMBERS: Final = (pl.Int32, pl.Int64)


class ColumnFilter:
    """One policy's pre-filter at one instant."""

    def __init__(self, policy: Policy, ids: SchemaIds, now: int) -> None:
        """Decode by these schemas; compare as of ``now`` (µs UTC)."""
        self._asked = tuple(each for each in policy.conditions if each.passes == "found")
        self._codes = {each.id: frozenset(code.encode() for code in each.resources) for each in self._asked}
        self._ids = ids
        self._values = {
            comparison: comparison.value(rule_variables(now))
            for condition in self._asked
            for clause in condition.filter.clauses
            for comparison in clause
        }
        self.dropped: Counter[str] = Counter()

    def candidates(self, chunk: ScannedChunk) -> set[bytes]:
        """Subjects of the chunk that may match; ``dropped`` counts the others under the condition that they fail."""
        rows = {each.id: [row for row in chunk.rows if row[1] in self._codes[each.id]] for each in self._asked}
        left, count = self._present(rows, chunk.subjects)
        for condition in self._asked:
            if condition.filter.clauses and left:
                fulfilling = self._fulfilling(condition, [row for row in rows[condition.id] if row[0] in left])
                left &= fulfilling
                self.dropped[condition.id] += count - len(left)
                count = len(left)
        return left

    def _present(self, rows: Mapping[str, Sequence[Row]], subjects: int) -> tuple[set[bytes], int]:
        """The subjects of which each condition has a fact at all."""
        left: set[bytes] | None = None
        for condition in self._asked:
            held = {row[0] for row in rows[condition.id]}
            left = held if left is None else left & held
            self.dropped[condition.id] += subjects - len(left)
            subjects = len(left)
        return left or set(), subjects

    def _fulfilling(self, condition: Condition, rows: Iterable[Row]) -> set[bytes]:
        by_header: dict[bytes, list[Row]] = {}
        for row in rows:
            by_header.setdefault(row[3][:HEADER_LENGTH], []).append(row)
        found: set[bytes] = set()
        for header, group in by_header.items():
            schema = self._ids.schema(schema_id_of(header))
            if not schema.name.endswith(WITHDRAWN_SUFFIX):
                found.update(self._subjects(condition, schema, group))
        return found

    def _subjects(self, condition: Condition, schema: WireSchema, rows: Sequence[Row]) -> Iterable[bytes]:
        frame = _columns(schema, rows)
        if frame is None:
            return (row[0] for row in rows)
        clauses = (self._clause(clause, frame.schema) for clause in condition.filter.clauses)
        kept = frame.select(pl.all_horizontal(*clauses).fill_null(value=True).alias("kept"))["kept"]
        places = np.flatnonzero(np.broadcast_to(kept.to_numpy(), len(rows)))
        return (rows[place][0] for place in places.tolist())

    def _clause(self, clause: Clause, columns: Mapping[str, Any]) -> pl.Expr:
        return reduce(or_, (expression(each, self._values[each], columns) for each in clause))


def expression(comparison: Comparison, value: Value | list[Value], columns: Mapping[str, Any]) -> pl.Expr:
    """The comparison over columns, as CEL makes it over one record; true wherever CEL would raise an error.

    Args:
        comparison: field and operator.
        value: what the field is compared with.
        columns: name → type of the columns that there are.
    """
    kind = columns.get(comparison.field)
    if kind not in (*_TEXTS, *_NUMBERS):
        return _PASSES
    column = pl.col(comparison.field)
    match comparison.operator:
        case "==":
            return _equal(column, kind, value)
        case "!=":
            return ~_equal(column, kind, value) if not isinstance(value, list) else _PASSES
        case "in":
            return _among(column, kind, value) if isinstance(value, list) else _PASSES
        case "startsWith":
            fits = kind in _TEXTS and isinstance(value, str)
            return column.str.starts_with(str(value)).fill_null(value=True) if fits else _PASSES
        case _:
            return _ordered(column, kind, comparison.operator, value)


def _equal(column: pl.Expr, kind: Any, value: Value | list[Value]) -> pl.Expr:
    if value is None:
        return column.is_null()
    return column.eq_missing(pl.lit(value)) if _is_alike(kind, value) else pl.lit(value=False)


def _among(column: pl.Expr, kind: Any, values: list[Value]) -> pl.Expr:
    return reduce(or_, (_equal(column, kind, each) for each in values), pl.lit(value=False))


def _ordered(column: pl.Expr, kind: Any, operator: str, value: Value | list[Value]) -> pl.Expr:
    if not _is_alike(kind, value):
        return _PASSES
    other = pl.lit(value)
    compared = {">=": column >= other, "<=": column <= other, ">": column > other, "<": column < other}[operator]
    return compared.fill_null(value=True)


def _is_alike(kind: Any, value: Value | list[Value]) -> bool:
    if kind in _TEXTS:
        return isinstance(value, str)
    return isinstance(value, int) and not isinstance(value, bool)


def _columns(schema: WireSchema, rows: Sequence[Row]) -> pl.DataFrame | None:
    """The rows' messages in columns, None where the columnar decoder does not vouch for them."""
    if not is_columnar(schema.text):
        return None
    bodies = [row[3][HEADER_LENGTH:] for row in rows]
    lengths = np.fromiter(map(len, bodies), np.int64, len(bodies))
    try:
        return upcast_columns(schema, decode_columns(schema, bodies, lengths))
    except CodecFault:
        return None
