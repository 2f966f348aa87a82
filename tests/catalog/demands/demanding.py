"""A register in memory for tests of demands: a few organisations, entries and legal bases."""

from typing import Any

from catalog.demands.grants import grant_rule
from catalog.demands.rule import demand_rule
from catalog.register.changes import DEMAND, GRANT, Command, Entity, Refusal, State, Step

DAY_US = 86_400_000_000
START = 1_780_000_000_000_000
UNTIL = START + 200 * DAY_US
PENALTY, LICENCE, SEALED = "tax.penalty", "tax.licence", "tax.sealed"
RULES = {DEMAND: demand_rule, GRANT: grant_rule}


def entry(code: str, sharing: str) -> dict[str, Any]:
    items = [{"field": "name"}, {"field": "amount_fen"}, {"field": "cause"}]
    return {"code": code, "provider": "tax", "state": "published", "sharing_class": sharing, "data_items": items}


class Register:
    """What a rule may ask, and what becomes of commands; a refused command changes nothing."""

    def __init__(self) -> None:
        self.held: dict[tuple[Entity, str], State] = {
            ("organisation", "tax"): {},
            ("organisation", "finance"): {},
            ("organisation", "water"): {},
            ("resource", PENALTY): entry(PENALTY, "conditional"),
            ("resource", LICENCE): entry(LICENCE, "unconditional"),
            ("resource", SEALED): entry(SEALED, "withheld"),
            ("resource", "water.meter"): entry("water.meter", "conditional") | {"provider": "water"},
            ("resource", "tax.draft"): entry("tax.draft", "conditional") | {"state": "draft"},
            ("legal-basis", "secrets-law-9"): {"in_force_from": "2024-05-01", "in_force_until": None},
            ("legal-basis", "old-law"): {"in_force_from": "2000-01-01", "in_force_until": "2020-01-01"},
        }
        self.actions: list[str] = []
        self.due: dict[tuple[Entity, str], int | None] = {}

    def get(self, entity: Entity, entity_id: str) -> State | None:
        return self.held.get((entity, entity_id))

    def find(self, entity: Entity, /, **fields: str) -> tuple[State, ...]:
        raise AssertionError(f"no demand looks for {entity} by {fields}")

    def do(self, action: str, **more: Any) -> Step:
        """Do this to demand D-1; what is no part of the command itself is its payload."""
        at, actor = more.pop("at", START), more.pop("actor", "张三")
        entity: Entity = more.pop("entity", DEMAND)
        entity_id = more.pop("entity_id", "D-1")
        reason = more.pop("reason", None)
        command = Command(
            entity=entity,
            entity_id=entity_id,
            action=action,
            actor=actor,
            at=at,
            command_id=f"c{len(self.actions)}",
            payload=more.pop("payload", more),
            reason=reason,
        )
        step = RULES[entity](self.get(entity, entity_id), command, self)
        if not step.refusals:
            for change in step.changes:
                self.held[change.entity, change.entity_id] = change.state
                self.due[change.entity, change.entity_id] = change.due_at
                self.actions.append(f"{change.entity} {change.action}")
        return step

    @property
    def demand(self) -> State:
        return self.held[DEMAND, "D-1"]

    @property
    def grant(self) -> State:
        return self.held[GRANT, self.demand["grant"]]


def application(resource: str = PENALTY, **more: Any) -> dict[str, Any]:
    return {
        "requester": "finance",
        "provider": "tax",
        "scope": [{"resource": resource, "fields": ["name", "cause"]}],
        "basis": ["政府采购法第二十二条"],
        "scenario": "核对供应商资格",
        "purpose": "政府采购资格审查",
        "subjects": {"kind": "enterprise"},
        "means": ["interface"],
        "until": UNTIL,
        **more,
    }


def granted(register: Register) -> None:
    """A conditional demand that two persons granted."""
    register.do("applied", **application())
    register.do("accepted", organisation="tax")
    register.do("decided", organisation="tax", outcome="grant")
    register.do("granted", actor="李四", organisation="tax")
    assert register.demand["state"] == "granted", register.demand


def fields_of(step: Step) -> list[str]:
    for each in step.refusals:
        assert each.reason, each
        assert each.reason_en, each
        assert each.remedy, each
        assert each.remedy_en, each
    return [each.field for each in step.refusals]


def only(step: Step) -> Refusal:
    (refusal,) = step.refusals
    return refusal
