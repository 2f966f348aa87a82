from pathlib import Path

import pytest

from catalog.definitions import DefinitionFaultsError
from catalog.items import ItemRegister, load_items

GOOD = """
[[item]]
code = "610131002000"
version = 1
name = "食品经营许可"
kind = "licensing"
organisations = ["market-regulation"]

[item.elaborated]
origin = "ours"
legal_days = 20
promised_days = 5
fee_fen = 0
result = { name = "食品经营许可证", resource = "market-regulation.food-licence" }
conditions = [
    { id = "adult", text = "在册", cel = "size(records) > 0 && choices.since == 1", reads = ["health.vaccination"] },
    { id = "judged", text = "由人判断" },
]
fields = ["enterprise-name"]
materials = []
units = [{ organisation = "health", promised_days = 7 }]

[[item]]
code = "610131002001"
version = 2
name = "食品经营许可（变更）"
kind = "licensing"
organisations = ["market-regulation"]
variant_of = "610131002000"
aliases = ["食品经营许可变更"]

[[item]]
code = "610121001000"
version = 1
name = "企业营业执照信息核验"
kind = "information-check"
organisations = ["market-regulation"]

[item.check]
passes = "clear"
answerers = [{ department = "market-regulation", reads = [
    { resource = "market-regulation.administrative-penalty", rule = "penalty-in-force", coverage_max_age_days = 7 },
] }]
"""


def register(folder: Path, **files: str) -> ItemRegister:
    for stem, text in files.items():
        (folder / f"{stem.replace('_', '-')}.toml").write_text(text, encoding="utf-8")
    return load_items(folder)


def faults(folder: Path, **files: str) -> list[str]:
    with pytest.raises(DefinitionFaultsError) as raised:
        register(folder, **files)
    return [str(fault) for fault in raised.value.faults]


def test_items_are_read_by_code_and_in_the_order_of_their_codes(tmp_path: Path) -> None:
    items = register(tmp_path, market_regulation=GOOD)
    assert [item.code for item in items] == ["610121001000", "610131002000", "610131002001"] == list(items.by_code)
    assert [item.name for item in items.variants_of("610131002000")] == ["食品经营许可（变更）"]
    assert items.by_code["610131002001"].names == ("食品经营许可（变更）", "食品经营许可变更")


def test_what_is_not_said_is_unstated_and_an_empty_list_says_none(tmp_path: Path) -> None:
    items = register(tmp_path, market_regulation=GOOD).by_code
    assert items["610131002001"].elaborated is None
    said = items["610131002000"].elaborated
    assert said is not None
    assert (said.materials, said.audience) == ((), ())
    assert "materials" in said.stated
    assert {"audience", "legal_basis", "fee_basis", "handled_and_reviewed"}.isdisjoint(said.stated)
    assert (said.fee_fen, said.fee_basis) == (0, None)


def test_the_faults_of_all_files_are_named_at_once_with_file_and_line(tmp_path: Path) -> None:
    bad = GOOD
    for good, wrong in (
        ('code = "610121001000"\nversion = 1', 'code = "61012100100"\nversion = 0'),
        ('name = "企业营业执照信息核验"', 'name = " 企业营业执照信息核验"'),
        ('kind = "licensing"\norganisations = ["market-regulation"]\n\n', 'kind = "licensing"\norganisations = []\n'),
        ('aliases = ["食品经营许可变更"]', 'aliases = ["食品经营许可（变更）"]'),
        ('variant_of = "610131002000"', 'variant_of = "610131002999"'),
        ("legal_days = 20", "legal_days = -1"),
        ("market-regulation.food-licence", "market-regulation.food"),
        ('id = "adult"', 'id = "Adult"'),
        ("choices.since", "since"),
        ('fields = ["enterprise-name"]', 'fields = ["enterprise-nickname"]'),
        ("materials = []", 'materials = ["business-licence", "business-licence"]'),
        ('organisation = "health", promised', 'organisation = "hospital", promised'),
        ('rule = "penalty-in-force", coverage_max_age_days = 7', 'rule = "penalty", coverage_max_age_days = 0'),
    ):
        assert bad.count(good) == 1, good
        bad = bad.replace(good, wrong)
    other = '[[item]]\ncode = "610131002000"\nversion = 1\nname = "x"\nkind = "permit"\n'
    found = faults(tmp_path, market_regulation=bad, health=other)
    assert found[0].startswith("health.toml:5: item[0].kind: Input should be 'licensing', 'confirmation', 'benefit', ")
    assert [fault.removeprefix("market-regulation.toml:") for fault in found[1:]] == [
        "7: item[0].organisations: is [], which does not belong into market-regulation.toml",
        "10: item[0].elaborated.legal_days: is -1, less than nothing",
        "13: item[0].elaborated.result.resource: no resource 'market-regulation.food'",
        "18: item[0].elaborated.fields[0]: no form field 'enterprise-nickname'",
        "19: item[0].elaborated.materials: 'business-licence' stands more than once",
        "15: item[0].elaborated.conditions[0].id: 'Adult' is not lower-case words and hyphens",
        "15: item[0].elaborated.conditions[0].cel: names since; known are choices, form, now, records",
        "20: item[0].elaborated.units[0].organisation: no organisation 'hospital'",
        "29: item[1].aliases: '食品经营许可（变更）' stands more than once",
        "28: item[1].variant_of: no item '610131002999'",
        "32: item[2].code: '61012100100' has not the form of a basic code: 12 digits, the last may be Y",
        "33: item[2].version: is 0, at least 1 is due",
        "34: item[2].name: ' 企业营业执照信息核验' is empty, or has blanks around it or a line break in it",
        "41: item[2].check.answerers[0].reads[0]: no rule 'penalty'",
        (
            "41: item[2].check.answerers[0].reads[0]: coverage_max_age_days is 0, "
            "but market-regulation.administrative-penalty is brought up to date every 1 days"
        ),
    ]


def test_a_code_stands_once_in_the_whole_register(tmp_path: Path) -> None:
    line = '[[item]]\ncode = "610131002000"\nversion = 1\nname = "x"\nkind = "unstated"\norganisations = ["health"]\n'
    assert faults(tmp_path, health=line, market_regulation=line.replace("health", "market-regulation")) == [
        "market-regulation.toml:2: item[0].code: '610131002000' stands in health.toml already"
    ]


def test_joint_and_unstated_items_have_files_of_their_own(tmp_path: Path) -> None:
    line = '[[item]]\ncode = "61013100200{}"\nversion = 1\nname = "x"\nkind = "unstated"\norganisations = {}\n'
    wrong = {"joint": line.format(1, '["health"]'), "unstated": line.format(2, '["health"]')}
    assert faults(tmp_path, **wrong) == [
        "joint.toml:6: item[0].organisations: is ['health'], which does not belong into joint.toml",
        "unstated.toml:6: item[0].organisations: is ['health'], which does not belong into unstated.toml",
    ]
    right = {"joint": line.format(1, '["health", "ecology"]'), "unstated": line.format(2, "[]")}
    assert len(register(tmp_path, **right)) == 2


def test_only_an_information_check_is_answered_and_a_variants_main_item_is_no_variant(tmp_path: Path) -> None:
    bad = GOOD.replace('kind = "information-check"', 'kind = "confirmation"\nvariant_of = "610131002001"')
    assert faults(tmp_path, market_regulation=bad) == [
        "market-regulation.toml:40: item[2].check: the kind is confirmation, only an information-check is answered",
        "market-regulation.toml:37: item[2].variant_of: '610131002001' is no main item",
    ]


def test_a_condition_over_records_names_what_it_reads(tmp_path: Path) -> None:
    bad = GOOD.replace(', reads = ["health.vaccination"]', "").replace('"由人判断"', '"x", cel = "a b"')
    found = faults(tmp_path, market_regulation=bad)
    assert found[0].endswith("conditions[0].cel: looks at records, but reads names no resource")
    assert "conditions[1].cel: is no CEL" in found[1]


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(DefinitionFaultsError, match="no item is defined"):
        load_items(tmp_path)
