"""The page on demands says what holds: its application is complete, its codes and settings are all there are."""

import re
from pathlib import Path

import msgspec

from catalog.demands import check, refusals
from catalog.demands.model import Application
from onething.commands.demand import application_of
from onething.settings import ArchiveSettings

PAGE = (Path(__file__).parents[2] / "docs" / "demands.md").read_text(encoding="utf-8")


def test_the_application_of_the_page_is_complete(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "demand.toml"
    file.write_text(text, encoding="utf-8")
    asked = msgspec.convert(application_of(file), Application)
    assert refusals.missing(asked) == ()


def test_every_reason_for_a_refusal_is_named() -> None:
    codes = {value.code for value in vars(check).values() if isinstance(value, check.Refused)}
    assert {code for code in codes if f"`{code}`" not in PAGE} == set()


def test_the_settings_have_the_defaults_that_the_page_tells() -> None:
    told = dict(re.findall(r"\| `archive\.(\w+)` \| (\w+) \|", PAGE))
    defaults = {name: str(ArchiveSettings.model_fields[name].default).lower() for name in told}
    assert told == defaults
    assert len(told) == 2
