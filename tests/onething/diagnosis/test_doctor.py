import json
from pathlib import Path
from socket import create_server

import pytest
from typer.testing import CliRunner

from connectors.keyring import KeyRing
from onething import cli
from onething.diagnosis import Finding, Verdict, hub_findings, machine_findings
from onething.settings import ArchiveSettings, CaseSettings, GatewaySettings, KafkaSettings, Settings


def found(settings: Settings) -> dict[str, Finding]:
    return {finding.name: finding for finding in machine_findings(settings)}


def test_this_machine_is_fit(data_dir: Path) -> None:
    settings = Settings(data_dir=data_dir, gateway=GatewaySettings(port=0))
    verdicts = {name: finding.verdict for name, finding in found(settings).items() if name not in ("ports", "settings")}
    assert Verdict.FAIL not in verdicts.values()
    assert verdicts["keys"] is Verdict.SKIP


def test_every_failure_has_a_hint(data_dir: Path) -> None:
    settings = Settings(data_dir=data_dir, cases=CaseSettings(coordinators=2))
    findings = [*machine_findings(settings), *hub_findings(settings)]
    assert {each.name for each in findings if each.verdict is Verdict.FAIL} >= {"sqlite", "kafka"}
    assert all(each.hint for each in findings if each.verdict in (Verdict.FAIL, Verdict.WARN))


def test_a_key_ring_that_others_may_read_fails(data_dir: Path) -> None:
    KeyRing.open_or_create(data_dir / "keys")
    assert found(Settings(data_dir=data_dir))["keys"].verdict is Verdict.PASS
    next((data_dir / "keys").glob("*.json")).chmod(0o644)
    assert found(Settings(data_dir=data_dir))["keys"].verdict is Verdict.FAIL


def test_a_taken_port_is_named_with_its_owner(data_dir: Path) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        finding = found(Settings(data_dir=data_dir, gateway=GatewaySettings(port=port)))["ports"]
    assert finding.verdict is Verdict.FAIL
    assert str(port) in finding.detail


def test_a_variable_that_sets_nothing_is_pointed_out(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONETHING_GATEWAY__PROT", "1")
    finding = found(Settings(data_dir=data_dir))["settings"]
    assert finding.verdict is Verdict.WARN
    assert "ONETHING_GATEWAY__PROT" in finding.detail


@pytest.mark.broker
def test_a_replica_that_does_not_answer_is_a_finding(data_dir: Path, kafka: str) -> None:
    settings = Settings(
        data_dir=data_dir,
        kafka=KafkaSettings(bootstrap_servers=kafka),
        archive=ArchiveSettings(urls=["http://127.0.0.1:9"]),
    )
    hub = {finding.name: finding for finding in hub_findings(settings)}
    assert hub["kafka"].verdict is Verdict.PASS
    assert hub["archives"].verdict is Verdict.FAIL


def test_the_command_ends_with_1_when_something_fails(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    told = CliRunner().invoke(cli.app, ["doctor", "--json"])
    assert told.exit_code == 1
    verdicts = {each["name"]: each["verdict"] for each in json.loads(told.stdout)}
    assert verdicts["kafka"] == "FAIL"
    assert verdicts["topics"] == "SKIP"
    assert "→" in CliRunner().invoke(cli.app, ["doctor"]).stdout
