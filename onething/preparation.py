"""What the log needs before anything runs on it: the declared topics, and the published schemas in the registry."""

from contextlib import closing
from dataclasses import dataclass

from catalog.organisations import load_organisations
from catalog.registry import Registered, RegistryWriter, register_published
from catalog.registry.remote import register_published_at
from catalog.resources import load_resources
from connectors.kafka import KafkaOptions, admin
from connectors.kafka.topic_admin import Applied, Durability, apply
from onething.settings import Settings
from topics.declarations import TopicDeclaration, declared_topics


@dataclass(frozen=True)
class Prepared:
    """What was done to the topics, and how many (subject, version) pairs the registry now holds for them."""

    applied: Applied
    topics: int
    schemas: int


def hub_topics(settings: Settings) -> tuple[TopicDeclaration, ...]:
    """Every topic of this hub: those of the catalogue's departments, in the settings' partition counts."""
    return declared_topics(publishers(), settings.topics.counts())


def publishers() -> dict[str, set[str]]:
    """Organisation → the families of topics that its resources are published to, none where it only handles items."""
    found: dict[str, set[str]] = {each.code: set() for each in load_organisations().all}
    for resource in load_resources().all:
        found.setdefault(resource.department, set()).add(resource.family)
    return found


def durability(settings: Settings) -> Durability:
    """Copies of each topic as set."""
    return Durability(settings.topics.replication_factor, settings.topics.min_insync_replicas)


def prepare_log(settings: Settings, options: KafkaOptions) -> Prepared:
    """Create what is missing; the same call again does nothing.

    Raises:
        ClusterUnreachable, TopicNotCreated, ConfigNotAltered: the cluster did not do what was asked.
        RegistryUnreachable, RegistryRefusal: the registry at ``registry.url`` did not.
    """
    declared = hub_topics(settings)
    applied = apply(admin(options), declared, durability(settings))
    return Prepared(applied, len(declared), len(_registered(settings, options, declared)))


def _registered(settings: Settings, options: KafkaOptions, declared: tuple[TopicDeclaration, ...]) -> list[Registered]:
    if settings.registry.url:
        return register_published_at(settings.registry.url, declared)
    with closing(RegistryWriter(options)) as writer:
        return register_published(writer, declared)
