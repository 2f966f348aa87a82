import pytest

from analytics.lake.tables import TABLES, Table, family_of, table_of
from tests.analytics.lake_tables import lake
from topics.declarations import topic_patterns

KEPT_OUT = {"case.checks", "case.timers", "live.counts", "_schemas"}
"""What the parts say to each other on the way to an answer; the answers are in the lake."""


def test_every_declared_topic_has_its_table_or_is_kept_out() -> None:
    told = {pattern.family for pattern in topic_patterns() if table_of(pattern.name.format(department="tax"))}
    assert {pattern.family for pattern in topic_patterns()} - told == KEPT_OUT


@pytest.mark.parametrize(
    ("topic", "family"),
    [
        ("licence.tax", "licence"),
        ("case.tasks.tax", "case.tasks"),
        ("case.requests", "case.requests"),
        ("reports", "reports"),
        ("case.timers", "case.timers"),
        ("licences.tax", "licences.tax"),
    ],
)
def test_the_family_is_what_stands_before_the_department(topic: str, family: str) -> None:
    assert family_of(topic) == family


def test_a_family_belongs_to_one_table() -> None:
    families = [family for table in TABLES.values() for family in table.families]
    assert len(families) == len(set(families))


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda each: each.name)
def test_rows_are_sorted_by_columns_that_the_table_has(table: Table) -> None:
    assert set(table.sort) <= set(table.schema.names)


def test_a_lake_in_memory_holds_the_rows_and_fills_in_the_rest() -> None:
    connection = lake(facts=[{"topic": "licence.tax", "subject": "enterprise:91610100", "record_id": "r1"}])
    found = connection.sql("SELECT family, subject_kind, day::text, withdrawn, case_id FROM facts").fetchall()
    assert found == [("licence", "enterprise", "2026-06-01", False, None)]
    assert connection.sql("SELECT count(*) FROM duties").fetchall() == [(0,)]


def test_a_lake_in_memory_knows_its_columns() -> None:
    with pytest.raises(LookupError, match="colour"):
        lake(facts=[{"colour": "red"}])
