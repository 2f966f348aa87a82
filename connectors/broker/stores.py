"""What a data directory keeps, store by store, and clearing it."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from connectors.broker import process
from connectors.broker.errors import BrokerRunning
from connectors.broker.mutex import held
from connectors.broker.options import BrokerOptions, files_of
from connectors.broker.run import read_run

# In the order of clearing: what can be had again from the topics goes first, so that an interrupted reset leaves
# the facts; the identity goes last, because it tells whose data the rest is.
CLEARED = (
    ("run", "run files"),
    ("archive*", "archives assembled from the topics"),
    ("lake", "lake files exported from the topics"),
    ("analyst", "daily sums counted from the lake"),
    ("tmp", "what queries wrote down while they ran"),
    ("refusals", "where refused records are on the topics"),
    ("*.db", "SQL rows: cases, tasks, reports"),
    ("*.db-*", "SQLite's side files"),
    ("broker/data", "every fact on the log: all topics, offsets and transactions"),
    ("broker/identity.json", "cluster id and ports"),
)
KEY_RING = ("keys", "key ring: without it no personal field can be read again")
KEPT = (("console", "who acts at each browser, and the secret of its cookie"), ("broker/log", "broker logs"))


@dataclass(frozen=True)
class Store:
    """One file or folder of the data directory, and what it holds."""

    path: Path
    what: str


def clearable(options: BrokerOptions, *, keys: bool = False) -> tuple[Store, ...]:
    """The stores that `reset` would clear, in its order."""
    return _present(options, (*CLEARED, KEY_RING) if keys else CLEARED)


def kept(options: BrokerOptions, *, keys: bool = False) -> tuple[Store, ...]:
    """The stores that `reset` leaves."""
    return _present(options, KEPT if keys else (KEY_RING, *KEPT))


def reset(options: BrokerOptions, *, keys: bool = False) -> list[Path]:
    """Clear every store of the data directory and name each; the key ring only when `keys` says so.

    Raises BrokerRunning while the broker runs.
    """
    files = files_of(options)
    with held(files.mutex):
        run = read_run(files.run)
        if run and process.find(run.process):
            raise BrokerRunning(run.process.pid)
        return [_cleared(store.path) for store in clearable(options, keys=keys)]


def size_bytes(path: Path) -> int:
    """How much a store takes on the disk, sparse files at what they really take."""
    files = path.rglob("*") if path.is_dir() and not path.is_symlink() else (path,)
    return sum(file.lstat().st_blocks * 512 for file in files)


def _present(options: BrokerOptions, kinds: Iterable[tuple[str, str]]) -> tuple[Store, ...]:
    root = options.data_dir.absolute()
    return tuple(Store(path, what) for pattern, what in kinds for path in sorted(root.glob(pattern)))


def _cleared(path: Path) -> Path:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
    return path
