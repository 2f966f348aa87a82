"""Every definition against the words of its source: a character that changes in either is a failure here."""

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from catalog.bundles import Bundle, load_bundles
from catalog.organisations import load_organisations
from tests.catalog.conftest import AnnexRow, annex_rows, printed, source_text

if TYPE_CHECKING:
    from collections.abc import Iterable

ANNEXES = printed("xian-2024-60-annexes.txt")
REFORMS = printed("weiyang-2021-1-reforms.txt")
BUNDLES = load_bundles()
CITY = [bundle for bundle in BUNDLES.values() if bundle.source == "xian-2024-60"]
DISTRICT = [bundle for bundle in BUNDLES.values() if bundle.source == "weiyang-2021-1"]
ORGANISATIONS = load_organisations()

REPEATED = {
    "企业变更登记": 2,
    "企业营业执照信息核验": 4,
    "统筹相关申请核查信息的受理、分派、汇总和结果送达": 2,
    "企业人员住房公积金缴存信息核查": 2,
    "社会保险参保缴费记录查询": 3,
    "婚姻信息核验": 2,
    "机动车临时行驶车号牌核发": 2,
    "特殊车辆在城市道路上行驶（包括经过城市桥梁）审批": 2,
    "预防接种证办理": 2,
    "税费缴纳": 2,
    "人事关系": 2,
    "编制": 2,
    "工资": 2,
    "社保": 2,
    "医保": 2,
    "公积金": 2,
}


def ids(bundles: "Iterable[Bundle]") -> list[str]:
    return [bundle.id for bundle in bundles]


def rows_of(bundle: Bundle) -> list[AnnexRow]:
    return [row for row in annex_rows(ANNEXES) if (row.annex, row.number) == (bundle.annex, bundle.number)]


def test_what_is_held_against_the_definitions_is_what_the_documents_print() -> None:
    assert ANNEXES in source_text("xian-2024-60.txt")
    assert REFORMS in source_text("weiyang-2021-1.txt")


def test_there_are_41_bundles_with_236_items() -> None:
    bundles = Counter((bundle.source, bundle.annex) for bundle in BUNDLES.values())
    assert bundles == {
        ("xian-2024-60", 1): 13,
        ("xian-2024-60", 2): 8,
        ("xian-2024-60", 3): 10,
        ("weiyang-2021-1", None): 10,
    }
    items = Counter(bundle.annex for bundle in BUNDLES.values() for _ in bundle.items)
    assert items == {1: 87, 2: 56, 3: 43, None: 50}
    assert items.total() == 236


def test_every_row_of_the_annexes_belongs_to_a_bundle() -> None:
    assert {(row.annex, row.number) for row in annex_rows(ANNEXES)} == {(each.annex, each.number) for each in CITY}
    assert sorted(each.number for each in DISTRICT) == list(range(1, 11))


@pytest.mark.parametrize("bundle", CITY, ids=ids(CITY))
def test_a_city_bundle_reads_as_its_annex(bundle: Bundle) -> None:
    """Name, stage, and every item with its own cell and what is carried down into it."""
    rows = rows_of(bundle)
    assert {row.bundle for row in rows} == {bundle.name}
    assert rows[0].stage == (bundle.stage or "")
    told = [(item.number, item.text, item.department_text) for item in bundle.items]
    assert told == [(at, row.item, row.cell) for at, row in enumerate(rows, 1)]
    for item, row in zip(bundle.items, rows, strict=True):
        assert item.department_names == row.units
        assert item.carried_down == (row.cell == "" != row.unit)
        assert item.open_list == row.unit.endswith("等")
        meant = [ORGANISATIONS.mentioned("xian-2024-60", unit) for unit in row.units]
        assert item.departments == tuple(each.code for each in meant if each)


@pytest.mark.parametrize("bundle", CITY, ids=ids(CITY))
def test_the_leads_of_a_city_bundle_are_starred_or_stand_in_the_leads_column(bundle: Bundle) -> None:
    rows = rows_of(bundle)
    starred = tuple(word for row in rows for word in re.findall(r"★([^、\s]+)", row.cell))
    assert bundle.lead_names == ((rows[0].lead,) if bundle.annex == 3 else starred)
    found = [ORGANISATIONS.mentioned("xian-2024-60", name) for name in bundle.lead_names]
    assert bundle.leads == tuple(each.code for each in found if each)


def test_who_leads_where_the_print_is_not_plain() -> None:
    assert BUNDLES["bankruptcy-inquiry"].lead_names == ("市行政审批局",)
    assert BUNDLES["bankruptcy-inquiry"].items[0].department_names == ("市行政审批局", "市法院")
    assert BUNDLES["retirement"].leads == ()
    assert BUNDLES["retirement"].lead == "human-resources"
    assert [item.departments for item in BUNDLES["retirement"].items[:4]] == [()] * 4
    assert BUNDLES["housing-fund-loan"].lead_names == ("住房公积金管理中心",)
    assert BUNDLES["retail-pharmacy-opening"].lead_names == ("市市场监督管理局",)
    assert [bundle.id for bundle in BUNDLES.values() if len(bundle.leads) > 1] == ["weiyang-public-sector-entry"]
    assert [bundle.id for bundle in BUNDLES.values() if not bundle.leads] == ["retirement"]


def test_cells_left_to_the_row_above_are_carried_down() -> None:
    carried = [(bundle.id, item.number) for bundle in BUNDLES.values() for item in bundle.items if item.carried_down]
    assert len(carried) == 22
    assert ("housing-fund-loan", 6) in carried
    signing = BUNDLES["housing-fund-loan"].items[5]
    assert (signing.text, signing.departments) == ("借款合同面签", ("housing-fund", "peoples-bank"))
    assert BUNDLES["disability-services"].items[2].departments == ("civil-affairs", "disabled-persons-federation")


def test_companies_and_operators_are_kept_and_open_lists_stay_open() -> None:
    connection = BUNDLES["utility-connection"].items
    assert [item.departments for item in connection[1:]] == [
        ("development-and-reform", "power-supply"),
        ("urban-management", "gas-supply"),
        ("water", "water-supply"),
        ("industry-and-information", "network-operators"),
    ]
    opened = [(bundle.id, item.number) for bundle in BUNDLES.values() for item in bundle.items if item.open_list]
    assert opened == [("credit-repair", 2)]


@pytest.mark.parametrize("bundle", DISTRICT, ids=ids(DISTRICT))
def test_a_district_bundle_is_the_sentence_of_its_reform(bundle: Bundle) -> None:
    """The sentence put together again out of the definition stands in the plan, word for word."""
    text = REFORMS.replace("\n", "").replace("(", "（").replace(")", "）")
    items = "[、和]".join(re.escape(item.text) for item in bundle.items)
    leads = re.escape("、".join(bundle.lead_names))
    sentence = (
        rf"{bundle.number}\. {re.escape(bundle.name)}。将{re.escape(bundle.participants_text)}(负责)?办理的{items}"
        rf"{'等' if bundle.open_items else '业务'}[^。]*(集成|整合)为“一件事”。（牵头部门?：{leads}；"
    )
    assert re.search(sentence, text), sentence


@pytest.mark.parametrize("bundle", DISTRICT, ids=ids(DISTRICT))
def test_what_the_district_plan_leaves_open_is_unstated(bundle: Bundle) -> None:
    assert all(item.departments == () == item.department_names for item in bundle.items)
    assert all(item.routed_to for item in bundle.items)
    words = re.split(r"[、及]|以及|等?职能部门|等?部门|等?服务机构", bundle.participants_text)
    said = [
        part for word in words for part in (word if re.fullmatch("水电气暖?", word) else [word.strip("等以")]) if part
    ]
    assert list(bundle.participants) == said
    assert len(bundle.participant_codes) == len(bundle.participants)


@pytest.mark.parametrize("bundle", DISTRICT, ids=ids(DISTRICT))
def test_a_district_bundle_stands_under_its_life_cycle(bundle: Bundle) -> None:
    headings = re.findall(r"围绕(.+?)，重点推出", REFORMS)
    assert bundle.stage == headings[0 if bundle.number <= 5 else 1]
    assert bundle.subject == ("person" if bundle.number <= 5 else "enterprise")


def test_an_item_that_occurs_again_is_one_item() -> None:
    uses = Counter(item.code for bundle in BUNDLES.values() for item in bundle.items)
    registered = {item.code: item.registered.name for bundle in BUNDLES.values() for item in bundle.items}
    assert {registered[code]: times for code, times in uses.items() if times > 1} == REPEATED
    assert len(uses) == 217


def test_variants_hang_on_their_main_item() -> None:
    variants = {
        item.registered.name: item.registered.variant_of
        for bundle in BUNDLES.values()
        for item in bundle.items
        if item.registered.variant_of
    }
    assert len(variants) == 7
    assert len({variants["个人身份信息核验(户籍信息)"], variants["个人身份信息核验(户籍信息、居住证信息)"]}) == 1
    assert all(code.endswith("000") for code in variants.values())
