"""What the catalogue tells of itself: each change of the register, with the state that it left."""

from topics.events.event import Event


class CatalogChanged(Event, frozen=True, kw_only=True):
    """目录变更: an entity of the register changed; ``state`` is the entity after it as canonical JSON.

    ``number`` counts all changes of the register, ``version`` those of the entity; both from 1, without gaps.
    """

    number: int
    entity: str
    entity_id: str
    version: int
    action: str
    actor: str
    at: int
    reason: str | None = None
    state: str
