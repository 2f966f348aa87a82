"""What docs/legal-clock.md tells is so: the limits, the ends of terms, the causes and the rungs that it names."""

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from catalog.duties.causes import CAUSES
from catalog.duties.clock import Law
from catalog.duties.days import load_days
from catalog.duties.duty import DutyEvent, Extended, Opened, Resumed, Suspended
from catalog.duties.ladder import RUNG_NAMES
from catalog.duties.limits import KIND_NAMES, Limit, load_limits
from catalog.duties.refusals import shown
from catalog.duties.rule import advance, replayed

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "legal-clock.md").read_text(encoding="utf-8")
LAW = Law(load_limits(), load_days())
CHINA = timezone(timedelta(hours=8))
TERMS = re.findall(r"^\| ([a-z-]+) \| (opened .*) \| (\d{4}-\d\d-\d\d \d\d:\d\d) \|$", PAGE, re.MULTILINE)


def us(china: str) -> int:
    moment = datetime.fromisoformat(china).replace(tzinfo=CHINA)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def event_of(kind: str, told: str) -> DutyEvent:
    action, day, hour, *rest = told.split()
    at = us(f"{day} {hour}")
    if action == "opened":
        return Opened("o", at, "d", kind, "demand", "D", "tax")
    if action == "extended":
        return Extended("x", at, int(rest[1]), ("consent",), ("told",))
    return Suspended("s", at, ("letter",)) if action == "suspended" else Resumed("r", at, ("letter",))


def row_of(limit: Limit) -> str:
    days = "unstated" if limit.working_days is None else str(limit.working_days)
    extension = f"{limit.extension_days} {limit.extension_unit}" if limit.extensions else "–"
    cells = (f"{KIND_NAMES[limit.kind]} {limit.kind}", limit.owed_by, limit.id, days, extension)
    return f"| {' | '.join(cells)} | {limit.in_force_from} | {limit.known} |"


def test_every_limit_is_on_the_page_as_it_is() -> None:
    told = [line for line in PAGE.splitlines() if re.search(r"\| (stated|second-hand) \|$", line)]
    assert told == [row_of(limit) for limit in LAW.limits]


def test_terms_are_told() -> None:
    assert len(TERMS) == 6


@pytest.mark.parametrize(("kind", "happened", "ends"), TERMS)
def test_every_term_ends_when_the_page_says(kind: str, happened: str, ends: str) -> None:
    duty = None
    for told in happened.split("; "):
        step = advance(duty, event_of(kind, told), LAW)
        assert not step.refusals
        duty = step.duty
    assert duty is not None
    assert duty.due_at is not None
    assert shown(duty.due_at) == ends
    assert replayed(duty.facts, LAW) == duty


def test_every_cause_is_on_the_page() -> None:
    rows = re.findall(r"^\| (resource|demand|correction) (`.*`) \|", PAGE, re.MULTILINE)
    assert {(entity, each) for entity, words in rows for each in re.findall(r"`([a-z-]+)`", words)} == set(CAUSES)


def test_the_ladder_is_told_in_its_order() -> None:
    assert " → ".join(f"`{code}` {name}" for code, name in RUNG_NAMES.items()) in PAGE
