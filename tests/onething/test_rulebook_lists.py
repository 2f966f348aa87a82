"""Lists over the register with the hub's own rules: what demands, entries and systems become on a list."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.duties.entity import load_law
from catalog.register.changes import Command, Entity
from catalog.register.list_rows import COLUMNS, KINDS, rows_of
from catalog.register.lists import DrawnList, list_of
from catalog.register.reader import CatalogReader
from catalog.register.seed import seed_commands
from catalog.register.store import Applied, CatalogStore
from onething.rulebook import load_rulebook
from tests.catalog.register.entries import CODE, entry
from tests.catalog.register.registering import CODEC

AT = 1_790_000_000_000_000
DAY_US = 86_400_000_000
DEMAND = {
    "requester": "finance",
    "provider": "tax",
    "scope": [{"resource": CODE, "fields": ["cause"]}],
    "basis": ["order-809-20"],
    "scenario": "核对供应商资格",
    "purpose": "政府采购资格审查",
    "subjects": {"kind": "enterprise"},
    "means": ["interface"],
    "until": AT + 90 * DAY_US,
}
OFFICE = {"organisation": "data-bureau"}


class Register:
    """The register with the hub's own rules; every command comes an hour after the last."""

    def __init__(self, url: str) -> None:
        self.url, self.at, self.number = url, AT, 0
        self.store = CatalogStore(url, load_rulebook(load_law()), CODEC.encode)

    def do(self, entity: Entity, entity_id: str, action: str, actor: str, **payload: Any) -> None:
        self.at, self.number = self.at + 3_600_000_000, self.number + 1
        answer = self.store.apply(
            Command(
                entity=entity,
                entity_id=entity_id,
                action=action,
                actor=actor,
                at=self.at,
                command_id=f"c{self.number}",
                payload=payload,
            )
        )
        assert isinstance(answer, Applied), answer

    def list(self, list_id: str) -> DrawnList:
        found = CatalogReader(self.url).get("list", list_id)
        assert found is not None
        return list_of(found.state)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    register = Register(f"sqlite:///{tmp_path}/catalog.db")
    with register.store:
        assert isinstance(register.store.apply_all(seed_commands(AT)), Applied)
        register.do("resource", CODE, "drafted", "张三", **entry(negative_list=True))
        register.do("resource", CODE, "submitted", "张三", organisation="tax")
        register.do("resource", CODE, "reviewed", "李四", **OFFICE)
        register.do("resource", CODE, "published", "李四", **OFFICE)
        register.do("demand", "D-1", "applied", "王五", **DEMAND)
        yield register


def test_a_demand_stands_on_its_list_with_names_for_codes(register: Register) -> None:
    register.do("list", "demand.2026-Q4", "drawn-up", "张三", kind="demand", period="2026-Q4")
    (row,) = register.list("demand.2026-Q4").rows
    assert {*row} == {"key", *COLUMNS["demand"]}
    assert (row["department_name"], row["resources"], row["fields"]) == ("市财政局", "欠税公告信息", "违法事实摘要")
    assert row["basis"].startswith("政务数据共享条例")


def test_an_entry_stands_on_the_negative_list_that_marks_it(register: Register) -> None:
    register.do("list", "negative.2026", "drawn-up", "张三", kind="negative", period="2026")
    assert [row["resource"] for row in register.list("negative.2026").rows] == [CODE]


def test_what_the_register_says_later_changes_no_list(register: Register) -> None:
    for action, actor, payload in (
        ("drawn-up", "张三", {"kind": "responsibility", "period": "2026-Q4", "department": "tax"}),
        ("signed-off", "李四", OFFICE),
        ("published", "李四", OFFICE),
    ):
        register.do("list", "responsibility.2026-Q4.tax", action, actor, **payload)
    before = register.list("responsibility.2026-Q4.tax")
    assert CODE in [row["resource"] for row in before.rows]
    assert {row["department"] for row in before.rows} == {"tax"}
    register.do("resource", CODE, "changed", "张三", summary="另一说明")
    assert register.list("responsibility.2026-Q4.tax") == before


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_from_what_ships(register: Register, kind: Any) -> None:
    lookup = _Held(register)
    for row in rows_of(kind, lookup):
        assert {*row} == {"key", *COLUMNS[kind]}
        assert all(isinstance(value, (str, int, type(None))) for value in row.values())


class _Held:
    """The register as a reader sees it."""

    def __init__(self, register: Register) -> None:
        self._reader = CatalogReader(register.url)

    def get(self, entity: Entity, entity_id: str) -> Any:
        found = self._reader.get(entity, entity_id)
        return None if found is None else found.state

    def find(self, entity: Entity, /, **fields: str) -> tuple[Any, ...]:
        return tuple(each.state for each in self._reader.all(entity, fields))
