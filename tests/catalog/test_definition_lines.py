import tomllib
from pathlib import Path
from typing import Any

import pytest

from catalog.definition_lines import Steps, line_of, lines_of, located, steps_of
from catalog.definitions import Fault

CATALOG = Path(__file__).parents[2] / "catalog"

TEXT = '''# names
id = "x"  # [no.header]
[[item]]
code = "a"
conditions = [
  { id = "one", text = """
] } "quoted"
""" },
  { id = "two", reads = ["q",  # ]
    'r'] },
]
[item.elaborated]
fee_fen = 1
"with.dot" = 2
result = { name = "licence", resource = "m.l" }
[[item.units]]
days = 1
[[item.units]]
days = 2
[[item]]
code = ""
a.b = 1979-05-27T07:32:00
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("id", 2),
        ("item", 3),
        ("item[0].code", 4),
        ("item[0].conditions[0].text", 6),
        ("item[0].conditions[1]", 9),
        ("item[0].conditions[1].reads[1]", 10),
        ("item[0].elaborated", 12),
        ("item[0].elaborated.result.resource", 15),
        ("item[0].units[1].days", 19),
        ("item[1]", 20),
        ("item[1].a.b", 22),
        ("item[0].conditions[0].cel", 6),
        ("item[0].elaborated.fee_basis", 12),
        ("nowhere", None),
    ],
)
def test_a_place_has_a_line_and_a_missing_key_has_that_of_its_table(place: str, line: int | None) -> None:
    assert line_of(lines_of(TEXT), steps_of(place)) == line


def places(content: Any, above: Steps = ()) -> list[Steps]:
    members = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [place for step, inner in members for place in ((*above, step), *places(inner, (*above, step)))]


@pytest.mark.parametrize("path", sorted(CATALOG.rglob("*.toml")), ids=lambda path: path.stem)
def test_every_place_of_every_definition_file_has_a_line_that_says_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines, printed = lines_of(text), text.splitlines()
    for place in places(tomllib.loads(text)):
        assert place in lines, place
        if isinstance(place[-1], str):
            assert place[-1] in printed[lines[place] - 1], place


def test_faults_are_told_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "items.toml"
    path.write_text(TEXT, encoding="utf-8")
    faults = [Fault("items.toml", "item[1].code", "is empty"), Fault("items.toml", "item", "stands alone")]
    assert [str(fault) for fault in located(faults, path)] == [
        "items.toml:21: item[1].code: is empty",
        "items.toml:3: item: stands alone",
    ]


def test_a_file_that_is_no_toml_or_is_missing_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("[[", encoding="utf-8")
    for name in ("broken.toml", "missing.toml"):
        assert [str(fault) for fault in located([Fault(name, "text", "x")], tmp_path / name)] == [f"{name}: text: x"]
