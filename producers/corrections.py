"""Drafts that take something back or put it in doubt: withdrawals and disputes."""

import hashlib
from datetime import datetime
from typing import Any

from catalog.resources import Resource
from connectors.keyring import context
from producers.drafts import Draft

_RECORD_ID_BYTES = 16


def withdrawal_draft(
    resource: Resource, subject: Any, record_id: str, version: int, valid_at: datetime | int | str, reason: str
) -> Draft:
    """The record should not have been published; ``version`` follows that of the record's last fact."""
    name = next(each.rsplit(".", 1)[-1] for each in resource.schemas if each.endswith("Withdrawn"))
    return _draft(name, resource, resource.department, subject, record_id, version, valid_at, {"reason": reason})


def dispute_draft(
    resource: Resource,
    source: str,
    subject: Any,
    record_id: str,
    field: str | None,
    version: int,
    valid_at: datetime | int | str,
    reason: str,
) -> Draft:
    """A value of a record (the whole record without ``field``) is disputed, and marked until the dispute ends."""
    content = {**_disputed(resource, record_id), "field": field, "reason": reason}
    dispute_id = dispute_record_id(resource.code, record_id, field)
    return _draft("ValueDisputed", resource, source, subject, dispute_id, version, valid_at, content)


def dispute_end_draft(
    resource: Resource,
    source: str,
    subject: Any,
    record_id: str,
    field: str | None,
    version: int,
    valid_at: datetime | int | str,
    outcome: str,
    reason: str,
) -> Draft:
    """The dispute ended: ``corrected``, ``mark-removed`` or ``undeterminable``; ``version`` follows the dispute's."""
    content = {**_disputed(resource, record_id), "outcome": outcome, "reason": reason}
    dispute_id = dispute_record_id(resource.code, record_id, field)
    return _draft("DisputeEnded", resource, source, subject, dispute_id, version, valid_at, content)


def dispute_record_id(resource: str, record_id: str, field: str | None) -> str:
    """The record id that a dispute and its end share, so that the later version of the two holds."""
    place = context(resource, record_id, *([] if field is None else [field]))
    return "dispute-" + hashlib.blake2b(place, digest_size=_RECORD_ID_BYTES).hexdigest()


def _disputed(resource: Resource, record_id: str) -> dict[str, str]:
    return {
        "disputed_resource": resource.code,
        "disputed_record_type": resource.record_type,
        "disputed_record_id": record_id,
    }


def _draft(
    name: str,
    resource: Resource,
    source: str,
    subject: Any,
    record_id: str,
    version: int,
    valid_at: datetime | int | str,
    content: dict[str, Any],
) -> Draft:
    return {
        "type": name,
        "source": source,
        "resource": resource.code,
        "subject": subject,
        "record_id": record_id,
        "version": version,
        "valid_at": valid_at,
        "content": content,
    }
