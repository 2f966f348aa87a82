"""Archive assembly against confluent-kafka's bare ``consume()`` and a Faust table, over the same topics in one run."""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from confluent_kafka import TopicPartition

from benchmarks.apart import apart
from benchmarks.figures import Figure, at_most, told
from benchmarks.hub import bench_hub, publish_spliced
from benchmarks.peers import faust_table
from connectors.kafka import KafkaOptions, admin, consumer
from processors.archive.service import ArchiveReplica, prepare_interpreter
from topics.declarations import FACT_FAMILIES

MEMORY_LIMIT_MB = 2048.0


def main() -> None:
    """Print the rates and their ratios."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--peer-seconds", type=float, default=15.0, help="how long the Faust peer folds; 0: not")
    arguments.add_argument("--memory-mb", type=int, default=512, help="archive.memory_mb of the replica")
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    print(told("archive", figures(asked), as_json=asked.json))


def figures(asked: argparse.Namespace) -> list[Figure]:
    """Bare consume and assembly in turn, ``rounds`` times; then the peer."""
    with bench_hub() as hub:
        servers = hub.options.bootstrap_servers
        published = apart(publish_spliced, bootstrap_servers=servers, events=asked.events).value
        _say(f"published {asked.events:,} facts in {published:.1f} s")
        rounds = [_round(servers, asked) for _ in range(asked.rounds)]
        peer = faust_rate(servers, asked.peer_seconds)
    bare, kept, memory = (median(each[place] for each in rounds) for place in range(3))
    ratio = median(each[1] / each[0] for each in rounds)
    found = [
        Figure("facts on the log", asked.events, "events"),
        Figure("bare consume()", bare, "events/s"),
        Figure("archive assembly", kept, "events/s", 80_000),
        Figure("assembly / bare consume()", ratio, "", 0.2),
        at_most("peak memory of the assembling process", memory, "MB", MEMORY_LIMIT_MB),
    ]
    if peer:
        found += [Figure("Faust table, same fold", peer, "events/s"), Figure("assembly / Faust", kept / peer, "", 20)]
    return found


def faust_rate(servers: str, seconds: float) -> float:
    """The peer's rate, 0 when it was not asked for."""
    if not seconds:
        return 0.0
    rate = float(apart(faust_table.fold_rate, bootstrap_servers=servers, seconds=seconds).value)
    _say(f"Faust table {rate:,.0f}/s")
    return rate


def _round(servers: str, asked: argparse.Namespace) -> tuple[float, float, float]:
    bare = apart(bare_seconds, bootstrap_servers=servers, events=asked.events)
    kept = apart(assembly_seconds, bootstrap_servers=servers, events=asked.events, memory_mb=asked.memory_mb)
    _say(f"bare {asked.events / bare.value:,.0f}/s, assembly {asked.events / kept.value:,.0f}/s")
    return asked.events / bare.value, asked.events / kept.value, kept.peak_memory_mb


def bare_seconds(bootstrap_servers: str, events: int) -> float:
    """Seconds that ``consume()`` alone takes for all of it."""
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    wide = {"queued_min_messages": 50_000, "queued_max_messages_kbytes": 65_536}
    reader = consumer(options, "bare", fetch_queue_backoff_ms=5, **wide)
    topics = admin(options).list_topics().topics
    where = [
        TopicPartition(name, partition, 0)
        for name in topics
        if name.split(".", 1)[0] in FACT_FAMILIES
        for partition in topics[name].partitions
    ]
    started = time.perf_counter()
    reader.assign(where)
    seen = 0
    while seen < events:
        seen += len(reader.consume(8_000, 0.02))
    seconds = time.perf_counter() - started
    reader.close()
    return seconds


def assembly_seconds(bootstrap_servers: str, events: int, memory_mb: int) -> float:
    """Seconds until every fact is in an empty store, positions included."""
    prepare_interpreter()
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    folder = Path(tempfile.mkdtemp(prefix="onething-bench-archive-"))
    try:
        replica = ArchiveReplica(
            options, store_dir=folder, index=0, memory_mb=memory_mb, seal=lambda body, _: body, answers=False
        )
        started = time.perf_counter()
        while replica.view.facts_kept < events:
            replica.view.step()
        seconds = time.perf_counter() - started
        replica.store.close()
    finally:
        shutil.rmtree(folder)
    return seconds


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
