"""A rule is handed the fields that it names, and all of the content when it may look at any of it."""

import pytest

from catalog.bundles import Read
from processors.domain.archive import KnownFact, fold
from processors.domain.checks import Question, SubjectArchive

SUBJECT = "enterprise:91440300708461136T"
FACT = KnownFact(
    resource="tax.tax-clearance",
    record_type="tax-clearance",
    record_id="r1",
    version=3,
    event_id=bytes(range(16)),
    source="tax",
    valid_at=5,
    known_at=6,
    topic="verification.tax",
    partition=0,
    offset=0,
    name="VerificationRecorded",
    content={"item": "i", "outcome": "欠缴", "territory": "610100", "count": 2},
)
FOUND: tuple[list[str], list[str]] = ([FACT.event_id.hex()], [])


@pytest.mark.parametrize(
    "condition",
    [
        'r.content.outcome == "欠缴"',
        'r["content"]["outcome"] == "欠缴"',
        "size(r.content) == 4",
        'size(r.content) == 4 && r.content.outcome == "欠缴"',
        '"count" in r.content',
        "has(r.content.count) && !has(r.content.amount_fen)",
        'r.record_id == "r1" && r.version == 3 && r.record_type == "tax-clearance"',
        "r.valid_at >= since && r.valid_at < until && !r.withdrawn",
    ],
)
def test_a_rule_sees_whatever_it_names(condition: str) -> None:
    rule = f"records.filter(r, {condition}).map(r, r.event_id)"
    read = Read(FACT.resource, "rule", "规则", rule, 7)
    archive = SubjectArchive(SUBJECT, fold([FACT]), Question(0, 10, "61", 10))
    assert archive.evidence(read) == FOUND
