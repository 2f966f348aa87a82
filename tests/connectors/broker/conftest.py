"""Brokers of a test's own, whose options are cheap and which never outlive the test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.broker import BrokerOptions, stop


@pytest.fixture
def options(data_dir: Path) -> Iterator[BrokerOptions]:
    """A broker of this test alone, stopped at its end; the jar cache is the user's."""
    options = BrokerOptions(data_dir, heap_mb=256, owner_pid=os.getpid())
    yield options
    stop(options)
