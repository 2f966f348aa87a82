"""The private broker of one data directory: a real Kafka of one node, on this machine alone."""

from connectors.broker.errors import (
    BrokerError,
    BrokerNotStarted,
    BrokerRunning,
    DataDirUnusable,
    DataOfAnotherCluster,
    DataOfNewerVersion,
    DiskFull,
    JarChecksumWrong,
    JarsUnavailable,
    JavaMissing,
    PortTaken,
)
from connectors.broker.lifecycle import start, status, stop
from connectors.broker.options import BrokerOptions, RunningBroker
from connectors.broker.stores import Store, clearable, kept, reset

__all__ = [
    "BrokerError",
    "BrokerNotStarted",
    "BrokerOptions",
    "BrokerRunning",
    "DataDirUnusable",
    "DataOfAnotherCluster",
    "DataOfNewerVersion",
    "DiskFull",
    "JarChecksumWrong",
    "JarsUnavailable",
    "JavaMissing",
    "PortTaken",
    "RunningBroker",
    "Store",
    "clearable",
    "kept",
    "reset",
    "start",
    "status",
    "stop",
]
