"""What README and the operations page tell people to type, and where they send them, is there."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from onething import cli
from onething.environment import PREFIX, variable_names

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
COMMANDS = sorted(
    {found for text in TEXTS.values() for found in re.findall(r"(?:^|`)(onething [^\n`#]+)", text, re.MULTILINE)}
)
TARGETS = {line.split(":")[0] for line in (ROOT / "Makefile").read_text().splitlines() if re.match(r"[a-z]+:", line)}


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_told_can_be_typed(line: str) -> None:
    words = shlex.split(line)[1:]
    if not words or any(sign in words[0] for sign in "<…|"):
        return
    context: Any = typer.Context(typer.main.get_command(cli.app), info_name="onething")
    command = context.command
    while words and hasattr(command, "resolve_command"):
        if "|" in words[0]:
            for name in words[0].split("|"):
                assert command.resolve_command(context, [name])[1], f"{line}: {name}"
            return
        if words[0].startswith("-"):
            break
        _, command, words = command.resolve_command(context, words)
        context = typer.Context(command, parent=context)
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert not [word for word in words if word.startswith("--") and word not in known], line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", TEXTS[page])
    assert not [link for link in links if not (page.parent / link).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_setting_told_is_one(page: Path) -> None:
    told = set(re.findall(rf"{PREFIX}[A-Z_]+", TEXTS[page])) - {f"{PREFIX}CONFIG", PREFIX}
    assert told <= variable_names()


def test_every_make_target_told_is_there() -> None:
    told = {
        target
        for text in TEXTS.values()
        for target in re.findall(r"make ([a-z]+)\b", text)
        if f"`make {target}" in text
    }
    assert told <= TARGETS
