"""The page on rates names every definition by what officials call it, with each of its twins."""

from pathlib import Path

import pytest

from analytics.rates.definition import load_definitions

PAGE = (Path(__file__).parents[2] / "docs" / "rates.md").read_text(encoding="utf-8")
SHIPPED = load_definitions()


@pytest.mark.parametrize("rate", SHIPPED.versions)
def test_every_rate_has_its_line(rate: str) -> None:
    (line,) = (each for each in PAGE.splitlines() if each.startswith(f"| {rate} |"))
    cells = [each.strip() for each in line.split("|")]
    definition = SHIPPED.newest(rate)
    assert cells[2] == definition.name
    assert len(cells[4].split("；")) == len(definition.twin)
    assert all(any(part in twin.name for twin in definition.twin) for part in cells[4].split("；"))
