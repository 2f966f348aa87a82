"""What tests of every folder share: a data directory, and one real broker for the whole session."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
import structlog

from connectors import broker

BROKER_HEAP_MB = 512


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command sets up the logs of its process; the next test must not write to a stream that has gone."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty data directory."""
    path = tmp_path / "data"
    path.mkdir()
    return path


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap servers of the session's broker, which all xdist workers share."""
    worker = "PYTEST_XDIST_WORKER" in os.environ
    root = tmp_path_factory.getbasetemp()
    options = _session_broker(root.parent if worker else root, os.getppid() if worker else os.getpid())
    try:
        running = broker.start(options)
    except broker.BrokerError as error:
        _not_started(f"{error} {error.remedy}")
    yield running.bootstrap_servers
    if not worker:
        broker.stop(options)


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap servers of a broker that one test module has to itself, for tests that count whole topics."""
    mirror = os.environ.get("ONETHING_BROKER__JAR_MIRROR")
    options = broker.BrokerOptions(tmp_path_factory.mktemp("own-broker"), jar_mirror=mirror, owner_pid=os.getpid())
    try:
        running = broker.start(options)
    except broker.BrokerError as error:
        _not_started(f"{error} {error.remedy}")
    yield running.bootstrap_servers
    broker.stop(options)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the broker that the workers shared, once all of them have finished; a worker has none at this place."""
    factory = getattr(session.config, "_tmp_path_factory", None)
    if factory is not None and session.config.getoption("numprocesses", None):
        broker.stop(_session_broker(factory.getbasetemp(), os.getpid()))


def _session_broker(root: Path, owner_pid: int) -> broker.BrokerOptions:
    mirror = os.environ.get("ONETHING_BROKER__JAR_MIRROR")
    return broker.BrokerOptions(root / "session-broker", heap_mb=BROKER_HEAP_MB, jar_mirror=mirror, owner_pid=owner_pid)


def _not_started(why: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)
