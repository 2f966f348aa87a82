"""Small rules and commands for tests of the register: a duty that counts, a demand that opens one."""

from typing import Any

from catalog.register.changes import (
    DEMAND,
    DUTY,
    RUNG,
    Change,
    Command,
    Entity,
    Lookup,
    RecordedChange,
    Refusal,
    State,
    Step,
)
from catalog.register.declared import declared_rule, with_declarations
from catalog.register.rulebook import Rulebook
from topics.codec import RowCodec, SchemaIds

CODEC = RowCodec(SchemaIds.published())
NO = Refusal(field="payload.no", reason="不可", reason_en="no", remedy="改", remedy_en="change it")


def command(entity: Entity, entity_id: str, action: str, command_id: str, at: int = 1, **more: Any) -> Command:
    payload = more.pop("payload", {})
    return Command(
        entity=entity,
        entity_id=entity_id,
        action=action,
        actor=more.pop("actor", "张三"),
        at=at,
        command_id=command_id,
        payload=payload,
        **more,
    )


def system(code: str, name: str, command_id: str, **more: Any) -> Command:
    fields = more.pop("fields", {})
    return command("system", code, "declared", command_id, payload={"code": code, "name": name, **fields}, **more)


def counting(state: State | None, asked: Command, lookup: Lookup) -> Step:
    """A duty that rings ``times`` times, ten µs apart, from its opening on; a payload with ``no`` is refused."""
    if asked.payload.get("no"):
        return Step(refusals=(NO, NO))
    if state is None:
        state = {"rung": 0, "times": asked.payload.get("times", 0), "state": "open", "others": len(lookup.find(DUTY))}
    elif asked.action == RUNG:
        state = dict(state) | {"rung": state["rung"] + 1}
    if asked.payload.get("stuck") or state.get("stuck"):
        return Step(changes=(_counted(asked, {**state, "stuck": True}, 5),))
    if state["rung"] >= state["times"]:
        return Step(changes=(_counted(asked, state, None),))
    return Step(changes=(_counted(asked, state, asked.at + 10),))


def demanding(state: State | None, asked: Command, lookup: Lookup) -> Step:
    """A demand that also changes the grant of the same id, in one step."""
    del state, lookup
    own = Change(entity=DEMAND, entity_id=asked.entity_id, action=asked.action, state=dict(asked.payload))
    grant = Change(entity="grant", entity_id=asked.entity_id, action="issued", state={"demand": asked.entity_id})
    return Step(changes=(own, grant))


def opens_duty(change: RecordedChange, lookup: Lookup) -> tuple[Command, ...]:
    """Every applied demand opens a duty; one that says so opens one that is refused."""
    del lookup
    if (change.entity, change.action) != (DEMAND, "applied"):
        return ()
    payload = {"times": 1, "no": bool(change.state.get("refused_duty"))}
    return (command(DUTY, f"reply:{change.entity_id}", "opened", "drawn by the store", change.at, payload=payload),)


def _counted(asked: Command, state: State, due_at: int | None) -> Change:
    return Change(entity=DUTY, entity_id=asked.entity_id, action=asked.action, state=state, due_at=due_at)


def _no_life(state: State | None, asked: Command, lookup: Lookup) -> Step:
    del state, asked, lookup
    return Step(refusals=(NO,))


RULEBOOK = Rulebook(
    rules={
        "organisation": declared_rule,
        "system": declared_rule,
        "licence-type": declared_rule,
        "legal-basis": declared_rule,
        "resource": with_declarations(_no_life),
        "duty": counting,
        "demand": demanding,
    },
    reactions=(opens_duty,),
)
