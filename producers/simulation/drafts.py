"""Drafts of facts as the publishing door takes them: plain values, identifiers and personal fields in clear."""

from typing import Any, TypeAlias

Draft: TypeAlias = dict[str, Any]
"""type, source, resource, subject, record_id, version, valid_at (µs), case_id, content."""

Life: TypeAlias = list[Draft]
"""The facts of one record in the order in which they happened; versions grow."""


def draft(
    event_type: str, resource: str, subject: dict[str, str], record_id: str, at: int, content: dict[str, Any]
) -> Draft:
    """A draft; its version is the instant of change, in µs."""
    return {
        "type": event_type,
        "source": resource.partition(".")[0],
        "resource": resource,
        "subject": subject,
        "record_id": record_id,
        "version": at,
        "valid_at": at,
        "case_id": None,
        "content": content,
    }


def changed(before: Draft, event_type: str, at: int, **content: Any) -> Draft:
    """The record after a change: the whole content again with what changed."""
    return {
        **before,
        "type": event_type,
        "version": at,
        "valid_at": at,
        "content": {**before["content"], **content},
    }
