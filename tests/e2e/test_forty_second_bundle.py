"""docs/adding-a-bundle.md, done as it says: a 42nd bundle is files alone, checked, shown and handled to its end."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from catalog.definition_place import SHIPPED_FOLDER

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "adding-a-bundle.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(toml|console) ?([^\n]*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
BUNDLE = "guesthouse-opening"


class Told(NamedTuple):
    code: int
    lines: list[str]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The operator's folder, with what the page adds."""
    folder = tmp_path / "my-catalog"
    shutil.copytree(SHIPPED_FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for kind, note, text in BLOCKS:
        if kind == "toml":
            how, name = note.split()
            before = (folder / name).read_text(encoding="utf-8") if how == "append" else ""
            (folder / name).write_text(f"{before}\n{text}" if before else text, encoding="utf-8")
    return folder


def run(own: Path, *words: str) -> Told:
    """A command of the hub in a process of its own, as an operator types it."""
    ended = subprocess.run(
        [sys.executable, "-m", "onething", *words],
        cwd=ROOT,
        env={**os.environ, "ONETHING_CATALOG__FOLDER": str(own), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Told(ended.returncode, (ended.stdout + ended.stderr).splitlines())


def run_json(own: Path, *words: str) -> Any:
    told = run(own, *words, "-o", "json")
    assert told.code == 0, told.lines
    return json.loads("\n".join(told.lines))


def commands(note: str) -> list[tuple[list[str], list[str]]]:
    """(words, lines that the page shows) of every ``onething`` command in blocks of this note."""
    found = []
    for kind, each, text in BLOCKS:
        if (kind, each) == ("console", note):
            for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                line, *shown = command.splitlines()
                found.append((line.split(), shown))
    return [(words[1:], shown) for words, shown in found if words[0] == "onething"]


def test_no_python_is_added(own: Path) -> None:
    assert not list(own.rglob("*.py"))


def test_every_command_of_the_page_answers_as_it_says(own: Path) -> None:
    told = commands("")
    assert len(told) == 7
    for words, shown in told:
        answered = run(own, *words)
        assert answered.code == 0, (words, answered.lines)
        assert not shown or answered.lines == shown, words


def test_it_is_one_of_42_with_its_items_leads_and_route(own: Path) -> None:
    bundles = run_json(own, "bundle", "list")
    assert len(bundles) == 42
    assert bundles[-1]["id"] == BUNDLE
    assert len(bundles[-1]["items"]) == 5
    shown = "\n".join(run(own, "bundle", "show", BUNDLE).lines)
    assert "示例文件〔2026〕1号 第1项" in shown
    assert "来源未载明" in shown
    graph = run_json(own, "bundle", "graph", BUNDLE)
    assert {node["number"]: node["wave"] for node in graph["nodes"]} == {1: 1, 2: 2, 3: 2, 4: 2, 5: 3}
    assert next(node["routed_to"] for node in graph["nodes"] if node["number"] == 5) == ["industry-and-information"]


def test_its_guide_holds_what_its_items_say(own: Path) -> None:
    guide = "\n".join(run(own, "item", "guide", "--bundle", BUNDLE).lines)
    for word in ("民宿经营登记", "房屋合法使用证明", "客房数（间）", "是否向住客提供餐饮"):
        assert word in guide, word


def test_scripted_departments_end_its_cases_as_their_scripts_say(own: Path) -> None:
    told = run_json(own, "simulate", "cases", "--bundle", BUNDLE, "--count", "40", "--rehearse")
    assert told["account"]["cases"] == 40
    assert told["account"]["mismatches"] == []


def test_an_example_that_expects_something_else_is_told_of(own: Path) -> None:
    edit(own, 'end = "delivered"', 'end = "refused"')
    told = run(own, "bundle", "try", BUNDLE)
    assert told.code == 1
    assert any("应为 expected refused，实为 got delivered" in line for line in told.lines)


def test_a_faulty_one_is_refused_with_every_fault_file_and_line(own: Path) -> None:
    edit(own, 'leads = ["culture-and-tourism"]', 'leads = ["culture-tourism"]')
    edit(own, 'departments = ["culture-and-tourism"]\nkind = "handling"\nafter = [1]', SLOW)
    edit(own, 'material = "guesthouse-house-proof"\nkind = "later"', 'material = "house-proof"\nkind = "later"')
    ((words, shown),) = commands("faulty")
    told = run(own, *words)
    assert told.code == 1
    assert told.lines == shown


SLOW = 'departments = ["culture-and-tourism"]\nkind = "handling"\nafter = [5]'
"""The registration waits for the publication, which waits for it."""


def test_no_part_starts_with_a_faulty_one(own: Path) -> None:
    edit(own, 'item = "611022001000"', 'item = "611022009000"')
    told = run(own, "bundle", "list")
    assert told.code == 2
    assert any("guesthouse-opening.toml:24" in line and "611022009000" in line for line in told.lines), told.lines


def edit(own: Path, good: str, bad: str) -> None:
    """Plant a mistake in the bundle's file."""
    path = own / "bundles" / f"{BUNDLE}.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count(good) == 1, good
    path.write_text(text.replace(good, bad), encoding="utf-8")
