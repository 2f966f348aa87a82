import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from catalog.definitions import DefinitionFaultsError
from catalog.organisations import ORGANISATIONS_FILE, load_organisations

if TYPE_CHECKING:
    from tests.catalog.conftest import AnnexRow

CITY, DISTRICT = "xian-2024-60", "weiyang-2021-1"
ORGANISATIONS = load_organisations()


def test_an_organisation_is_found_by_code_and_by_every_name() -> None:
    market = ORGANISATIONS.by_code["market-regulation"]
    assert market.name == "市市场监管局"
    for name in ("市市场监管局", "市市场监督管理局", "西安市市场监督管理局"):
        assert ORGANISATIONS.by_name[name] is market


def test_words_that_mean_an_organisation_in_one_source_only() -> None:
    found = ORGANISATIONS.mentioned(DISTRICT, "公安")
    assert found is not None
    assert found.code == "weiyang-public-security"
    assert ORGANISATIONS.mentioned(CITY, "公安") is None
    assert "公安" not in ORGANISATIONS.by_name


def test_every_responsible_unit_of_the_city_annexes_is_an_organisation(city_rows: list["AnnexRow"]) -> None:
    assert len({(row.annex, row.number) for row in city_rows}) == 31
    named = {
        (code, mention.part, number)
        for code, organisation in ORGANISATIONS.by_code.items()
        for mention in organisation.named_in
        for number in mention.numbers
    }
    for row in city_rows:
        for unit in row.units:
            found = ORGANISATIONS.mentioned(CITY, unit)
            assert found is not None, (row, unit)
            assert (found.code, f"annex-{row.annex}", row.number) in named, (row, unit)


def test_the_annexes_name_no_unit_only_where_the_print_lost_it(city_rows: list["AnnexRow"]) -> None:
    """The cell of the lead of 退休“一件事” did not survive in the text; every other item has its unit."""
    assert {(row.annex, row.number) for row in city_rows if not row.units} == {(1, 13)}


def test_every_annex_mention_is_in_the_source(city_rows: list["AnnexRow"], city_plan: str) -> None:
    leads = {
        (cells[2].strip(), int(cells[0]))
        for cells in (line.split("\t") for line in city_plan.rpartition("附件 3")[2].split("\n"))
        if cells[0].isdigit()
    }
    printed = {(unit, row.annex, row.number) for row in city_rows for unit in row.units}
    printed |= {(lead, 3, number) for lead, number in leads}
    for organisation in ORGANISATIONS.all:
        for mention in organisation.named_in:
            if mention.source == CITY and mention.part != "task":
                annex = int(mention.part.removeprefix("annex-"))
                for number in mention.numbers:
                    assert (mention.text or organisation.name, annex, number) in printed


def test_every_unit_named_for_a_task_of_the_city_plan_is_an_organisation(city_plan: str) -> None:
    body = city_plan.partition("二、主要任务")[2].partition("三、工作要求")[0].replace("\n", "")
    for duty in re.findall(r"牵头单位：(.*?)[）)]", body):
        for unit in re.split(r"[、，；：]|责任单位", duty.replace("等市级相关单位", "")):
            if unit and not re.search(r"市级各相关单位", unit):
                assert ORGANISATIONS.mentioned(CITY, unit) is not None, unit


def test_every_unit_of_the_ten_district_reforms_is_an_organisation(district_plan: str) -> None:
    body = district_plan.partition("三、改革任务")[2].partition("四、实施步骤")[0].replace("\n", "")
    reforms = re.findall(r"(\d+)\. \S+?一件事.*?将(.*?)(?:负责办理|办理)的.*?牵头部门?：(.*?)；", body)
    assert [int(number) for number, _, _ in reforms] == list(range(1, 11))
    for number, line_of_work, leads in reforms:
        words = re.split(r"[、及]|以及|等?部门|等?职能部门|等?服务机构|等", line_of_work) + leads.split("、")
        for word in filter(None, (part for joined in words for part in utilities(joined))):
            found = ORGANISATIONS.mentioned(DISTRICT, word)
            assert found is not None, word
            assert int(number) in {
                place for mention in found.named_in if mention.source == DISTRICT for place in mention.numbers
            }, word


def utilities(word: str) -> list[str]:
    return list(word) if word in ("水电气", "水电气暖") else [re.sub("^(以|职能)$", "", word)]


def test_codes_of_district_organisations_are_prefixed() -> None:
    for organisation in ORGANISATIONS.all:
        assert (organisation.level == "district") <= organisation.code.startswith("weiyang-")


def test_all_faults_are_named_at_once_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "organisations.toml"
    path.write_text(
        """
        [[organisation]]
        code = "Tax Bureau"
        name = "市税务局"
        level = "city"
        kind = "department"
        named_in = []
        [[organisation]]
        code = "taxes"
        name = "市税务局"
        level = "city"
        kind = "department"
        named_in = [{ source = "xian-2024-60", part = "annex-1", numbers = [1] }]
        """,
        encoding="utf-8",
    )
    with pytest.raises(DefinitionFaultsError) as raised:
        load_organisations(path)
    assert [str(fault) for fault in raised.value.faults] == [
        "organisations.toml: organisation[0].code: 'Tax Bureau' is not lower-case words and hyphens",
        "organisations.toml: organisation[0].named_in: no source names it",
        "organisations.toml: organisation: name '市税务局' belongs to more than one organisation",
    ]


def test_a_wrong_or_unknown_field_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "organisations.toml"
    text = ORGANISATIONS_FILE.read_text(encoding="utf-8")
    path.write_text(text.replace('level = "city"', 'level = "town"\ncolour = 3', 1), encoding="utf-8")
    with pytest.raises(DefinitionFaultsError) as raised:
        load_organisations(path)
    assert [fault.place for fault in raised.value.faults] == ["organisation[0].level", "organisation[0].colour"]


def test_a_missing_file_and_broken_text_say_so(tmp_path: Path) -> None:
    with pytest.raises(DefinitionFaultsError, match="no such file"):
        load_organisations(tmp_path / "organisations.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("[[organisation\n", encoding="utf-8")
    with pytest.raises(DefinitionFaultsError, match="line 1"):
        load_organisations(broken)
