"""Whatever befalls the register's process, every command is done once and every change told once by its event id."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from catalog.register.changes import Command, RecordedChange
from catalog.register.reader import CatalogReader
from catalog.register.store import CatalogStore
from tests.catalog.register.registering import CODEC, RULEBOOK, command, system
from topics.events import CatalogChanged

CRASH_BEFORE: Final = "the process dies before the commit"
CRASH_AFTER: Final = "the process dies after the commit, before anything is told"
LOST_NEWS: Final = "the log has the message, and the process dies before it knows"
AGAIN: Final = "the asker hears nothing and asks again"

COMMANDS = st.lists(
    st.one_of(
        st.builds(lambda code, name: (code, name), st.sampled_from("ab"), st.sampled_from(("甲", "乙", ""))),
        st.builds(lambda number: ("duty", number), st.integers(0, 2)),
        st.builds(lambda number: ("demand", number), st.integers(0, 2)),
    ),
    max_size=8,
)
FAULTS = st.lists(st.sampled_from((None, CRASH_BEFORE, CRASH_AFTER, LOST_NEWS, AGAIN)), min_size=8, max_size=8)


class Died(Exception):  # noqa: N818  named for the fact
    """The process was killed."""


def commands_of(drawn: Iterable[tuple[str, object]]) -> list[Command]:
    return [_command(place, kind, value) for place, (kind, value) in enumerate(drawn)]


def _command(place: int, kind: str, value: object) -> Command:
    at = (place + 1) * 100
    if kind == "duty":
        return command("duty", f"d{value}", "opened", f"c-{place}", at=at, payload={"times": value})
    if kind == "demand":
        return command("demand", f"d{value}", "applied", f"c-{place}", at=at, payload={"refused_duty": value == 2})
    return system(kind, str(value), f"c-{place}", at=at)


class Process:
    """The register's process and its log; it can be killed at each of the instants that matter."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'catalog.db'}"
        self.log: list[bytes] = []
        self._dies = False
        self._start()

    def run(self, asked: Command, fault: str | None) -> None:
        self._dies = fault == CRASH_BEFORE
        try:
            self.store.apply(asked)
        except Died:
            self._dies = False
            self._restart()
            self.store.apply(asked)
        # A command that changes nothing writes nothing, and nobody died.
        self._dies = False
        if fault == AGAIN:
            self.store.apply(asked)
        if fault == CRASH_AFTER:
            self._restart()
        self._tell(forgets=fault != LOST_NEWS)
        if fault == LOST_NEWS:
            self._restart()

    def ring_out(self, now: int) -> None:
        while self.store.ring(now=now):
            self._tell(forgets=True)

    def close(self) -> None:
        self._tell(forgets=True)
        self.store.close()

    def told(self) -> dict[bytes, CatalogChanged]:
        events = [CODEC.event(each) for each in self.log]
        return {each.event_id: each for each in events if isinstance(each, CatalogChanged)}

    def _start(self) -> None:
        self.store = CatalogStore(self.url, RULEBOOK, CODEC.encode, indexes=[self._die])

    def _restart(self) -> None:
        self.store.close()
        self._start()

    def _die(self, connection: Connection, change: RecordedChange) -> None:
        del connection, change
        if self._dies:
            raise Died

    def _tell(self, *, forgets: bool) -> None:
        rows = [row for _, row in self.store.outbox()]
        self.log += [row.value for row in rows]
        if forgets:
            self.store.forget([row.event_id for row in rows])


def lived(
    commands: Sequence[Command], faults: Sequence[str | None]
) -> tuple[tuple[RecordedChange, ...], list[CatalogChanged]]:
    """All changes that the register holds, and all that the log was told of, each event id once."""
    with TemporaryDirectory() as folder:
        process = Process(Path(folder))
        for asked, fault in zip(commands, faults, strict=False):
            process.run(asked, fault)
        process.ring_out(10_000)
        process.close()
        with CatalogReader(process.url) as reader:
            changes = reader.changes(limit=1000).changes
        return changes, sorted(process.told().values(), key=lambda each: each.number)


@settings(max_examples=60, deadline=None)
@given(COMMANDS, FAULTS)
def test_faults_change_nothing(drawn: list[tuple[str, object]], faults: list[str | None]) -> None:
    commands = commands_of(drawn)
    assert lived(commands, faults) == lived(commands, [None] * len(faults))


@settings(max_examples=30, deadline=None)
@given(COMMANDS, FAULTS)
def test_the_log_tells_every_change_and_nothing_else(drawn: list[tuple[str, object]], faults: list[str | None]) -> None:
    changes, told = lived(commands_of(drawn), faults)
    assert [(each.number, each.entity, each.entity_id, each.version, each.action, each.at) for each in told] == [
        (each.number, each.entity, each.entity_id, each.version, each.action, each.at) for each in changes
    ]
