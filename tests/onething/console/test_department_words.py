"""What department pages offer is what the rules take: nothing is offered that is refused for what it is."""

import asyncio
from typing import Any, get_args

import pytest

from catalog.demands.model import DemandState
from catalog.demands.rule import MOVES as TAKEN
from catalog.demands.sayings import Of
from onething.console.bulk import AT_ONCE, in_bulk
from onething.console.demand_words import ACTIONS, MOVES, STATES, Field, Move, moves_of
from onething.console.hub import HubFault
from onething.console.inbox import DECISIONS, GIVEN, answer_words, assignment_row, check_row
from onething.console.language import Words
from onething.console.merging import Row
from processors.domain.answers import GIVEN as TAKEN_ANSWERS
from processors.domain.handling.decisions import DECISIONS as TAKEN_DECISIONS


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.action)
def test_each_act_on_a_demand_is_one_that_the_register_takes(move: Move) -> None:
    taken = TAKEN[move.action]
    assert taken.party == move.party
    assert set(move.states) <= set(taken.states)
    assert taken.payload is not None
    own = set(taken.payload.__struct_fields__) - set(Of.__struct_fields__)
    assert {field.name for field in move.fields} == own
    assert move.action in ACTIONS


def test_every_state_of_a_demand_has_words_and_offers_what_fits() -> None:
    assert set(STATES) == set(get_args(DemandState))
    assert [move.action for move in moves_of("granted", {"provider"})] == ["delivered"]
    assert moves_of("disposed", {"provider", "requester"}) == []


def test_words_become_what_the_register_takes() -> None:
    lines, number = Field("x", Words("", ""), "lines"), Field("x", Words("", ""), "number")
    assert lines.said(" 甲 \n\n乙\n") == ["甲", "乙"]
    assert (number.said("5"), number.said("five")) == (5, "five")


def test_every_decision_and_answer_has_words() -> None:
    assert set(DECISIONS) == set(TAKEN_DECISIONS)
    assert set(GIVEN) == set(TAKEN_ANSWERS)
    assert all(answer_words().values())


def test_checks_and_assignments_are_rows_of_one_shape() -> None:
    task = {
        "task_id": "t",
        "question": "核查",
        "case_id": "c",
        "bundle": "b",
        "purpose": "p",
        "subject": "enterprise:x",
        "status": "handled",
        "assigned_at": "2026",
        "due_at": "2027",
        "proposed": {"answer": "clear", "note": "n", "handled_by": "张三"},
        "review_note": None,
    }
    given = {
        "assignment_id": "a",
        "kind": "item",
        "item": "610131002000",
        "text": "许可",
        "case_id": "c",
        "bundle": "b",
        "subject": "enterprise:x",
        "state": "open",
        "dispatched_at": "2026",
        "due_at": None,
        "overdue": False,
        "proposed": None,
        "review_note": None,
    }
    assert check_row(task).keys() == assignment_row(given).keys()
    assert check_row(task)["proposed"] == ("未发现记录", "n")


def test_many_acts_each_have_their_outcome_in_the_order_of_the_rows() -> None:
    going = most = 0
    counts: list[int] = []

    async def act(row: Row) -> str:
        nonlocal going, most
        going += 1
        most = max(most, going)
        await asyncio.sleep(0)
        going -= 1
        if row["n"] % 3 == 0:
            raise HubFault("不行", "因为", faults=({"field": "f", "reason": "r"},))
        return f"好 {row['n']}"

    rows: list[dict[str, Any]] = [{"n": n} for n in range(20)]
    outcomes = asyncio.run(in_bulk(rows, act, counts.append))
    assert [each.row for each in outcomes] == rows
    assert [each.is_done for each in outcomes] == [n % 3 != 0 for n in range(20)]
    assert outcomes[0].words == "不行；f：r"
    assert counts == list(range(1, 21))
    assert most <= AT_ONCE
