from pathlib import Path

import msgspec
import pytest

from producers.simulation.cases.profile import CaseProfile, load_case_profile


def test_the_profile_states_a_share_for_everything() -> None:
    profile = load_case_profile()
    ways = profile.departments.ways()
    assert min(ways.values()) > 0
    assert sum(ways.values()) == pytest.approx(1)
    assert ways["approve"] == max(ways.values())


def test_without_a_word_everybody_does_what_is_usual() -> None:
    assert {way for way, share in CaseProfile().departments.ways().items() if share} == {"approve"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[departments]\nslow = 1.5", "slow"),
        ("[departments]\nrefuse = 0.7\nnever = 0.7", "more than 1 together"),
        ("[departments]\nbribe = 0.1", "bribe"),
        ("[applicants]\nsilent = -0.1", "silent"),
    ],
)
def test_a_share_that_cannot_be_meant_is_refused_by_name(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(text)
    with pytest.raises(msgspec.ValidationError, match=reason):
        load_case_profile(path)
