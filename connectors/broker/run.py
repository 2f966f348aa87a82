"""The record of a running broker, by which a later command finds its process."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from connectors.broker.identity import write_whole
from connectors.broker.options import RunningBroker
from connectors.broker.process import Started


@dataclass(frozen=True)
class Run:
    """The broker, its process and, when it has an owner, the process that watches the owner."""

    broker: RunningBroker
    process: Started
    watchdog: Started | None


def read_run(path: Path) -> Run | None:
    """What the last start wrote, whether or not it still runs; None when it was stopped."""
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    broker = told["broker"] | {
        "log_file": Path(told["broker"]["log_file"]),
        "data_dir": Path(told["broker"]["data_dir"]),
    }
    watchdog = Started(**told["watchdog"]) if told["watchdog"] else None
    return Run(RunningBroker(**broker), Started(**told["process"]), watchdog)


def write_run(path: Path, run: Run) -> None:
    """Keep what `stop` and `status` need."""
    write_whole(path, json.dumps(asdict(run), indent=2, default=str))
