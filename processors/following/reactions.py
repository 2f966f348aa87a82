"""What may follow from facts: events of cases, and facts that the hub states on behalf of a department."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from processors.following.facts import FactBatch
from topics.events import CaseEvent

FactDraft = Mapping[str, Any]
"""A fact as departments write it: type, source, resource, subject, record_id, version, valid_at, content."""


class Told(msgspec.Struct, frozen=True):
    """An event of a case, to be published on a topic under the case's id."""

    topic: str
    event: CaseEvent


class Stated(msgspec.Struct, frozen=True):
    """A fact that is published as its department's own."""

    draft: FactDraft


Output = Told | Stated

Reaction = Callable[[FactBatch], Iterable[Output]]
"""What follows from a batch of facts.

It may be called again with facts that it has seen (at least once): what follows from a fact must have the same event
id, or the same content, each time.

Raises:
    NotNow: it needs something that does not answer; the same batch is handed to it again.
"""

EventReaction = Callable[[Any], Iterable[Output]]
"""What follows from one event of a case; the same promises."""


class NotNow(Exception):  # noqa: N818  the name is the fact
    """What follows cannot be said now, because something that is asked for it does not answer."""
