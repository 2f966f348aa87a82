"""Marks of disputes, wired: which fact follows from which change of a correction, and who states it."""

import msgspec

from catalog.corrections import Correction, correction_of
from catalog.register.changes import DISPUTED
from catalog.registry import LiveSchemaIds
from catalog.resources import Resource, load_resources
from connectors.kafka import KafkaOptions
from processors.following import FactDraft
from processors.following.follower import StateFacts
from processors.marking import Marker
from producers.corrections import dispute_draft, dispute_end_draft
from topics.events import CatalogChanged

WITHDRAWN_OUTCOME = "mark-removed"
"""How the fact says that who disputed thinks better of it."""


def marker(options: KafkaOptions, schemas: LiveSchemaIds, state_facts: StateFacts) -> Marker:
    """The follower of the register that marks what is disputed, not yet started."""
    return Marker(options, schemas, draft_of, state_facts)


def draft_of(change: CatalogChanged) -> FactDraft | None:
    """The fact that a change of a correction comes to; none where the hub does not know the resource."""
    correction = correction_of(msgspec.json.decode(change.state))
    resource = load_resources().by_code.get(correction.resource)
    if resource is None:
        return None
    return _mark(correction, resource) if change.action == DISPUTED else _end(correction, resource)


def _mark(correction: Correction, resource: Resource) -> FactDraft:
    return dispute_draft(
        resource,
        correction.disputed_by,
        correction.subject,
        correction.record_id,
        correction.value.field,
        correction.disputed_at,
        correction.disputed_at,
        correction.reason,
    )


def _end(correction: Correction, resource: Resource) -> FactDraft:
    at = correction.ended_at or correction.disputed_at + 1
    return dispute_end_draft(
        resource,
        correction.ended_by,
        correction.subject,
        correction.record_id,
        correction.value.field,
        at,
        at,
        WITHDRAWN_OUTCOME if correction.state == "withdrawn" else correction.state,
        correction.end_reason,
    )
