import pytest

from catalog.organisations import load_organisations
from catalog.printed_units import carried_down, codes_of, printed_leads, printed_units


@pytest.mark.parametrize(
    ("cell", "units", "leads"),
    [
        ("市公安局", ("市公安局",), ("市公安局",)),
        ("★市市场监管局", ("市市场监管局",), ("市市场监管局",)),
        ("★市行政审批局、市法院", ("市行政审批局", "市法院"), ("市行政审批局",)),
        ("市发改委及供电企业", ("市发改委", "供电企业"), ("市发改委", "供电企业")),
        ("市工信局、市市场监管局等", ("市工信局", "市市场监管局"), ("市工信局", "市市场监管局")),
        ("★住房公积金管理中心 市法院", ("住房公积金管理中心", "市法院"), ("住房公积金管理中心",)),
        ("区委组织部、区人社局", ("区委组织部", "区人社局"), ("区委组织部", "区人社局")),
        ("", (), ()),
    ],
)  # fmt: skip
def test_units_and_leads_of_a_cell(cell: str, units: tuple[str, ...], leads: tuple[str, ...]) -> None:
    assert printed_units(cell) == units
    assert printed_leads(cell) == leads


def test_words_mean_organisations_of_their_source() -> None:
    organisations = load_organisations()
    assert codes_of(("市市场监督管理局", "公安"), "xian-2024-60", organisations) == ("market-regulation", None)
    assert codes_of(("公安",), "weiyang-2021-1", organisations) == ("weiyang-public-security",)


def test_a_cell_holds_until_one_is_neither_printed_nor_carried_down() -> None:
    assert list(carried_down([("甲", False), ("", True), ("", False), ("", True), ("乙", False)])) == [
        "甲",
        "甲",
        "",
        "",
        "乙",
    ]
