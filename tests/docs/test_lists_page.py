"""What docs/lists.md tells is so: the kinds, the ways a field is found, and the figures of what ships."""

import re
from pathlib import Path
from typing import get_args

from catalog.bundles import load_bundles
from catalog.form_fields import load_form_fields, load_materials
from catalog.recollection.asked import asked_by_bundles
from catalog.recollection.comparison import ALIKE, MOST_SUPPLIERS, SAME_NAME, SYNONYM, How, compared
from catalog.recollection.figures import rates
from catalog.recollection.names import load_names
from catalog.register.changes import RESOURCE
from catalog.register.list_rows import KINDS, TITLES
from catalog.register.lists import MOST_BYTES
from catalog.register.seed import seed_commands

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "lists.md").read_text(encoding="utf-8")


def test_every_kind_of_list_is_told_with_its_title() -> None:
    assert [kind for kind in KINDS if f"| {kind} | {TITLES[kind]} |" not in PAGE] == []


def test_every_way_of_finding_is_told() -> None:
    assert re.findall(r"^\| ([a-z-]+) \| .* \| (?:certain|by name|a guess.*|–) \|$", PAGE, re.MULTILINE) == list(
        get_args(How)
    )
    assert (SAME_NAME, SYNONYM, ALIKE) == (90, 80, 70)


def test_limits_are_as_told() -> None:
    assert f"{MOST_BYTES:,}\nbytes" in PAGE
    assert MOST_SUPPLIERS == 5


def test_figures_of_what_ships_are_as_told() -> None:
    entries = [{**each.payload, "state": "published"} for each in seed_commands(0) if each.entity == RESOURCE]
    asked = asked_by_bundles(load_bundles().values(), load_form_fields(), load_materials())
    found = rates(compared(asked, entries, load_names()))
    told = re.findall(r"^\| ([a-z-]+) \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
    assert told == [(each.code, str(each.count), str(each.of)) for each in found]
