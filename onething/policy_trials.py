"""A policy tried on the store of a replica that does not run, by this process."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from catalog.policies import Policy
from catalog.registry import read_schema_ids
from onething.endpoints import kafka_options
from onething.settings import Settings
from processors.archive.coverage import Coverage
from processors.archive.store import ArchiveStore
from processors.policies.door import trial_line
from processors.policies.trial import PolicyTrial


class StoreNotReadable(Exception):  # noqa: N818  the name is the fact
    """The store cannot be opened: it is none, or the process that owns it runs."""

    remedy = "the process that owns a store answers from it: leave --store out, or stop that replica first"


def store_trials(settings: Settings, policy: Policy, path: Path, *, prefilter: bool) -> Iterator[dict[str, Any]]:
    """The trial as it stands, again and again, the complete one last.

    Raises:
        StoreNotReadable: there is no store under the path, or another process owns it.
        NotRunning: no Kafka is there to read the schemas from.
    """
    ids = read_schema_ids(kafka_options(settings))
    with closing(_opened(path)) as store:
        coverage = {name.removeprefix("coverage/"): value for name, value in store.meta("coverage/")}

        def coverage_of(resource: str) -> Coverage:
            value = coverage.get(resource)
            return Coverage(resource=resource) if value is None else msgspec.msgpack.decode(value, type=Coverage)

        trial = PolicyTrial(policy, store, ids, coverage_of, time.time_ns() // 1000, prefilter=prefilter)
        for each in trial.run():
            yield msgspec.json.decode(trial_line(each))["trial"]


def _opened(path: Path) -> ArchiveStore:
    if not (path / "rocksdb").is_dir():
        raise StoreNotReadable(f"{path} 不是档案库 / holds no archive store")
    try:
        return ArchiveStore(path)
    except Exception as fault:
        raise StoreNotReadable(f"档案库 {path} 打不开 / cannot be opened: {fault}") from fault
