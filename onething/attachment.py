"""Where attachment (挂接) is measured: the cluster, its registry, and the archive's replicas."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

import httpx2

from catalog.register.life_attached import Arrivals
from catalog.registry import read_schema_ids
from connectors.kafka import KafkaOptions, admin
from onething.recorded_traffic import Appended, newest_messages
from topics.codec import CodecFault, RowCodec, SchemaIds
from topics.schemas import published_schemas

ANSWER_S: Final = 30.0
SEEN: Final = 2000
"""Newest messages of each partition that are looked at."""


class HubMeasuring:
    """Measures over the running hub.

    Args:
        options: of the cluster.
        replicas: base URLs of archive replicas; none: coverage is unknown.
        seen: how many of the newest messages of each partition are looked at.

    Raises, from every call:
        KafkaException, SchemaLogMissing: the cluster does not answer, or has no registry's log.
    """

    def __init__(self, options: KafkaOptions, replicas: Sequence[str], seen: int = SEEN) -> None:
        """Measure here; nothing is asked before the first call."""
        self._options = options
        self._replicas = tuple(replicas)
        self._seen = seen

    def topics(self) -> frozenset[str]:
        """Names of the topics that exist."""
        return frozenset(admin(self._options).list_topics(timeout=ANSWER_S).topics)

    def schemas(self) -> frozenset[str]:
        """Full names of the record schemas that are registered."""
        names = {schema.name: schema.full_name for schema in published_schemas()}
        return frozenset(full_name for name, full_name in names.items() if self._has(name))

    def arrivals(self, resources: Mapping[str, str]) -> Mapping[str, Arrivals]:
        """What was seen of each resource among the newest messages, and how far its coverage reaches."""
        counts = dict.fromkeys(resources, 0)
        newest: dict[str, int] = {}
        for appended in newest_messages(self._options, self._ids, resources.values(), self._seen):
            resource = self._resource(appended)
            if resource in counts and resources[resource] == appended.message.topic:
                counts[resource] += 1
                newest[resource] = max(appended.at, newest.get(resource, 0))
        until = self._complete_until(list(resources))
        return {
            code: Arrivals(count=count, last_appended_at=newest.get(code), complete_until=until.get(code))
            for code, count in counts.items()
        }

    @cached_property
    def _ids(self) -> SchemaIds:
        return read_schema_ids(self._options)

    @cached_property
    def _codec(self) -> RowCodec:
        return RowCodec(self._ids)

    def _resource(self, appended: Appended) -> str:
        """The resource that a fact is of; ``""``: it names none, or is not what its schema says."""
        try:
            _, record = self._codec.decode(appended.value)
        except CodecFault:
            return ""
        return str(record.get("resource", ""))

    def _has(self, name: str) -> bool:
        try:
            self._ids.newest(name)
        except LookupError:
            return False
        return True

    def _complete_until(self, resources: list[str]) -> dict[str, int | None]:
        """What the first replica that answers believes; nothing when none does."""
        for url in self._replicas:
            try:
                answer = httpx2.get(
                    f"{url}/v1/coverage", params={"resource": resources}, timeout=ANSWER_S, trust_env=False
                )
            except httpx2.TransportError:
                continue
            if answer.is_success:
                return {code: each["complete_until"] for code, each in answer.json()["coverage"].items()}
        return {}
