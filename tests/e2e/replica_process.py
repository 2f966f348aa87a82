"""One archive replica as a process: bootstrap servers, store, index and key directory are its arguments."""

import sys
from pathlib import Path

from connectors.kafka import KafkaOptions
from connectors.keyring import KeyRing
from processors.archive.service import run_archive

if __name__ == "__main__":
    bootstrap_servers, store_dir, index, keys_dir = sys.argv[1:]
    run_archive(
        KafkaOptions(bootstrap_servers),
        store_dir=Path(store_dir),
        index=int(index),
        host="127.0.0.1",
        port=0,
        memory_mb=64,
        seal=KeyRing.open(Path(keys_dir)).seal,
        announce=lambda url: print(url, flush=True),  # noqa: T201  how the test learns the port
    )
