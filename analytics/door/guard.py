"""What SQL the door runs: one statement that only reads the lake's tables.

The engine's own parser says what a statement is and what it is made of; the statement object that was checked is the
one that runs. Whatever is not known to be harmless is refused: kinds of statement, kinds of query node, functions that
make tables.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import duckdb
import msgspec

LONGEST_SQL: Final = 100_000
"""Characters of a statement."""

TABLE_FUNCTIONS: Final = frozenset(
    ("range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree")
)
"""Functions that a query may take rows from: they make them of their arguments alone."""

_QUERY_NODES: Final = frozenset(("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"))
_REFUSED_FUNCTIONS: Final = frozenset(("getenv", "write_log", "nextval", "setval", "set_config"))
_EXPLAIN: Final = re.compile(r"\s*explain\s+(?P<analyze>analyze\s+)?(?P<query>.*)", re.IGNORECASE | re.DOTALL)
_LINE: Final = re.compile(r"\n\s*\n(?=LINE \d+:)")

ONLY_READS: Final = (
    "只能执行一条 SELECT、WITH、EXPLAIN、DESCRIBE、SHOW 或 SUMMARIZE 语句"
    " / ask by one SELECT, WITH, EXPLAIN, DESCRIBE, SHOW or SUMMARIZE statement"
)


class SqlRefused(Exception):  # noqa: N818  named for the fact
    """A statement that the door does not run; ``code`` is stable kebab-case, ``remedy`` says what to do."""

    def __init__(self, code: str, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.code = code
        self.remedy = remedy


def checked(sql: str) -> duckdb.Statement:
    """The statement, when it is one that only reads; it holds exactly what was checked.

    Raises:
        SqlRefused: it is none, more than one, not SQL, or could do anything but read the lake.
    """
    statement = _only(sql)
    if statement.type == duckdb.StatementType.EXPLAIN:
        return _explained(statement.query)
    _check_reads(statement)
    return statement


def syntax_told(error: duckdb.Error) -> str:
    """The engine's message about a statement, its place in one paragraph with it."""
    return _LINE.sub("\n", str(error)).strip()


def _only(sql: str) -> duckdb.Statement:
    if len(sql) > LONGEST_SQL:
        reason = f"语句过长：{len(sql)} 个字符 / the statement has {len(sql)} characters, more than {LONGEST_SQL}"
        raise SqlRefused("sql-too-long", reason, "请拆分查询 / split the query")
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise _not_sql(error) from error
    if len(statements) != 1:
        counted = f"共 {len(statements)} 条语句，须为一条 / there are {len(statements)} statements, not one"
        raise SqlRefused("sql-not-one-statement", counted, ONLY_READS)
    return statements[0]


def _explained(sql: str) -> duckdb.Statement:
    """EXPLAIN put together anew around a query that was checked, since EXPLAIN ANALYZE runs what it explains."""
    found = _EXPLAIN.fullmatch(sql)
    if found is None:
        raise _refused("EXPLAIN 带有选项 / EXPLAIN with options")
    query = _only(found["query"])
    _check_reads(query)
    analyze = "ANALYZE " if found["analyze"] else ""
    return duckdb.extract_statements(f"EXPLAIN {analyze}{query.query}")[0]


def _check_reads(statement: duckdb.Statement) -> None:
    if statement.type != duckdb.StatementType.SELECT:
        raise _refused(f"语句类型为 {statement.type.name} / the statement is {statement.type.name}")
    for node in _nodes(_tree(statement.query)):
        _check_node(node)


def _check_node(node: dict[str, Any]) -> None:
    kind = str(node.get("type"))
    if kind.endswith("_NODE") and kind not in _QUERY_NODES:
        raise _refused(f"语句中含 {kind.removesuffix('_NODE')} / the statement holds {kind.removesuffix('_NODE')}")
    name = str(node.get("function_name", "")).lower()
    if name in _REFUSED_FUNCTIONS:
        raise _refused(f"函数 {name} 不可用 / the function {name} is not to be had")
    if kind == "TABLE_FUNCTION":
        _check_table_function(str(node["function"]["function_name"]).lower())


def _check_table_function(name: str) -> None:
    if name not in TABLE_FUNCTIONS:
        reason = f"表函数 {name} 不可用 / the table function {name} is not to be had"
        remedy = "请直接查询数据湖的表：SHOW TABLES / ask the lake's tables by their names: SHOW TABLES"
        raise SqlRefused("sql-not-allowed", reason, remedy)


def _tree(query: str) -> dict[str, Any]:
    """The parsed query as the engine tells it."""
    with _parser().cursor() as parser:
        text = parser.execute("SELECT json_serialize_sql($1)", [query]).fetchall()[0][0]
    tree: dict[str, Any] = msgspec.json.decode(text)
    if tree["error"]:
        raise _refused(f"含有无法检查的写法（如 PIVOT） / it holds what cannot be checked, such as PIVOT: {_why(tree)}")
    return tree


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    """An engine without data or threads, that parses."""
    return duckdb.connect(config={"threads": 1, "enable_external_access": False})


def _why(tree: dict[str, Any]) -> str:
    return str(tree.get("error_message", ""))


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            yield node
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)


def _not_sql(error: duckdb.Error) -> SqlRefused:
    return SqlRefused(
        "sql-syntax", f"不是有效的 SQL / not SQL: {syntax_told(error)}", "请更正语句 / correct the statement"
    )


def _refused(reason: str) -> SqlRefused:
    return SqlRefused("sql-not-allowed", reason, ONLY_READS)
