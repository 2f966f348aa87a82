"""Whole cases out of their rows, of either kind."""

from typing import Any, Final

from sqlalchemy import select

from processors.cases.handling_rows import handling_of
from processors.cases.rows import case_of
from processors.cases.tables import CASES, HANDLING, PLANS
from processors.domain.case import Case
from processors.domain.handling import Handling

STATES: Final = select(
    CASES.c.case_id, CASES.c.partition, CASES.c.kind, CASES.c.state, CASES.c.application, PLANS.c.body
).outerjoin(PLANS, PLANS.c.plan_id == CASES.c.plan_id)
"""Everything that a case is made of again; to be narrowed."""


def stored_case(row: Any) -> Case | Handling:
    """The case of a row of ``STATES``."""
    return handling_of(row.state, row.application, row.body) if row.kind == HANDLING else case_of(row.state)


def checked_case(case: Case | Handling) -> Case | None:
    """The verification: the case itself, or that of a handling's checking items, None where it has none."""
    return case.checks if isinstance(case, Handling) else case
