import json
from typing import Any, Final

import msgspec
import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF

from catalog.exchange.jsonld import CONTEXT, VOCABULARY, graph, iri
from catalog.form_fields import load_materials
from catalog.items import load_items
from catalog.register.changes import LICENCE_TYPE, ORGANISATION, RESOURCE
from catalog.register.model import LicenceType, RegisteredOrganisation, Resource
from catalog.register.seed import seed_commands

# rdflib's own reader of JSON-LD calls what rdflib has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:(ConjunctiveGraph|Dataset).* is deprecated:DeprecationWarning")

MODELS: Final[dict[str, Any]] = {
    RESOURCE: Resource,
    LICENCE_TYPE: LicenceType,
    ORGANISATION: RegisteredOrganisation,
}
PREFIXES: Final = f"""
PREFIX schema: <https://schema.org/>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX own: <{VOCABULARY}>
"""


def seeded(entity: str) -> list[Any]:
    return [msgspec.convert(each.payload, MODELS[entity]) for each in seed_commands(0) if each.entity == entity]


DOCUMENT: Final = graph(
    load_items(), load_materials().values(), seeded(RESOURCE), seeded(LICENCE_TYPE), seeded(ORGANISATION)
)


@pytest.fixture(scope="module")
def linked() -> Graph:
    return Graph().parse(data=json.dumps(DOCUMENT), format="json-ld")


def asked(linked: Graph, query: str) -> set[str]:
    rows: Any = linked.query(PREFIXES + query)
    return {str(row[0]) for row in rows}


def test_which_items_need_a_business_licence(linked: Graph) -> None:
    needing = {
        item.name for item in load_items() if item.elaborated and "business-licence" in item.elaborated.materials
    }
    found = asked(linked, 'SELECT ?name { ?item own:needs/schema:name "营业执照"@zh ; schema:name ?name }')
    assert found == needing
    assert "企业变更登记" in found


def test_which_departments_supply_it(linked: Graph) -> None:
    query = 'SELECT ?code { ?m schema:name "营业执照"@zh ; own:suppliedBy/dct:publisher/dct:identifier ?code }'
    assert asked(linked, query) == {"market-regulation"}


def test_which_items_yield_the_licence_that_another_needs(linked: Graph) -> None:
    query = (
        'SELECT ?name { ?m schema:name "营业执照"@zh ; own:suppliedBy ?r . ?item own:yields ?r ; schema:name ?name }'
    )
    assert "企业变更登记" in asked(linked, query)


def test_a_resource_is_a_dataset_that_records_a_licence(linked: Graph) -> None:
    licence = URIRef(iri("resource", "market-regulation.business-licence"))
    assert (licence, RDF.type, DCAT.Dataset) in linked
    assert (licence, DCTERMS.publisher, URIRef(iri("organisation", "market-regulation"))) in linked
    records = URIRef(f"{VOCABULARY}records")
    assert (licence, records, URIRef(iri("licence-type", "business-licence"))) in linked


def test_every_node_that_is_named_is_told(linked: Graph) -> None:
    told = {str(node) for node in linked.subjects()}
    named = {str(node) for node in linked.objects() if str(node).startswith("urn:onething:")}
    vocabulary = {node for node in named if node.startswith(VOCABULARY)}
    assert named - vocabulary <= told
    assert len(told) == len(DOCUMENT["@graph"])


def test_every_word_of_a_node_is_in_the_context(linked: Graph) -> None:
    words = {name for node in DOCUMENT["@graph"] for name in node}
    assert words <= set(CONTEXT)
    assert not [term for term in linked.predicates() if "://" not in str(term) and not str(term).startswith("urn:")]


def test_what_nobody_stated_is_absent() -> None:
    values = [value for node in DOCUMENT["@graph"] for value in node.values()]
    assert not [value for value in values if value in (None, "", [], "unstated")]
