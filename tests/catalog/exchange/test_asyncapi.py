"""The document against what AsyncAPI 3.0 says of the parts that it uses, and its payloads against two Avro parsers."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any, Final

import avro.schema
import fastavro
import jsonschema_rs
import pytest
from pydantic import ValidationError
from pydantic_asyncapi.v3 import AsyncAPI

from catalog.exchange.asyncapi import AVRO, asyncapi_document
from onething.preparation import hub_topics
from onething.settings import Settings
from topics.declarations import TopicDeclaration
from topics.schemas import published_schemas

TOPICS: Final = hub_topics(Settings())
DOCUMENT: Final = asyncapi_document(TOPICS, published_schemas(), version="1.0.0")

_REFERENCE: Final = {"type": "object", "required": ["$ref"], "properties": {"$ref": {"type": "string"}}}
_TEXT: Final = {"type": "string", "minLength": 1}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


# What the specification says of the objects that the document has, in our words; whatever else it may have is refused.
STRUCTURE: Final = closed(
    ["asyncapi", "info", "channels", "components"],
    asyncapi={"const": "3.0.0"},
    info=closed(["title", "version"], title=_TEXT, version=_TEXT, description=_TEXT),
    defaultContentType={"type": "string", "pattern": "^[a-z]+/[a-z0-9.+-]+$"},
    channels={
        "type": "object",
        "additionalProperties": closed(
            ["address"],
            address=_TEXT,
            title=_TEXT,
            description=_TEXT,
            messages={"type": "object", "minProperties": 1, "additionalProperties": _REFERENCE},
            parameters={
                "type": "object",
                "additionalProperties": closed(
                    [],
                    description=_TEXT,
                    enum={"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}},
                ),
            },
            bindings=closed(
                ["kafka"],
                kafka=closed(
                    ["bindingVersion"],
                    partitions={"type": "integer", "minimum": 1},
                    topicConfiguration=closed(
                        [],
                        **{
                            "cleanup.policy": {"type": "array", "items": {"enum": ["compact", "delete"]}},
                            "retention.ms": {"type": "integer", "minimum": -1},
                            "retention.bytes": {"type": "integer", "minimum": -1},
                        },
                    ),
                    bindingVersion={"const": "0.5.0"},
                ),
            ),
        ),
    },
    components=closed(
        ["messages"],
        messages={
            "type": "object",
            "propertyNames": {"pattern": r"^[A-Za-z0-9._-]+$"},
            "additionalProperties": closed(
                ["name", "payload"],
                name=_TEXT,
                title=_TEXT,
                summary=_TEXT,
                contentType={"type": "string"},
                payload=closed(["schemaFormat", "schema"], schemaFormat={"const": AVRO}, schema={"type": "object"}),
                bindings=closed(
                    ["kafka"],
                    kafka=closed(
                        ["bindingVersion"],
                        schemaIdLocation={"enum": ["header", "payload"]},
                        schemaIdPayloadEncoding=_TEXT,
                        bindingVersion={"const": "0.5.0"},
                    ),
                ),
            ),
        },
    ),
)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(target := node.get("$ref"), str):
            yield target
        for each in node.values():
            yield from references(each)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


def addresses(channel: dict[str, Any]) -> set[str]:
    parameters = channel.get("parameters", {})
    assert set(re.findall(r"{(\w+)}", channel["address"])) == set(parameters)
    departments = parameters.get("department", {}).get("enum", [""])
    return {channel["address"].replace("{department}", department) for department in departments}


def test_the_document_has_the_structure_of_the_specification() -> None:
    faults = jsonschema_rs.Draft7Validator(STRUCTURE).iter_errors(json.loads(json.dumps(DOCUMENT)))
    assert [str(fault) for fault in faults] == []


def without_message_bindings() -> dict[str, Any]:
    """The document but for Kafka's bindings of messages, of which the parser's model knows none."""
    document = copy.deepcopy(DOCUMENT)
    for message in document["components"]["messages"].values():
        del message["bindings"]
    return document


def test_a_parser_of_the_standard_reads_the_document() -> None:
    read = AsyncAPI.model_validate(without_message_bindings())
    assert read.channels is not None
    assert set(read.channels) == set(DOCUMENT["channels"])


@pytest.mark.parametrize(("part", "fault"), [("channels", []), ("info", {"version": "1"}), ("asyncapi", None)])
def test_the_parser_refuses_what_is_no_document(part: str, fault: Any) -> None:
    with pytest.raises(ValidationError):
        AsyncAPI.model_validate({**without_message_bindings(), part: fault})


def test_the_channels_are_the_topics_and_no_others() -> None:
    told = [address for channel in DOCUMENT["channels"].values() for address in addresses(channel)]
    assert sorted(told) == sorted(topic.name for topic in TOPICS)


@pytest.mark.parametrize("topic", TOPICS[::17], ids=lambda topic: str(topic.name))
def test_a_channel_says_how_its_topics_are_kept(topic: TopicDeclaration) -> None:
    kafka = DOCUMENT["channels"][topic.family]["bindings"]["kafka"]
    assert kafka["partitions"] == topic.partitions
    told = {
        name: ",".join(value) if isinstance(value, list) else str(value)
        for name, value in kafka["topicConfiguration"].items()
    }
    assert told.items() <= topic.config.items()


def test_every_reference_leads_to_a_message_and_every_message_is_carried() -> None:
    leads_to = {target.removeprefix("#/components/messages/") for target in references(DOCUMENT)}
    assert leads_to == set(DOCUMENT["components"]["messages"])


def test_a_channel_carries_every_version_of_its_records() -> None:
    carried = DOCUMENT["channels"]["access.reads"]["messages"]
    assert [*carried] == [f"{each.name}.v{each.version}" for each in published_schemas() if each.name == "ArchiveRead"]


@pytest.mark.parametrize("name", DOCUMENT["components"]["messages"])
def test_payloads_are_avro_for_two_parsers(name: str) -> None:
    message = DOCUMENT["components"]["messages"][name]
    definition = message["payload"]["schema"]
    first: Any = avro.schema.parse(json.dumps(definition))
    second: Any = fastavro.parse_schema(json.loads(json.dumps(definition)))
    assert (first.fullname, second["name"]) == (message["name"], message["name"])
