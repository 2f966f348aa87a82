import json
import unicodedata
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from catalog.items import ITEMS_FOLDER, load_items
from onething.commands.item import app

GUIDES = Path(__file__).parents[2] / "catalog" / "guides"


def told(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "100"})


def columns_of(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def test_the_list_for_programs() -> None:
    items = json.loads(told("list", "-o", "json").stdout)
    assert [each["code"] for each in items] == list(load_items().by_code)
    assert items == yaml.safe_load(told("list", "-o", "yaml").stdout)
    (check,) = (each for each in items if each["name"] == "企业营业执照信息核验")
    assert len(check["bundles"]) == 4
    assert check["kind"] == {"code": "information-check", "name": "信息核查"}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("--bundle", "restaurant-opening"), 4),
        (("--bundle", "restaurant-opening", "--kind", "行政许可"), 2),
        (("--bundle", "restaurant-opening", "--kind", "licensing", "--organisation", "市消防救援支队"), 1),
        (("--organisation", "fire-rescue", "--kind", "licensing"), 1),
        (("--name", "食品经营许可", "--kind", "licensing"), 1),
    ],
)
def test_the_list_is_narrowed_by_code_or_by_name(words: tuple[str, ...], names: int) -> None:
    assert len(json.loads(told("list", *words, "-o", "json").stdout)) == names


def test_what_is_unstated_is_named() -> None:
    items = json.loads(told("list", "--unstated", "-o", "json").stdout)
    assert all(each["unstated"] for each in items)
    assert "未载明" in told("list", "--unstated", "--bundle", "newborn").stdout


@pytest.mark.parametrize("words", [("list",), ("show", "食品经营许可"), ("lint",)])
def test_tables_fit_a_terminal_of_100_columns(words: tuple[str, ...]) -> None:
    table = [line for line in told(*words).stdout.splitlines() if line[:1] in "┏┃┡│└"]
    assert table
    assert {columns_of(line) for line in table} <= set(range(101))


def test_an_item_is_shown_by_code_and_by_name() -> None:
    by_code, by_name = told("show", "610131002000", "-o", "json"), told("show", "食品经营许可", "-o", "json")
    assert by_code.stdout == by_name.stdout
    assert json.loads(by_code.stdout)["name"] == "食品经营许可"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("show", "食品经营许"), "食品经营许可"),
        (("guide", "61013100200"), "610131002000"),
        (("guide", "--bundle", "restaurant"), "restaurant-opening"),
        (("list", "--kind", "许可"), "行政许可"),
        (("list", "--organisation", "市场监管局"), "市市场监管局"),
    ],
)
def test_what_is_not_there_is_told_with_what_is_near(words: tuple[str, ...], hint: str) -> None:
    result = told(*words)
    assert result.exit_code == 2
    assert "错误" in result.stderr
    assert hint in result.stderr


def test_the_projects_register_has_hints_but_no_faults() -> None:
    assert told("lint").exit_code == 0
    assert json.loads(told("lint", "--faults", "-o", "json").stdout) == []


def test_a_register_that_does_not_hold_is_told_with_every_fault(tmp_path: Path) -> None:
    text = (GUIDES / "register.toml").read_text(encoding="utf-8")
    text = text.replace("version = 3", "version = 0").replace('"premises-proof"', '"premise"')
    (tmp_path / "market-regulation.toml").write_text(text, encoding="utf-8")
    result = told("lint", str(tmp_path), "-o", "json")
    assert result.exit_code == 1
    assert [(each["severity"], each["code"], each["place"]) for each in json.loads(result.stdout)] == [
        ("fault", "does-not-hold", "market-regulation.toml:5"),
        ("fault", "does-not-hold", "market-regulation.toml:22"),
    ]


def test_another_folder_is_held_against_the_projects_bundles(tmp_path: Path) -> None:
    (tmp_path / "joint.toml").write_text((ITEMS_FOLDER / "joint.toml").read_text(encoding="utf-8"), encoding="utf-8")
    result = told("lint", str(tmp_path), "--faults", "-o", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


@pytest.mark.parametrize("command", ["guide", "instruction"])
@pytest.mark.parametrize("of", [("610131002000",), ("--bundle", "restaurant-opening")])
def test_documents_in_four_forms(command: str, of: tuple[str, ...], tmp_path: Path) -> None:
    written = {form: told(command, *of, "-o", form).stdout for form in ("md", "html", "json", "yaml")}
    assert written["md"].startswith("# ")
    assert written["html"].startswith("<!DOCTYPE html>")
    assert json.loads(written["json"]) == yaml.safe_load(written["yaml"])
    to = tmp_path / "guide.html"
    assert told(command, *of, "-o", "html", "--to", str(to)).exit_code == 0
    assert to.read_text(encoding="utf-8") == written["html"]


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    result = told("guide", "610131002000", "--to", str(tmp_path / "no" / "guide.md"))
    assert result.exit_code == 2
    assert "无法写入" in result.stderr


@pytest.mark.parametrize("words", [("guide",), ("instruction", "610131002000", "--bundle", "newborn")])
def test_one_of_item_and_bundle_is_asked_for(words: tuple[str, ...]) -> None:
    assert told(*words).exit_code == 2
