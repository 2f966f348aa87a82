"""Policies as people and programs read them: a row in a list, and all of one."""

from typing import Any

from catalog.organisations import load_organisations
from catalog.policies import Condition, Policy
from catalog.resources import load_resources
from onething.rows import Row


def listed(policy: Policy) -> Row:
    """A line in a list."""
    return {
        "id": policy.id,
        "version": policy.version,
        "name": policy.name,
        "department": load_organisations().by_code[policy.department].name,
        "audience": policy.audience,
        "makes": policy.outcome.kind,
        "valid_from": policy.valid_from.isoformat(),
        "valid_to": policy.valid_to.isoformat(),
        "origin": policy.origin,
    }


def shown(policy: Policy) -> dict[str, Any]:
    """Everything about a policy, with the pre-filter that follows from its conditions."""
    return {
        **listed(policy),
        "document": policy.document or None,
        "basis": policy.basis,
        "benefit": {"text": policy.benefit.text, "amount_fen": policy.benefit.amount_fen},
        "outcome": {
            "kind": policy.outcome.kind,
            "text": policy.outcome.text,
            "bundle": policy.outcome.bundle or None,
            "choices": dict(policy.outcome.choices or {}),
        },
        "again_on": policy.again_on or None,
        "conditions": [_condition(each) for each in policy.conditions],
    }


def _condition(condition: Condition) -> dict[str, Any]:
    resources = load_resources().by_code
    return {
        "id": condition.id,
        "text": condition.text,
        "passes": condition.passes,
        "cel": condition.cel,
        "prefilter": str(condition.filter) if condition.passes == "found" else None,
        "reads": [
            {
                "resource": read.resource,
                "name": resources[read.resource].name,
                "coverage_max_age_days": read.coverage_max_age_days,
            }
            for read in condition.reads
        ],
    }
