"""The golden set: due dates counted by hand, held against the rule step by step."""

import tomllib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from catalog.duties.clock import Law
from catalog.duties.days import load_days
from catalog.duties.duty import DutyEvent, DutyStep
from catalog.duties.limits import LIMITS_FILE, load_limits
from catalog.duties.refusals import shown
from catalog.duties.rule import advance, replayed

FOLDER = Path(__file__).parent
CASES = tomllib.loads((FOLDER / "golden.toml").read_text(encoding="utf-8"))["case"]
SAID: dict[str, dict[str, Any]] = {
    "opened": {"duty_id": "d", "entity": "demand", "entity_id": "D-1", "department": "tax"},
    "extended": {"evidence": ["consent"], "told": ["letter"]},
    "rung": {},
}
CHINA = timezone(timedelta(hours=8))


def us(china: str) -> int:
    moment = datetime.fromisoformat(china).replace(tzinfo=CHINA)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def law_of(case: dict[str, Any]) -> Law:
    path = FOLDER / case["limits"] if "limits" in case else LIMITS_FILE
    return Law(load_limits(path), load_days())


def event_of(case: dict[str, Any], place: int, step: dict[str, Any]) -> DutyEvent:
    said = {"action": step["action"], "at": us(step["at"]), **SAID.get(step["action"], {"evidence": ["letter"]})}
    if step["action"] == "opened":
        said |= {"kind": case["kind"], "place": case.get("place", "610100")}
    if step["action"] == "extended":
        said["days"] = step["days"]
    if step["action"] != "rung":
        said["event_id"] = f"e{place}"
    event: DutyEvent = msgspec.convert(said, DutyEvent)
    return event


def steps_of(case: dict[str, Any]) -> list[DutyStep]:
    steps: list[DutyStep] = []
    for place, step in enumerate(case["steps"]):
        before = steps[-1].duty if steps else None
        steps.append(advance(before, event_of(case, place, step), law_of(case)))
    return steps


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_step_ends_when_counted_by_hand(case: dict[str, Any]) -> None:
    for said, step in zip(case["steps"], steps_of(case), strict=True):
        duty = step.duty
        assert duty is not None
        assert not step.refusals
        assert ("" if duty.due_at is None else shown(duty.due_at)) == said["due"]
        assert duty.limit == said.get("limit", duty.limit)
        assert duty.state == said.get("state", duty.state)
    assert duty is not None
    assert duty.provisional == case.get("provisional", False)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_duty_is_replayed_from_its_own_facts(case: dict[str, Any]) -> None:
    duty = steps_of(case)[-1].duty
    assert duty is not None
    last = msgspec.convert({"action": "rung", "at": us(case["steps"][-1]["at"])}, DutyEvent)
    again = replayed((*duty.facts, last), law_of(case))
    assert msgspec.json.encode(again) == msgspec.json.encode(duty)


def test_the_set_covers_what_the_issue_names() -> None:
    told = " ".join(case["name"] for case in CASES)
    assert all(each in told for each in ("春节", "星期日上班", "规则中途改变", "中止跨春节", "延长"))
