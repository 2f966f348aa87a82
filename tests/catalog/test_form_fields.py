from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.conditions import condition_faults
from catalog.definitions import DefinitionFaultsError
from catalog.form_fields import contents_of, load_form_fields, load_materials
from catalog.resources import load_resources


def faults(load: Callable[[Path], object], folder: Path, text: str) -> list[str]:
    path = folder / "file.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionFaultsError) as raised:
        load(path)
    return [str(fault).removeprefix("file.toml:") for fault in raised.value.faults]


def test_what_sharing_supplies_is_a_field_of_the_resources_facts() -> None:
    resources = load_resources()
    filled = [field.fill for field in load_form_fields().values() if field.fill]
    assert filled
    for fill in filled:
        assert fill.content in contents_of(resources.by_code[fill.resource])
    registration = contents_of(resources.by_code["market-regulation.enterprise-registration"])
    assert {"name", "address", "state"} <= registration
    assert {"subject", "record_id", "event_id"}.isdisjoint(registration)


def test_a_field_is_required_and_not_personal_unless_said_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "fields.toml"
    path.write_text('[shop-name]\nname = "店名"\ntype = "text"\n', encoding="utf-8")
    field = load_form_fields(path)["shop-name"]
    assert (field.id, field.required, field.personal, field.choices, field.fill) == ("shop-name", True, False, (), None)


def test_every_fault_of_fields_is_named_at_once_with_its_line(tmp_path: Path) -> None:
    text = """
[Shop]
name = " "
type = "text"
choices = ["a"]
[kind]
name = "种类"
type = "choice"
[owner]
name = "所有人"
type = "text"
fill = { resource = "tax.nothing", content = "name" }
[address]
name = "住所"
type = "address"
fill = { resource = "market-regulation.enterprise-registration", content = "subject" }
"""
    assert faults(load_form_fields.__wrapped__, tmp_path, text) == [
        "2: Shop: the id is not lower-case words and hyphens",
        "3: Shop.name: is empty",
        "5: Shop.choices: a field has choices when, and only when, its type is choice",
        "6: kind.choices: a field has choices when, and only when, its type is choice",
        "12: owner.fill.resource: no resource 'tax.nothing'",
        "16: address.fill.content: no fact of market-regulation.enterprise-registration has a field 'subject'",
    ]


def test_every_fault_of_materials_is_named_at_once_with_its_line(tmp_path: Path) -> None:
    text = '["x y"]\nname = ""\nform = "document"\nsupplied_by = { resource = "tax.nothing" }\n'
    assert faults(load_materials.__wrapped__, tmp_path, text) == [
        "1: x y: the id is not lower-case words and hyphens",
        "2: x y.name: is empty",
        "4: x y.supplied_by.resource: no resource 'tax.nothing'",
    ]


@pytest.mark.parametrize(
    ("cel", "reads", "expected"),
    [
        ("size(records) > 0", ("tax.tax-registration",), []),
        ('form["shop-area"] > 100.0 && choices.signboard == "yes" && now > 0', (), []),
        ("records.exists(each, each.valid_at < now)", ("tax.tax-registration",), []),
        ("records.filter(r, r.withdrawn).map(r, r.event_id).size() == 0", ("tax.tax-registration",), []),
        ("size(records) > 0", (), ["looks at records, but reads names no resource"]),
        ("since > 1 && today < 2", (), ["names since, today; known are choices, form, now, records"]),
    ],
)
def test_a_condition_names_only_what_it_is_given(cel: str, reads: tuple[str, ...], expected: list[str]) -> None:
    assert list(condition_faults(cel, reads)) == expected


def test_what_is_no_cel_is_said_in_one_line() -> None:
    (fault,) = condition_faults("size(", ())
    assert fault.startswith("is no CEL: ")
    assert "\n" not in fault
