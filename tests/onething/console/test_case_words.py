from typing import get_args

import pytest

from onething.console.case_words import ANSWERS, CASE_STATES, ITEM_STATES, line_state, word
from processors.domain.case import CaseStatus
from processors.domain.handling.state import HandlingStatus, ItemState
from processors.domain.report_words import ANSWER_WORDS


def test_every_state_of_the_rules_has_a_word() -> None:
    assert set(CASE_STATES) == {"submitted", *get_args(CaseStatus), *get_args(HandlingStatus)}
    assert set(ITEM_STATES) == set(get_args(ItemState))


def test_answers_are_called_as_the_report_calls_them() -> None:
    shown = {answer: (words.zh, words.en) for answer, (words, _) in ANSWERS.items() if answer not in ("asked", "open")}
    assert shown == {answer: (zh, ANSWER_WORDS["en"][answer]) for answer, zh in ANSWER_WORDS["zh"].items()}


def test_a_state_that_nobody_named_is_called_by_its_code() -> None:
    words, tone = word(CASE_STATES, "parked")
    assert (words.zh, tone) == ("parked", "quiet")


@pytest.mark.parametrize(
    ("answer", "task", "state"),
    [
        ("clear", None, "clear"),
        (None, None, "open"),
        (None, "open", "asked"),
        ("unavailable", "open", "asked"),
        ("unavailable", "closed", "unavailable"),
    ],
)
def test_the_state_of_a_line(answer: str | None, task: str | None, state: str) -> None:
    parts = [{"task": None if task is None else {"task_id": "t", "status": task}}]
    assert line_state({"answer": answer, "parts": parts}) == state
