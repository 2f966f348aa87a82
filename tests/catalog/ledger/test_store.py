"""The ledger in the register itself: declared at the start, opened again when a resource goes, told to the log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from catalog.duties.entity import load_law
from catalog.ledger.entity import ledger_commands
from catalog.ledger.needs import needs_of
from catalog.ledger.rule import entry_of
from catalog.register.changes import LEDGER_ENTRY, TEAM, Command, RecordedChange
from catalog.register.list_rows import AsOf
from catalog.register.reader import CatalogReader
from catalog.register.seed import DECLARATION, seed_commands
from catalog.register.store import Applied, CatalogStore, Refused
from onething.rulebook import load_rulebook
from tests.catalog.ledger.ledgering import AT, REDUCED
from tests.catalog.register.registering import CODEC

NEWBORN = "bundle.newborn"


class Register:
    """A register with everything that ships; each command is dated a microsecond after the last."""

    def __init__(self, url: str) -> None:
        self.store = CatalogStore(url, load_rulebook(load_law()), CODEC.encode)
        self.reader = CatalogReader(url)
        self.given = 0
        assert isinstance(self.store.apply_all((*seed_commands(AT), *ledger_commands(AT, DECLARATION))), Applied)

    def asked(self, entity: Any, entity_id: str, action: str, payload: dict[str, Any], **more: Any) -> Command:
        self.given += 1
        fields: dict[str, Any] = {"actor": "张三", "at": AT + self.given} | more
        return Command(
            entity=entity, entity_id=entity_id, action=action, command_id=f"c{self.given}", payload=payload, **fields
        )

    def do(
        self, entity: Any, entity_id: str, action: str, payload: dict[str, Any], **more: Any
    ) -> tuple[RecordedChange, ...]:
        answer = self.store.apply(self.asked(entity, entity_id, action, payload, **more))
        assert isinstance(answer, Applied), [each.reason for each in answer.refusals]
        return answer.changes

    def shared(self, code: str, sharing_class: str = "unconditional") -> tuple[RecordedChange, ...]:
        """Publish an entry of the catalogue with this sharing class, by declaration."""
        known = self.reader.get("resource", code)
        assert known is not None
        content = {name: value for name, value in known.state.items() if name not in ("state", "version", "life")}
        return self.do("resource", code, "declared", content | {"sharing_class": sharing_class})


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    found = Register(f"sqlite:///{tmp_path}/catalog.db")
    yield found
    found.reader.close()
    found.store.close()


def resources() -> tuple[str, ...]:
    needs = needs_of("newborn")
    assert needs is not None
    return needs.resources


def closed(register: Register) -> None:
    for code in resources():
        register.shared(code)
    health = {"organisation": "health"}
    register.do(LEDGER_ENTRY, NEWBORN, "progress-reported", health | {"milestone": "in-service", "done": 100})
    register.do(LEDGER_ENTRY, NEWBORN, "closing-requested", health | {"reductions": REDUCED})
    register.do(LEDGER_ENTRY, NEWBORN, "closing-reviewed", {"organisation": "admin-approval"}, actor="李四")
    register.do(LEDGER_ENTRY, NEWBORN, "closing-reviewed", {"organisation": "data-bureau"}, actor="王五")


def test_every_entry_that_ships_is_declared_and_found_by_its_fields(register: Register) -> None:
    assert register.reader.counts()[LEDGER_ENTRY] == 74
    assert len(register.reader.all(LEDGER_ENTRY, {"kind": "task"})) == 29
    assert NEWBORN in {each.entity_id for each in register.reader.all(LEDGER_ENTRY, {"leads": "health"})}
    assert register.reader.all(LEDGER_ENTRY, {"state": "closed"}) == ()
    again = register.store.apply_all(ledger_commands(AT + 5, DECLARATION))
    assert isinstance(again, Applied)
    assert len(again.repeated) == 74
    assert len(register.reader.history(LEDGER_ENTRY, NEWBORN)) == 1


def test_a_release_that_reads_a_source_otherwise_changes_the_words_and_not_the_life(register: Register) -> None:
    (shipped,) = [each for each in ledger_commands(AT, DECLARATION) if each.entity_id == NEWBORN]
    register.do(
        LEDGER_ENTRY, NEWBORN, "progress-reported", {"organisation": "health", "milestone": "in-service", "done": 9}
    )
    mended = replace(shipped, payload={**shipped.payload, "section": "改读"}, command_id="later")
    assert isinstance(register.store.apply(mended), Applied)
    found = register.reader.get(LEDGER_ENTRY, NEWBORN)
    assert found is not None
    standing = entry_of(found.state)
    assert (standing.declared.section, standing.progress[0].done) == ("改读", 9)


def test_a_bundle_is_refused_while_its_data_is_not_shared_and_closed_once_it_is(register: Register) -> None:
    reported = {"organisation": "health", "milestone": "in-service", "done": 100}
    register.do(LEDGER_ENTRY, NEWBORN, "progress-reported", reported)
    asked = {"organisation": "health", "reductions": REDUCED}
    refused = register.store.apply(register.asked(LEDGER_ENTRY, NEWBORN, "closing-requested", asked))
    assert isinstance(refused, Refused)
    assert [each.field for each in refused.refusals] == ["standards.data-shared"]
    closed(register)
    assert register.reader.history(LEDGER_ENTRY, NEWBORN)[-1].action == "closed"


def test_a_resource_that_goes_opens_what_was_closed_on_it_in_the_same_transaction(register: Register) -> None:
    closed(register)
    changes = register.shared(resources()[0], "withheld")
    (opened,) = [each for each in changes if each.entity == LEDGER_ENTRY]
    assert (opened.entity_id, opened.action, opened.actor) == (NEWBORN, "reopened", "ledger")
    assert opened.reason is not None
    assert opened.reason.startswith("销号依据不再成立")
    assert entry_of(opened.state).state == "open"


def test_a_resource_that_changes_otherwise_opens_nothing(register: Register) -> None:
    closed(register)
    other = next(each.entity_id for each in register.reader.all("resource") if each.entity_id not in resources())
    assert [each.entity for each in register.shared(other)] == ["resource"]
    before = len(register.reader.history(LEDGER_ENTRY, NEWBORN))
    known = register.reader.get("resource", resources()[0])
    assert known is not None
    content = {name: value for name, value in known.state.items() if name not in ("state", "version", "life")}
    register.do("resource", resources()[0], "declared", content | {"summary": "说明"})
    assert len(register.reader.history(LEDGER_ENTRY, NEWBORN)) == before


def test_the_log_folded_again_gives_the_same_ledger(register: Register) -> None:
    closed(register)
    members = [{"organisation": "health", "role": "组长", "contact": "政务服务处"}]
    register.do(TEAM, "newborn", "formed", {"organisation": "health", "members": members})
    told: list[tuple[str, str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = register.reader.changes(after=after, limit=1000)
        told += [(each.entity, each.entity_id, each.state) for each in page.changes]
        after = page.next_after
    folded = AsOf.from_changes(told)
    for entity in (LEDGER_ENTRY, TEAM):
        for standing in register.reader.all(entity):
            assert folded.get(entity, standing.entity_id) == standing.state
