"""Changes of entries and record schemas, tried on the running hub."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from catalog.register.field_readers import FieldReader, declared_readers, grant_readers
from catalog.register.life import content_in_preparation
from catalog.register.life_binding import load_bindings
from catalog.register.trial import RecordedMessage, Trial, entry_trial, schema_trial
from catalog.registry import read_schema_ids
from catalog.resources import load_resources
from onething.catalog_client import CatalogClient
from onething.endpoints import kafka_options
from onething.entry_rows import entry_of
from onething.recorded_traffic import newest_messages
from onething.settings import Settings
from topics.schemas import published_schemas


def tried_entry(settings: Settings, client: CatalogClient, code: str, last: int) -> Trial:
    """The next version of an entry, held against the one that is published."""
    state = client.entity("resource", code)["state"]
    after = entry_of({**content_in_preparation(state), "version": state["version"]})
    messages = _messages(settings, [after.topic] if after.topic else [], last)
    return entry_trial(entry_of(state), after, load_bindings(), messages, _readers(client))


def tried_schema(settings: Settings, client: CatalogClient, text: str, last: int) -> Trial:
    """A changed record schema, held against every version of it that ships with the hub."""
    name = _full_name(text)
    earlier = [(each.version, each.text) for each in published_schemas() if each.full_name == name]
    carrying = [each for each in load_resources().all if name in each.schemas]
    messages = _messages(settings, sorted({each.topic for each in carrying}), last)
    return schema_trial(text, earlier, messages, _readers(client), [each.code for each in carrying])


def _messages(settings: Settings, topics: Iterable[str], last: int) -> Iterator[RecordedMessage]:
    if last == 0:
        return
    options = kafka_options(settings)
    for appended in newest_messages(options, read_schema_ids(options), topics, last):
        yield appended.message


def _readers(client: CatalogClient) -> tuple[FieldReader, ...]:
    return (*declared_readers(), *grant_readers(each["state"] for each in client.every("grant")))


def _full_name(text: str) -> str:
    """The record's full name; ``""`` where the text is no record, which the trial tells."""
    try:
        definition: Any = json.loads(text)
        name = str(definition["name"])
        return name if "." in name else f"{definition.get('namespace', '')}.{name}".lstrip(".")
    except (ValueError, KeyError, TypeError):
        return ""
