"""The terms of real demands: their own rule and the clock in one store, from application to delivery."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from catalog.demands.grants import grant_rule
from catalog.demands.rule import demand_rule
from catalog.duties.entity import duties_follow, duty_of, duty_rule, load_law
from catalog.register.changes import Change, Command, Entity, Lookup, State, Step
from catalog.register.rulebook import Rulebook
from catalog.register.store import Applied, CatalogStore

CHINA = timezone(timedelta(hours=8))
APPLICATION: dict[str, Any] = {
    "requester": "finance",
    "provider": "tax",
    "scope": [{"resource": "tax.penalty", "fields": ["name"]}],
    "basis": ["政府采购法第二十二条"],
    "scenario": "核对供应商资格",
    "purpose": "政府采购资格审查",
    "subjects": {"kind": "enterprise"},
    "means": ["interface"],
}


def us(china: str) -> int:
    moment = datetime.fromisoformat(f"2026-{china}").replace(tzinfo=CHINA)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def said(state: State | None, command: Command, lookup: Lookup) -> Step:
    """Whatever is said of an organisation or a resource stands."""
    del state, lookup
    state = dict(command.payload)
    return Step(
        changes=(Change(entity=command.entity, entity_id=command.entity_id, action=command.action, state=state),)
    )


class Acting:
    """The register's store, and what people do in it."""

    def __init__(self, store: CatalogStore) -> None:
        self.store, self.asked = store, 0

    def do(
        self, entity: Entity, entity_id: str, action: str, at: str, actor: str = "张三", **payload: Any
    ) -> list[str]:
        self.asked += 1
        command = Command(
            entity=entity,
            entity_id=entity_id,
            action=action,
            actor=actor,
            at=us(at),
            command_id=f"c{self.asked}",
            payload=payload,
        )
        outcome = self.store.apply(command)
        assert isinstance(outcome, Applied), outcome
        duties = [each for each in outcome.changes if each.entity == "duty"]
        return [f"{duty_of(each.state).kind} {each.action}" for each in duties]


@pytest.fixture(params=["conditional", "unconditional"])
def acting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Acting]:
    rules = {"organisation": said, "resource": said, "demand": demand_rule, "grant": grant_rule}
    rulebook = Rulebook(rules | {"duty": duty_rule(load_law())}, (duties_follow,))
    with CatalogStore(f"sqlite:///{tmp_path}/catalog.db", rulebook, lambda told: told.state.encode()) as store:
        acting = Acting(store)
        for each in ("tax", "finance"):
            acting.do("organisation", each, "declared", "02-27 09:00", code=each)
        entry: dict[str, Any] = {"provider": "tax", "state": "published", "sharing_class": request.param}
        acting.do("resource", "tax.penalty", "declared", "02-27 09:00", **entry, data_items=[{"field": "name"}])
        yield acting


@pytest.mark.parametrize("acting", ["conditional"], indirect=True)
def test_a_conditional_demand_is_replied_to_and_delivered(acting: Acting) -> None:
    incomplete = {**APPLICATION, "until": us("12-31 00:00"), "purpose": ""}
    asked = acting.do("demand", "D-1", "applied", "03-02 09:00", **incomplete)
    assert asked == ["reply-conditional opened", "reply-conditional suspended"]
    complete = {**APPLICATION, "until": us("12-31 00:00")}
    assert acting.do("demand", "D-1", "completed", "03-04 09:00", **complete) == ["reply-conditional resumed"]
    assert acting.do("demand", "D-1", "accepted", "03-04 10:00", organisation="tax") == []
    consent: dict[str, Any] = {"days": 5, "evidence": ["consent-7"], "told": ["letter-8"], "organisation": "tax"}
    extended = acting.do("demand", "D-1", "extension-consented", "03-05 09:00", **consent)
    assert extended == ["reply-conditional extended"]
    assert acting.do("demand", "D-1", "decided", "03-12 09:00", organisation="tax", outcome="grant") == []
    granted = acting.do("demand", "D-1", "granted", "03-13 09:00", "李四", organisation="tax")
    assert granted[-2:] == ["reply-conditional fulfilled", "delivery opened"]
    delivered = {"organisation": "tax", "means": "interface", "reference": "tax.penalty"}
    assert acting.do("demand", "D-1", "delivered", "03-16 09:00", **delivered) == ["delivery fulfilled"]


@pytest.mark.parametrize("acting", ["unconditional"], indirect=True)
def test_an_unconditional_demand_is_replied_to_at_once(acting: Acting) -> None:
    complete = {**APPLICATION, "until": us("12-31 00:00")}
    assert acting.do("demand", "D-1", "applied", "03-02 09:00", **complete) == [
        "reply-unconditional opened",
        "reply-unconditional fulfilled",
        "delivery opened",
    ]
