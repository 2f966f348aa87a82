from typing import Any

import msgspec
import pytest

from catalog.register.checker import check, errors_of, surroundings
from catalog.register.model import DataItem, Resource
from tests.catalog.register.entries import ITEMS, Around, entry, published


def faults(around: Around | None = None, **fields: Any) -> list[tuple[str, str]]:
    found = check(msgspec.convert(entry(**fields), Resource), surroundings(around or Around(), "2026-11-22"))
    for each in found:
        assert all((each.field, each.reason, each.reason_en, each.remedy, each.remedy_en))
    return [(each.field, each.severity) for each in found]


def test_an_entry_without_fault_has_none() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": "金税 系统"}, ("name", "error")),
        ({"name": "税务大数据平台"}, ("name", "warning")),
        ({"name": "——"}, ("name", "error")),
        ({"provider": "nobody", "code": "nobody.x"}, ("provider", "error")),
        ({"code": "science.arrears"}, ("code", "error")),
        ({"code": "tax.Arrears"}, ("code", "error")),
        ({"catalogue_code": ""}, ("catalogue_code", "warning")),
        ({"catalogue_code": "3010/1"}, ("catalogue_code", "error")),
        ({"summary": " "}, ("summary", "error")),
        ({"summary": "欠税公告信息。"}, ("summary", "warning")),
        ({"data_items": ()}, ("data_items", "error")),
        ({"format": "unstated"}, ("format", "error")),
        ({"format": "羊皮卷"}, ("format", "warning")),
        ({"format": "图片", "sharing_means": ("库表",)}, ("sharing_means", "error")),
        ({"sharing_means": ("鸽子",)}, ("sharing_means", "warning")),
        ({"sharing_means": ()}, ("sharing_means", "error")),
        ({"sharing_class": "unstated"}, ("sharing_class", "error")),
        ({"negative_list": True}, ("negative_list", "warning")),
        ({"legal_basis": ("nowhere",)}, ("legal_basis[0]", "error")),
        ({"legal_basis": ("tax-law", "old")}, ("legal_basis[1]", "error")),
        ({"update_cycle_days": None}, ("update_cycle_days", "error")),
        ({"classification": "unstated"}, ("classification", "error")),
        ({"system": "nowhere"}, ("system", "error")),
        ({"data_items": (*ITEMS, *ITEMS)}, ("data_items[cause].field", "error")),
        (
            {"data_items": (DataItem(name="联系电话", field="tel", type="text"),)},
            ("data_items[tel].item_class", "error"),
        ),
        (
            {"data_items": (DataItem(name="罚款金额", field="n", type="number"),)},
            ("data_items[n].item_class", "warning"),
        ),
        ({"data_items": (DataItem(name="税种", field="kind"),)}, ("data_items.type", "warning")),
        ({"data_items": (DataItem(name="税种", field="1kind", type="text"),)}, ("data_items[税种].field", "error")),
        (
            {"data_items": (DataItem(name="税种", field="kind", type="text", guessed=True),)},
            ("data_items.guessed", "warning"),
        ),
    ],
)
def test_each_usual_fault_is_found_with_its_field(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert expected in faults(**fields)


def test_what_is_withheld_needs_its_basis_and_reason() -> None:
    assert faults(sharing_class="withheld", sharing_means=()) == [
        ("legal_basis", "error"),
        ("withheld_reason", "error"),
    ]
    assert faults(sharing_class="withheld", legal_basis=("tax-law",), withheld_reason="涉及纳税人商业秘密") == []


def test_what_is_conditional_lists_scope_and_use() -> None:
    assert faults(sharing_class="conditional") == [("scope_of_use", "error"), ("conditions_of_use", "error")]


def test_sensitive_items_are_not_shared_unconditionally() -> None:
    item = DataItem(name="身份证号", field="resident_id", type="text", item_class="sensitive-personal")
    assert faults(data_items=(item,)) == [("sharing_class", "error")]


def test_near_duplicates_are_named() -> None:
    other = {**published(), "code": "science.arrears", "provider": "science", "catalogue_code": "301002/1"}
    assert faults(Around({**other, "name": "欠税公告信 息"})) == [("name", "warning")]
    assert faults(Around({**other, "name": "欠税公示信息"}), name="欠税企业公告信息") == []
    assert faults(Around({**other, "provider": "tax", "code": "tax.b"})) == [("name", "error")]
    assert faults(Around({**other, "state": "withdrawn"})) == []


def test_a_code_that_is_taken_is_an_error() -> None:
    other = {**published(), "code": "tax.b", "name": "另一件事", "catalogue_code": "301001/000001"}
    assert faults(Around(other), catalogue_code="301001/000001") == [("catalogue_code", "error")]


def test_only_errors_keep_an_entry_back() -> None:
    found = check(msgspec.convert(entry(catalogue_code=""), Resource), surroundings(Around(), ""))
    assert len(found) == 1
    assert errors_of(found) == ()
