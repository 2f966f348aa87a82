"""The terms of real entries: a law changes, its entry is due, updated late, returned once and published."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from catalog.duties.causes import DATA_OFFICE
from catalog.duties.entity import duties_follow, duty_of, duty_rule, load_law
from catalog.register.changes import Command, Entity
from catalog.register.declared import declared_rule, with_declarations
from catalog.register.life import resource_rule, updates_follow
from catalog.register.life_binding import load_bindings
from catalog.register.rulebook import Rulebook
from catalog.register.store import Applied, CatalogStore
from tests.catalog.register.entries import CODE, entry

CHINA = timezone(timedelta(hours=8))
LAW = {"id": "tax-law", "title": "税收征收管理法", "article": "第五条", "in_force_from": "2015-04-24"}
TAX, OFFICE = {"organisation": "tax"}, {"organisation": DATA_OFFICE}


def us(china: str) -> int:
    moment = datetime.fromisoformat(f"2026-{china}").replace(tzinfo=CHINA)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CatalogStore]:
    rules = {"organisation": declared_rule, "legal-basis": declared_rule, "duty": duty_rule(load_law())}
    resources = with_declarations(resource_rule(load_bindings()))
    rulebook = Rulebook({**rules, "resource": resources}, (updates_follow, duties_follow))
    with CatalogStore(f"sqlite:///{tmp_path}/catalog.db", rulebook, lambda told: told.state.encode()) as opened:
        yield opened


def do(store: CatalogStore, entity: Entity, entity_id: str, action: str, at: str, **more: Any) -> list[str]:
    """What befell duties when this was asked."""
    command = Command(
        entity=entity,
        entity_id=entity_id,
        action=action,
        actor=more.pop("actor", "甲"),
        at=us(at),
        command_id=f"{action}-{entity_id}-{at}",
        reason="事由",
        payload=more.pop("payload"),
    )
    outcome = store.apply(command)
    assert isinstance(outcome, Applied), outcome
    duties = [each for each in outcome.changes if each.entity == "duty"]
    return [f"{duty_of(each.state).kind} {each.action} {duty_of(each.state).department}" for each in duties]


def test_an_entry_is_due_when_its_law_changes(store: CatalogStore) -> None:
    for code in ("tax", DATA_OFFICE):
        organisation = {"code": code, "name": code, "level": "city", "kind": "department"}
        do(store, "organisation", code, "declared", "02-27 09:00", payload=organisation)
    do(store, "legal-basis", "tax-law", "declared", "02-27 09:00", payload=LAW)
    published = entry(legal_basis=("tax-law",)) | {"state": "published"}
    do(store, "resource", CODE, "declared", "02-27 09:00", payload=published)

    changed = do(store, "legal-basis", "tax-law", "declared", "03-02 09:00", payload={**LAW, "article": "第六条"})
    assert changed == ["catalogue-change opened tax"]
    submitted = do(store, "resource", CODE, "submitted", "03-06 09:00", payload=TAX)
    assert submitted == ["catalogue-change suspended tax", f"catalogue-review opened {DATA_OFFICE}"]
    returned = do(store, "resource", CODE, "returned", "03-09 09:00", actor="乙", payload=OFFICE)
    assert returned == [f"catalogue-review fulfilled {DATA_OFFICE}", "catalogue-change resumed tax"]
    again = do(store, "resource", CODE, "submitted", "03-10 09:00", payload=TAX)
    assert again == ["catalogue-change suspended tax", f"catalogue-review opened {DATA_OFFICE}"]
    assert do(store, "resource", CODE, "reviewed", "03-11 09:00", actor="乙", payload=OFFICE) == []
    updated = do(store, "resource", CODE, "published", "03-12 09:00", actor="丙", payload=OFFICE)
    assert [each for each in updated if "fulfilled" in each] == [
        "catalogue-change fulfilled tax",
        f"catalogue-review fulfilled {DATA_OFFICE}",
    ]
