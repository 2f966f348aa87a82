"""Search over the catalogue's resources: Chinese words of any length, facets, and pages that stay as they are."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from typing import Any, Final, Self

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, select, tuple_
from sqlalchemy.engine import URL

from catalog.register.changes import RESOURCE, State
from catalog.register.schema import StoreMissing, demand_readable
from catalog.register.search_index import (
    BETWEEN_ENTRIES,
    BETWEEN_FACETS,
    ENTRIES,
    FACETS,
    facets_of,
    having,
    is_prepared,
    place,
)
from catalog.register.search_words import is_sure, words_of
from catalog.register.tables import ENTITIES
from connectors.sql import reader_engine

MOST_FOUND_AT_ONCE: Final = 200
MOST_WORDS: Final = 8
LONGEST_WORD: Final = 64

_EQUAL, _BEGINS, _IN_NAME, _IN_SUMMARY, _IN_ITEMS = range(5)
"""Ranks, the best first: a word is the name, begins it, is in it, is in the summary, is in the data items or codes."""


class SearchRefused(Exception):  # noqa: N818  named for the fact
    """What was asked cannot be looked for; ``field`` says which part, ``reason`` why in Chinese and English."""

    def __init__(self, field: str, reason: str, reason_en: str, remedy: str, remedy_en: str) -> None:
        self.field, self.reason, self.reason_en = field, reason, reason_en
        self.remedy, self.remedy_en = remedy, remedy_en
        super().__init__(f"{field}: {reason} {reason_en}")


class Found(msgspec.Struct, frozen=True):
    """An entry that was found; ``found_in`` is the best place that has all its words, ``""`` where none was asked."""

    entity_id: str
    found_in: str
    state: State


class FacetCount(msgspec.Struct, frozen=True):
    """How many entries have this value."""

    value: str
    count: int


class SearchPage(msgspec.Struct, frozen=True):
    """Entries, the best first; ``next_after`` continues, ``None``: these are the last.

    ``total`` counts all that were found; ``facets`` counts, for each facet, what would be found with each of its
    values, the other facets' choices kept.
    """

    entries: tuple[Found, ...]
    total: int
    facets: Mapping[str, tuple[FacetCount, ...]]
    next_after: str | None


class _After(msgspec.Struct, frozen=True):
    rank: int
    length: int
    entity_id: str


class CatalogSearch:
    """Searches the register; for as many threads as wish.

    Raises, from every search:
        StoreMissing, OlderStore, NewerStore: see ``catalog.register.schema``.
    """

    def __init__(self, url: str | URL) -> None:
        """Search the store at this URL; nothing is opened before something is asked."""
        self._engine = reader_engine(url)
        self._held = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def search(
        self, text: str = "", chosen: Mapping[str, Sequence[str]] | None = None, *, after: str = "", limit: int = 20
    ) -> SearchPage:
        """Return the entries that have every word of the text, the name before the summary before the data items.

        Args:
            text: words; every part of a word finds it (``执照`` finds ``营业执照``). Empty: every entry.
            chosen: facet → values of which an entry must have one.
            after: ``next_after`` of the page before. Entries that stay as they are keep their places between pages.
            limit: entries on the page, at most ``MOST_FOUND_AT_ONCE``.

        Raises:
            SearchRefused: the text has no word or too many, there is no such facet, or ``after`` is no page's.
        """
        words, facets, beyond = _words(text), _chosen(chosen or {}), _after(after)
        wanted = max(1, min(limit, MOST_FOUND_AT_ONCE))
        with self._reading() as connection:
            dialect = connection.dialect.name
            values = _values(connection, dialect, words)
            rows = connection.execute(_page(dialect, words, facets, beyond, wanted + 1)).all()
        entries = tuple(_found(row, len(words)) for row in rows[:wanted])
        last = rows[wanted - 1] if len(rows) > wanted else None
        return SearchPage(
            entries=entries,
            total=len(_matching(values, facets)[0]),
            facets=dict(_facets(values, facets)),
            next_after=None if last is None else f"{last.rank}.{last.name_length}.{last.entity_id}",
        )

    def _reading(self) -> Connection:
        if not self._held:
            demand_readable(self._engine)
            with self._engine.connect() as connection:
                if not is_prepared(connection):
                    raise StoreMissing("The register has no index yet.", "Start the hub, which makes it: onething up.")
            self._held = True
        return self._engine.connect()


_Columns = Sequence[Sequence[str]]
"""Each facet's values, in the order of ``FACETS``; entries stand at the same place in all of them."""


def _values(connection: Connection, dialect: str, words: Sequence[str]) -> _Columns:
    """The values of every entry that has the words, whatever is chosen."""
    joined = connection.scalar(_having(select(facets_of(dialect)), dialect, words))
    # Cut at once: a list for each of 20,000 entries would take longer than to find them.
    values = [] if joined is None else joined.replace(BETWEEN_ENTRIES, BETWEEN_FACETS).split(BETWEEN_FACETS)
    return [values[at :: len(FACETS)] for at in range(len(FACETS))]


def _page(
    dialect: str, words: Sequence[str], chosen: Mapping[str, Sequence[str]], after: _After | None, limit: int
) -> Select[Any]:
    ranks = [_rank(dialect, word) for word in words]
    worst = _worst(dialect, ranks)
    total: ColumnElement[int] = sum(ranks[1:], ranks[0]) if ranks else literal(0)
    query = select(ENTRIES.c.entity_id, ENTRIES.c.name_length, total.label("rank"), worst.label("worst"))
    query = _having(query, dialect, words)
    for facet, values in chosen.items():
        query = query.where(ENTRIES.c[facet].in_(values))
    ranked = query.subquery("ranked")
    order = (ranked.c.rank, ranked.c.name_length, ranked.c.entity_id)
    found = select(ranked)
    if after is not None:
        found = found.where(tuple_(*order) > tuple_(after.rank, after.length, after.entity_id))
    best = found.order_by(*order).limit(limit).subquery("best")
    same = (ENTITIES.c.entity == RESOURCE) & (ENTITIES.c.entity_id == best.c.entity_id)
    ordered = (best.c.rank, best.c.name_length, best.c.entity_id)
    return select(best, ENTITIES.c.state).join(ENTITIES, same).order_by(*ordered)


def _having(query: Select[Any], dialect: str, words: Sequence[str]) -> Select[Any]:
    """Narrow down to entries that have every word."""
    if words:
        query = query.where(ENTRIES.c.number.in_(having(dialect, words)))
    for word in words:
        if not is_sure(word):
            places = (place(dialect, ENTRIES.c[name], word) > 0 for name in ("name", "summary", "data_items"))
            query = query.where(next(places) | next(places) | next(places))
    return query


def _rank(dialect: str, word: str) -> ColumnElement[int]:
    in_name = place(dialect, ENTRIES.c.name, word)
    return case(
        (ENTRIES.c.name == word, _EQUAL),
        (in_name == 1, _BEGINS),
        (in_name > 1, _IN_NAME),
        (place(dialect, ENTRIES.c.summary, word) > 0, _IN_SUMMARY),
        else_=_IN_ITEMS,
    )


def _worst(dialect: str, ranks: Sequence[ColumnElement[int]]) -> ColumnElement[int]:
    if len(ranks) <= 1:
        return ranks[0] if ranks else literal(0)
    worst: ColumnElement[int] = (func.max if dialect == "sqlite" else func.greatest)(*ranks)
    return worst


def _found(row: Any, words: int) -> Found:
    place_ = "" if not words else {_IN_SUMMARY: "summary", _IN_ITEMS: "data_items"}.get(row.worst, "name")
    return Found(row.entity_id, place_, msgspec.json.decode(row.state))


def _facets(columns: _Columns, chosen: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, tuple[FacetCount, ...]]]:
    narrowed = _matching(columns, chosen)
    for at, facet in enumerate(FACETS):
        others = {name: wanted for name, wanted in chosen.items() if name != facet}
        counted = Counter((_matching(columns, others) if facet in chosen else narrowed)[at])
        counted.pop("", None)
        ordered = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
        yield facet, tuple(FacetCount(value, count) for value, count in ordered)


def _matching(columns: _Columns, chosen: Mapping[str, Sequence[str]]) -> _Columns:
    for facet, wanted in chosen.items():
        kept = [value in wanted for value in columns[FACETS.index(facet)]]
        columns = [[*compress(column, kept)] for column in columns]
    return columns


def _words(text: str) -> tuple[str, ...]:
    words = words_of(text)
    if not words and text.strip():
        raise SearchRefused(
            "q",
            "没有可查找的文字",
            "there is no word in it",
            "请输入汉字、字母或数字",
            "give letters, digits or Chinese characters",
        )
    if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
        raise SearchRefused(
            "q",
            f"最多{MOST_WORDS}个词，每个最多{LONGEST_WORD}字",
            f"at most {MOST_WORDS} words of {LONGEST_WORD} characters each",
            "请缩短",
            "look for less",
        )
    return words


def _chosen(chosen: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    for facet in chosen:
        if facet not in FACETS:
            raise SearchRefused(
                facet,
                "没有这一筛选项",
                "there is no such facet",
                f"可用筛选项：{'、'.join(FACETS)}",
                f"use one of: {', '.join(FACETS)}",
            )
    return {facet: tuple(values) for facet, values in chosen.items() if values}


def _after(text: str) -> _After | None:
    if not text:
        return None
    rank, _, rest = text.partition(".")
    length, _, entity_id = rest.partition(".")
    if not (_is_count(rank) and _is_count(length) and entity_id):
        raise SearchRefused(
            "after",
            "不是本接口给出的翻页标记",
            "it is no page's next_after",
            "请使用上一页的 next_after",
            "give the next_after of the page before",
        )
    return _After(int(rank), int(length), entity_id)


def _is_count(text: str) -> bool:
    # No more digits than any database's integers hold.
    return text.isascii() and text.isdigit() and len(text) <= 9  # noqa: PLR2004
