import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from connectors import broker
from connectors.broker import BrokerOptions
from onething.commands.broker import app

COMMAND = "from onething.commands.broker import app; app()"


@pytest.fixture(autouse=True)
def options(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BrokerOptions]:
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    monkeypatch.setenv("ONETHING_BROKER__HEAP_MB", "256")
    yield BrokerOptions(data_dir)
    broker.stop(BrokerOptions(data_dir))


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.stdout


@pytest.mark.broker
def test_the_broker_outlives_the_command_that_started_it_and_is_stopped_by_another() -> None:
    started = subprocess.run(
        [sys.executable, "-c", COMMAND, "start", "-o", "json", "--owner-pid", str(os.getpid())],
        capture_output=True,
        check=True,
        timeout=60,
    )
    told = json.loads(started.stdout)
    assert psutil.pid_exists(told["pid"])
    assert json.loads(run("status", "-o", "json")) == told
    assert told["bootstrap_servers"] in run("status")

    refused = CliRunner().invoke(app, ["reset", "--yes"])
    assert refused.exit_code == 2
    assert "onething broker stop" in refused.stderr

    assert run("stop") == "stopped\n"
    assert not psutil.pid_exists(told["pid"])


def test_without_a_broker_status_says_so_and_stop_has_nothing_to_do() -> None:
    assert run("status", code=1) == "not running\n"
    assert json.loads(run("status", "-o", "json", code=1)) == {"running": False}
    assert run("stop") == "was not running\n"
    assert json.loads(run("stop", "-o", "json")) == {"stopped": False}


def test_a_fault_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONETHING_BROKER__JAVA", "/nowhere/java")
    result = CliRunner().invoke(app, ["start"])
    assert result.exit_code == 2
    assert "error: no usable Java" in result.stderr
    assert "Install a Java runtime" in result.stderr
    assert result.stdout == ""


def test_reset_names_every_store_and_clears_nothing_unless_somebody_agrees(data_dir: Path) -> None:
    (data_dir / "cases.db").write_text("x")
    (data_dir / "keys").mkdir()
    told = run("reset", code=1)
    assert "to clear:" in told
    assert str(data_dir / "cases.db") in told
    assert "kept:" in told
    assert str(data_dir / "keys") in told
    assert (data_dir / "cases.db").exists()

    told = json.loads(run("reset", "--yes", "-o", "json"))
    assert told == {"cleared": [str(data_dir / "cases.db")], "kept": [str(data_dir / "keys")]}
    assert not (data_dir / "cases.db").exists()

    assert json.loads(run("reset", "--yes", "--keys", "-o", "json"))["cleared"] == [str(data_dir / "keys")]
