from pathlib import Path

import pytest

from catalog.definitions import DefinitionFaultsError
from catalog.evaluations import load_evaluation_rule


def test_the_two_lowest_of_five_grades_are_bad() -> None:
    rule = load_evaluation_rule()
    assert [stars for stars in range(1, 6) if rule.is_bad(stars)] == [1, 2]
    assert [stars for stars in range(1, 6) if rule.is_good(stars)] == [4, 5]


def test_a_rule_that_contradicts_itself_is_refused_with_all_its_faults(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.toml"
    path.write_text("good_stars = 3\nbad_stars = 6\nrectification_days = 0\n", encoding="utf-8")
    with pytest.raises(DefinitionFaultsError) as raised:
        load_evaluation_rule(path)
    assert [str(fault) for fault in raised.value.faults] == [
        "evaluation.toml:2: bad_stars: is 6, outside 1 to 5",
        "evaluation.toml:1: good_stars: is 3, which is bad already: bad_stars is 6",
        "evaluation.toml:3: rectification_days: is 0, at least 1 is due",
    ]
