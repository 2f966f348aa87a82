"""Handled cases (办件): an application for a bundle, its items handled by departments, its results handed over."""

from processors.domain.handling.clock import next_due
from processors.domain.handling.handle import CHECK_EVENTS, HANDLING_EVENTS, HandlingStep, handle
from processors.domain.handling.plan import CommitmentPlan, HandlingPlan, ItemPlan, SituationPlan
from processors.domain.handling.state import Assignment, HandledItem, Handling, Piece

__all__ = [
    "CHECK_EVENTS",
    "HANDLING_EVENTS",
    "Assignment",
    "CommitmentPlan",
    "HandledItem",
    "Handling",
    "HandlingPlan",
    "HandlingStep",
    "ItemPlan",
    "Piece",
    "SituationPlan",
    "handle",
    "next_due",
]
