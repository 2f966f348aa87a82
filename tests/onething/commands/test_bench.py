import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from onething.cli import app
from onething.commands import bench


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would have been run, and nothing runs."""
    ran: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        ran.append(command[1:])
        return subprocess.CompletedProcess(command, returncode=1 if "benchmarks.publish" in command else 0)

    monkeypatch.setattr(subprocess, "run", run)
    return ran


def test_all_runs_every_module_and_tells_which_did_not_end_well(commands: list[list[str]]) -> None:
    result = CliRunner().invoke(app, ["bench"])
    assert [command[1] for command in commands] == list(bench.MODULES.values())
    assert result.exit_code == 1
    assert "did not run to its end: publish" in result.output


def test_options_go_to_the_benchmarks_that_have_them(commands: list[list[str]]) -> None:
    assert CliRunner().invoke(app, ["bench", "archive", "--events", "5000", "--rounds", "1", "--json"]).exit_code == 0
    assert commands == [["-m", "benchmarks.archive_assembly", "--json", "--events", "5000", "--rounds", "1"]]


def test_every_module_is_there() -> None:
    for module in bench.MODULES.values():
        assert (bench.ROOT / module.replace(".", "/")).with_suffix(".py").is_file()


def test_without_a_checkout_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    result = CliRunner().invoke(app, ["bench", "archive"])
    assert result.exit_code == 2
    assert "make bench" in result.output
