"""Items, materials, licences, resources and departments as one graph of linked data (JSON-LD 1.1).

Terms are those of schema.org, DCAT and Dublin Core where they have one; the others are ours, under
``urn:onething:vocabulary:``, and told in docs/exchange.md. The context is in the document: a reader fetches nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from catalog.form_fields import Material
from catalog.items import RegisteredItem
from catalog.register.model import UNSTATED, LicenceType, RegisteredOrganisation, Resource

VOCABULARY: Final = "urn:onething:vocabulary:"

_LICENCE: Final = "licence"
"""Topics of this family carry licences: a resource's record type is a licence type there."""

CONTEXT: Final[Mapping[str, Any]] = {
    "@version": 1.1,
    "schema": "https://schema.org/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "own": VOCABULARY,
    "id": "@id",
    "type": "@type",
    "name": {"@id": "schema:name", "@language": "zh"},
    "alternateName": {"@id": "schema:alternateName", "@language": "zh"},
    "description": {"@id": "schema:description", "@language": "zh"},
    "title": {"@id": "dct:title", "@language": "zh"},
    "identifier": "dct:identifier",
    "publisher": {"@id": "dct:publisher", "@type": "@id"},
    "theme": {"@id": "own:theme", "@language": "zh"},
    "provider": {"@id": "schema:provider", "@type": "@id"},
    "issuedBy": {"@id": "schema:issuedBy", "@type": "@id"},
    "serviceType": "schema:serviceType",
    "variantOf": {"@id": "schema:isVariantOf", "@type": "@id"},
    "needs": {"@id": "own:needs", "@type": "@id"},
    "yields": {"@id": "own:yields", "@type": "@id"},
    "suppliedBy": {"@id": "own:suppliedBy", "@type": "@id"},
    "records": {"@id": "own:records", "@type": "@id"},
    "form": "own:form",
    "sharingClass": "own:sharingClass",
    "state": "own:state",
    "level": "own:level",
    "kind": "own:kind",
    "updateCycleDays": {"@id": "own:updateCycleDays", "@type": "xsd:integer"},
}


def graph(
    items: Iterable[RegisteredItem],
    materials: Iterable[Material],
    resources: Iterable[Resource],
    licences: Iterable[LicenceType],
    organisations: Iterable[RegisteredOrganisation],
) -> dict[str, Any]:
    """Return the graph; every node is told once, by an IRI that follows from its kind and code."""
    nodes = (
        *(_organisation(each) for each in organisations),
        *(_licence(each) for each in licences),
        *(_resource(each) for each in resources),
        *(_material(each) for each in materials),
        *(_item(each) for each in items),
    )
    return {"@context": dict(CONTEXT), "@graph": [_told(node) for node in nodes]}


def iri(kind: str, code: str) -> str:
    """The name of a node: ``urn:onething:<kind>:<code>``."""
    return f"urn:onething:{kind}:{quote(code, safe='.-_')}"


def _organisation(organisation: RegisteredOrganisation) -> dict[str, Any]:
    names = dict.fromkeys(name for name in (organisation.full_name, *organisation.aliases) if name)
    return {
        "id": iri("organisation", organisation.code),
        "type": "schema:GovernmentOrganization" if organisation.kind == "department" else "schema:Organization",
        "identifier": organisation.code,
        "name": organisation.name,
        "alternateName": [name for name in names if name != organisation.name],
        "level": organisation.level,
        "kind": organisation.kind,
    }


def _licence(licence: LicenceType) -> dict[str, Any]:
    issued = licence.authority not in ("", UNSTATED)
    return {
        "id": iri("licence-type", licence.code),
        "type": "schema:Permit",
        "identifier": licence.code,
        "name": licence.name,
        "issuedBy": iri("organisation", licence.authority) if issued else None,
    }


def _resource(resource: Resource) -> dict[str, Any]:
    is_licence = resource.topic.partition(".")[0] == _LICENCE
    return {
        "id": iri("resource", resource.code),
        "type": "dcat:Dataset",
        "identifier": resource.code,
        "title": resource.name,
        "name": resource.name,
        "description": resource.summary,
        "publisher": iri("organisation", resource.provider),
        "theme": resource.theme,
        "sharingClass": resource.sharing_class,
        "state": resource.state,
        "updateCycleDays": resource.update_cycle_days,
        "records": iri("licence-type", resource.record_type) if is_licence else None,
    }


def _material(material: Material) -> dict[str, Any]:
    supply = material.supplied_by
    return {
        "id": iri("material", material.id),
        "type": "own:Material",
        "identifier": material.id,
        "name": material.name,
        "form": material.form,
        "suppliedBy": None if supply is None else iri("resource", supply.resource),
    }


def _item(item: RegisteredItem) -> dict[str, Any]:
    result = item.elaborated.result if item.elaborated is not None else None
    return {
        "id": iri("item", item.code),
        "type": "schema:GovernmentService",
        "identifier": item.code,
        "name": item.name,
        "alternateName": [*item.aliases],
        "serviceType": item.kind,
        "provider": [iri("organisation", code) for code in item.organisations],
        "variantOf": iri("item", item.variant_of) if item.variant_of else None,
        "needs": [*_needed(item)],
        "yields": iri("resource", result.resource) if result is not None and result.resource else None,
    }


def _needed(item: RegisteredItem) -> Iterator[str]:
    if item.elaborated is not None:
        yield from (iri("material", each) for each in item.elaborated.materials)


def _told(node: Mapping[str, Any]) -> dict[str, Any]:
    """A node without what nobody stated."""
    return {name: value for name, value in node.items() if value not in (None, "", [], UNSTATED)}
