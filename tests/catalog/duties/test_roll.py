"""The roll and the register say the same, whatever changes between two questions."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from catalog.duties.board import board
from catalog.duties.clock import Law
from catalog.duties.days import load_days
from catalog.duties.duty import Duty, Fulfilled, Lapsed, Opened, Suspended
from catalog.duties.limits import load_limits
from catalog.duties.roll import DutyRoll
from catalog.duties.rule import replayed
from catalog.register.changes import DUTY, Entity, RecordedChange
from catalog.register.reader import ChangePage, RegisteredEntity, RegisterFigures

LAW = Law(load_limits(), load_days())
DAY = 86_400_000_000
START = (datetime(2026, 3, 2, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
LIVES: dict[str, tuple[Any, ...]] = {
    "running": (),
    "fulfilled": (Fulfilled("f", START + DAY, ("e",)),),
    "late": (Fulfilled("f", START + 40 * DAY, ("e",)),),
    "suspended": (Suspended("s", START + DAY, ("e",)),),
    "lapsed": (Lapsed("l", START + DAY, "gone"),),
}


class Register:
    """A register of duties and of one other kind of entity, in memory."""

    def __init__(self) -> None:
        self.written: list[RecordedChange] = []

    def change(self, entity: Entity, entity_id: str, state: dict[str, Any]) -> None:
        number = len(self.written) + 1
        self.written.append(
            RecordedChange(
                number=number,
                entity=entity,
                entity_id=entity_id,
                version=number,
                action="changed",
                actor="t",
                at=number,
                state=state,
                command_id=f"c-{number}",
            )
        )

    def figures(self) -> RegisterFigures:
        return RegisterFigures(len(self.written), 0, 0)

    def all(self, entity: Entity) -> Iterable[RegisteredEntity]:
        last = {each.entity_id: each for each in self.written if each.entity == entity}
        return [RegisteredEntity(entity, key, e.version, e.action, e.at, None, e.state) for key, e in last.items()]

    def changes(self, *, after: int, limit: int) -> ChangePage:
        del limit
        found = tuple(each for each in self.written if each.number > after)[:2]
        more = bool(found) and found[-1].number < len(self.written)
        return ChangePage(found, found[-1].number if more else None)

    def duties(self) -> list[Duty]:
        return [msgspec.convert(each.state, Duty) for each in self.all(DUTY)]


def stood(duty_id: str, life: str) -> dict[str, Any]:
    duty = replayed((Opened("o", START, duty_id, "correction", "correction", "C", duty_id[:1]), *LIVES[life]), LAW)
    built: dict[str, Any] = msgspec.to_builtins(duty)
    return built


CHANGES = st.lists(st.tuples(st.sampled_from(("a1", "a2", "b1", "b2")), st.sampled_from([*LIVES, "other", "asked"])))


@given(CHANGES, st.integers(0, 60))
def test_the_roll_is_the_register(changes: list[tuple[str, str]], days: int) -> None:
    register, at = Register(), START + days * DAY
    roll = DutyRoll(register)
    for duty_id, word in changes:
        if word == "asked":
            assert roll.board(at, LAW.days) == board(register.duties(), at, LAW.days)
        elif word == "other":
            register.change("system", duty_id, {"code": duty_id})
        else:
            register.change(DUTY, duty_id, stood(duty_id, word))
    assert roll.board(at, LAW.days) == board(register.duties(), at, LAW.days)
    assert {each.id: each for each in roll.duties()} == {each.id: each for each in register.duties()}
    assert {each.id for each in roll.duties("a")} == {each.id for each in register.duties() if each.department == "a"}
