import importlib
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from onething import __version__, cli
from onething.commands.catalog import MOUNTED
from onething.endpoints import NotRunning


def test_help_lists_the_commands_without_reading_them() -> None:
    """Help once took two seconds, because every command's imports came with it."""
    started = time.monotonic()
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "from onething.cli import main; main()", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert time.monotonic() - started < 5
    assert "broker" in told.stdout
    assert "confluent_kafka" not in told.stderr
    assert "pydantic" not in told.stderr


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_of_the_table_has_its_module_and_help(name: str) -> None:
    part = importlib.import_module(f"onething.commands.{name}")
    assert isinstance(part.app, typer.Typer)
    told = CliRunner().invoke(cli.app, [name, "--help"])
    assert told.exit_code == 0, told.output


def test_every_module_of_commands_is_in_the_table() -> None:
    folder = Path(cli.__file__).parent / "commands"
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    parts = {name for name in modules if name.partition("_")[0] in cli.COMMANDS}
    assert modules - parts <= NO_COMMANDS


NO_COMMANDS = {"refused", "service", *MOUNTED}
"""Parts of other commands that do not bear their name: of ``event``, of ``bundle`` and of ``catalog``."""


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(cli.app, ["--version"]).stdout == f"onething {__version__}\n"


def test_an_unknown_command_is_refused_with_the_nearest_name() -> None:
    told = CliRunner().invoke(cli.app, ["brokr"])
    assert told.exit_code == 2
    assert "broker" in told.stderr


def test_settings_that_do_not_fit_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONETHING_GATEWAY__PORT", "many")
    monkeypatch.setenv("ONETHING_ARCHIVE__REPLICAS", "0")
    told = CliRunner().invoke(cli.app, ["config", "show"])
    assert told.exit_code == 2
    assert "gateway.port" in told.stderr
    assert "archive.replicas" in told.stderr
    assert "Traceback" not in told.output


def test_config_show_names_the_origin_of_each_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "hub.toml"
    file.write_text('lang = "en"\n[kafka]\nsasl_password = "hidden"\n')
    monkeypatch.setenv("ONETHING_CONFIG", str(file))
    monkeypatch.setenv("ONETHING_GATEWAY__PORT", "9000")
    told = CliRunner().invoke(cli.app, ["config", "show"]).stdout
    lines = {line.split()[0]: line for line in told.splitlines()}
    assert lines["gateway.port"].split()[1:] == ["9000", "environment", "ONETHING_GATEWAY__PORT"]
    assert lines["lang"].split()[1:] == ["en", "file", str(file)]
    assert "hidden" not in told


def test_a_fault_with_a_remedy_is_told_and_a_bug_goes_through(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), cli.told():
        raise NotRunning("nothing runs", "run: onething up")
    assert "run: onething up" in capsys.readouterr().err
    with pytest.raises(ZeroDivisionError), cli.told():
        raise ZeroDivisionError
