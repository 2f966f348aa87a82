import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.door.guard import LONGEST_SQL, SqlRefused, checked

READS = [
    "SELECT 1",
    "select count(*) from facts where day = '2026-06-01';",
    "WITH late AS (SELECT * FROM duties) SELECT entity_id FROM late",
    "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 3) SELECT * FROM r",
    "FROM facts",
    "TABLE facts",
    "VALUES (1), (2)",
    "DESCRIBE facts",
    "DESCRIBE SELECT 1",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SUMMARIZE facts",
    "EXPLAIN SELECT 1",
    "explain analyze select 1",
    "SELECT * FROM range(10)",
    "SELECT unnest(subjects) FROM reads",
    "SELECT $department",
    "SELECT ?",
    "(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1 LIMIT 1",
    "SELECT 'COPY facts TO ''/tmp/x''; DROP TABLE facts'",
    "-- delete from facts\nSELECT 1 /* ; drop table facts */",
]

ATTACKS = {
    "COPY facts TO '/tmp/x.csv'": "sql-not-allowed",
    "COPY (SELECT 1) TO '/tmp/x.parquet' (FORMAT parquet, USE_TMP_FILE false)": "sql-not-allowed",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '/tmp/x.csv'": "sql-not-allowed",
    "EXPLAIN (ANALYZE) COPY (SELECT 1) TO '/tmp/x.csv'": "sql-syntax",
    "EXPLAIN EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1": "sql-syntax",
    "EXPORT DATABASE '/tmp/x'": "sql-not-allowed",
    "IMPORT DATABASE '/tmp/x'": "sql-not-allowed",
    "ATTACH '/tmp/x.db'": "sql-not-allowed",
    "DETACH memory": "sql-not-allowed",
    "USE memory": "sql-not-allowed",
    "INSTALL httpfs": "sql-not-allowed",
    "LOAD httpfs": "sql-not-allowed",
    "SELECT * FROM read_csv('/etc/passwd')": "sql-not-allowed",
    "SELECT * FROM read_text('/etc/hostname')": "sql-not-allowed",
    "SELECT * FROM read_parquet('/tmp/other.parquet')": "sql-not-allowed",
    "SELECT (SELECT max(content) FROM read_blob('/etc/hostname'))": "sql-not-allowed",
    "SELECT * FROM glob('/etc/*')": "sql-not-allowed",
    "SELECT * FROM sniff_csv('/etc/passwd')": "sql-not-allowed",
    "SELECT * FROM query('SELECT * FROM read_csv(''/etc/passwd'')')": "sql-not-allowed",
    "SELECT * FROM query_table('facts')": "sql-not-allowed",
    "SELECT * FROM arrow_scan(1, 2, 3)": "sql-not-allowed",
    "SELECT * FROM duckdb_secrets()": "sql-not-allowed",
    "SELECT * FROM json_execute_serialized_sql('{}')": "sql-not-allowed",
    "DESCRIBE SELECT * FROM read_csv('/etc/passwd')": "sql-not-allowed",
    "SUMMARIZE SELECT * FROM read_csv('/etc/passwd')": "sql-not-allowed",
    "PRAGMA version": "sql-not-allowed",
    "CALL pragma_version()": "sql-not-allowed",
    "CHECKPOINT": "sql-not-allowed",
    "SET memory_limit = '100GB'": "sql-not-allowed",
    "RESET memory_limit": "sql-not-allowed",
    "SET VARIABLE x = 1": "sql-not-allowed",
    "CREATE TABLE t (a int)": "sql-not-allowed",
    "CREATE TEMP VIEW v AS SELECT 1": "sql-not-allowed",
    "CREATE SECRET s (TYPE s3)": "sql-not-allowed",
    "INSERT INTO facts SELECT * FROM facts": "sql-not-allowed",
    "UPDATE facts SET subject = ''": "sql-not-allowed",
    "DELETE FROM facts": "sql-not-allowed",
    "DROP VIEW facts": "sql-not-allowed",
    "ALTER TABLE facts RENAME TO f": "sql-not-allowed",
    "COMMENT ON VIEW facts IS 'x'": "sql-not-allowed",
    "VACUUM": "sql-not-allowed",
    "BEGIN": "sql-not-allowed",
    "PREPARE p AS SELECT 1": "sql-not-allowed",
    "EXECUTE p": "sql-not-allowed",
    "WITH x AS (INSERT INTO facts VALUES (1) RETURNING *) SELECT * FROM x": "sql-not-allowed",
    "SELECT getenv('HOME')": "sql-not-allowed",
    "SELECT write_log('x')": "sql-not-allowed",
    "SELECT 1; SELECT 2": "sql-not-one-statement",
    "SELECT 1; DROP VIEW facts": "sql-not-one-statement",
    "": "sql-not-one-statement",
    "-- nothing": "sql-not-one-statement",
    "SELEC 1": "sql-syntax",
    "SELECT 1 FROM": "sql-syntax",
    "PIVOT facts ON day USING count(*)": "sql-not-allowed",
    "SELECT * FROM (PIVOT facts ON day USING count(*))": "sql-not-allowed",
    "SELECT 1 --" + "x" * LONGEST_SQL: "sql-too-long",
}


@pytest.mark.parametrize("sql", READS)
def test_what_only_reads_is_run(sql: str) -> None:
    assert checked(sql).type in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


@pytest.mark.parametrize(("sql", "code"), ATTACKS.items(), ids=[sql[:40] for sql in ATTACKS])
def test_what_could_do_more_is_refused_with_reason_and_remedy(sql: str, code: str) -> None:
    with pytest.raises(SqlRefused) as refusal:
        checked(sql)
    assert refusal.value.code == code
    assert str(refusal.value)
    assert refusal.value.remedy


def test_a_refusal_says_where_the_statement_is_wrong() -> None:
    with pytest.raises(SqlRefused, match=r'near "selec"\nLINE 1: selec 1'):
        checked("selec 1")


WRITES = [sql for sql, code in ATTACKS.items() if code == "sql-not-allowed"]


@given(
    write=st.sampled_from(WRITES),
    before=st.sampled_from(["", " ", "\n", "/* c */", "-- c\n", ";", "SELECT 1;", "EXPLAIN ", "EXPLAIN ANALYZE "]),
    after=st.sampled_from(["", ";", " ;;", "-- c", "; SELECT 1"]),
    upper=st.booleans(),
)
def test_no_dressing_makes_a_write_pass(write: str, before: str, after: str, upper: bool) -> None:
    with pytest.raises(SqlRefused):
        checked(f"{before}{write.upper() if upper else write}{after}")
