"""一表申报: each field once, filled where the archive can, its source shown, what is still asked counted."""

from typing import Any

import pytest

from processors.domain.service import FieldCounts, Form, one_form
from processors.domain.service.form import FieldView, prefilled
from processors.domain.service.held import HeldRecord
from processors.domain.service.reuse import summed
from processors.domain.service.terms import FieldTerms
from processors.domain.service.values import fitted, written
from tests.processors.domain.service.shop import FULL, NOW, archive, licence, registration, shop

NO = {"signboard": "no"}


def form(*records: HeldRecord, given: dict[str, Any] | None = None, complete: bool = True) -> Form:
    return one_form(shop(), NO, archive(*records, complete=complete), NOW, given)


def field(found: Form, name: str) -> FieldView:
    return next(each for each in found.fields if each.id == name)


def test_what_several_items_ask_stands_once_and_first() -> None:
    groups = [(group.title, group.items, [each.id for each in group.fields]) for group in form().groups]
    assert groups == [
        ("共同信息", (1, 2), ["name", "area"]),
        ("食品经营许可", (1,), ["founded", "legal-person", "phone", "identity"]),
        ("消防安全检查", (2,), ["style"]),
    ]


def test_values_come_from_the_archive_with_their_source() -> None:
    name = field(one_form(shop(), NO, FULL, NOW), "name")
    assert (name.status, name.value) == ("filled", "西安好味餐饮有限公司")
    assert name.source is not None
    assert (name.source.resource, name.source.department) == ("mr.registration", "市市场监管局")
    assert name.source.event_id == FULL.records[0].event_id


def test_days_are_written_as_dates() -> None:
    assert field(form(registration()), "founded").value == "2011-01-26"


def test_a_personal_value_is_held_masked_and_counts_as_filled() -> None:
    found = form(registration())
    person = field(found, "legal-person")
    assert (person.status, person.value, person.is_filled) == ("held-masked", "***", True)
    assert found.counts == FieldCounts(total=7, filled=3, asked=4, asked_though_shareable=0)
    assert "legal-person" not in prefilled(found)


def test_what_sharing_should_supply_and_is_asked_is_counted() -> None:
    found = form()
    assert found.counts == FieldCounts(total=7, filled=0, asked=7, asked_though_shareable=3)
    assert found.recollection_rate == pytest.approx(3 / 7)


@pytest.mark.parametrize(
    ("records", "complete", "reason"),
    [
        ((), True, "not-in-archive"),
        ((), False, "source-behind"),
        ((registration(disputed=True),), True, "disputed"),
        ((registration(withdrawn=True),), True, "not-in-archive"),
        ((registration(name=None),), True, "not-in-archive"),
        ((registration(), registration(record_id="2", name="另一公司")), True, "several-values"),
    ],
)
def test_why_a_field_is_asked(records: tuple[HeldRecord, ...], complete: bool, reason: str) -> None:
    name = field(form(*records, complete=complete), "name")
    assert (name.status, name.reason, name.shareable) == ("asked", reason, True)


def test_what_stands_with_another_subject_is_asked_and_not_held_against_sharing() -> None:
    identity = field(form(registration()), "identity")
    assert (identity.reason, identity.shareable) == ("another-subject", False)


def test_records_that_agree_fill_a_field_but_masked_ones_cannot_be_compared() -> None:
    found = form(registration(), registration(record_id="2"))
    assert field(found, "name").status == "filled"
    assert field(found, "legal-person").reason == "several-values"


def test_a_record_in_force_goes_before_one_that_has_lapsed() -> None:
    found = form(registration(name="旧名", state="注销", valid_at=2_000), registration(record_id="2", valid_at=1_000))
    assert (field(found, "name").value, field(found, "name").in_force) == ("西安好味餐饮有限公司", True)
    lapsed = field(form(registration(state="注销")), "name")
    assert (lapsed.status, lapsed.in_force) == ("filled", False)


def test_what_the_applicant_filled_in_is_shown_and_takes_no_place_of_the_archive() -> None:
    found = form(registration(), given={"name": "甲", "area": 80, "phone": "13800138000", "legal-person": "李四"})
    shown = {each.id: (each.status, each.value) for each in found.fields}
    assert shown["name"] == ("filled", "西安好味餐饮有限公司")
    assert shown["area"] == ("given", 80)
    assert shown["phone"] == ("given", "***")
    assert shown["legal-person"] == ("held-masked", "***")
    assert "李四" not in repr(found)
    assert found.counts == form(registration()).counts


def test_items_whose_fields_nobody_has_stated_are_named() -> None:
    assert one_form(shop(), {"signboard": "yes"}, FULL, NOW).unstated == (3,)


def test_a_form_without_fields_has_no_rate() -> None:
    empty = one_form(shop(items=()), NO, archive(licence()), NOW)
    assert (empty.counts, empty.recollection_rate) == (FieldCounts(0, 0, 0, 0), None)
    assert summed([empty.counts, form().counts, form(registration()).counts]) == FieldCounts(14, 3, 11, 3)


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("number", "12", 12),
        ("number", "12.5", 12.5),
        ("number", 7, 7),
        ("text", " 西安 ", "西安"),
        ("address", "未央路 1 号", "未央路 1 号"),
        ("boolean", False, False),
        ("phone", "029-8888 8888", "029-88888888"),
        ("phone", "12345", None),
        ("phone", "4008001234", "4008001234"),
        ("date", "2024-02-29", "2024-02-29"),
        ("date", "20240229", None),
        ("date", "2023-02-29", None),
        ("uscc", "91440300708461136T", "91440300708461136T"),
        ("uscc", "91440300708461136X", None),
        ("resident-id", "11010519491231002X", "11010519491231002X"),
        ("resident-id", "110105204912310029", None),
        ("text", 5, None),
        ("text", "a\x07b", None),
        ("text", "长" * 1001, None),
        ("boolean", "是", None),
        ("number", "1e3", None),
        ("number", float("inf"), None),
        ("number", 10**15, None),
        ("number", -(10**15) + 1, -(10**15) + 1),
        ("text", "一\r\n二", "一\n二"),
    ],
)
def test_values_fit_their_fields(kind: Any, value: Any, kept: Any) -> None:
    found = fitted(FieldTerms(id="x", name="项", type=kind), value, NOW)
    assert found.value == kept
    assert (found.reason is None) == (kept is not None)


def test_archive_values_as_a_form_writes_them() -> None:
    moment = FieldTerms(id="x", name="项", type="date")
    assert written(moment, 0) == "1970-01-01"
    assert written(moment, 86_400_000_000 * 20_000) == "2024-10-04"
    assert written(moment, 10**18) == str(10**18)
    assert written(moment, -800_000) == "-800000"
    assert written(FieldTerms(id="x", name="项"), 5) == "5"
    assert written(FieldTerms(id="x", name="项", type="number"), 5) == 5
