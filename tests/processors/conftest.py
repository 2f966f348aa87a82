from collections.abc import Iterator

import pytest

from connectors.kafka import KafkaOptions
from tests.postgresql_server import database, postgresql
from tests.processors.coordinating import Log, own_broker, watched_log

__all__ = ["database", "postgresql"]


@pytest.fixture(scope="module")
def case_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaOptions]:
    """A broker of this module's own, with the case topics."""
    with own_broker(tmp_path_factory.mktemp("case-cluster")) as options:
        yield options


@pytest.fixture
def log(case_cluster: KafkaOptions) -> Iterator[Log]:
    """What is on its topics."""
    with watched_log(case_cluster) as log:
        yield log
