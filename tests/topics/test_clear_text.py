"""Resident ID numbers are found wherever a reader would find them, and nothing else is taken for one."""

import pytest

from topics.clear_text import holds_resident_id

NUMBER = "11010519491231002X"


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        NUMBER.lower(),
        f"身份证{NUMBER}，请核实",
        "110105 19491231 002X",
        "110105-19491231-002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        f"7{NUMBER}",
    ],
)
def test_a_number_is_found(text: str) -> None:
    assert holds_resident_id(text)


@pytest.mark.parametrize("text", ["", "开办餐饮店", "110105194912310021", "91610100MA6U0J1K2L", "1772416800000000"])
def test_what_is_none_is_not(text: str) -> None:
    assert not holds_resident_id(text)
