import json
import shutil
import unicodedata
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from catalog.bundles import BUNDLES_FOLDER
from catalog.routes import ROUTES_FILE
from onething.commands.bundle import app


def told(*words: str, columns: int = 100) -> Result:
    return CliRunner().invoke(app, list(words), env={"COLUMNS": str(columns)})


def columns_of(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def test_the_list_for_programs() -> None:
    bundles = json.loads(told("list", "-o", "json").stdout)
    assert len(bundles) == 41
    assert [each["annex"] for each in bundles] == [1] * 13 + [2] * 8 + [3] * 10 + [None] * 10
    assert sum(len(each["items"]) for each in bundles) == 236
    assert {"id", "source", "number", "name", "stage", "leads", "items"} <= bundles[0].keys()
    assert bundles == yaml.safe_load(told("list", "-o", "yaml").stdout)


@pytest.mark.parametrize("words", [("list",), ("show", "weiyang-newborn"), ("graph", "listing-compliance")])
def test_tables_fit_a_terminal_of_100_columns(words: tuple[str, ...]) -> None:
    table = [line for line in told(*words).stdout.splitlines() if line[:1] in "┏┃┡│└"]
    assert table
    assert {columns_of(line) for line in table} <= set(range(101))


def test_ids_are_not_broken_in_the_list() -> None:
    assert "weiyang-public-sector-retirement" in told("list").stdout
    assert "41 件事，236 个事项" in told("list").stdout


def test_a_definition_shows_notes_routes_and_differences() -> None:
    newborn = told("show", "weiyang-newborn").stdout
    assert "来源未载明" in newborn
    assert "市公安局未央分局" in newborn
    assert "事项：社会保障卡申领 → （无）" in newborn
    assert "暂由 市人社局 牵头" in told("show", "retirement").stdout
    assert "第5项说明" in told("show", "housing-fund-loan").stdout


def test_what_is_ours_is_said_to_be() -> None:
    newborn = told("show", "newborn").stdout
    assert "四减基线（自拟）" in newborn
    assert "示例（自拟）" in newborn
    assert "hospital-invoice" not in newborn


def test_an_order_as_a_drawing() -> None:
    drawn = told("graph", "oversize-transport", "-o", "dot").stdout
    assert drawn.startswith("digraph bundle {")
    assert json.loads(told("graph", "oversize-transport", "-o", "json").stdout)["nodes"][0]["wave"] == 1


@pytest.mark.parametrize("command", ["show", "graph"])
def test_an_unknown_bundle_is_told_with_its_like(command: str) -> None:
    result = told(command, "newbron")
    assert result.exit_code == 2
    assert "newborn" in result.stderr
    assert "Traceback" not in result.stderr


def test_definitions_without_fault_end_with_0() -> None:
    assert told("lint").exit_code == 0
    assert json.loads(told("lint", "-o", "json").stdout) == []


def test_every_fault_of_a_folder_is_told_and_ends_with_1(tmp_path: Path) -> None:
    shutil.copy(ROUTES_FILE, tmp_path)
    folder = Path(shutil.copytree(BUNDLES_FOLDER, tmp_path / "bundles"))
    for name in ("newborn", "retirement"):
        path = folder / f"{name}.toml"
        path.write_text(path.read_text(encoding="utf-8").replace("version = 1\n", "version = 0\n"), encoding="utf-8")
    result = told("lint", str(folder))
    assert result.exit_code == 1
    assert "newborn.toml:5: version: is 0, at least 1 is due" in result.stdout
    assert "retirement.toml:5: version" in result.stdout
    faults = json.loads(told("lint", str(folder), "-o", "json").stdout)
    assert [(fault["file"], fault["line"]) for fault in faults] == [("newborn.toml", 5), ("retirement.toml", 5)]


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    result = told("lint", str(tmp_path / "none"))
    assert result.exit_code == 1
    assert "no bundle is defined" in result.stdout
