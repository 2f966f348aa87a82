import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from onething.commands.simulate import app
from onething.simulated_cases import playing
from producers.simulation.cases.reckoning import Mismatch

SMALL = ("cases", "--rehearse", "--count", "2", "--run", "r", "--seed", "3")


@pytest.fixture(autouse=True)
def folder(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    return data_dir


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


def test_every_bundle_is_rehearsed() -> None:
    told = json.loads(run(*SMALL, "-o", "json"))
    assert told["account"]["cases"] == 82
    assert len(told["account"]["ends"]) == 41
    assert told["account"]["mismatches"] == []


def test_one_bundle_is_told_as_a_table() -> None:
    told = run(*SMALL, "--bundle", "restaurant-opening")
    assert "开办餐饮店" in told
    assert "办件 cases 2" in told
    assert "不符 mismatches: 0" in told


def test_a_mismatch_is_told_and_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = Mismatch("case-9", "newborn", "item 2", "approved", "open")
    monkeypatch.setattr(playing, "late_mismatches", lambda _: [planted])
    told = run(*SMALL, "--bundle", "newborn", code=1)
    assert "case-9: item 2: 应为 expected approved，实为 got open" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--bundle", "no-such-bundle"), "onething bundle list"),
        (("--profile", "PROFILE"), "never"),
    ],
)
def test_bad_wishes_are_refused(arguments: tuple[str, ...], said: str, folder: Path) -> None:
    profile = folder / "profile.toml"
    profile.write_text("[departments]\nnever = 2.0\n")
    given = [str(profile) if each == "PROFILE" else each for each in arguments]
    assert said in run(*SMALL, *given, code=2)


def test_without_a_hub_it_says_what_to_start() -> None:
    result = CliRunner().invoke(app, ["cases", "--count", "1", "--bundle", "newborn"])
    assert result.exit_code != 0
    assert "onething up" in str(getattr(result.exception, "remedy", result.output))


def test_a_city_still_needs_its_last_day() -> None:
    assert "--until" in run(code=2)
