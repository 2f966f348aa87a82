"""Policies matched with one subject's archive, and how a match is told."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from catalog.policies import Policy, policies_of
from processors.archive.coverage import Coverage
from processors.archive.reading import ArchiveReader
from processors.domain.checks import DAY_US
from processors.domain.policy import CHINA_OFFSET_US, Match, judge, occasion_case_id

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def day_of(instant_us: int) -> date:
    """The day in China of an instant, µs UTC."""
    return date.fromordinal((instant_us + CHINA_OFFSET_US) // DAY_US + _EPOCH_ORDINAL)


def due_policies(subject: str, policies: Mapping[str, Policy], now: int) -> list[Policy]:
    """The policies for subjects of this kind that are in force at ``now``."""
    audience = subject.partition(":")[0]
    return [policy for policy in policies_of(audience, policies) if policy.in_force(day_of(now))]


def matches(
    reader: ArchiveReader,
    coverage_of: Callable[[str], Coverage],
    subject: str,
    policies: Iterable[Policy],
    now: int,
) -> list[Match]:
    """What becomes of each policy, from one reading of the subject's archive."""
    asked = list(policies)
    resources = frozenset(code for policy in asked for code in policy.resources)
    records = reader.archive(subject, resources=resources)
    return [judge(policy, subject, records, coverage_of, now) for policy in asked]


def told(match: Match, policy: Policy) -> dict[str, Any]:
    """A match as people and programs read it."""
    texts = {condition.id: condition.text for condition in policy.conditions}
    return {
        "policy": policy.id,
        "version": policy.version,
        "name": policy.name,
        "origin": policy.origin,
        "department": policy.department,
        "outcome": match.outcome,
        "benefit": policy.benefit.text,
        "amount_fen": policy.benefit.amount_fen,
        "makes": policy.outcome.kind,
        "occasion": match.occasion,
        "case_id": occasion_case_id(match) if match.outcome == "matched" else None,
        "conditions": [
            {
                "id": finding.condition,
                "text": texts[finding.condition],
                "state": finding.state,
                "reason": finding.reason,
                "evidence": finding.evidence,
            }
            for finding in match.findings
        ],
    }
