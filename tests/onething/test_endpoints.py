import os
import subprocess
import sys
from pathlib import Path

import pytest

from onething import endpoints
from onething.settings import ArchiveSettings, KafkaSettings, RegistrySettings, Settings


def test_an_external_kafka_is_taken_without_a_broker(data_dir: Path) -> None:
    settings = Settings(data_dir=data_dir, kafka=KafkaSettings(bootstrap_servers="kafka.example:9092"))
    assert endpoints.kafka_options(settings).bootstrap_servers == "kafka.example:9092"


def test_without_any_kafka_the_remedy_is_named(data_dir: Path) -> None:
    with pytest.raises(endpoints.NotRunning) as raised:
        endpoints.kafka_options(Settings(data_dir=data_dir))
    assert "onething up" in raised.value.remedy


def test_a_part_is_found_where_it_announced_itself(data_dir: Path) -> None:
    settings = Settings(data_dir=data_dir)
    endpoints.announce(settings, "archive", 0, "http://127.0.0.1:1", os.getpid())
    endpoints.announce(settings, "archive", 10, "http://127.0.0.1:3")
    endpoints.announce(settings, "archive", 2, "http://127.0.0.1:2")
    assert endpoints.endpoint(settings, "archive", 2) == "http://127.0.0.1:2"
    assert endpoints.endpoints(settings, "archive") == [f"http://127.0.0.1:{n}" for n in (1, 2, 3)]
    endpoints.withdraw(settings, "archive", 2, os.getpid())
    with pytest.raises(endpoints.NotRunning):
        endpoints.endpoint(settings, "archive", 2)


def test_what_the_settings_name_comes_first(data_dir: Path) -> None:
    settings = Settings(
        data_dir=data_dir,
        archive=ArchiveSettings(urls=["http://replica.example"]),
        registry=RegistrySettings(url="http://registry.example"),
    )
    endpoints.announce(settings, "archive", 0, "http://127.0.0.1:1")
    assert endpoints.endpoint(settings, "archive") == "http://replica.example"
    assert endpoints.endpoint(settings, "registry") == "http://registry.example"
    assert endpoints.endpoints(settings, "archive") == ["http://replica.example", "http://127.0.0.1:1"]


def test_an_announcement_of_a_process_that_has_gone_counts_for_nothing(data_dir: Path) -> None:
    settings = Settings(data_dir=data_dir)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        endpoints.announce(settings, "gateway", 0, "http://127.0.0.1:1", child.pid)
        assert endpoints.endpoints(settings, "gateway") == ["http://127.0.0.1:1"]
        child.kill()
        child.wait()
        assert endpoints.endpoints(settings, "gateway") == []


def test_a_process_that_reuses_the_id_is_not_mistaken() -> None:
    assert endpoints.is_alive(os.getpid(), 0.0) is False


def test_a_torn_announcement_is_none(data_dir: Path) -> None:
    settings = Settings(data_dir=data_dir)
    (data_dir / "run").mkdir()
    (data_dir / "run" / "gateway-0.json").write_bytes(b'{"role": "gate')
    assert endpoints.announced(settings, "gateway", 0) is None
