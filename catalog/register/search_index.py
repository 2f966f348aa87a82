"""The index by which resources are found: written with every change of one, in its transaction.

All of it follows from the entities: where it is missing, or was written in another form, it is made anew from them.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    column,
    delete,
    func,
    insert,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from catalog.register.changes import RESOURCE, RecordedChange, State
from catalog.register.search_words import folded, grams_of, grams_wanted
from catalog.register.tables import ENTITIES, REGISTER

FORM: Final = "1"
"""Of the index; another one makes it anew."""

_NAME: Final = "search"
"""Under which the register notes the form that its index has."""

# The same order in both databases: that of the bytes.
_Code = String().with_variant(String(collation="C"), "postgresql")

INDEX_METADATA: Final = MetaData()

ENTRIES: Final = Table(
    "catalog_search",
    INDEX_METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("entity_id", _Code, nullable=False, unique=True),
    Column("department", String, nullable=False),
    Column("theme", String, nullable=False),
    Column("sharing_class", String, nullable=False),
    Column("state", String, nullable=False),
    Column("record_type", String, nullable=False),
    Column("facets", Text, nullable=False, comment="the five before, BETWEEN_FACETS apart: counted in one go"),
    Column("name_length", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("data_items", Text, nullable=False, comment="their names and fields, and the entry's codes"),
)
"""One row an entry: what it is narrowed down by, and its words as they are compared."""

BETWEEN_FACETS: Final = "\x1f"
BETWEEN_ENTRIES: Final = "\x1e"
"""Control characters, which no entry's words have: they are cut out of what is counted."""

FACETS: Final = ("department", "theme", "sharing_class", "state", "record_type")

_GRAMS: Final = table("catalog_search_grams", column("number"), column("grams", ARRAY(Text)))


def index_rows(connection: Connection, change: RecordedChange) -> None:
    """Keep the index up to date with a change, within its transaction: an ``Index`` of ``CatalogStore``."""
    if prepare_search(connection) or change.entity != RESOURCE:
        return
    _forget(connection, change.entity_id)
    _write(connection, change.entity_id, change.state)


def prepare_search(connection: Connection) -> bool:
    """Make the index from the entities as they stand, unless it is there already; return whether it was made."""
    noted = REGISTER.c.name == _NAME
    if connection.scalar(select(REGISTER.c.value).where(noted)) == FORM:
        return False
    _create(connection)
    for row in connection.execute(select(ENTITIES.c.entity_id, ENTITIES.c.state).where(ENTITIES.c.entity == RESOURCE)):
        _write(connection, row.entity_id, msgspec.json.decode(row.state))
    connection.execute(delete(REGISTER).where(noted))
    connection.execute(insert(REGISTER), [{"name": _NAME, "value": FORM}])
    return True


def is_prepared(connection: Connection) -> bool:
    """Whether there is an index of this form."""
    return connection.scalar(select(REGISTER.c.value).where(REGISTER.c.name == _NAME)) == FORM


def having(dialect: str, words: Iterable[str]) -> Select[Any]:
    """The numbers of the entries that have all pairs of these words, be they neighbours or not."""
    grams = tuple(dict.fromkeys(gram for word in words for gram in grams_wanted(word)))
    if dialect == "sqlite":
        wanted = " ".join(f'"{gram}"' for gram in grams)
        return (
            select(literal_column("rowid"))
            .select_from(_GRAMS)
            .where(text("catalog_search_grams MATCH :grams").bindparams(grams=wanted))
        )
    return select(_GRAMS.c.number).where(_GRAMS.c.grams.contains(list(grams)))


def place(dialect: str, words: Any, word: str) -> ColumnElement[int]:
    """Where a word begins in a column, from 1; 0: it is not there."""
    located = func.instr if dialect == "sqlite" else func.strpos
    found: ColumnElement[int] = located(words, word, type_=Integer)
    return found


def facets_of(dialect: str) -> ColumnElement[str | None]:
    """The ``facets`` of all entries that a query finds, ``BETWEEN_ENTRIES`` apart; NULL when it finds none."""
    joined = func.group_concat if dialect == "sqlite" else func.string_agg
    found: ColumnElement[str | None] = joined(ENTRIES.c.facets, BETWEEN_ENTRIES, type_=Text)
    return found


def _create(connection: Connection) -> None:
    connection.execute(text("DROP TABLE IF EXISTS catalog_search_grams"))
    INDEX_METADATA.drop_all(connection)
    INDEX_METADATA.create_all(connection)
    for statement in _GRAMS_CREATED[connection.dialect.name]:
        connection.execute(text(statement))


def _forget(connection: Connection, entity_id: str) -> None:
    number = connection.scalar(select(ENTRIES.c.number).where(ENTRIES.c.entity_id == entity_id))
    if number is not None:
        key = "rowid" if connection.dialect.name == "sqlite" else "number"
        connection.execute(text(f"DELETE FROM catalog_search_grams WHERE {key} = :number"), {"number": number})  # noqa: S608  one of two words
        connection.execute(delete(ENTRIES).where(ENTRIES.c.number == number))


def _write(connection: Connection, entity_id: str, state: State) -> None:
    row = _row(entity_id, state)
    (number,) = connection.execute(insert(ENTRIES).values(**row)).inserted_primary_key or (None,)
    grams = grams_of("\n".join((row["name"], row["summary"], row["data_items"])))
    if connection.dialect.name == "sqlite":
        written = {"number": number, "grams": " ".join(grams)}
        connection.execute(text("INSERT INTO catalog_search_grams (rowid, grams) VALUES (:number, :grams)"), written)
    else:
        connection.execute(insert(_GRAMS), [{"number": number, "grams": list(grams)}])


def _row(entity_id: str, state: State) -> dict[str, Any]:
    name = folded(_said(state, "name"))
    items = [word for item in state.get("data_items") or () for word in (item["name"], item["field"])]
    narrowed = {"department": _facet(state, "provider"), **{facet: _facet(state, facet) for facet in FACETS[1:]}}
    return {
        "entity_id": entity_id,
        **narrowed,
        "facets": BETWEEN_FACETS.join(narrowed.values()),
        "name_length": len(name),
        "name": name,
        "summary": folded(_said(state, "summary")),
        "data_items": folded("\n".join((*items, entity_id, _said(state, "catalogue_code")))),
    }


def _facet(state: State, field: str) -> str:
    return _said(state, field).replace(BETWEEN_FACETS, "").replace(BETWEEN_ENTRIES, "")


def _said(state: State, field: str) -> str:
    return str(state.get(field) or "")


_GRAMS_CREATED: Final = {
    # Neither where in the text a gram stands nor how often: both are never asked. The tokenizer takes whatever is
    # between spaces, also characters that are younger than SQLite's tables of letters.
    "sqlite": (
        "CREATE VIRTUAL TABLE catalog_search_grams USING fts5(grams, detail=none, columnsize=0, tokenize='ascii')",
    ),
    "postgresql": (
        "CREATE TABLE catalog_search_grams (number BIGINT PRIMARY KEY, grams TEXT[] NOT NULL)",
        "CREATE INDEX catalog_search_by_gram ON catalog_search_grams USING gin (grams) WITH (fastupdate = off)",
    ),
}
