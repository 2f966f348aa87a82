"""预审: one test a fault, and that every one of them can be mended."""

from typing import Any

import pytest
from msgspec.structs import replace

from processors.domain.service import precheck
from processors.domain.service.held import Ending
from tests.processors.domain.service.shop import (
    COMPANY,
    FULL,
    NOW,
    SUPPLIED,
    application,
    archive,
    breach,
    checked,
    licence,
    listing,
    penalty,
    registration,
    shop,
    told_faults,
)
from topics.events import SuppliedMaterial

TODAY = 20_000
FORM = dict(application().form)


def supplied(material: str, means: str, reference: str | None = None) -> SuppliedMaterial:
    return SuppliedMaterial(material=material, means=means, reference=reference)


def test_an_application_without_a_fault_is_completed_from_the_archive() -> None:
    found = checked()
    assert found.faults == ()
    assert found.items == (1, 2, 4)
    assert found.values == {
        "name": "西安好味餐饮有限公司",
        "founded": "2011-01-26",
        "area": 120,
        "phone": "13800138000",
        "identity": "11010519491231002X",
    }
    assert [(each.material, each.means) for each in found.materials] == [
        ("licence", "archive"),
        ("floor-plan", "upload"),
        ("fire-promise", "promise"),
        ("id-card", "paper"),
    ]
    assert found.materials[0].reference == FULL.records[1].event_id
    assert (found.counts.total, found.counts.filled, found.counts.asked) == (7, 3, 4)


def test_personal_values_are_shown_masked_and_kept_in_clear() -> None:
    shown = {field.id: field.value for field in checked().form.fields}
    assert (shown["phone"], shown["identity"], shown["legal-person"]) == ("***", "***", "***")


def test_conditions_that_no_rule_can_tell_are_left_to_the_desk() -> None:
    assert [(each.item, [c.id for c in each.conditions]) for each in checked().to_judge] == [(1, ["fit"])]


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"subject": "person:" + "0" * 32}, [("wrong-subject-kind", "subject")]),
        ({"choices": {}}, [("choice-missing", "choices.signboard")]),
        ({"choices": {"signboard": "perhaps"}}, [("unknown-choice", "choices.signboard")]),
        ({"choices": {"signboard": "no", "colour": "red"}}, [("unknown-question", "choices.colour")]),
        ({"delivery_means": "e-licence"}, [("delivery-not-offered", "delivery.means")]),
    ],
)
def test_who_applies_and_what_for(changed: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    assert told_faults(checked(**changed)) == faults


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        ({"area": None}, [("field-missing", "form.area")]),
        ({"area": " "}, [("field-missing", "form.area")]),
        ({"area": "large"}, [("wrong-type", "form.area")]),
        ({"area": True}, [("wrong-type", "form.area")]),
        ({"area": float("nan")}, [("wrong-type", "form.area")]),
        ({"phone": "12345"}, [("wrong-type", "form.phone")]),
        ({"identity": "110105194912310021"}, [("wrong-type", "form.identity")]),
        ({"style": "夜市"}, [("wrong-type", "form.style")]),
        ({"name": "西安坏味餐饮有限公司"}, [("contradicts-archive", "form.name")]),
        ({"founded": "2011-01-27"}, [("contradicts-archive", "form.founded")]),
        ({"founded": "2011-02-30"}, [("wrong-type", "form.founded")]),
        ({"colour": "red"}, [("unknown-field", "form.colour")]),
        ({"sign-size": "2m"}, [("not-asked", "form.sign-size")]),
        ({"area": 301}, [("condition-not-fulfilled", "conditions.2.small")]),
    ],
)
def test_what_is_filled_in(value: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    assert told_faults(checked(form=FORM | value)) == faults


@pytest.mark.parametrize("value", ["西安好味餐饮有限公司", "　西安好味 餐饮有限公司 "])
def test_what_says_the_same_as_the_archive_contradicts_nothing(value: str) -> None:
    found = checked(form=FORM | {"name": value})
    assert found.faults == ()
    assert found.values["name"] == "西安好味餐饮有限公司"


def test_a_contradiction_names_both_values_and_the_source() -> None:
    (fault,) = checked(form=FORM | {"name": "甲公司"}).faults
    assert fault.message == "企业名称：填写为“甲公司”，档案为“西安好味餐饮有限公司”（市市场监管局，登记信息，1）"


def test_no_fault_repeats_a_personal_value() -> None:
    form = {"area": 1, "phone": "call 4711", "identity": "11010519491231002X".lower(), "legal-person": "李四"}
    told = repr(checked(form=form).faults)
    assert "4711" not in told
    assert "11010519491231002" not in told
    assert "李四" not in told


def test_a_number_in_the_wrong_place_is_not_repeated() -> None:
    number = "11010519491231002X"
    found = checked(
        form=FORM | {"name": f"店主{number}", number: "x", f"a{number.lower()}": 1},
        choices={"signboard": "no", number: "yes"},
        materials=(*SUPPLIED, supplied(number, "paper"), supplied(number, "paper")),
    )
    assert {fault.code for fault in found.faults} == {
        "contradicts-archive",
        "unknown-field",
        "unknown-question",
        "unknown-material",
        "material-repeated",
    }
    assert "1949123100" not in repr(found.faults)


def test_a_long_value_is_cut_in_a_message() -> None:
    (fault,) = checked(form=FORM | {"name": "长" * 900}).faults
    assert "长" * 60 + "…" in fault.message
    assert len(fault.message) < 200


@pytest.mark.parametrize(
    ("materials", "faults"),
    [
        (SUPPLIED[:2], [("material-missing", "materials.id-card")]),
        ((*SUPPLIED, SUPPLIED[0]), [("material-repeated", "materials.floor-plan")]),
        ((*SUPPLIED, supplied("passport", "paper")), [("unknown-material", "materials.passport")]),
        ((*SUPPLIED, supplied("sign-photo", "paper")), [("material-not-asked", "materials.sign-photo")]),
        ((*SUPPLIED[:2], supplied("id-card", "pigeon")), [("unknown-means", "materials.id-card")]),
        ((*SUPPLIED[:2], supplied("id-card", "archive")), [("material-missing", "materials.id-card")]),
        ((*SUPPLIED[:2], supplied("id-card", "promise")), [("promise-not-allowed", "materials.id-card")]),
        ((*SUPPLIED[:2], supplied("id-card", "later")), [("later-not-allowed", "materials.id-card")]),
    ],
)
def test_what_is_supplied(materials: tuple[SuppliedMaterial, ...], faults: list[tuple[str, str]]) -> None:
    assert told_faults(checked(materials=materials)) == faults


@pytest.mark.parametrize(
    ("held", "code"),
    [
        (licence(valid_to=TODAY - 1), "material-expired"),
        (licence(state="吊销"), "material-lapsed"),
        (licence(disputed=True), "material-disputed"),
        (licence(withdrawn=True), "material-missing"),
    ],
)
def test_a_material_that_the_archive_holds_to_no_use(held: Any, code: str) -> None:
    assert told_faults(checked(archive(registration(), held))) == [(code, "materials.licence")]
    brought = (*SUPPLIED, supplied("licence", "paper"))
    found = checked(archive(registration(), held), materials=brought)
    assert found.faults == ()
    assert found.materials[0] == supplied("licence", "paper")


def test_a_licence_is_valid_on_its_last_day() -> None:
    assert checked(archive(registration(), licence(valid_to=TODAY))).faults == ()


def test_whoever_broke_a_commitment_cannot_promise_again() -> None:
    (fault,) = checked(archive(registration(), licence(), breach())).faults
    assert (fault.code, fault.place) == ("promise-refused", "materials.fire-promise")
    assert "aa.commitment-breach" in fault.message
    repaired = archive(registration(), licence(), breach(state="repaired"))
    assert checked(repaired).faults == ()
    disputed = archive(registration(), licence(), breach(disputed=True))
    assert checked(disputed).faults == ()


def test_whoever_is_listed_for_serious_dishonesty_cannot_promise_but_may_supply_later() -> None:
    listed = archive(registration(), licence(), listing())
    (fault,) = checked(listed).faults
    assert (fault.code, fault.place) == ("promise-refused", "materials.fire-promise")
    assert "严重失信主体名单记录" in fault.message
    assert checked(archive(registration(), licence(), listing(state="repaired"))).faults == ()
    later = (supplied("floor-plan", "later"), *SUPPLIED[1:])
    assert [each.place for each in checked(listed, materials=later).faults] == ["materials.fire-promise"]


def test_a_record_in_dispute_does_not_hide_one_that_is_none() -> None:
    (fault,) = checked(archive(registration(), licence(), breach(disputed=True), listing())).faults
    assert "严重失信主体名单记录" in fault.message


def test_a_commitment_has_a_rule_of_its_own() -> None:
    later = (supplied("floor-plan", "later"), *SUPPLIED[1:])
    assert checked(materials=later).faults == ()
    punished = archive(registration(), licence(), penalty(state="repaired"))
    assert told_faults(checked(punished, materials=later)) == [("later-refused", "materials.floor-plan")]


def test_a_condition_that_is_not_fulfilled() -> None:
    punished = archive(registration(), licence(), penalty())
    assert told_faults(checked(punished)) == [("condition-not-fulfilled", "conditions.2.no-penalty")]


def test_a_condition_that_cannot_be_told_is_no_fault() -> None:
    behind = archive(registration(), licence(), complete=False)
    found = checked(behind)
    assert found.faults == ()
    assert [c.id for each in found.to_judge for c in each.conditions] == ["fit", "no-penalty"]


def test_a_second_application_while_one_runs() -> None:
    (fault,) = checked(open_case="01CASE").faults
    assert (fault.code, "01CASE" in fault.message) == ("duplicate-application", True)
    again = precheck(shop(repeatable=True), application(), FULL, NOW, "01CASE")
    assert again.faults == ()


def test_a_closed_archive() -> None:
    ended = Ending(since=1, by="mr.registration", state="注销", event_id="aa", disputed=False)
    closed = archive(registration(), licence(), closed=ended)
    assert told_faults(checked(closed)) == [("subject-closed", "subject")]
    assert precheck(shop(takes_closed=True), application(), closed, NOW).faults == ()
    assert checked(archive(registration(), licence(), closed=replace(ended, disputed=True))).faults == ()


def test_every_fault_is_named_at_once() -> None:
    found = checked(
        archive(penalty(), licence(valid_to=1), breach()),
        "01CASE",
        subject="person:" + "0" * 32,
        choices={"signboard": "?", "colour": "red"},
        form={"area": "x", "hue": 1},
        materials=(supplied("fire-promise", "promise"), supplied("passport", "paper")),
        delivery_means="e-licence",
    )
    assert {fault.code for fault in found.faults} == {
        "wrong-subject-kind",
        "duplicate-application",
        "unknown-choice",
        "unknown-question",
        "wrong-type",
        "unknown-field",
        "field-missing",
        "promise-refused",
        "unknown-material",
        "material-expired",
        "material-missing",
        "condition-not-fulfilled",
        "delivery-not-offered",
    }
    assert all(fault.message and fault.remedy and fault.place for fault in found.faults)


def test_a_subject_that_nobody_knows_is_asked_for_everything() -> None:
    known = {"name": "甲公司", "founded": "2020-01-01", "legal-person": "张三"}
    brought = (*SUPPLIED, supplied("licence", "upload"))
    found = checked(archive(complete=False), form=FORM | known, materials=brought)
    assert found.faults == ()
    assert found.counts.asked_though_shareable == 3
    assert found.form.recollection_rate == pytest.approx(3 / 7)
    assert COMPANY not in repr(found.values)
