"""A case that stands otherwise than it must is named, whatever of it is wrong."""

import pytest

from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.expected import expected_end
from producers.simulation.cases.reckoning import is_settled, mismatches, reckoned
from producers.simulation.cases.script import ItemScript
from tests.producers.simulation.cases.scripting import script


def as_it_must_be() -> CaseActors:
    actors = CaseActors(script({2: ItemScript(way="refuse")}, stars=1))
    due = expected_end(actors.script)
    actors.status, actors.items, actors.rectified = due.end, dict(due.items), due.rectified
    actors.supervised = {number: {decision} for number, decision in due.supervised.items()}
    return actors


def wrong(actors: CaseActors) -> list[str]:
    return [each.what for each in mismatches(actors)]


def test_nothing_is_wrong_with_a_case_that_stands_as_it_must() -> None:
    actors = as_it_must_be()
    assert wrong(actors) == []
    assert is_settled(actors, expected_end(actors.script))
    account = reckoned([actors])
    assert account.ends == {"enterprise-change": {"delivered": 1}}
    assert account.items == {"approved": 4, "refused": 1, "stopped": 1}
    assert account.ways == {"approve": 5, "refuse": 1}
    assert account.supervised == 5


def test_an_unanswered_case_is_wrong_in_everything() -> None:
    silent = CaseActors(script())
    assert "status" in wrong(silent)
    assert reckoned([silent]).ends == {"enterprise-change": {"unanswered": 1}}
    assert not is_settled(silent, expected_end(silent.script))


@pytest.mark.parametrize(
    ("what", "planted"),
    [
        ("status", {"status": "refused"}),
        (
            "item 2",
            {"items": {1: "approved", 2: "approved", 3: "stopped", 4: "approved", 5: "approved", 6: "approved"}},
        ),
        ("supervision of item 4", {"supervised": {1: {"approve"}, 2: {"refuse"}, 5: {"approve"}, 6: {"approve"}}}),
        ("rectification", {"rectified": False}),
    ],
)
def test_each_planted_fault_is_named(what: str, planted: dict[str, object]) -> None:
    actors = as_it_must_be()
    for name, value in planted.items():
        setattr(actors, name, value)
    assert wrong(actors) == [what]
    assert [each.what for each in reckoned([actors]).mismatches] == [what]


def test_an_application_may_be_stopped_for_what_lies_with_its_subject_and_for_nothing_else() -> None:
    actors = CaseActors(script())
    actors.stopped_for = ("condition-not-fulfilled",)
    assert wrong(actors) == []
    assert reckoned([actors]).ends == {"enterprise-change": {"not-taken": 1}}
    actors.stopped_for = ("condition-not-fulfilled", "field-missing")
    assert [each.got for each in mismatches(actors)] == ["field-missing"]
