"""How far the log goes, for telling how far the lake is behind it."""

import time
from collections.abc import Mapping
from typing import Final

import structlog
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # exported, but not in its own stubs

from analytics.lake.claim import read_claim
from analytics.lake.location import Location
from analytics.lake.positions import Place
from connectors.kafka import KafkaOptions, admin

KEPT_S: Final = 1.0
TIMEOUT_S: Final = 5.0

log = structlog.get_logger(__name__)


class LogEnds:
    """The next offset of every partition that the lake reads, as of at most a second ago."""

    def __init__(self, options: KafkaOptions, location: Location) -> None:
        """Ask this cluster about the topics of this lake."""
        self._admin = admin(options)
        self._location = location
        self._known: Mapping[Place, int] | None = None
        self._looked_s = 0.0

    def __call__(self) -> Mapping[Place, int] | None:
        """(topic, partition) → next offset; None when the log cannot be asked now."""
        if time.monotonic() - self._looked_s > KEPT_S:
            self._known = self._asked()
            self._looked_s = time.monotonic()
        return self._known

    def _asked(self) -> Mapping[Place, int] | None:
        claim = read_claim(self._location)
        if claim is None:
            return {}
        places = [(name, number) for name, topic in claim.topics.items() for number in range(topic.partitions)]
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        specs = {TopicPartition(*place): latest for place in places}
        try:
            answers = self._admin.list_offsets(specs, request_timeout=TIMEOUT_S)
            return {(at.topic, at.partition): said.result(TIMEOUT_S).offset for at, said in answers.items()}
        except (KafkaException, TimeoutError) as fault:
            log.warning("the log cannot be asked for its ends", fault=str(fault))
            return None
