from pathlib import Path

import pytest

from catalog.definitions import DefinitionFaultsError
from catalog.register.folder import read_declarations
from catalog.register.seed import SHIPPED, seed_commands

TWO_KINDS = """
[[system]]
code = "qinwuyuan"
name = "秦务员"

[[resource]]
code = "tax.paid"
name = "完税信息"
provider = "tax"
data_items = [{ name = "税额", field = "amount_fen", type = "number", item_class = "trade-secret" }]
"""

FAULTY = """
[[system]]
code = "a"
name = 5

[[system]]
code = "b"
name = "乙"
nmae = "乙"

[[sistem]]
code = "c"

[[system]]
code = "d"
name = "丁"
"""


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_every_table_is_an_entity_with_all_its_fields(tmp_path: Path) -> None:
    system, resource = read_declarations(folder(tmp_path, register=TWO_KINDS))
    assert (system.entity, system.entity_id, system.content["owner"]) == ("system", "qinwuyuan", "unstated")
    assert (resource.entity, resource.entity_id) == ("resource", "tax.paid")
    assert resource.content["data_items"][0]["guessed"] is False
    assert "state" not in resource.content


def test_every_fault_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    again = '[[system]]\ncode = "d"\nname = "丁"\n'
    with pytest.raises(DefinitionFaultsError) as raised:
        read_declarations(folder(tmp_path, a=FAULTY, b=again, c="not = = toml"))
    assert [(fault.file, fault.place) for fault in raised.value.faults] == [
        ("a.toml", "system[0].name"),
        ("a.toml", "system[1].nmae"),
        ("a.toml", "sistem"),
        ("c.toml", "text"),
        ("a.toml", "system[2]"),
        ("b.toml", "system[0]"),
    ]


def test_an_empty_folder_is_a_fault(tmp_path: Path) -> None:
    """A misspelt folder would otherwise withdraw everything."""
    with pytest.raises(DefinitionFaultsError):
        read_declarations(tmp_path / "nowhere")


def test_what_ships_holds_together() -> None:
    systems = {each.entity_id for each in read_declarations(SHIPPED) if each.entity == "system"}
    assert {"xian-policy-link", "qinwuyuan", "shaanqitong", "internet-supervision", "i-xian"} <= systems


def test_what_ships_is_declared_once_each() -> None:
    commands = seed_commands(at=1)
    assert len({each.command_id for each in commands}) == len(commands)
    assert {each.entity for each in commands} == {"organisation", "system", "licence-type", "legal-basis", "resource"}


def test_data_items_are_those_of_the_records_with_the_names_of_the_forms() -> None:
    payload = next(
        each.payload for each in seed_commands(at=1) if each.entity_id == "market-regulation.enterprise-registration"
    )
    items = {item["field"]: item for item in payload["data_items"]}
    assert items["name"]["name"] == "企业名称"
    assert (items["legal_representative"]["item_class"], items["legal_representative"]["guessed"]) == (
        "personal",
        False,
    )
    assert (items["established_on"]["type"], items["established_on"]["guessed"]) == ("date", True)
    assert "event_id" not in items
