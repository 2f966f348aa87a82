"""The register's thread: answers, the clock, the outbox, and what happens when something fails."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from catalog.register import registrar as registrar_module
from catalog.register.reader import CatalogReader
from catalog.register.registrar import Registrar, RegistrarEnded
from catalog.register.store import Applied, CatalogStore, Refused
from connectors.kafka.outbox import OutboxRow
from connectors.sql import StoreInUse
from tests.catalog.register.registering import CODEC, RULEBOOK, command, system
from topics.events import CatalogChanged

PATIENCE_S = 20.0


class Log:
    """Takes messages; delivers them when it is let."""

    def __init__(self, *, delivers: bool = True) -> None:
        self.delivers = delivers
        self.got: list[bytes] = []
        self.seen = Event()
        self._on_their_way: dict[bytes, None] = {}

    def publish(self, rows: Sequence[OutboxRow]) -> None:
        for row in rows:
            if row.event_id not in self._on_their_way:
                self._on_their_way[row.event_id] = None
                self.got.append(row.value)
                self.seen.set()

    @property
    def untold_count(self) -> int:
        return len(self._on_their_way)

    def delivered(self) -> tuple[bytes, ...]:
        if not self.delivers:
            return ()
        told = tuple(self._on_their_way)
        self._on_their_way.clear()
        return told

    def close(self) -> tuple[bytes, ...]:
        return self.delivered()

    def told(self) -> list[CatalogChanged]:
        return [event for each in self.got if isinstance(event := CODEC.event(each), CatalogChanged)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.db"


@pytest.fixture
def opened(path: Path) -> Callable[[], CatalogStore]:
    return lambda: CatalogStore(f"sqlite:///{path}", RULEBOOK, CODEC.encode)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def registrar(opened: Callable[[], CatalogStore], log: Log) -> Iterator[Registrar]:
    running = Registrar(opened, log, lambda: 1_000)
    running.start()
    yield running
    running.close()


def test_a_command_is_answered_and_told(registrar: Registrar, log: Log) -> None:
    answer = registrar.submit([system("a", "甲", "c-1")]).result(PATIENCE_S)
    assert isinstance(answer, Applied)
    assert log.seen.wait(PATIENCE_S)
    assert [event.entity_id for event in log.told()] == ["a"]
    assert isinstance(registrar.submit([system("b", "", "c-2", fields={"x": 1})]).result(PATIENCE_S), Refused)


def test_nothing_is_told_twice_once_delivered(registrar: Registrar, log: Log, path: Path) -> None:
    for number in range(20):
        registrar.submit([system(f"s{number}", "名", f"c-{number}")]).result(PATIENCE_S)
    registrar.close()
    assert [event.number for event in log.told()] == list(range(1, 21))
    with closing(sqlite3.connect(path)) as rows:
        assert rows.execute("SELECT count(*) FROM catalog_outbox").fetchone() == (0,)


def test_what_the_log_did_not_get_is_told_by_the_next(opened: Callable[[], CatalogStore], path: Path) -> None:
    deaf = Log(delivers=False)
    first = Registrar(opened, deaf)
    first.start()
    first.submit([system("a", "甲", "c-1")]).result(PATIENCE_S)
    first.close()
    second = Registrar(opened, log := Log())
    second.start()
    assert log.seen.wait(PATIENCE_S)
    second.close()
    assert log.got == deaf.got
    with closing(sqlite3.connect(path)) as rows:
        assert rows.execute("SELECT count(*) FROM catalog_outbox").fetchone() == (0,)


def test_the_clock_rings_without_being_asked(
    registrar: Registrar, log: Log, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registrar_module, "RING_S", 0.0)
    registrar.submit([command("duty", "d", "opened", "c-1", at=5, payload={"times": 2})]).result(PATIENCE_S)
    while len(log.told()) < 3:
        log.seen.clear()
        assert log.seen.wait(PATIENCE_S) or len(log.told()) >= 3
    with CatalogReader(f"sqlite:///{path}") as reader:
        assert [(each.at, each.action) for each in reader.history("duty", "d")] == [
            (5, "opened"),
            (15, "rung"),
            (25, "rung"),
        ]


def test_what_fell_due_before_a_command_comes_before_it(registrar: Registrar) -> None:
    """A command dated after the end of a term met a duty whose end had not been rung for yet."""
    registrar.submit([command("duty", "d", "opened", "c-1", at=10_000, payload={"times": 5})]).result(PATIENCE_S)
    answer = registrar.submit([command("duty", "d", "looked-at", "c-2", at=10_030)]).result(PATIENCE_S)
    assert isinstance(answer, Applied)
    assert (answer.changes[0].version, answer.changes[0].state["rung"]) == (5, 3)


def test_a_bug_in_a_rule_is_its_callers_answer_and_no_end(registrar: Registrar) -> None:
    with pytest.raises(ValueError, match="dictionary"):
        registrar.submit([command("demand", "d", "applied", "c-1", payload=["no mapping"])]).result(PATIENCE_S)
    assert isinstance(registrar.submit([system("a", "甲", "c-2")]).result(PATIENCE_S), Applied)
    assert registrar.fault is None


def test_a_store_that_cannot_be_opened_is_told_where_it_was_started(opened: Callable[[], CatalogStore]) -> None:
    with opened(), pytest.raises(StoreInUse):
        Registrar(opened, Log()).start()


def test_a_store_that_fails_ends_the_register_and_answers_those_who_wait(
    opened: Callable[[], CatalogStore], path: Path
) -> None:
    ended = Event()
    running = Registrar(opened, Log(), lambda: 1_000, ended.set)
    running.start()
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("DROP TABLE catalog_outbox")
    assert ended.wait(PATIENCE_S)
    assert "catalog_outbox" in (running.fault or "")
    running.close()
    with pytest.raises(RegistrarEnded):
        running.submit([system("a", "甲", "c-1")])
