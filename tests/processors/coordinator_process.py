"""A coordinator as a process of its own, on published schema ids: what the broker tests start and kill.

Arguments: bootstrap servers, store URL, data directory, index, web port.
"""

import logging
import sys
from pathlib import Path

import structlog

from catalog.bundles import load_bundles
from connectors.kafka import KafkaOptions
from processors.coordinator import run_coordinator
from topics.codec import SchemaIds


def main(servers: str, store_url: str, data_dir: str, index: str, web_port: str) -> None:
    """Run until SIGTERM."""
    logging.basicConfig(level=logging.WARNING)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    run_coordinator(
        KafkaOptions(servers),
        store_url,
        load_bundles(),
        SchemaIds.published(),
        index=int(index),
        web_host="127.0.0.1",
        web_port=int(web_port),
        data_dir=Path(data_dir),
        announce=lambda url: print(url, flush=True),  # noqa: T201  the tests read it
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
