import json
from importlib.resources import files
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from open_data_contract_standard.model import OpenDataContractStandard

from catalog.exchange.odcs import contract, contracts
from catalog.register.changes import RESOURCE
from catalog.register.model import DataItem, Resource
from catalog.register.seed import seed_commands

SCHEMA = jsonschema_rs.Draft201909Validator(
    json.loads(files("open_data_contract_standard").joinpath("schema.json").read_bytes())
)
SHIPPED = [
    msgspec.convert({**each.payload, "state": "published", "version": 1}, Resource)
    for each in seed_commands(0)
    if each.entity == RESOURCE
]
RESOURCE_FULL = Resource(
    code="tax.tax-registration",
    name="税务登记",
    provider="tax",
    catalogue_code="3061010001000001/000001",
    summary="纳税人登记",
    data_items=(
        DataItem(name="纳税人名称", field="taxpayer_name", type="text", length=100, guessed=True),
        DataItem(name="登记日期", field="registered_on", type="date", item_class="ordinary", note="税务机关登记之日"),
        DataItem(name="法人身份证号", field="legal_person_id", type="text", item_class="personal"),
    ),
    format="数据库",
    update_cycle_days=1,
    sharing_class="conditional",
    sharing_means=("接口",),
    conditions_of_use="一件事办理",
    scope_of_use="企业变更",
    legal_basis=("order-809-13",),
    topic="registration.tax",
    schema_name="onething.registration.RegistrationRecorded",
    record_type="tax-registration",
    theme="税务",
    state="published",
    version=3,
)


def document(resource: Resource) -> dict[str, Any]:
    """The contract as a reader of its YAML has it, valid for the standard's own schema and model."""
    read: dict[str, Any] = yaml.safe_load(contract(resource, "市税务局").to_yaml())
    assert [str(fault) for fault in SCHEMA.iter_errors(read)] == []
    assert OpenDataContractStandard.model_validate(read).to_yaml() == contract(resource, "市税务局").to_yaml()
    return read


@pytest.mark.parametrize("resource", SHIPPED, ids=lambda each: str(each.code))
def test_every_resource_that_ships_has_a_valid_contract(resource: Resource) -> None:
    assert document(resource)["id"] == resource.code


def test_a_contract_says_what_the_entry_says() -> None:
    told = document(RESOURCE_FULL)
    assert (told["apiVersion"], told["kind"], told["version"], told["status"]) == (
        "v3.1.0",
        "DataContract",
        "3.0.0",
        "active",
    )
    assert told["description"] == {"purpose": "纳税人登记", "usage": "企业变更", "limitations": "一件事办理"}
    assert told["slaProperties"] == [{"property": "frequency", "value": 1, "unit": "d"}]
    (table,) = told["schema"]
    assert (table["physicalName"], table["physicalType"]) == ("registration.tax", "topic")
    name, date, person = table["properties"]
    assert (name["name"], name["businessName"], name["logicalTypeOptions"]) == (
        "taxpayer_name",
        "纳税人名称",
        {"maxLength": 100},
    )
    assert name["customProperties"][0]["property"] == "guessed"
    assert (date["logicalType"], date["description"]) == ("date", "税务机关登记之日")
    assert person["classification"] == "personal"


def test_own_fields_stand_in_custom_properties_and_only_there() -> None:
    told = document(RESOURCE_FULL)
    own = {each["property"]: each["value"] for each in told["customProperties"]}
    assert own["sharingClass"] == "conditional"
    assert own["legalBasis"] == ["order-809-13"]
    assert own["catalogueCode"] == "3061010001000001/000001"
    assert own["negativeList"] is False
    assert "classification" not in own


def test_an_item_whose_type_is_unstated_says_so() -> None:
    entry = msgspec.structs.replace(RESOURCE_FULL, data_items=(DataItem(name="备注", field="remark"),))
    (item,) = document(entry)["schema"][0]["properties"]
    assert (item["logicalType"], item["customProperties"][0]["property"]) == ("string", "typeUnstated")


def test_only_what_is_published_has_a_contract() -> None:
    draft = msgspec.structs.replace(RESOURCE_FULL, code="tax.draft", state="draft")
    assert [each.id for each in contracts([draft, RESOURCE_FULL], {})] == ["tax.tax-registration"]
    (named,) = contracts([RESOURCE_FULL], {"tax": "市税务局"})
    assert "市税务局" in named.to_yaml()


def test_the_schema_refuses_what_the_standard_does_not_know() -> None:
    assert not SCHEMA.is_valid({**document(RESOURCE_FULL), "sharingClass": "conditional"})


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
ITEMS = st.builds(
    DataItem,
    name=WORDS,
    field=st.from_regex(r"[a-z][a-z_0-9]{0,9}", fullmatch=True),
    type=st.sampled_from(["text", "number", "date", "instant", "boolean", "choice", "file", "unstated"]),
    length=st.none() | st.integers(1, 4000),
    note=WORDS,
    guessed=st.booleans(),
)


@given(WORDS, WORDS, st.lists(ITEMS, max_size=3), st.none() | st.integers(1, 999), st.lists(WORDS, max_size=2))
@settings(max_examples=60)
def test_every_entry_has_a_valid_contract(
    name: str, words: str, items: list[DataItem], days: int | None, means: list[str]
) -> None:
    entry = Resource(
        code="a.b",
        name=name,
        provider="a",
        summary=words,
        theme=words or "unstated",
        data_items=tuple(items),
        update_cycle_days=days,
        sharing_means=tuple(means),
        state="published",
    )
    assert document(entry)["name"] == name
