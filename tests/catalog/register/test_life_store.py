"""Entries, their duties and their imports in a real store, with the hub's own rules."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.duties.entity import load_law
from catalog.register.changes import Command
from catalog.register.entry_import import commands_of, import_results
from catalog.register.excel import read_sheets
from catalog.register.plan import Standing
from catalog.register.seed import seed_commands
from catalog.register.store import Applied, CatalogStore
from catalog.register.tables_import import table_entries
from onething.rulebook import load_rulebook
from tests.catalog.register.entries import AT, CODE, DAY_US, PUBLICATION, entry
from tests.catalog.register.registering import CODEC, command

SHARED = Path(__file__).parents[4] / "shared" / "data" / "department-tables.csv"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CatalogStore]:
    with CatalogStore(f"sqlite:///{tmp_path}/catalog.db", load_rulebook(load_law()), CODEC.encode) as made:
        assert isinstance(made.apply_all(made.absent(seed_commands(AT))), Applied)
        yield made


def applied(store: CatalogStore, *commands: Command) -> list[tuple[str, str, str]]:
    """What commands changed: kind of entity, id without its version, action."""
    answer = store.apply_all(commands)
    assert isinstance(answer, Applied), answer
    return [(each.entity, each.entity_id.rpartition(":")[0] or each.entity_id, each.action) for each in answer.changes]


def published(store: CatalogStore, number: int, **fields: Any) -> list[tuple[str, str, str]]:
    drafted = [("drafted", "张三", entry(**fields))] if number == 0 else []
    return applied(
        store,
        *(
            command("resource", CODE, action, f"{action}-{number}", AT + DAY_US * number, actor=actor, payload=payload)
            for action, actor, payload in (*drafted, *PUBLICATION)
        ),
    )


def test_submission_opens_the_review_and_publication_fulfils_it(store: CatalogStore) -> None:
    changes = published(store, 0)
    assert [change for change in changes if change[0] == "duty"] == [
        ("duty", f"catalogue-review:{CODE}", "opened"),
        ("duty", f"catalogue-review:{CODE}", "fulfilled"),
    ]


def test_a_changed_law_makes_the_entry_due_within_its_term(store: CatalogStore) -> None:
    basis = {"id": "law-x", "title": "某法", "article": "一", "in_force_from": "2020-01-01"}
    applied(store, command("legal-basis", "law-x", "declared", "law-1", AT, payload=basis))
    published(store, 0, legal_basis=("law-x",))
    changes = applied(
        store, command("legal-basis", "law-x", "changed", "law-2", AT + DAY_US, payload={"article": "第二条"})
    )
    assert changes == [
        ("legal-basis", "law-x", "changed"),
        ("resource", CODE, "update-due"),
        ("duty", f"catalogue-change:{CODE}", "opened"),
    ]
    assert [change[2] for change in published(store, 2)] == [
        "submitted",
        "suspended",
        "opened",
        "reviewed",
        "updated",
        "fulfilled",
        "fulfilled",
    ]


@pytest.mark.skipif(not SHARED.exists(), reason="the file of a real city's tables lies outside the project")
def test_57_tables_come_in_once_with_801_data_items(store: CatalogStore) -> None:
    entries = table_entries(read_sheets(SHARED)[0])

    def imported(number: int) -> int:
        register = {state["code"]: Standing(1, state) for state in store.all("resource")}
        commands = commands_of(import_results(entries, register))
        asked = (
            command("resource", each["entity_id"], each["action"], f"import-{number}-{place}", payload=each["payload"])
            for place, each in enumerate(commands)
        )
        return len(applied(store, *asked))

    assert imported(1) == 57
    drafts = [state for state in store.all("resource") if state["state"] == "draft"]
    assert (len(drafts), sum(len(state["data_items"]) for state in drafts)) == (57, 801)
    assert imported(2) == 0
