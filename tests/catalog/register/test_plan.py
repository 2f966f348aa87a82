from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalog.register.changes import Entity, State
from catalog.register.declared import read_declaration
from catalog.register.folder import Declaration
from catalog.register.plan import Register, Standing, planned


def declaration(entity: Entity, code: str, **fields: Any) -> Declaration:
    content = read_declaration(entity, {"code": code, **fields})
    assert isinstance(content, dict), content
    if entity == "resource":
        content = {name: value for name, value in content.items() if name not in ("state", "version")}
    return Declaration(entity, code, content, "a.toml", "here")


def standing(entity: Entity, code: str, version: int = 1, **fields: Any) -> tuple[tuple[Entity, str], Standing]:
    state = read_declaration(entity, {"code": code, **fields})
    assert isinstance(state, dict), state
    return (entity, code), Standing(version, state)


def register(*entities: tuple[tuple[Entity, str], Standing]) -> Register:
    return dict(entities)


def test_what_is_new_is_added_and_what_stands_is_left_alone() -> None:
    declared = [declaration("system", "a", name="甲"), declaration("system", "b", name="乙")]
    (change,) = planned(declared, register(standing("system", "a", name="甲")))
    assert (change.kind, change.entity_id, change.action, change.expected_version) == ("add", "b", "declared", 0)
    assert change.payload["name"] == "乙"


def test_a_changed_system_is_declared_as_a_whole() -> None:
    (change,) = planned([declaration("system", "a", name="乙")], register(standing("system", "a", 4, name="甲")))
    assert (change.kind, change.action, change.expected_version) == ("change", "declared", 4)
    assert [(each.field, each.before, each.after) for each in change.differences] == [("name", "甲", "乙")]
    assert change.payload["code"] == "a"


def test_a_resource_is_drafted_and_then_changed_in_what_is_other() -> None:
    new = declaration("resource", "tax.a", name="甲", provider="tax", summary="摘要")
    (added,) = planned([new], {})
    assert (added.kind, added.action) == ("add", "drafted")
    (change,) = planned([new], register(standing("resource", "tax.a", name="甲", provider="tax", state="published")))
    assert (change.action, change.payload) == ("changed", {"summary": "摘要"})


def test_what_a_folder_does_not_name_is_withdrawn_only_when_asked_for_and_only_of_its_kinds() -> None:
    stands = register(
        standing("system", "a", name="甲"),
        standing("system", "b", name="乙"),
        standing("system", "c", name="丙", withdrawn=True),
        standing("organisation", "o", name="局", level="city", kind="department"),
    )
    declared = [declaration("system", "a", name="甲")]
    assert planned(declared, stands) == ()
    (change,) = planned(declared, stands, withdraw_missing=True)
    assert (change.kind, change.entity_id, change.action, change.payload) == ("withdraw", "b", "withdrawn", {})


NAMES = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(("甲", "乙")))


@given(NAMES, NAMES, st.booleans())
def test_what_is_planned_makes_the_register_say_what_is_declared(
    before: dict[str, str], after: dict[str, str], withdraw_missing: bool
) -> None:
    declared = [declaration("system", code, name=name) for code, name in after.items()]
    stands = register(*(standing("system", code, name=name) for code, name in before.items()))
    states: dict[str, State] = {code: each.state for (_, code), each in stands.items()}
    for change in planned(declared, stands, withdraw_missing=withdraw_missing):
        withdrawn = {**states.get(change.entity_id, {}), "withdrawn": True}
        states[change.entity_id] = withdrawn if change.action == "withdrawn" else change.payload
    reached: Register = {("system", code): Standing(2, state) for code, state in states.items()}
    assert planned(declared, reached, withdraw_missing=withdraw_missing) == ()
    assert {code for code in after if states[code]["withdrawn"]} == set()
