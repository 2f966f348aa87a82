"""Notebooks are run cell by cell, as they are read, on a small lake; no notebook program is needed."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.lake.location import Location
from tests.analytics.delta_lake import put
from tests.analytics.rates.rows import drawn

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


def cells(notebook: Path, kind: str) -> list[str]:
    found = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(each["source"]) for each in found if each["cell_type"] == kind]


def run(source: str, names: dict[str, Any]) -> Any:
    """What a notebook shows below a cell: the value of its last line."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)  # noqa: S102  the project's own notebooks
    if last is None:
        return None
    assert isinstance(last, ast.Expr)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307  the same


@pytest.fixture
def hub(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    location = Location(str(data_dir / "lake"))
    for table, rows in drawn(7).items():
        put(location, table, *rows)
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    yield data_dir
    assert list((data_dir / "tmp" / "desk").iterdir()) == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda each: each.stem)
def test_every_cell_runs_and_shows_something(notebook: Path, hub: Path) -> None:
    names: dict[str, Any] = {}
    shown = [run(source, names) for source in cells(notebook, "code")]
    frames = [each for each in shown if isinstance(each, pl.DataFrame)]
    assert len(frames) >= 5
    assert all(frame.height for frame in frames)
    assert hub


def test_the_notebook_tells_the_rates_that_the_hub_tells(hub: Path) -> None:
    names: dict[str, Any] = {}
    shown = [run(source, names) for source in cells(ROOT / "docs" / "notebooks" / "lake.ipynb", "code")[:-1]]
    assert {each["id"] for each in names["overview"]["rates"]} == set(names["figures"].rule.definitions.versions)
    assert any(isinstance(each, list) and each for each in shown), "no event behind a figure was shown"
    names["desk"].session.close()
    assert hub


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda each: each.stem)
def test_notebooks_are_kept_without_what_they_once_showed(notebook: Path) -> None:
    found = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert not [each for each in found if each.get("outputs") or each.get("execution_count")]
    assert cells(notebook, "markdown")
