"""What docs/entries.md tells of commands and columns is so."""

import re
from pathlib import Path

from typer.main import get_command

from catalog.register.sheet_columns import NOT_KEPT, OURS
from onething.commands.catalog import app

PAGE = (Path(__file__).parents[2] / "docs" / "entries.md").read_text(encoding="utf-8")


def test_every_command_of_the_page_is_there_with_its_options() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    told = re.findall(r"^onething catalog (\S+)(.*)$", PAGE, re.MULTILINE)
    assert len(told) >= 10
    for name, rest in told:
        options = {option for parameter in commands[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= options


def test_the_columns_of_the_page_are_those_of_the_sheets() -> None:
    assert all(column in PAGE for column in (*OURS, *NOT_KEPT))
