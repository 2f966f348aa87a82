"""Lint of the register: each rule is broken once by hand and must be found at its line."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.item_lint import Finding, lint_items
from catalog.item_uses import ItemUse
from catalog.items import load_items
from catalog.name_likeness import likeness, normalised
from catalog.service_guide import GuideBook, load_guide_book

REGISTER = """
[[item]]
code = "610131002000"
version = 1
name = "食品经营许可"
kind = "licensing"
organisations = ["market-regulation"]

[item.elaborated]
origin = "ours"
legal_basis = ["《中华人民共和国食品安全法》第三十五条"]
audience = ["enterprise"]
legal_days = 20
promised_days = 5
fee_fen = 0
result = { name = "食品经营许可证", resource = "market-regulation.food-licence" }
conditions = [{ id = "premises", text = "有经营场所" }]
materials = ["business-licence"]
working_steps = ["现场核查"]

[[item]]
code = "610131002001"
version = 1
name = "食品经营许可变更"
kind = "licensing"
organisations = ["market-regulation"]
variant_of = "610131002000"
"""
USES = {
    "610131002000": (ItemUse("restaurant-opening", "开办餐饮店", 2, "食品经营许可", ("market-regulation",)),),
    "610131002001": (ItemUse("enterprise-change", "企业信息变更", 3, "食品经营许可变更", ("market-regulation",)),),
}


def book(folder: Path, text: str = REGISTER) -> GuideBook:
    (folder / "market-regulation.toml").write_text(text, encoding="utf-8")
    return replace(load_guide_book(), items=load_items(folder), uses=USES)


def of_items(found: tuple[Finding, ...]) -> Iterator[Finding]:
    return (each for each in found if each.item)


def codes(folder: Path, *changes: tuple[str, str]) -> list[tuple[str, str, str]]:
    text = REGISTER
    for good, bad in changes:
        assert text.count(good) == 1, good
        text = text.replace(good, bad)
    found = of_items(lint_items(book(folder, text)))
    return [(each.severity, each.code, each.place.removeprefix("market-regulation.toml:")) for each in found]


def test_the_projects_own_register_has_no_fault() -> None:
    assert [each for each in lint_items(load_guide_book()) if each.severity == "fault"] == []


def test_a_register_in_order_shows_nothing(tmp_path: Path) -> None:
    assert codes(tmp_path) == []


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        ("promised_days = 5", "promised_days = 21", ("fault", "promise-beyond-law", "14")),
        ('origin = "ours"\n', "", ("fault", "origin-unmarked", "9")),
        ("fee_fen = 0", "fee_fen = 100", ("fault", "fee-without-basis", "15")),
        ('kind = "licensing"\norganisations = ["market-regulation"]\n\n', None, ("fault", "kind-in-code", "3")),
        ('code = "610131002001"', 'code = "610131003001"', ("fault", "main-in-code", "27")),
        ("legal_basis = ", "# ", ("hint", "licensing-without-basis", "9")),
        ("market-regulation.food-licence", "tax.tax-registration", ("hint", "result-of-another", "16")),
        ('name = "食品经营许可"', 'name = "食品经营的许可"', ("fault", "text-differs", "5")),
        ('name = "食品经营许可"', None, ("hint", "alias-unused", "6")),
        ('text = "有经营场所"', None, ("hint", "read-unused", "17")),
    ],
)
def test_each_rule_finds_its_fault_at_its_line(
    good: str, bad: str | None, expected: tuple[str, str, str], tmp_path: Path
) -> None:
    replaced = {
        "kind-in-code": 'kind = "benefit"\norganisations = ["market-regulation"]\n\n',
        "alias-unused": 'name = "食品经营许可"\naliases = ["餐饮许可"]',
        "read-unused": 'text = "x", cel = "true", reads = ["tax.tax-registration"]',
    }
    changes = [(good, replaced[expected[1]] if bad is None else bad)]
    assert expected in codes(tmp_path, *changes)


def test_a_check_that_nobody_answers_and_an_item_of_no_bundle(tmp_path: Path) -> None:
    more = """
[[item]]
code = "619031001000"
version = 1
name = "企业营业执照信息核验"
kind = "information-check"
organisations = ["market-regulation"]
"""
    assert codes(tmp_path, (REGISTER, REGISTER + more)) == [
        ("hint", "not-in-any-bundle", "29"),
        ("hint", "nobody-answers", "29"),
    ]


UNITS = """units = [
    { organisation = "health", promised_days = 7, materials = ["business-licence", "premises-proof"], legal_days = 15 },
    { organisation = "ecology", working_steps = ["现场核查"], audience = [], fee_fen = 500 },
    { organisation = "water", legal_days = 20 },
]
"""


def test_where_units_differ_from_the_register_is_shown_element_by_element(tmp_path: Path) -> None:
    text = REGISTER.replace('working_steps = ["现场核查"]\n', 'working_steps = ["现场核查"]\n' + UNITS)
    told = [(each.code, each.place, each.text) for each in lint_items(book(tmp_path, text)) if each.item]
    register = "market-regulation.toml"
    assert told == [
        ("unit-says-the-same", f"{register}:23", "市水务局的做法与事项库没有不同，应删去"),
        (
            "unit-differs",
            f"{register}:21",
            "申请材料不一致。事项库：营业执照；市卫生健康委：营业执照、经营场所使用证明",
        ),
        ("unit-differs", f"{register}:21", "法定办结时限不一致。事项库：20个工作日；市卫生健康委：15个工作日"),
        ("unit-differs", f"{register}:21", "承诺办结时限不一致。事项库：5个工作日；市卫生健康委：7个工作日"),
        ("unit-differs", f"{register}:22", "服务对象不一致。事项库：企业；市生态环境局：无"),
        ("unit-differs", f"{register}:22", "收费不一致。事项库：不收费；市生态环境局：5元"),
    ]


def test_a_unit_that_promises_more_than_the_law_is_a_fault(tmp_path: Path) -> None:
    text = 'working_steps = ["现场核查"]\nunits = [{ organisation = "health", promised_days = 30 }]\n'
    assert ("fault", "promise-beyond-law", "20") in codes(tmp_path, ('working_steps = ["现场核查"]\n', text))


def test_an_item_with_other_departments_in_a_bundle_is_shown(tmp_path: Path) -> None:
    uses = USES | {"610131002001": (replace(USES["610131002001"][0], departments=("health",)),)}
    (found,) = of_items(lint_items(replace(book(tmp_path), uses=uses)))
    assert (found.severity, found.code) == ("hint", "organisations-differ")
    assert found.text == "实施单位不一致。事项库：市市场监管局；企业信息变更第3项：市卫生健康委"


ANOTHER = """
[[item]]
code = "612031009000"
version = 1
name = "{}"
kind = "public-service"
organisations = ["market-regulation"]
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("食品 经营（许可）", [("fault", "same-name", "32")]),
        ("食品经营许可变更办", [("hint", "like-name", "32")]),
        ("药品经营许可", []),
    ],
)
def test_names_that_may_be_one_item_are_shown_but_not_those_of_one_main_item(
    name: str, expected: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    found = codes(tmp_path, (REGISTER, REGISTER + ANOTHER.format(name)))
    assert [each for each in found if each[1].endswith("-name")] == expected


def test_sub_items_of_one_main_item_may_be_called_alike(tmp_path: Path) -> None:
    names = (("食品经营许可变更", "食品经营许可变更（市内）"), ("食品经营许可", "食品经营许可变更（市）"))
    changes = [(f'name = "{name}"\n', f'name = "{other}"\n') for name, other in names]
    assert [each for each in codes(tmp_path, *changes) if each[1].endswith("-name")] == []


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("特殊车辆(超长、超高)审批", "特殊车辆（超长、超高） 审批"),
        ("“一件事”ＡＢ", "一件事ab"),
    ],
)
def test_names_are_compared_without_brackets_blanks_and_width(name: str, other: str) -> None:
    assert normalised(name) == normalised(other)


words = st.text(alphabet="食品经", max_size=6)


@given(words, words)
def test_likeness_goes_both_ways_and_is_one_for_the_same_name_only(name: str, other: str) -> None:
    degree = likeness(name, other, 0.5)
    assert degree == likeness(other, name, 0.5)
    assert (degree == 1) == (name == other)
    whole = likeness(name, other, 0.0)
    assert degree == (whole if whole >= 0.5 else 0)
