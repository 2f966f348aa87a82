import json
from pathlib import Path

import pytest

import topics
from catalog.definitions import DefinitionFaultsError
from catalog.organisations import load_organisations
from catalog.resources import RESOURCES_FILE, load_resources

RESOURCES = load_resources()
LISTING_DEPARTMENTS = [
    "culture-and-tourism",
    "ecology",
    "emergency-management",
    "fire-rescue",
    "health",
    "housing",
    "housing-fund",
    "human-resources",
    "industry-and-information",
    "market-regulation",
    "natural-resources",
    "science",
    "tax",
    "transport",
    "urban-management",
    "water",
]


def test_every_organisation_that_keeps_records_has_a_resource() -> None:
    without = {each.name for each in load_organisations().all if not RESOURCES.of_department(each.code)}
    areas = {"各区县政府", "西咸新区管委会", "各开发区管委会"}
    assert without == {"市数据局", "市档案局", "市政府办公厅"} | areas


@pytest.mark.parametrize("department", LISTING_DEPARTMENTS)
def test_each_listing_department_has_its_penalties(department: str) -> None:
    penalties = RESOURCES.by_code[f"{department}.administrative-penalty"]
    assert penalties.family == "registration"
    assert penalties.topic == f"registration.{department}"
    assert penalties.schemas[0] == "onething.registration.PenaltyImposed"
    assert penalties.subjects == ("enterprise",)


def test_one_department_may_supply_one_record_type_twice() -> None:
    market = RESOURCES.of_department("market-regulation")
    domains = {each.code: each.domain for each in market if each.record_type == "administrative-penalty"}
    assert domains == {
        "market-regulation.administrative-penalty": "market-regulation",
        "market-regulation.ip-penalty": "intellectual-property",
    }


def test_every_fact_of_a_resource_has_a_published_schema() -> None:
    declared = set()
    for path in (Path(topics.__path__[0]) / "schemas").glob("*.avsc"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        declared.add(f"{schema['namespace']}.{schema['name']}")
    named = {schema for resource in RESOURCES.all for schema in resource.schemas}
    assert named <= declared


def test_every_record_type_is_supplied_by_someone() -> None:
    assert [code for code in RESOURCES.record_types if not RESOURCES.of_record_type(code)] == []


def test_each_fault_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "resources.toml"
    text = RESOURCES_FILE.read_text(encoding="utf-8")
    for good, bad in (
        ("[resources.court]", "[resources.tribunal]"),
        ('vehicle = { name = "机动车登记", shape = "record"', 'vehicle = { name = "机动车登记", shape = "round"'),
        (', domain = "science"', ""),
        ('household = { name = "户口登记信息"', 'hukou = { name = "居住证信息"'),
        (
            'talent = { name = "高层次人才认定信息", update_cycle_days = 30',
            'talent = { name = "人才", update_cycle_days = 0',
        ),
    ):
        assert good in text
        text = text.replace(good, bad)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionFaultsError) as raised:
        load_resources(path)
    assert {str(fault).removeprefix("resources.toml: ") for fault in raised.value.faults} == {
        "record_types.vehicle.shape: no shape 'round'",
        "resources.tribunal: no organisation has this code",
        "resources: court (市法院) keeps records but has no resource",
        "resources.public-security.hukou: no record type 'hukou'",
        "resources: name '居住证信息' stands more than once",
        "resources.organisation-department.talent: update_cycle_days is 0, at least 1 is due",
        (
            "resources.science.administrative-penalty: a resource names a domain when, and only when, its record type "
            "has the shape of a penalty"
        ),
    }
