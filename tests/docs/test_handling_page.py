"""What docs/handling.md tells is so: due dates, the draft of a repair, the bundles, topics and words that it names."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from catalog.resources import load_resources
from catalog.working_days import load_calendar
from onething.following import GROUP
from processors.following.breaches import BASIS, breach_draft
from producers.drafts import CheckedDraft, DraftRules, examine
from topics.events import CommitmentBroken

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "handling.md").read_text(encoding="utf-8")
CHINA = timezone(timedelta(hours=8))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TERMS = re.findall(r"^\| (\d{4}-\d\d-\d\d \d\d:\d\d) .*\| (\d+) \| (\S+ \S+) \|$", PAGE, re.MULTILINE)
(REPAIR,) = (json.loads(text) for text in re.findall(r"^```jsonl \S+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


def us(china: str) -> int:
    return (datetime.fromisoformat(china).replace(tzinfo=CHINA) - EPOCH) // timedelta(microseconds=1)


def test_terms_are_told() -> None:
    assert len(TERMS) == 4


@pytest.mark.parametrize(("received", "term", "due"), TERMS)
def test_every_term_ends_when_the_page_says(received: str, term: str, due: str) -> None:
    assert load_calendar().due_at(us(received), int(term)) == us(due)


def test_the_draft_of_a_repair_is_accepted_and_repairs_what_the_hub_stated() -> None:
    checked = examine(REPAIR, DraftRules("industry-and-information", load_resources()), us("2026-11-22 10:00"))
    assert isinstance(checked, CheckedDraft), checked
    _, case_id, material = REPAIR["record_id"].split("/")
    broken = CommitmentBroken(
        event_id=bytes(16),
        case_id=case_id,
        department="market-regulation",
        bundle="restaurant-opening",
        subject=checked.record["subject"],
        material=material,
        evidence=(),
        at=us("2026-11-01 09:00"),
    )
    stated = breach_draft(broken, load_resources().by_code[REPAIR["resource"]])
    assert (stated["record_id"], stated["content"]["cause"], BASIS) == (
        REPAIR["record_id"],
        REPAIR["content"]["cause"],
        REPAIR["content"]["legal_basis"],
    )
    assert REPAIR["version"] > stated["version"]


def test_the_resources_of_breaches_and_the_group_are_told() -> None:
    for resource in load_resources().of_record_type("commitment-breach"):
        assert f"`{resource.code}`" in PAGE
    assert f"`{GROUP}`" in PAGE
