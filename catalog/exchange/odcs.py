"""Published resources as data contracts of the Open Data Contract Standard 3.1, one contract a resource.

Whatever the standard has no word for stands in ``customProperties``, and nowhere else.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from open_data_contract_standard.model import (
    CustomProperty,
    Description,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
    ServiceLevelAgreementProperty,
    Team,
)

from catalog.register.model import UNSTATED, DataItem, DataItemType, Resource

API_VERSION: Final = "v3.1.0"
PUBLISHED: Final = "published"

_TEXT: Final = "string"
_LOGICAL_TYPES: Final[Mapping[DataItemType, str]] = MappingProxyType(
    {
        "text": _TEXT,
        "number": "number",
        "date": "date",
        "instant": "timestamp",
        "boolean": "boolean",
        "choice": _TEXT,
        "file": _TEXT,
    }
)
"""The standard's types of the register's; none for a type that is unstated."""

_OWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "catalogueCode": "catalogue_code",
        "level": "level",
        "classification": "classification",
        "format": "format",
        "sharingClass": "sharing_class",
        "sharingMeans": "sharing_means",
        "withheldReason": "withheld_reason",
        "legalBasis": "legal_basis",
        "negativeList": "negative_list",
        "recordType": "record_type",
        "schemaName": "schema_name",
        "system": "system",
    }
)
"""Our fields of a contract, by the name that they have there."""


def contracts(resources: Iterable[Resource], providers: Mapping[str, str]) -> Iterator[OpenDataContractStandard]:
    """Yield the contract of every resource that is published; ``providers`` has the names of organisations by code."""
    for resource in resources:
        if resource.state == PUBLISHED:
            yield contract(resource, providers.get(resource.provider, resource.provider))


def contract(resource: Resource, provider: str) -> OpenDataContractStandard:
    """Return the contract of one published resource; ``provider`` is the name of who supplies it.

    What is unstated in the register is absent in the contract.
    """
    return OpenDataContractStandard(
        version=f"{max(resource.version, 1)}.0.0",
        kind="DataContract",
        apiVersion=API_VERSION,
        id=resource.code,
        name=resource.name,
        status="active",
        domain=_stated(resource.theme),
        dataProduct=resource.name,
        description=_description(resource),
        schema=[_schema(resource)],
        team=Team(name=resource.provider, description=provider),
        slaProperties=[*_service_levels(resource)] or None,
        customProperties=[*_own(resource)],
    )


def _description(resource: Resource) -> Description | None:
    purpose, usage, limitations = map(_stated, (resource.summary, resource.scope_of_use, resource.conditions_of_use))
    if purpose is usage is limitations is None:
        return None
    return Description(purpose=purpose, usage=usage, limitations=limitations)


def _schema(resource: Resource) -> SchemaObject:
    return SchemaObject(
        name=resource.record_type or resource.code,
        logicalType="object",
        physicalName=resource.topic or None,
        physicalType="topic" if resource.topic else None,
        businessName=resource.name,
        properties=[_property(item) for item in resource.data_items],
    )


def _property(item: DataItem) -> SchemaProperty:
    return SchemaProperty(
        name=item.field,
        businessName=item.name,
        description=item.note or None,
        # The standard's schema takes an item without a type for a map: one that is unstated is text, and says so.
        logicalType=_LOGICAL_TYPES.get(item.type, _TEXT),
        logicalTypeOptions=_options(item),
        classification=item.item_class,
        customProperties=[*_doubts(item)] or None,
    )


def _doubts(item: DataItem) -> Iterator[CustomProperty]:
    if item.type not in _LOGICAL_TYPES:
        yield CustomProperty(property="typeUnstated", value=True, description="the register states no type")
    if item.guessed:
        yield CustomProperty(property="guessed", value=True, description="type and class were derived from the name")


def _options(item: DataItem) -> dict[str, Any] | None:
    is_text = _LOGICAL_TYPES.get(item.type) == _TEXT
    return {"maxLength": item.length} if is_text and item.length is not None else None


def _service_levels(resource: Resource) -> Iterator[ServiceLevelAgreementProperty]:
    if resource.update_cycle_days is not None:
        yield ServiceLevelAgreementProperty(property="frequency", value=resource.update_cycle_days, unit="d")


def _own(resource: Resource) -> Iterator[CustomProperty]:
    yield CustomProperty(property="provider", value=resource.provider)
    for name, field in _OWN.items():
        value = getattr(resource, field)
        if value not in ("", (), None, UNSTATED):
            yield CustomProperty(property=name, value=[*value] if isinstance(value, tuple) else value)


def _stated(text: str) -> str | None:
    return text if text not in ("", UNSTATED) else None
