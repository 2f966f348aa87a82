"""What forms ask: each field once a bundle, and departments' forms from a file."""

from pathlib import Path

import pytest

from catalog.bundles import load_bundles
from catalog.form_fields import load_form_fields, load_materials
from catalog.recollection.asked import Asked, UnreadableForms, asked_by_bundles, read_forms


def forms(tmp_path: Path, text: str) -> tuple[Asked, ...]:
    file = tmp_path / "forms.csv"
    file.write_text(text, encoding="utf-8")
    return read_forms(file)


def test_a_bundle_asks_each_field_and_material_once() -> None:
    asked = asked_by_bundles(load_bundles().values(), load_form_fields(), load_materials())
    keys = [(each.form, each.kind, each.id) for each in asked]
    assert len(keys) == len(set(keys))
    filled = {each.id: (each.resource, each.content) for each in asked if each.form == "restaurant-opening"}
    assert filled["enterprise-name"] == ("market-regulation.enterprise-registration", "name")


def test_a_field_without_a_name_goes_by_its_other_one(tmp_path: Path) -> None:
    (first, second) = forms(tmp_path, "table,table_zh,field,field_zh,type\nt,,a,,\nt,表,,名称甲,\n")
    assert (first.name, first.form_name) == ("a", "t")
    assert (second.id, second.name, second.form_name) == ("名称甲", "名称甲", "表")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("table,field\nt,a\n", "table_zh, field_zh"),
        ("table,table_zh,field,field_zh\nt,表,a,甲\n,表,a,甲\nt,表,,\nt\n", "3、4、5"),
        ("", "table"),
    ],
)
def test_every_fault_of_a_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UnreadableForms, match=said):
        forms(tmp_path, text)
