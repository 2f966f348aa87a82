"""What the register's store promises, whichever database keeps it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Executable, column, insert, table, text, update
from sqlalchemy.exc import DBAPIError

from catalog.register.changes import RecordedChange
from catalog.register.ordering import UnknownMark, UnknownOrder
from catalog.register.reader import CatalogReader, RegisteredEntity
from catalog.register.schema import ForeignStore, NewerStore, StoreMissing
from catalog.register.store import Applied, CatalogStore, Refused
from catalog.register.tables import ENTITIES, METADATA, VERSION_TABLE
from catalog.register.transaction import event_id_of
from connectors.sql import reader_engine, writer_engine
from tests.catalog.register.registering import CODEC, NO, RULEBOOK, command, system
from topics.events import CatalogChanged


def applied(answer: Applied | Refused) -> Applied:
    assert isinstance(answer, Applied), answer
    return answer


def refused(answer: Applied | Refused) -> Refused:
    assert isinstance(answer, Refused), answer
    return answer


def written(store: CatalogStore, statement: Executable) -> None:
    """Write past the rules, as no caller can."""
    with store._connection.begin():
        store._connection.execute(statement)


class CatalogStoreContract:
    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def store(self, url: str) -> Iterator[CatalogStore]:
        with self.opened(url) as store:
            yield store

    @pytest.fixture
    def reader(self, url: str, store: CatalogStore) -> Iterator[CatalogReader]:
        del store  # it creates the tables
        with CatalogReader(url) as reader:
            yield reader

    def opened(self, url: str, **more: Any) -> CatalogStore:
        return CatalogStore(url, RULEBOOK, CODEC.encode, **more)

    def test_the_migrated_tables_are_those_that_the_code_names(self, url: str, store: CatalogStore) -> None:
        del store
        engine = reader_engine(url)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
            assert compare_metadata(context, METADATA) == []
        engine.dispose()

    def test_a_change_is_an_entity_a_history_and_a_message(self, store: CatalogStore, reader: CatalogReader) -> None:
        (change,) = applied(store.apply(system("qinwuyuan", "秦务员", "c-1", at=7, reason="任务8"))).changes
        entity = reader.get("system", "qinwuyuan")
        assert entity is not None
        assert (entity.version, entity.changed_at, entity.state) == (1, 7, change.state)
        assert reader.history("system", "qinwuyuan") == (change,)
        ((number, row),) = store.outbox()
        told = CODEC.event(row.value)
        assert isinstance(told, CatalogChanged)
        assert (number, row.topic, row.key) == (1, "catalog.changes", b"qinwuyuan")
        assert (told.entity, told.version, told.action, told.actor) == ("system", 1, "declared", "张三")
        assert (told.at, told.reason, told.number) == (7, "任务8", 1)
        assert msgspec.json.decode(told.state) == change.state
        assert told.event_id == row.event_id == event_id_of(change)

    def test_the_same_command_twice_is_one_change(self, store: CatalogStore, reader: CatalogReader) -> None:
        first = applied(store.apply(system("a", "甲", "c-1")))
        again = applied(store.apply(system("a", "甲", "c-1", at=99)))
        assert (first.repeated, again.repeated) == ((), ("c-1",))
        assert again.changes == first.changes
        assert len(reader.history("system", "a")) == 1

    def test_a_repeated_command_tells_of_all_that_followed_from_it(self, store: CatalogStore) -> None:
        asked = command("demand", "d_%", "applied", "c_%")
        store.apply(command("demand", "other", "applied", "c_x"))
        first = applied(store.apply(asked))
        assert [each.entity for each in first.changes] == ["demand", "duty", "grant"]
        assert applied(store.apply(asked)).changes == tuple(sorted(first.changes, key=lambda each: each.number))

    def test_an_id_that_asked_for_something_else_is_refused(self, store: CatalogStore) -> None:
        store.apply(system("a", "甲", "c-1"))
        (refusal,) = refused(store.apply(system("a", "乙", "c-1"))).refusals
        assert refusal.field == "command_id"

    def test_a_version_that_has_passed_is_refused(self, store: CatalogStore) -> None:
        store.apply(system("a", "甲", "c-1", expected_version=0))
        store.apply(system("a", "乙", "c-2", expected_version=1))
        (refusal,) = refused(store.apply(system("a", "丙", "c-3", expected_version=1))).refusals
        assert (refusal.field, "2" in refusal.reason_en) == ("expected_version", True)

    def test_declaring_what_stands_is_no_change(self, store: CatalogStore) -> None:
        store.apply(system("a", "甲", "c-1"))
        assert applied(store.apply(system("a", "甲", "c-2"))).changes == ()

    def test_all_or_nothing_with_every_refusal_at_once(self, store: CatalogStore, reader: CatalogReader) -> None:
        batch = [
            system("a", "甲", "c-1"),
            system("b", "乙", "c-2", fields={"nmae": 1}),
            command("duty", "d", "opened", "c-3", payload={"no": True}),
        ]
        answer = refused(store.apply_all(batch))
        assert [(each.place, each.command_id, len(each.refusals)) for each in answer.commands] == [
            (1, "c-2", 1),
            (2, "c-3", 2),
        ]
        assert answer.commands[1].refusals == (NO, NO)
        assert (reader.counts(), store.outbox(), reader.changes().changes) == ({}, (), ())
        assert applied(store.apply(system("a", "甲", "c-1"))).changes[0].number == 1

    def test_a_dry_run_tells_and_changes_nothing(self, store: CatalogStore, reader: CatalogReader) -> None:
        batch = [system("a", "甲", "c-1"), system("a", "乙", "c-2")]
        tried = applied(store.apply_all(batch, dry_run=True))
        assert [each.version for each in tried.changes] == [1, 2]
        assert reader.counts() == {}
        assert applied(store.apply_all(batch)) == tried

    def test_what_follows_is_in_the_same_transaction(self, store: CatalogStore, reader: CatalogReader) -> None:
        store.apply(command("demand", "d-1", "applied", "c-1"))
        duty = reader.get("duty", "reply:d-1")
        assert duty is not None
        refusal = refused(store.apply(command("demand", "d-2", "applied", "c-2", payload={"refused_duty": True})))
        assert refusal.refusals == (NO, NO)
        assert reader.counts() == {"demand": 1, "duty": 1, "grant": 1}

    def test_the_clock_rings_at_what_was_due_however_late(self, store: CatalogStore, reader: CatalogReader) -> None:
        store.apply(command("duty", "d", "opened", "c-1", at=100, payload={"times": 3}))
        assert store.ring(now=109) == ()
        rung = [change for _ in range(5) for change in store.ring(now=10_000)]
        assert [(each.at, each.actor, each.state["rung"]) for each in rung] == [
            (110, "clock", 1),
            (120, "clock", 2),
            (130, "clock", 3),
        ]
        assert reader.get("duty", "d").due_at is None  # type: ignore[union-attr]

    def test_the_clock_gives_up_on_what_refuses_it(self, store: CatalogStore, reader: CatalogReader) -> None:
        row = {"entity": "list", "entity_id": "l", "version": 1, "action": "drawn-up", "changed_at": 1, "due_at": 5}
        written(store, insert(ENTITIES).values({**row, "state": "{}"}))
        assert store.ring(now=10) == ()
        assert reader.get("list", "l").due_at is None  # type: ignore[union-attr]

    def test_one_that_always_wants_the_same_instant_is_rung_once(self, store: CatalogStore) -> None:
        store.apply(command("duty", "d", "opened", "c-1", at=1, payload={"times": 2, "stuck": True}))
        assert [each.version for _ in range(3) for each in store.ring(now=10)] == [2]

    def test_one_that_refuses_the_clock_takes_nothing_from_the_others(
        self, store: CatalogStore, reader: CatalogReader
    ) -> None:
        store.apply(command("duty", "d", "opened", "c-1", at=100, payload={"times": 1}))
        row = {"entity": "list", "entity_id": "l", "version": 1, "action": "drawn-up", "changed_at": 1, "due_at": 5}
        written(store, insert(ENTITIES).values({**row, "state": "{}"}))
        assert [each.entity for each in store.ring(now=110)] == ["duty"]
        assert reader.get("list", "l").due_at is None  # type: ignore[union-attr]

    def test_entities_are_found_by_their_fields_page_by_page(self, store: CatalogStore, reader: CatalogReader) -> None:
        for number in range(25):
            owner = "tax" if number % 2 else "labour"
            store.apply(system(f"s-{number:02}", f"系统{number}", f"c-{number}", fields={"owner": owner, "batch": 1}))
        first = reader.page("system", {"owner": "tax"}, limit=5)
        rest = reader.page("system", {"owner": "tax"}, after=first.next_after or "", limit=50)
        found = [each.entity_id for each in (*first.entities, *rest.entities)]
        assert found == [f"s-{number:02}" for number in range(25) if number % 2]
        assert rest.next_after is None
        store.apply(system("s-01", "系统1", "moved", fields={"owner": "labour"}))
        assert len(reader.all("system", {"owner": "tax"})) == 11
        assert len(reader.all("system", {"owner": "labour", "batch": "1"})) == 13
        with pytest.raises(KeyError, match="nonsense"):
            reader.page("system", {"nonsense": "x"})

    @pytest.mark.parametrize(
        "sort", ["", "-entity_id", "name", "-name", "owner", "-owner", "batch", "changed_at", "-changed_at"]
    )
    def test_every_order_is_whole_page_by_page_whatever_comes_in_between(
        self, store: CatalogStore, reader: CatalogReader, sort: str
    ) -> None:
        for number in range(23):
            fields = {"owner": ("tax", "labour", "justice")[number % 3]} | ({"batch": number % 4} if number % 5 else {})
            store.apply(system(f"s-{number:02}", f"系统{number % 7}", f"c-{number}", at=number // 2, fields=fields))
        name = sort.removeprefix("-") or "entity_id"
        rows = {each.entity_id: each for each in reader.all("system")}
        keys = {key: _order_key(row, name) for key, row in rows.items()}
        valued = [key for key in keys if keys[key] is not None]
        expected = sorted(valued, key=lambda key: (keys[key], key), reverse=sort.startswith("-"))
        expected += sorted(key for key in keys if keys[key] is None)
        seen, after = [], ""
        while True:
            page = reader.page("system", after=after, limit=4, sort=sort)
            seen += [each.entity_id for each in page.entities]
            assert page.total == 23
            if page.next_after is None:
                break
            after = page.next_after
        assert seen == expected

    @pytest.mark.parametrize("sort", ["nonsense", "-state.x"])
    def test_an_order_that_there_is_not_is_refused(self, store: CatalogStore, reader: CatalogReader, sort: str) -> None:
        store.apply(system("a", "甲", "c-1"))
        with pytest.raises(UnknownOrder, match="changed_at"):
            reader.page("system", sort=sort)

    @pytest.mark.parametrize("after", ["s-01", "W10=", "WzEsIDJd", "eyJhIjogMX0="])
    def test_a_mark_of_another_order_is_refused(self, store: CatalogStore, reader: CatalogReader, after: str) -> None:
        store.apply(system("a", "甲", "c-1"))
        with pytest.raises(UnknownMark):
            reader.page("system", after=after, sort="changed_at")

    def test_history_and_differences(self, store: CatalogStore, reader: CatalogReader) -> None:
        for version, name in enumerate(("甲", "乙", "丙"), 1):
            store.apply(system("a", name, f"c-{version}", at=version * 10))
        (difference,) = reader.diff("system", "a", 1, 3) or ()
        assert (difference.field, difference.before, difference.after) == ("name", "甲", "丙")
        assert reader.diff("system", "a", 1, 4) is None
        assert [each.state["name"] for each in reader.all_at("system", 25)] == ["乙"]
        assert reader.all_at("system", 9) == ()

    def test_changes_are_numbered_without_gaps_and_paged(self, store: CatalogStore, reader: CatalogReader) -> None:
        for number in range(7):
            store.apply(system(f"s{number}", "名", f"c-{number}"))
            store.apply(system(f"s{number}", "", f"refused-{number}", fields={"x": 1}))
        page = reader.changes(after=0, limit=3)
        last = reader.changes(after=page.next_after or 0)
        assert [each.number for each in (*page.changes, *last.changes)] == list(range(1, 8))
        assert last.next_after is None

    def test_what_was_delivered_is_forgotten_and_nothing_else(self, store: CatalogStore) -> None:
        for number in range(3):
            store.apply(system(f"s{number}", "名", f"c-{number}"))
        rows = store.outbox()
        store.forget([rows[1][1].event_id])
        assert [number for number, _ in store.outbox()] == [1, 3]
        assert [number for number, _ in store.outbox(after=1)] == [3]

    def test_what_else_is_written_is_in_the_transaction(self, url: str) -> None:
        told: list[RecordedChange] = []

        def index(connection: Connection, change: RecordedChange) -> None:
            told.append(change)
            if change.state["name"] == "坏":
                connection.execute(text("SELECT nothing FROM nowhere"))

        with self.opened(url, indexes=[index]) as store, CatalogReader(url) as reader:
            store.apply(system("a", "甲", "c-1"))
            with pytest.raises(DBAPIError):
                store.apply(system("b", "坏", "c-2"))
            assert reader.counts() == {"system": 1}
            assert [each.entity_id for each in told] == ["a", "b"]
            assert applied(store.apply(system("b", "好", "c-2"))).changes[0].number == 2

    def test_a_store_goes_on_where_it_was(self, url: str) -> None:
        with self.opened(url, cluster_id="one") as store:
            store.apply(system("a", "甲", "c-1"))
        with self.opened(url, cluster_id="one") as store:
            assert applied(store.apply(system("a", "甲", "c-1"))).repeated == ("c-1",)
            assert applied(store.apply(system("a", "乙", "c-2"))).changes[0].number == 2
            assert len(store.outbox()) == 2

    def test_entities_are_found_by_fields_that_a_release_adds(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with self.opened(url) as store:
            store.apply(system("a", "甲", "c-1"))
        monkeypatch.setattr("catalog.register.store.FILTERED", {"system": ("name",)})
        monkeypatch.setattr("catalog.register.transaction.FILTERED", {"system": ("name",)})
        with self.opened(url), CatalogReader(url) as reader:
            assert [each.entity_id for each in reader.all("system", {"name": "甲"})] == ["a"]

    def test_the_rows_of_another_cluster_are_left_alone(self, url: str) -> None:
        with self.opened(url, cluster_id="one"):
            pass
        with pytest.raises(ForeignStore, match="one"):
            self.opened(url, cluster_id="two")

    def test_a_newer_store_is_left_alone(self, url: str) -> None:
        with self.opened(url) as store:
            written(store, update(table(VERSION_TABLE, column("version_num"))).values(version_num="9999"))
        with pytest.raises(NewerStore, match="9999"):
            self.opened(url)
        with CatalogReader(url) as reader, pytest.raises(NewerStore):
            reader.counts()

    def test_there_is_nothing_to_read_before_the_first_start(self, url: str) -> None:
        with CatalogReader(url) as reader, pytest.raises(StoreMissing) as raised:
            reader.counts()
        assert "onething up" in raised.value.remedy

    def test_readers_cannot_write(self, url: str, store: CatalogStore) -> None:
        del store
        engine = reader_engine(url)
        with engine.connect() as connection, pytest.raises(DBAPIError):
            connection.execute(text("DELETE FROM catalog_changes"))
        engine.dispose()


class TestSqlite(CatalogStoreContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'catalog.db'}"


@pytest.mark.postgresql
class TestPostgresql(CatalogStoreContract):
    @pytest.fixture
    def url(self, database: str) -> str:
        return database

    def test_two_writers_count_on_from_each_other(self, url: str) -> None:
        with self.opened(url) as first, self.opened(url) as second:
            for number in range(10):
                writer = (first, second)[number % 2]
                (change,) = applied(writer.apply(system("a", f"名{number}", f"c-{number}"))).changes
                assert (change.number, change.version) == (number + 1, number + 1)

    def test_the_cases_may_be_in_the_same_database(self, url: str) -> None:
        from processors.cases.engine import prepare  # noqa: PLC0415  the other store, for this test alone

        engine = writer_engine(url)
        prepare(engine, "one")
        engine.dispose()
        with self.opened(url, cluster_id="one") as store:
            assert applied(store.apply(system("a", "甲", "c-1"))).changes


def _order_key(entity: RegisteredEntity, name: str) -> Any:
    if name in {"entity_id", "changed_at"}:
        return getattr(entity, name)
    value = entity.state.get(name)
    return None if value is None else str(value)
