"""Whatever is asked of a list in whatever order: two persons for every published one, and no change after."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalog.register.changes import DRAWN_UP, LIST, PUBLISHED, RETURNED, SIGNED_OFF, Command, State
from catalog.register.list_rows import AsOf, row_differences
from catalog.register.lists import list_of, list_rule
from catalog.register.model import System

PERSONS = st.sampled_from(("张三", " 张三", "李四", "王五"))
ASKED = st.tuples(st.sampled_from((DRAWN_UP, SIGNED_OFF, RETURNED, PUBLISHED)), PERSONS, st.integers(0, 3))
ROWS = st.dictionaries(
    st.sampled_from("abcdef"), st.dictionaries(st.sampled_from(("name", "batch")), st.integers(0, 2)), max_size=6
)


def register(batches: int) -> AsOf:
    """A register that has so many vertical systems."""
    systems = [System(code=f"s-{number}", name="系统", vertical=True, batch=number) for number in range(batches)]
    return AsOf({"system": {each.code: _plain(each) for each in systems}})


def _plain(system: System) -> State:
    return {name: getattr(system, name) for name in system.__struct_fields__}


def _command(action: str, actor: str, at: int) -> Command:
    drawing = {"kind": "vertical-system", "period": "2026"}
    return Command(
        entity=LIST,
        entity_id="vertical-system.2026",
        action=action,
        actor=actor,
        at=at,
        command_id=f"c{at}",
        payload=drawing if action == DRAWN_UP else {"organisation": "data-bureau"},
        reason="事由",
    )


@given(st.lists(ASKED, max_size=20))
def test_two_persons_publish_and_nobody_changes_it_after(asked: list[tuple[str, str, int]]) -> None:
    state: State | None = None
    for at, (action, actor, batches) in enumerate(asked):
        step = list_rule(state, _command(action, actor, at), register(batches))
        assert not (step.changes and step.refusals)
        if state is not None and state["state"] == "published":
            assert step.changes == ()
        state = step.changes[0].state if step.changes else state
    if state is not None and state["state"] == "published":
        drawn = list_of(state)
        drawer = drawn.drawn_up_by.strip()
        assert drawer not in (drawn.signed_off_by.strip(), drawn.published_by.strip())


@given(ROWS, ROWS)
def test_differences_lead_from_one_list_to_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    earlier, later = ([{"key": key, **columns} for key, columns in sorted(rows.items())] for rows in (before, after))
    found = row_differences(earlier, later)
    assert {*found.added} == {*after} - {*before}
    assert {*found.removed} == {*before} - {*after}
    made = {key: dict(columns) for key, columns in before.items() if key not in found.removed}
    made |= {key: after[key] for key in found.added}
    for key, columns in found.changed:
        for column in columns:
            made[key].pop(column, None)
            if column in after[key]:
                made[key][column] = after[key][column]
    assert made == after
