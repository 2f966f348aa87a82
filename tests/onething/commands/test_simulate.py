import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from onething.commands.simulate import app
from onething.endpoints import kafka_options
from onething.preparation import prepare_log
from onething.settings import load_settings

SMALL = ("--enterprises", "40", "--persons", "40", "--seed", "5", "--until", "2026-11-22")


@pytest.fixture(autouse=True)
def folder(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    return data_dir


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.stdout


def test_without_publishing_the_drafts_and_the_account_are_written(folder: Path) -> None:
    out = folder / "drafts.jsonl"
    told = json.loads(run(*SMALL, "--no-publish", "--out", str(out), "-o", "json"))
    account = json.loads(Path(told["account"]).read_text())

    lines = out.read_bytes().splitlines()
    assert len(lines) == sum(told["publications"].values()) == sum(account["publications"].values())
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert json.loads(lines[0])["type"] == "EnterpriseRegistered"
    assert account["city"]["seed"] == 5
    assert told["account"] == str(folder / "simulation" / "account.json")


def test_the_table_names_what_lags(folder: Path) -> None:
    told = run(*SMALL, "--no-publish", "--account", str(folder / "here.json"))

    assert "science.administrative-penalty" in told
    assert (folder / "here.json").is_file()


def test_rates_are_parameters() -> None:
    none = ("--duplicates", "0", "--disordered", "0", "--late", "0", "--malformed", "0")
    told = json.loads(run(*SMALL, *none, "--no-publish", "-o", "json"))

    assert told["publications"].keys() == {"normal", "correction"}
    assert told["refusals"] == {}


@pytest.mark.broker
def test_a_city_is_published_as_planned(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONETHING_KAFKA__BOOTSTRAP_SERVERS", kafka)
    settings = load_settings()
    prepare_log(settings, kafka_options(settings))

    told = json.loads(run(*SMALL, "-o", "json"))
    account = json.loads(Path(told["account"]).read_text())

    assert told["surprises"] == []
    assert told["refused"] == account["publications"]["malformed"]
    assert told["accepted"] + told["refused"] == sum(account["publications"].values())
    assert not [subject for subject in account["subjects"] if subject.startswith("person#")]
    assert account["receipts"]["registration.market-regulation"]
