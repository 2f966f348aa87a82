"""The schemas that this release ships, registered for every topic that may carry them."""

from collections.abc import Collection, Iterator

from catalog.registry.decisions import Registered
from catalog.registry.writer import RegistryWriter
from topics.declarations import TopicDeclaration
from topics.schemas import published_schemas


def register_published(writer: RegistryWriter, declared: Collection[TopicDeclaration]) -> list[Registered]:
    """Register every published version under ``<topic>-<full name>``; the same call again writes nothing.

    Ids follow the schemas' names and versions, whatever the order of the topics.

    Raises:
        RegistryRefusal: the log holds schemas that a published one may not follow.
        RegistryUnavailable: the log could not be written.
    """
    return writer.register_all(published_subjects(declared))


def published_subjects(declared: Collection[TopicDeclaration]) -> Iterator[tuple[str, str]]:
    """(subject, text) of every published version for every topic that may carry it, by name and version."""
    for schema in published_schemas():
        for topic in declared:
            if schema.name in topic.schemas:
                yield f"{topic.name}-{schema.full_name}", schema.text
