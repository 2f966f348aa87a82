"""Search over the catalogue: how long a page with its facets takes, beside a scan by LIKE, and what writing costs."""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, func, insert, or_, select, text
from sqlalchemy.engine import URL

from benchmarks.figures import Figure, at_most, percentile, told
from catalog.form_fields import load_form_fields
from catalog.items import load_items
from catalog.organisations import load_organisations
from catalog.register.canonical import canonical
from catalog.register.changes import RESOURCE, RecordedChange
from catalog.register.model import DataItem, EntryState, Resource, SharingClass
from catalog.register.schema import prepare
from catalog.register.search import CatalogSearch
from catalog.register.search_index import ENTRIES, index_rows, prepare_search
from catalog.register.search_words import words_of
from catalog.register.tables import ENTITIES
from catalog.resources import load_resources
from connectors.sql import checkpoint, reader_engine, writer_engine

TARGET_MS: Final = 50
ENTRIES_OF_THE_TARGET: Final = 20_000
PAGE: Final = 20

_KINDS: Final = ("信息", "登记信息", "年度信息", "变更记录", "处罚信息", "名录", "统计表", "照面信息")
_PLACES: Final = ("雁塔区", "未央区", "碑林区", "莲湖区", "新城区", "灞桥区", "高新区", "长安区", "全市", "临潼区")
_CLASSES: Final[tuple[SharingClass, ...]] = ("unconditional", "conditional", "withheld", "unstated")
_STATES: Final[tuple[EntryState, ...]] = ("draft", "submitted", "reviewed", "published", "withdrawn")
_COMMONEST: Final = ("信息", "登记", "息")


def main() -> None:
    """Print the figures of one database."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entries", type=int, default=ENTRIES_OF_THE_TARGET)
    arguments.add_argument("--searches", type=int, default=1000)
    arguments.add_argument(
        "--url", default="", help="an empty PostgreSQL database; SQLite in a temporary folder unless given"
    )
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{Path(folder) / 'catalog.db'}"
        print(told("catalog_search", [*figures(url, asked.entries, asked.searches)], as_json=asked.json))


def figures(url: str | URL, entries: int, searches: int) -> Iterator[Figure]:
    """Fill the register with made-up entries and search it."""
    chance = random.Random(5)
    made = [entry(number, chance) for number in range(entries)]
    yield from _written(url, made)
    words = [_word(made, chance) for _ in range(searches)]
    with CatalogSearch(url) as search:
        search.search("执照")
        every = [_ms(search.search, word) for word in words]
        yield Figure("search, p50", percentile(every, 0.50), "ms")
        yield at_most("search, p99", percentile(every, 0.99), "ms", TARGET_MS)
        yield Figure("search, slowest", max(every), "ms")
        chosen = {"department": ["tax"], "state": ["published"]}
        narrowed = [_ms(search.search, word, chosen) for word in words]
        yield at_most("search narrowed by two facets, p99", percentile(narrowed, 0.99), "ms", TARGET_MS)
        for word in _COMMONEST:
            common = [_ms(search.search, word) for _ in range(50)]
            name = f"search for {word} ({search.search(word).total} found), p99"
            yield at_most(name, percentile(common, 0.99), "ms", TARGET_MS)
    scanned = [*_scanned(url, words[:200])]
    yield Figure("scan by LIKE, p50", percentile(scanned, 0.50), "ms")
    yield Figure("scan by LIKE, p99", percentile(scanned, 0.99), "ms")
    yield Figure("p50 of the scan to that of the search", percentile(scanned, 0.50) / percentile(every, 0.50))


def entry(number: int, chance: random.Random) -> Resource:
    """A made-up entry of real words: names of licences and items, fields of forms."""
    names, fields = _names(), [field.name for field in load_form_fields().values()]
    place, kind = chance.choice(_PLACES), chance.choice(_KINDS)
    name = f"{place}{chance.choice(names)}{kind}"
    return Resource(
        code=f"{chance.choice(_departments())}.r{number:06}",
        name=name,
        provider=chance.choice(_departments()),
        summary=f"记载{place}办理{chance.choice(names)}形成的{kind}，由主管部门按月更新，供一件事办理核验使用。",
        data_items=tuple(
            DataItem(name=each, field=f"f{at}") for at, each in enumerate(chance.sample(fields, min(14, len(fields))))
        ),
        theme=chance.choice(("市场监管", "社会保障", "城市管理", "交通运输", "卫生健康")),
        sharing_class=chance.choice(_CLASSES),
        state=chance.choice(_STATES),
        record_type=chance.choice(list(load_resources().record_types)),
    )


def _names() -> Sequence[str]:
    return [
        *(each.name for each in load_resources().record_types.values()),
        *(item.name for item in load_items().by_code.values()),
    ]


def _departments() -> Sequence[str]:
    return [each.code for each in load_organisations().all]


def _word(made: Sequence[Resource], chance: random.Random) -> str:
    """Some characters of an entry's name, as somebody types them: mostly two to four, sometimes two words."""
    words = [_part(chance.choice(made).name, chance) for _ in range(1 + (chance.random() < 0.15))]
    return " ".join(words)


def _part(name: str, chance: random.Random) -> str:
    name = max(words_of(name), key=len)
    length = chance.choices((1, 2, 3, 4, 6), (1, 8, 4, 6, 2))[0]
    start = chance.randrange(max(1, len(name) - length))
    return name[start : start + length]


def _written(url: str | URL, made: Sequence[Resource]) -> Iterator[Figure]:
    engine = writer_engine(url)
    prepare(engine, None)
    with engine.connect() as connection:
        with connection.begin():
            prepare_search(connection)
            for each in made:
                connection.execute(insert(ENTITIES), [_row(each)])
        started = time.perf_counter()
        with connection.begin():
            for number, each in enumerate(made, 1):
                index_rows(connection, _change(number, each))
        yield Figure("an entry written to the index", (time.perf_counter() - started) / len(made) * 1e6, "µs")
        checkpoint(connection)
        if connection.dialect.name == "postgresql":
            with connection.begin():
                connection.execute(text("ANALYZE"))
    engine.dispose()


def _row(each: Resource) -> dict[str, Any]:
    state = {"version": 1, "action": "drafted", "changed_at": 1, "due_at": None, "state": canonical(each)}
    return {"entity": RESOURCE, "entity_id": each.code, **state}


def _change(number: int, each: Resource) -> RecordedChange:
    return RecordedChange(
        number=number,
        entity=RESOURCE,
        entity_id=each.code,
        version=1,
        action="drafted",
        actor="bench",
        at=1,
        state=msgspec.to_builtins(each),
        command_id=str(number),
    )


def _scanned(url: str | URL, words: Sequence[str]) -> Iterator[float]:
    engine = reader_engine(url)
    with engine.connect() as connection:
        for word in words:
            yield _ms(_scan, connection, word)
    engine.dispose()


def _scan(connection: Connection, words: str) -> None:
    """The same page and facets without an index: every entry is read."""
    columns = (ENTRIES.c.name, ENTRIES.c.summary, ENTRIES.c.data_items)
    found = [or_(*(column.like(f"%{word}%") for column in columns)) for word in words.split()]
    facets = (ENTRIES.c.department, ENTRIES.c.theme, ENTRIES.c.sharing_class, ENTRIES.c.state, ENTRIES.c.record_type)
    connection.execute(select(*facets, func.count()).where(*found).group_by(*facets)).all()
    in_name = ENTRIES.c.name.like(f"%{words}%")
    order = (in_name.desc(), ENTRIES.c.name_length, ENTRIES.c.entity_id)
    connection.execute(select(ENTRIES.c.entity_id).where(*found).order_by(*order).limit(PAGE)).all()


def _ms(call: Callable[..., object], *arguments: object) -> float:
    started = time.perf_counter()
    call(*arguments)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
