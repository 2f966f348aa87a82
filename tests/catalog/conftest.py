import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[3] / "shared" / "sources"
PRINTED = Path(__file__).parent / "sources"
"""The parts of the source documents that name bundles, as printed; held against the documents where those are."""


def source_text(name: str) -> str:
    path = SOURCES / name
    if not path.exists():
        pytest.skip(f"the source document {name} is not beside the project (looked in ../shared/sources)")
    return path.read_text(encoding="utf-8")


def printed(name: str) -> str:
    return (PRINTED / name).read_text(encoding="utf-8")


@dataclass(frozen=True)
class AnnexRow:
    """One item of a city bundle; ``cell`` is the unit's cell as printed, ``unit`` the same carried down from above."""

    annex: int
    number: int
    bundle: str
    item: str
    unit: str
    cell: str
    stage: str
    lead: str

    @property
    def units(self) -> tuple[str, ...]:
        """The responsible units, without the star of the lead and without 等 (and others)."""
        words = re.split(r"[、及\s]+", self.unit)
        return tuple(word.lstrip("★").removesuffix("等") for word in words if word)


def annex_rows(text: str) -> Iterator[AnnexRow]:
    annex = number = 0
    bundle = unit = stage = lead = ""
    for line in text.split("\n"):
        heading = re.fullmatch(r"附件\s*([123])", line.strip())
        if heading:
            annex, number, stage = int(heading[1]), 0, ""
        cells = [cell.strip() for cell in line.split("\t") if cell.strip()]
        if annex == 0 or "\t" not in line or "序号" in cells or cells[0].startswith("("):
            continue
        at = next((place for place, cell in enumerate(cells) if cell.isdigit()), None)
        if at is not None:
            unit = unit if int(cells[at]) == number else ""
            stage = "".join(cells[0].split()) if at else stage
            number, bundle = int(cells[at]), "".join(cells[at + 1].split())
            lead = cells[at + 2] if annex == 3 else ""
            cells = cells[at + (3 if annex == 3 else 2) :]
        cell = cells[1] if len(cells) > 1 else ""
        unit = cell or unit
        yield AnnexRow(annex, number, bundle, cells[0], unit, cell, stage, lead)


@pytest.fixture(scope="session")
def city_plan() -> str:
    return source_text("xian-2024-60.txt")


@pytest.fixture(scope="session")
def district_plan() -> str:
    return source_text("weiyang-2021-1.txt")


@pytest.fixture(scope="session")
def city_rows() -> list[AnnexRow]:
    return list(annex_rows(printed("xian-2024-60-annexes.txt")))
