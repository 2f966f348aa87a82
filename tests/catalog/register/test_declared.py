from typing import Any

import pytest

from catalog.register.changes import Change, Command, Lookup, State, Step
from catalog.register.declared import content_of, declared_rule, read_declaration, with_declarations
from tests.catalog.register.registering import NO, command

NOBODY: Lookup = None  # type: ignore[assignment]  # these rules look nothing up
PLATFORM = {"code": "p", "name": "平台"}


def step(action: str, payload: dict[str, Any], state: State | None = None, entity: Any = "system") -> Step:
    return declared_rule(state, command(entity, "p", action, "c", payload=payload), NOBODY)


def changed(done: Step) -> Change:
    (change,) = done.changes
    assert done.refusals == ()
    return change


def test_a_declaration_is_the_whole_entity() -> None:
    change = changed(step("declared", PLATFORM))
    assert change.action == "declared"
    assert change.state == {
        **PLATFORM,
        "owner": "unstated",
        "level": "unstated",
        "state": "unstated",
        "batch": None,
        "vertical": False,
        "note": "",
        "withdrawn": False,
    }
    assert step("declared", PLATFORM, change.state) == Step()


def test_a_change_says_only_what_is_other() -> None:
    state = changed(step("declared", PLATFORM)).state
    after = changed(step("changed", {"state": "connected", "batch": 2}, state)).state
    assert after == {**state, "state": "connected", "batch": 2}


def test_what_is_withdrawn_stays_known() -> None:
    state = changed(step("declared", PLATFORM)).state
    assert changed(step("withdrawn", {}, state)).state == {**state, "withdrawn": True}
    assert changed(step("declared", PLATFORM, {**state, "withdrawn": True})).state == state


@pytest.mark.parametrize("action", ["changed", "withdrawn"])
def test_nothing_can_be_done_to_what_there_is_not(action: str) -> None:
    assert [each.field for each in step(action, {}).refusals] == ["entity_id"]


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"code": "p"}, "payload"),
        ({"code": "p", "name": 5}, "payload.name"),
        ({"code": "p", "name": "平台", "state": "gone"}, "payload.state"),
        ({"code": "p", "name": "平台", "nmae": "x"}, "payload.nmae"),
        ({"code": "q", "name": "平台"}, "payload.code"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(payload: dict[str, Any], field: str) -> None:
    (refusal,) = step("declared", payload).refusals
    assert refusal.field == field
    assert all((refusal.reason, refusal.reason_en, refusal.remedy, refusal.remedy_en))


def test_a_misspelt_field_deep_inside_is_not_passed_over() -> None:
    """msgspec drops fields that it does not know: a misspelt class of a data item came in as ``ordinary``."""
    item = {"name": "姓名", "field": "name", "item_clas": "personal"}
    read = read_declaration("resource", {"code": "tax.a", "name": "甲", "provider": "tax", "data_items": [item]})
    assert getattr(read, "field", None) == "payload.data_items[0].item_clas"


def test_an_action_that_is_none_is_refused_with_those_that_are() -> None:
    (refusal,) = step("invented", {}).refusals
    assert refusal.field == "action"
    assert "withdrawn" in refusal.remedy_en


def test_a_declared_resource_is_published_at_once_and_everything_else_is_its_own_rule() -> None:
    def life(state: State | None, asked: Command, lookup: Lookup) -> Step:
        del state, asked, lookup
        return Step(refusals=(NO,))

    rule = with_declarations(life)
    payload = {"code": "tax.a", "name": "甲", "provider": "tax"}
    asked = command("resource", "tax.a", "declared", "c", payload=payload)
    first = changed(rule(None, asked, NOBODY))
    assert (first.action, first.state["state"], first.state["version"]) == ("published", "published", 1)
    assert rule(first.state, asked, NOBODY) == Step()
    again = command("resource", "tax.a", "declared", "c", payload={**payload, "summary": "摘要"})
    assert changed(rule(first.state, again, NOBODY)).state["version"] == 2
    assert rule(None, command("resource", "tax.a", "drafted", "c"), NOBODY).refusals == (NO,)
    assert content_of("resource", first.state).keys() & {"state", "version"} == set()
