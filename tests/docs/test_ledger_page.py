"""What docs/ledger.md tells is so: entries that ship, states, standards with their criteria, actions, thresholds."""

import re
from collections import Counter
from pathlib import Path

import pytest

from analytics.ledger.rule import STATE_NAMES, load_rule
from catalog.ledger.actions import ENTRY_ACTIONS, TEAM_ACTIONS
from catalog.ledger.declarations import load_declared
from catalog.ledger.model import KIND_NAMES
from catalog.ledger.standards import load_standards
from catalog.register.changes import DECLARED

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "ledger.md").read_text(encoding="utf-8")
COUNTS = Counter(each.kind for each in load_declared())


def test_the_entries_that_ship_are_as_told() -> None:
    told = dict(re.findall(r"^\| (\w+) \| [^|]+ \| (\d+|–) \|", PAGE, re.MULTILINE))
    assert {kind: int(count) for kind, count in told.items() if count != "–"} == COUNTS
    assert f"{COUNTS.total()} entries ship" in PAGE
    for kind, name in KIND_NAMES.items():
        assert f"| {kind} | {name} |" in PAGE


@pytest.mark.parametrize(("state", "name"), STATE_NAMES.items())
def test_every_state_is_told(state: str, name: str) -> None:
    assert f"| {state} | {name} |" in PAGE


def test_every_criterion_is_told_with_whether_it_decides() -> None:
    told = re.findall(r"^\| (\S*) ?\| ([a-z-]+) \| .+ \| (yes|shown) \|$", PAGE, re.MULTILINE)
    due = [
        (standard.name if place == 0 else "", each.id, "shown" if each.closes_at is None else "yes")
        for standard in load_standards().standard
        for place, each in enumerate(standard.criterion)
    ]
    assert told == due


@pytest.mark.parametrize("action", sorted({*ENTRY_ACTIONS, *TEAM_ACTIONS} - {DECLARED}))
def test_every_action_is_told(action: str) -> None:
    assert f"`{action}`" in PAGE


def test_thresholds_are_as_told() -> None:
    rule = load_rule()
    assert f"more than {rule.slips_above:.0%}".replace("%", " %") in PAGE
    assert f"last {rule.pace_days} days" in PAGE
    assert rule.without_goals == "linear"
