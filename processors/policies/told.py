"""Which occasions were told of: the log of notices itself says it, so that no other state can contradict it."""

from collections.abc import Collection, Iterator
from time import monotonic

import structlog
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from connectors.kafka import KafkaOptions, consumer
from processors.following.reactions import NotNow
from processors.policies.telling import KIND, NOTICES
from topics.codec import CodecFault, RowCodec
from topics.events import CaseNotified

POLL_S = 0.5
BATCH = 2_000
TIMEOUT_S = 10.0

log = structlog.get_logger(__name__)


class ToldOccasions:
    """Ids of the notices of policies that the log has; ``read_on`` before each use. Belongs to one thread."""

    def __init__(self, options: KafkaOptions, group: str) -> None:
        """Read the topic of notices from its beginning when ``read_on`` is called; nothing is ever committed."""
        self._consumer: Consumer = consumer(options, group, queued_max_messages_kbytes=16_384)
        self._positions: dict[int, int] = {}
        self._ids: set[bytes] = set()

    def read_on(self, codec: RowCodec) -> Collection[bytes]:
        """Everything told up to the topic's ends as they are now.

        Raises:
            NotNow: the log does not hand it out.
        """
        try:
            ends = self._ends()
        except KafkaException as fault:
            raise NotNow(f"{NOTICES}: {fault}") from fault
        until = monotonic() + TIMEOUT_S
        while any(self._positions[partition] < end for partition, end in ends.items()):
            messages = self._consumer.consume(BATCH, POLL_S)
            if messages:
                until = monotonic() + TIMEOUT_S
            elif monotonic() > until:
                raise NotNow(f"{NOTICES}: nothing was handed out for {TIMEOUT_S:.0f} s")
            for message in messages:
                self._take(message, codec)
        return self._ids

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()

    def _ends(self) -> dict[int, int]:
        if not self._positions:
            self._assign()
        return {partition: self._watermarks(partition)[1] for partition in self._positions}

    def _assign(self) -> None:
        partitions = self._consumer.list_topics(NOTICES, TIMEOUT_S).topics[NOTICES].partitions
        self._positions = {partition: self._watermarks(partition)[0] for partition in partitions}
        self._consumer.assign([TopicPartition(NOTICES, each, at) for each, at in self._positions.items()])

    def _watermarks(self, partition: int) -> tuple[int, int]:
        low, high = self._consumer.get_watermark_offsets(TopicPartition(NOTICES, partition), TIMEOUT_S)
        return low, high

    def _take(self, message: Message, codec: RowCodec) -> None:
        partition, offset = message.partition(), message.offset()
        if message.error() is not None or partition is None or offset is None:
            return
        self._positions[partition] = offset + 1
        self._ids.update(_policy_notices(message, codec))


def _policy_notices(message: Message, codec: RowCodec) -> Iterator[bytes]:
    try:
        event = codec.event(message.value())
    except CodecFault as fault:
        # Only the hub's own processes write this topic; a foreign message told nobody of a policy.
        log.warning("not a notice", offset=message.offset(), reason=fault.code)
        return
    if isinstance(event, CaseNotified) and event.kind == KIND:
        yield event.event_id
