from dataclasses import replace
from pathlib import Path

import pytest

from connectors import broker
from connectors.broker import BrokerOptions, BrokerRunning, clearable, kept, reset
from connectors.broker.stores import size_bytes

FILES = (
    "run/gateway.json",
    "archive-0/CURRENT",
    "archive-1/CURRENT",
    "lake/facts.parquet",
    "cases.db",
    "cases.db-wal",
    "broker/data/meta.properties",
    "broker/identity.json",
    "broker/log/server.log",
    "keys/ring.json",
    "onething.toml",
)


@pytest.fixture
def filled(data_dir: Path) -> BrokerOptions:
    for name in FILES:
        path = data_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return BrokerOptions(data_dir)


def left(options: BrokerOptions) -> set[str]:
    files = (path for path in options.data_dir.rglob("*") if path.is_file())
    return {str(path.relative_to(options.data_dir)) for path in files} - {"broker/lock"}


def names(paths: list[Path], options: BrokerOptions) -> list[str]:
    return [str(path.relative_to(options.data_dir)) for path in paths]


def test_reset_names_what_it_clears_and_leaves_keys_logs_and_settings(filled: BrokerOptions) -> None:
    announced = [store.path for store in clearable(filled)]
    cleared = reset(filled)
    assert cleared == announced
    assert names(cleared, filled) == [
        "run",
        "archive-0",
        "archive-1",
        "lake",
        "cases.db",
        "cases.db-wal",
        "broker/data",
        "broker/identity.json",
    ]
    assert left(filled) == {"keys/ring.json", "broker/log/server.log", "onething.toml"}
    assert names([store.path for store in kept(filled)], filled) == ["keys", "broker/log"]
    assert reset(filled) == []


def test_the_key_ring_goes_only_when_it_is_named(filled: BrokerOptions) -> None:
    assert names(reset(filled, keys=True), filled)[-1] == "keys"
    assert left(filled) == {"broker/log/server.log", "onething.toml"}


def test_a_link_is_removed_and_what_it_points_to_stays(filled: BrokerOptions, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("x")
    (filled.data_dir / "archive-2").symlink_to(elsewhere)
    assert filled.data_dir / "archive-2" in reset(filled)
    assert (elsewhere / "kept").exists()


def test_sizes_are_what_the_disk_holds(tmp_path: Path) -> None:
    sparse = tmp_path / "index"
    with sparse.open("wb") as file:
        file.truncate(10 << 20)
    assert size_bytes(tmp_path) < 1 << 20
    (tmp_path / "log").write_bytes(b"x" * (1 << 20))
    assert size_bytes(tmp_path) >= 1 << 20


@pytest.mark.broker
def test_a_running_broker_is_not_reset(options: BrokerOptions) -> None:
    running = broker.start(options)
    with pytest.raises(BrokerRunning, match=f"process {running.pid}") as error:
        reset(options)
    assert "broker stop" in error.value.remedy
    broker.stop(options)
    assert options.data_dir / "broker" / "data" in reset(options)
    assert broker.start(replace(options)).cluster_id != running.cluster_id
