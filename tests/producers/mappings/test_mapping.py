from pathlib import Path
from typing import Any

import pytest

from catalog.definitions import DefinitionFaultsError
from catalog.resources import load_resources
from producers.drafts import CheckedDraft, DraftRules, examine
from producers.mappings import Mapping, MappingDoesNotFit, RowRefusal, load_mapping, mapping_names
from topics.identifiers import make_uscc

USCC = make_uscc("91", "610113", 77)
NOW_US = 1_795_000_000_000_000


@pytest.fixture(scope="module")
def mapping() -> Mapping:
    return load_mapping("registrations-shaanxi")


def row(**changes: str) -> dict[str, str]:
    return {
        "企业名称": "西安某某商贸有限公司",
        "统一社会信用代码": USCC,
        "注册日期": "1999-03-23",
        "企业类型": "N/A",
        "法人代表": "",
        "注册资金": "1,000(万)",
        "经营范围": "百货",
        "所在省份": "陕西",
        "地区": "西安",
        "注册地址": "西安市雁塔区某路1号",
    } | changes


def faults(outcome: dict[str, Any] | RowRefusal) -> dict[str | None, str]:
    assert isinstance(outcome, RowRefusal)
    return {each.column: each.fault.code for each in outcome.faults}


def test_a_row_becomes_a_draft_that_the_publisher_takes(mapping: Mapping) -> None:
    draft = mapping.apply(row(), 2)

    assert isinstance(draft, dict)
    assert isinstance(examine(draft, DraftRules("market-regulation", load_resources()), NOW_US), CheckedDraft)
    assert draft["subject"] == {"kind": "enterprise", "id": USCC}
    assert draft["record_id"] == USCC
    assert draft["version"] == draft["valid_at"] == 922_118_400_000_000
    assert draft["content"] == {
        "name": "西安某某商贸有限公司",
        "enterprise_type": None,
        "legal_representative": None,
        "registered_capital": "1,000(万)",
        "registered_capital_yuan": None,
        "scope": "百货",
        "address": "西安市雁塔区某路1号",
        "province": "陕西",
        "district": "西安",
        "territory": "610113",
        "established_on": "1999-03-23",
        "state": "存续",
    }


def test_every_fault_of_a_row_is_named_at_once_with_its_cell(mapping: Mapping) -> None:
    refused = mapping.apply(
        row(统一社会信用代码=USCC.lower(), 注册日期="1999-13-01", 所在省份="普通合伙", 注册资金="张某"), 17
    )

    assert faults(refused) == {
        "统一社会信用代码": "bad-identifier",
        "注册日期": "bad-date",
        "所在省份": "not-controlled",
        "注册资金": "wrong-type",
    }
    assert isinstance(refused, RowRefusal)
    assert refused.line == 17
    assert {each.value for each in refused.faults} == {USCC.lower(), "1999-13-01", "普通合伙", "张某"}
    assert not [each for each in refused.faults if each.value and each.value in each.fault.reason]


def test_a_fault_of_a_column_is_told_once_however_many_fields_it_feeds(mapping: Mapping) -> None:
    refused = mapping.apply(row(统一社会信用代码="61010020001"), 3)

    assert isinstance(refused, RowRefusal)
    assert len(refused.faults) == 1


def test_an_absent_cell_of_a_required_field_is_refused(mapping: Mapping) -> None:
    assert faults(mapping.apply(row(企业名称=""), 3)) == {"企业名称": "empty-text"}


def test_a_header_must_be_the_one_that_the_mapping_speaks_of(mapping: Mapping) -> None:
    header = list(row())
    mapping.demand_header(header[::-1])

    with pytest.raises(MappingDoesNotFit, match="column 地区 is missing"):
        mapping.demand_header([each for each in header if each != "地区"])
    with pytest.raises(MappingDoesNotFit, match="does not name column 11") as refused:
        mapping.demand_header([*header, "王某某"])
    assert "王某某" not in str(refused.value)
    with pytest.raises(MappingDoesNotFit, match="does not name column 1;"):
        mapping.demand_header(["王某某", *header, "x"])
    with pytest.raises(MappingDoesNotFit, match="column 地区 stands twice"):
        mapping.demand_header([*header, "地区"])


@pytest.mark.parametrize("name", mapping_names())
def test_each_mapping_of_the_project_holds_together(name: str) -> None:
    assert load_mapping(name).name == name


def test_every_fault_of_a_mapping_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        """
        title = "x"
        type = "RegistrationRecorded"
        source = "tax"
        resource = "customs.customs-registration"
        delimiter = "||"
        subject = { column = "代码", take = "credit-code" }
        record_id = { column = "编号" }
        version = { constant = 1 }
        valid_at = { column = "日期", constant = "2024-01-01" }
        content.title = { constant = "报关单位备案" }
        content.status = { column = "状态", take = "lookup" }
        content.colour = { column = "颜色" }
        """,
        encoding="utf-8",
    )
    with pytest.raises(DefinitionFaultsError) as refused:
        Mapping.load(path)

    assert {fault.place for fault in refused.value.faults} == {
        "source",
        "delimiter",
        "valid_at",
        "content.status",
        "content.colour",
        "content.territory",
    }


def test_a_mapping_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DefinitionFaultsError, match="no such file"):
        load_mapping(str(tmp_path / "none.toml"))
    with pytest.raises(DefinitionFaultsError, match="no such file"):
        load_mapping("none-such")
