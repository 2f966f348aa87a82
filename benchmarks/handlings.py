"""Cases handled from application to delivery by the real coordinator, on two cores that broker and load share with it.

企业信息变更: six items by six departments, three of them decided by two persons; ten messages in, about thirty out.
Beside it, in the same run: a bare relay, one consumer and one producer that move as many messages and do nothing else;
and the pure rule alone, which takes the same events in memory.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.apart import Running, apart
from benchmarks.figures import Figure, told
from benchmarks.handling_load import drive, relay_seconds, rule_seconds
from benchmarks.hub import bench_hub
from catalog.bundles import load_bundles
from catalog.registry import read_schema_ids
from connectors.kafka import KafkaOptions

CORES = 2
TARGET_PER_S = 300.0
RULED = 1_000
"""Cases that the rule alone is measured with."""

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print completions and messages a second, and what the coordinator's processor time is made of."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=6_000)
    arguments.add_argument("--at-once", type=int, default=1_000, help="cases that are open at the same time")
    arguments.add_argument("--cores", type=int, default=CORES, help="that everything here runs on")
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: asked.cores])
    with bench_hub() as hub, tempfile.TemporaryDirectory(prefix="onething-bench-") as folder:
        servers = hub.options.bootstrap_servers
        coordinator = Running(coordinate, bootstrap_servers=servers, folder=folder)
        try:
            found = figures(servers, int(coordinator.line()), asked)
        finally:
            coordinator.stop()
    print(told("handlings", found, as_json=asked.json))


def figures(servers: str, pid: int, asked: argparse.Namespace) -> list[Figure]:
    """One run of the coordinator, then the relay over what it left on the log."""
    apart(drive, bootstrap_servers=servers, cases=asked.at_once, at_once=asked.at_once)
    before = processor_s(pid)
    done = apart(drive, bootstrap_servers=servers, cases=asked.cases, at_once=asked.at_once).value
    worked = processor_s(pid) - before
    rate, messages = asked.cases / done["seconds"], done["messages_in"] + done["messages_out"]
    print(f"{rate:,.0f} cases/s, {messages / done['seconds']:,.0f} messages/s", file=sys.stderr)
    moved = {"messages_in": done["messages_in"], "messages_out": done["messages_out"]}
    ruled = RULED / apart(rule_seconds, cases=RULED).value
    relayed = apart(relay_seconds, bootstrap_servers=servers, **moved).value
    return [
        Figure("cases complete, 6 items each", rate, "cases/s", TARGET_PER_S),
        Figure("messages in a case", done["messages_in"] / asked.cases, "messages"),
        Figure("messages out a case", done["messages_out"] / asked.cases, "messages"),
        Figure("messages through the coordinator", messages / done["seconds"], "messages/s"),
        Figure("bare relay, as many messages in and out", messages / relayed, "messages/s"),
        Figure("coordinator / bare relay", relayed / done["seconds"]),
        Figure("the pure rule alone, in memory", ruled, "cases/s"),
        Figure("coordinator / the rule alone", rate / ruled),
        Figure("coordinator's processor time a case", worked / asked.cases * 1000, "ms"),
        Figure("coordinator's share of a core", worked / done["seconds"]),
    ]


def processor_s(pid: int) -> float:
    """Processor seconds that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def coordinate(bootstrap_servers: str, folder: str) -> None:
    """Run a coordinator on SQLite; its process id is printed once it works."""
    from processors.coordinator import run_coordinator  # noqa: PLC0415  only this process needs Faust

    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    run_coordinator(
        options,
        f"sqlite:///{folder}/cases.db",
        load_bundles(),
        read_schema_ids(options),
        index=0,
        web_host="127.0.0.1",
        web_port=0,
        data_dir=Path(folder),
        announce=lambda _url: print(os.getpid(), flush=True),
    )


if __name__ == "__main__":
    main()
