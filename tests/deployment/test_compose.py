import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest
import yaml

from onething.commands.run import Part
from onething.environment import PREFIX, variable_names
from onething.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
HUB = {name: service for name, service in SERVICES.items() if service["image"] == "onething-hub"}


def test_the_file_fits_the_compose_schema() -> None:
    # The package is found and not imported: only the schema that it brings along is wanted.
    package = find_spec("check_jsonschema")
    assert package
    assert package.submodule_search_locations
    schema = Path(package.submodule_search_locations[0]) / "builtin_schemas/vendor/compose-spec.json"
    jsonschema.validate(COMPOSE, json.loads(schema.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", HUB)
def test_every_variable_is_a_setting_and_its_value_fits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {key: value for key, value in HUB[name]["environment"].items() if key.startswith(PREFIX)}
    assert variables.keys() <= variable_names()
    for key, value in variables.items():
        monkeypatch.setenv(key, re.sub(r"\$\{[^}]*}", "filled", value))
    settings = Settings()
    assert settings.kafka.bootstrap_servers == "kafka:9092"


@pytest.mark.parametrize("name", HUB)
def test_every_process_runs_a_part_that_exists(name: str) -> None:
    run, part = HUB[name]["command"]
    assert run == "run"
    assert part in set(Part)


def test_the_dockerfile_sets_only_settings() -> None:
    told = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"ONETHING_\w+", told)) <= variable_names()


def test_every_folder_of_code_is_copied_into_the_image() -> None:
    told = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for folder in ("onething", "topics", "catalog", "connectors", "producers", "processors"):
        assert f"COPY {folder} {folder}\n" in told


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_that_stays_has_a_health_check(name: str) -> None:
    assert "healthcheck" in SERVICES[name] or name == "prepare"


def test_every_wait_names_a_service_that_is_there_and_healthy() -> None:
    for service in SERVICES.values():
        for name, wait in service.get("depends_on", {}).items():
            healthy = wait["condition"] == "service_healthy"
            assert ("healthcheck" in SERVICES[name]) is healthy


def test_every_port_is_published_on_the_loopback_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", ["registry", "archive", "coordinator", "follower", "catalog", "gateway"])
def test_health_is_asked_at_the_port_that_the_settings_give(name: str) -> None:
    section = Settings.model_fields["cases" if name == "coordinator" else name].default
    assert f":{section.port}/health/ready" in SERVICES[name]["healthcheck"]["test"][-1]


def test_every_volume_is_declared() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", ["archive", "coordinator", "follower", "gateway"])
def test_everything_that_seals_or_names_persons_shares_one_key_ring(name: str) -> None:
    """Each would make a ring of its own otherwise, and none could read what another has sealed."""
    assert "keys:/data/keys" in SERVICES[name]["volumes"]
