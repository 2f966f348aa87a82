"""Topics as they are, as they should be, and the step between that loses nothing.

What is missing is created and what is harmless is altered. What would lose facts, break the order of a key or
weaken a promise is refused with its reason and a remedy. Topics nobody declared are reported and never deleted.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it is typed but does not re-export by __all__
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from topics.declarations import TopicDeclaration

if TYPE_CHECKING:
    from concurrent.futures import Future

TIMEOUT_S = 30.0
_SHOWN_AGAIN_AFTER_S = 0.02
_UNLIMITED = -1
_MIN_ISR = "min.insync.replicas"
_KAFKA_OWN = "__"


class ClusterUnreachable(Exception):  # noqa: N818  the name is the fact
    """The cluster did not answer."""

    remedy = "see what runs: onething doctor; start everything: onething up"


class TopicNotCreated(Exception):  # noqa: N818  the name is the fact
    """The cluster refused to create a topic."""

    remedy = "compare topics.replication_factor with the number of brokers, and this client's rights on topics"


class ConfigNotAltered(Exception):  # noqa: N818  the name is the fact
    """The cluster refused to alter a topic's configuration."""

    remedy = "see what differs: onething topic diff; this client needs the right to alter topics"


@dataclass(frozen=True)
class Durability:
    """How many copies a topic has and how many of them must confirm a write."""

    replication_factor: int = 1
    min_insync_replicas: int = 1


@dataclass(frozen=True)
class TopicState:
    """One topic as it exists."""

    name: str
    partitions: int
    replication_factor: int
    config: Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """A topic that is not as declared.

    Attributes:
        topic: its name.
        setting: ``partitions``, ``replication.factor`` or the name of a topic configuration.
        declared: what it should be.
        actual: what it is.
        refusal: why ``apply`` will not change it, and what to do; None when the change is harmless.
    """

    topic: str
    setting: str
    declared: str
    actual: str
    refusal: str | None = None


@dataclass(frozen=True)
class TopicDiff:
    """What stands between the cluster and the declarations."""

    missing: tuple[TopicDeclaration, ...]
    differing: tuple[Difference, ...]
    undeclared: tuple[str, ...]

    @property
    def alterable(self) -> tuple[Difference, ...]:
        """Differences that ``apply`` removes."""
        return tuple(each for each in self.differing if each.refusal is None)

    @property
    def refused(self) -> tuple[Difference, ...]:
        """Differences that ``apply`` leaves alone."""
        return tuple(each for each in self.differing if each.refusal is not None)

    @property
    def is_settled(self) -> bool:
        """Whether every declared topic is as declared."""
        return not self.missing and not self.differing


@dataclass(frozen=True)
class Applied:
    """What ``apply`` did, and what it left."""

    created: tuple[str, ...]
    altered: tuple[Difference, ...]
    refused: tuple[Difference, ...]
    undeclared: tuple[str, ...]


def topic_states(admin: AdminClient, names: Collection[str] | None = None) -> dict[str, TopicState]:
    """The existing topics by name, Kafka's own left out; only ``names`` when given.

    Raises:
        ClusterUnreachable: no answer within ``TIMEOUT_S``.
    """
    found = {
        name: topic
        for name, topic in _metadata(admin).items()
        if not name.startswith(_KAFKA_OWN) and (names is None or name in names)
    }
    configs = _configs(admin, found)
    return {
        name: TopicState(name, len(topic.partitions), len(topic.partitions[0].replicas), configs[name])
        for name, topic in found.items()
    }


def diff(admin: AdminClient, declared: Collection[TopicDeclaration], durability: Durability | None = None) -> TopicDiff:
    """What is missing, what differs, what nobody declared.

    Raises:
        ClusterUnreachable: no answer within ``TIMEOUT_S``.
    """
    return compared(declared, topic_states(admin), durability or Durability())


def apply(admin: AdminClient, declared: Collection[TopicDeclaration], durability: Durability | None = None) -> Applied:
    """Create what is missing and alter what is harmless; the same call again does nothing.

    Raises:
        ClusterUnreachable: no answer within ``TIMEOUT_S``.
        TopicNotCreated: the cluster refused a topic, e.g. fewer brokers than the replication factor.
        ConfigNotAltered: the cluster refused a configuration.
    """
    durability = durability or Durability()
    found = diff(admin, declared, durability)
    created = _create(admin, found.missing, durability)
    _alter(admin, found.alterable)
    return Applied(created, found.alterable, found.refused, found.undeclared)


def compared(
    declared: Collection[TopicDeclaration], states: Mapping[str, TopicState], durability: Durability
) -> TopicDiff:
    """The rule behind ``diff``: declarations against states, nothing asked of a cluster."""
    names = {topic.name for topic in declared}
    return TopicDiff(
        missing=tuple(topic for topic in declared if topic.name not in states),
        differing=tuple(
            difference
            for topic in declared
            if topic.name in states
            for difference in _differences(topic, states[topic.name], durability)
        ),
        undeclared=tuple(sorted(states.keys() - names)),
    )


def full_config(topic: TopicDeclaration, durability: Durability) -> dict[str, str]:
    """The configuration a topic is created with."""
    return topic.config | {_MIN_ISR: str(durability.min_insync_replicas)}


def _differences(topic: TopicDeclaration, state: TopicState, durability: Durability) -> Iterator[Difference]:
    if state.partitions != topic.partitions:
        yield Difference(
            topic.name, "partitions", str(topic.partitions), str(state.partitions), _partition_refusal(topic, state)
        )
    if state.replication_factor < durability.replication_factor:
        yield Difference(
            topic.name,
            "replication.factor",
            str(durability.replication_factor),
            str(state.replication_factor),
            "copies are moved between brokers by Kafka's own tool: run kafka-reassign-partitions",
        )
    for setting, value in full_config(topic, durability).items():
        actual = state.config.get(setting, "")
        if actual != value:
            yield Difference(topic.name, setting, value, actual, _refusal(topic, state, setting, value, actual))


def _partition_refusal(topic: TopicDeclaration, state: TopicState) -> str:
    if topic.kind == "state":
        return "its records are ordered within one partition; delete it only after its readers have been stopped"
    remedy = f"set topics.{topic.kind}_partitions to {state.partitions}, or publish into a new cluster"
    if topic.kind in ("kept", "feed"):
        remedy = "publish into a new cluster"
    return f"another number of partitions would send the same key elsewhere and break its order; {remedy}"


def _refusal(topic: TopicDeclaration, state: TopicState, setting: str, value: str, actual: str) -> str | None:
    if setting in ("retention.ms", "retention.bytes"):
        return _shorter_refusal(setting, int(value), int(actual or _UNLIMITED))
    if setting == "cleanup.policy":
        return _policy_refusal(topic, value, actual)
    if setting == "message.timestamp.type" and value == "CreateTime":
        return "the time of append is when a fact became known; a client's clock must not replace it"
    if setting == _MIN_ISR:
        return _min_isr_refusal(state, int(value), int(actual or 1))
    return None


def _shorter_refusal(setting: str, value: int, actual: int) -> str | None:
    if value == _UNLIMITED or (actual != _UNLIMITED and value > actual):
        return None
    return f"a smaller {setting} deletes what is kept now; alter it by Kafka's own tool if that is meant"


def _policy_refusal(topic: TopicDeclaration, value: str, actual: str) -> str | None:
    kept_whole = all(topic.config.get(limit) == str(_UNLIMITED) for limit in ("retention.ms", "retention.bytes"))
    if _policies(value) < _policies(actual) or (value == "delete" and kept_whole):
        return None
    return f"from {actual} to {value} Kafka would remove records that are kept now; create a new topic and copy"


def _min_isr_refusal(state: TopicState, value: int, actual: int) -> str | None:
    if value < actual:
        return "fewer confirmed copies weaken what was promised to writers; raise topics.min_insync_replicas"
    if value > state.replication_factor:
        return "more confirmations than copies would refuse every write; raise the replication factor first"
    return None


def _policies(value: str) -> frozenset[str]:
    return frozenset(part.strip() for part in value.split(","))


def _metadata(admin: AdminClient) -> dict[str, Any]:
    try:
        return dict(admin.list_topics(timeout=TIMEOUT_S).topics)
    except KafkaException as fault:
        raise ClusterUnreachable(f"Kafka did not name its topics: {fault.args[0].str()}") from fault


def _configs(admin: AdminClient, names: Iterable[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    if not resources:
        return {}
    answers = admin.describe_configs(resources, request_timeout=TIMEOUT_S)
    return {resource.name: _config(resource.name, answer) for resource, answer in answers.items()}


def _config(name: str, answer: "Future[dict[str, ConfigEntry]]") -> dict[str, str]:
    try:
        return {key: entry.value or "" for key, entry in answer.result(TIMEOUT_S).items()}
    except KafkaException as fault:
        raise ClusterUnreachable(f"Kafka did not describe topic {name}: {fault.args[0].str()}") from fault


def _create(admin: AdminClient, missing: Collection[TopicDeclaration], durability: Durability) -> tuple[str, ...]:
    if not missing:
        return ()
    wanted = [
        NewTopic(
            topic.name,
            num_partitions=topic.partitions,
            replication_factor=durability.replication_factor,
            config=full_config(topic, durability),
        )
        for topic in missing
    ]
    answers = admin.create_topics(wanted, operation_timeout=TIMEOUT_S, request_timeout=2 * TIMEOUT_S)
    created = tuple(name for name, answer in answers.items() if _was_created(name, answer))
    _await_leaders(admin, answers.keys())
    return created


def _await_leaders(admin: AdminClient, names: Collection[str]) -> None:
    """Wait until clients can use the topics: the controller answers before the brokers know of them."""
    deadline = monotonic() + TIMEOUT_S
    while waiting := _without_leader(_metadata(admin), names):
        if monotonic() > deadline:
            raise TopicNotCreated(f"{len(waiting)} topics have no leader after {TIMEOUT_S:.0f} s, e.g. {waiting[0]}")
        sleep(_SHOWN_AGAIN_AFTER_S)


def _without_leader(topics: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    return [name for name in names if name not in topics or not _has_leaders(topics[name])]


def _has_leaders(topic: Any) -> bool:
    return topic.error is None and all(partition.leader >= 0 for partition in topic.partitions.values())


def _was_created(name: str, answer: "Future[None]") -> bool:
    try:
        answer.result(2 * TIMEOUT_S)
    except KafkaException as fault:
        if fault.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        raise TopicNotCreated(f"topic {name} was not created: {fault.args[0].str()}") from fault
    return True


def _alter(admin: AdminClient, differences: Collection[Difference]) -> None:
    entries: dict[str, list[ConfigEntry]] = {}
    for each in differences:
        entry = ConfigEntry(each.setting, each.declared, incremental_operation=AlterConfigOpType.SET)
        entries.setdefault(each.topic, []).append(entry)
    if not entries:
        return
    resources = [
        ConfigResource(ResourceType.TOPIC, name, incremental_configs=changed) for name, changed in entries.items()
    ]
    for resource, answer in admin.incremental_alter_configs(resources, request_timeout=TIMEOUT_S).items():
        _demand_altered(resource.name, answer)
    _await_altered(admin, differences)


def _await_altered(admin: AdminClient, differences: Collection[Difference]) -> None:
    """Wait until brokers tell the new configuration, so that a second look finds nothing to do."""
    deadline = monotonic() + TIMEOUT_S
    names = {each.topic for each in differences}
    while waiting := _not_yet(_configs(admin, names), differences):
        if monotonic() > deadline:
            raise ConfigNotAltered(f"{waiting[0].setting} of {waiting[0].topic} is still {waiting[0].actual}")
        sleep(_SHOWN_AGAIN_AFTER_S)


def _not_yet(configs: Mapping[str, Mapping[str, str]], differences: Collection[Difference]) -> list[Difference]:
    return [each for each in differences if configs[each.topic].get(each.setting) != each.declared]


def _demand_altered(name: str, answer: "Future[None]") -> None:
    try:
        answer.result(TIMEOUT_S)
    except KafkaException as fault:
        raise ConfigNotAltered(f"the configuration of {name} was not altered: {fault.args[0].str()}") from fault
