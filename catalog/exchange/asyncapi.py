"""The hub's topics as an AsyncAPI 3.0 document: a channel a family, a message a version of a record schema."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

from topics.declarations import TopicDeclaration, topic_patterns
from topics.schemas import PublishedSchema

VERSION: Final = "3.0.0"
AVRO: Final = "application/vnd.apache.avro+json;version=1.9.0"
"""The format in which payloads are described."""
CONTENT_TYPE: Final = "application/octet-stream"
"""Messages are in the Confluent wire format: a zero byte, the schema's id in four bytes, the Avro body."""
BINDING_VERSION: Final = "0.5.0"

_CLEANUP: Final = "cleanup.policy"
_NUMBERS: Final = ("retention.ms", "retention.bytes")


def asyncapi_document(
    declared: Iterable[TopicDeclaration], schemas: Sequence[PublishedSchema], *, version: str
) -> dict[str, Any]:
    """Return the document for these topics.

    A family of which each department has a topic of its own is one channel with the parameter ``department``, whose
    values are those for which there is a topic.

    Args:
        declared: the topics, families together.
        schemas: every version of every schema that they may carry.
        version: of the interface.
    """
    carried = {name for pattern in topic_patterns() for name in pattern.schemas}
    families = groupby(declared, key=lambda topic: topic.family)
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "OneThing Hub · 一件事数据枢纽",
            "version": version,
            "description": "事实、办件、监管与目录变更。Facts, cases, supervision, changes of the catalogue.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {family: _channel(family, [*topics], schemas) for family, topics in families},
        "components": {
            "messages": {_message_name(schema): _message(schema) for schema in schemas if schema.name in carried}
        },
    }


def _channel(family: str, topics: Sequence[TopicDeclaration], schemas: Sequence[PublishedSchema]) -> dict[str, Any]:
    pattern = next(each for each in topic_patterns() if each.family == family)
    carried = [_message_name(schema) for schema in schemas if schema.name in pattern.schemas]
    channel: dict[str, Any] = {
        "address": pattern.name,
        "title": family,
        "description": f"Key 键: {pattern.key}. Kind 类别: {pattern.kind}.",
        "bindings": {"kafka": _kafka(topics[0])},
    }
    if carried:
        channel["messages"] = {name: {"$ref": f"#/components/messages/{name}"} for name in carried}
    if pattern.is_per_department:
        departments = [topic.department for topic in topics]
        channel["parameters"] = {"department": {"description": "部门代码 an organisation's code", "enum": departments}}
    return channel


def _kafka(topic: TopicDeclaration) -> dict[str, Any]:
    numbers = {name: int(topic.config[name]) for name in _NUMBERS if name in topic.config}
    return {
        "partitions": topic.partitions,
        "topicConfiguration": {_CLEANUP: topic.config[_CLEANUP].split(","), **numbers},
        "bindingVersion": BINDING_VERSION,
    }


def _message(schema: PublishedSchema) -> dict[str, Any]:
    definition = schema.definition
    doc = str(definition.get("doc", ""))
    return {
        "name": schema.full_name,
        "title": doc.partition(":")[0] or schema.name,
        "summary": doc,
        "contentType": CONTENT_TYPE,
        "payload": {"schemaFormat": AVRO, "schema": definition},
        "bindings": {
            "kafka": {
                "schemaIdLocation": "payload",
                "schemaIdPayloadEncoding": "confluent",
                "bindingVersion": BINDING_VERSION,
            }
        },
    }


def _message_name(schema: PublishedSchema) -> str:
    return f"{schema.name}.v{schema.version}"
