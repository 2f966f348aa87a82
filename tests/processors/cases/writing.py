"""How tests of the case store hand it events: as if they had arrived on the log."""

from itertools import count
from typing import Final

from processors.cases import Arrival, ReceivedMessage
from tests.processors.story import REQUESTED_AT
from topics.codec import RowCodec, SchemaIds
from topics.events import CaseEvent

CODEC: Final = RowCodec(SchemaIds.published())
_OFFSETS: Final = count()


def arrived(*events: CaseEvent, partition: int = 0) -> list[Arrival]:
    """These events, each in a message of its own."""
    return [
        Arrival(
            ReceivedMessage(
                "case.requests", partition, next(_OFFSETS), each.case_id.encode(), CODEC.encode(each), REQUESTED_AT
            ),
            each,
        )
        for each in events
    ]
