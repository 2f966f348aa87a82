import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from socket import create_server

import httpx2
import psutil
import pytest

from connectors import broker
from onething.doors import on_free_ports
from onething.endpoints import ROLES
from onething.environment import child_environment, variable_names, variables
from onething.settings import CaseSettings, GatewaySettings, KafkaSettings, RegistrySettings, Settings
from onething.supervisor import DoorTaken, HubRunning, PartNotStarted, planned, running_hub


def until(condition: Callable[[], bool], timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.02)


def private(data_dir: Path) -> Settings:
    return on_free_ports(Settings(data_dir=data_dir))


def external(data_dir: Path, kafka: str, **more: object) -> Settings:
    return on_free_ports(Settings(data_dir=data_dir, kafka=KafkaSettings(bootstrap_servers=kafka), **more))  # type: ignore[arg-type]


@pytest.mark.broker
def test_a_part_that_is_killed_is_started_again_and_nothing_is_left_behind(data_dir: Path) -> None:
    told: list[str] = []
    with running_hub(private(data_dir), ["registry"], told.append) as hub:
        kafka, registry = hub.places()
        assert kafka.pid
        assert registry.pid
        assert httpx2.get(f"{registry.url}/subjects").is_success
        os.kill(registry.pid, signal.SIGKILL)
        until(lambda: hub.parts[0].pid != registry.pid and hub.parts[0].is_ready())
        pids = [place.pid for place in hub.places()]
    assert any("ended (exit code -9)" in line for line in told)
    assert not [pid for pid in pids if pid and psutil.pid_exists(pid)]
    assert not list((data_dir / "run").glob("registry-*.json"))


@pytest.mark.broker
def test_a_broker_that_is_killed_is_started_again_where_it_was(data_dir: Path) -> None:
    with running_hub(private(data_dir), ["registry"]) as hub:
        first = hub.local
        assert first
        os.kill(first.pid, signal.SIGKILL)
        until(lambda: hub.local is not first)
        assert hub.local
        assert hub.local.bootstrap_servers == first.bootstrap_servers
        url = hub.places()[1].url
        until(lambda: httpx2.get(f"{url}/health/ready", timeout=10).is_success)


@pytest.mark.broker
def test_nothing_outlives_a_supervisor_that_was_killed(data_dir: Path) -> None:
    environment = child_environment(private(data_dir))
    script = (
        "import time\n"
        "from onething.settings import load_settings\n"
        "from onething.supervisor import running_hub\n"
        "with running_hub(load_settings(), ['registry']) as hub:\n"
        "    print([place.pid for place in hub.places()], flush=True)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout
        pids = json.loads(supervisor.stdout.readline())
        supervisor.kill()
    until(lambda: not any(map(psutil.pid_exists, pids)), 40)


@pytest.mark.broker
def test_one_supervisor_per_data_directory(data_dir: Path, kafka: str) -> None:
    settings = external(data_dir, kafka)
    with running_hub(settings, []), pytest.raises(HubRunning), running_hub(settings, []):
        pass


@pytest.mark.broker
def test_a_part_that_cannot_start_is_told_with_its_log(data_dir: Path, kafka: str) -> None:
    settings = external(data_dir, kafka, cases=CaseSettings(database_url="nodatabase://"))
    with pytest.raises(PartNotStarted) as raised, running_hub(settings, ["coordinator"]):
        pass
    assert "nodatabase" in str(raised.value)


def test_a_taken_port_is_named_with_its_setting(data_dir: Path) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = Settings(data_dir=data_dir, gateway=GatewaySettings(port=port))
        with pytest.raises(DoorTaken) as raised, running_hub(settings, ["gateway"]):
            pass
    assert str(port) in str(raised.value)
    assert "ONETHING_GATEWAY__PORT" in raised.value.remedy
    assert broker.status(settings.broker_options()) is None


def test_what_runs_elsewhere_is_not_started_here(data_dir: Path) -> None:
    settings = Settings(data_dir=data_dir, registry=RegistrySettings(url="http://registry.example"))
    assert [part.role for part in planned(settings)] == [role for role in ROLES if role != "registry"]


def test_a_part_has_exactly_the_settings_of_its_supervisor(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONETHING_LANG", "en")
    monkeypatch.setenv("ONETHING_KAFKA__SASL_PASSWORD", "secret")
    settings = on_free_ports(Settings(data_dir=data_dir)).model_copy(update={"lang": "zh"})
    environment = child_environment(settings)
    assert environment["ONETHING_LANG"] == "zh"
    assert environment["ONETHING_KAFKA__SASL_PASSWORD"] == "secret"
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Settings().model_dump() == settings.model_dump()
    assert variables(settings).keys() <= variable_names()
