import json

import yaml
from hypothesis import given
from hypothesis import strategies as st

from onething.rows import Cell, Form, Row, written

PRINTABLE = st.characters(exclude_categories=["C", "Zl", "Zp"])
CELLS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(PRINTABLE))


@given(st.lists(st.fixed_dictionaries({"name": CELLS, "count": CELLS})))
def test_programs_read_back_what_was_written(rows: list[dict[str, Cell]]) -> None:
    assert json.loads(written(rows, Form.JSON)) == rows
    assert yaml.safe_load(written(rows, Form.YAML)) == rows


def test_a_table_is_aligned_on_a_terminal_where_chinese_takes_two_columns() -> None:
    rows: list[Row] = [{"name": "市场监管", "count": 1}, {"name": "tax", "count": None}]
    assert written(rows, Form.TABLE) == "name      count\n市场监管  1\ntax"
    assert written([], Form.TABLE) == ""
