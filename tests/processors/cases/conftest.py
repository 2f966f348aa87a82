from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture
def another_database(postgresql: str) -> Iterator[str]:
    """The URL of a second database beside the test's own."""
    with psycopg.connect(f"{postgresql}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE another")
    yield f"{postgresql}/another"
    with psycopg.connect(f"{postgresql}/postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE another WITH (FORCE)")
