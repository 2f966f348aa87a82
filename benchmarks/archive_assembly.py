"""Archive assembly against confluent-kafka's bare ``consume()`` over the same topics in the same run."""

import argparse
import json
import resource
import shutil
import sys
import time
from pathlib import Path

from confluent_kafka import TopicPartition

from benchmarks.hub import BenchHub, bench_hub, publish_facts
from connectors.kafka import admin, consumer
from processors.archive.service import ArchiveReplica
from topics.declarations import FACT_FAMILIES


def main() -> None:
    """Print the two rates and their ratio."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    with bench_hub() as hub:
        print(f"publishing {asked.events:,} facts …", file=sys.stderr)
        started = time.perf_counter()
        publish_facts(hub, asked.events)
        print(f"published in {time.perf_counter() - started:.1f} s", file=sys.stderr)
        rounds = [measure(hub, asked.events, number) for number in range(asked.rounds)]
    figures = sorted(rounds, key=lambda each: each["ratio"])[len(rounds) // 2]
    figures["events"] = asked.events
    figures["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(figures) if asked.json else table(figures))


def measure(hub: BenchHub, events: int, number: int) -> dict[str, float]:
    """One round: bare consume first, then the view into an empty store."""
    bare = events / bare_seconds(hub, events)
    kept = events / assembly_seconds(hub, events, hub.data_dir / f"archive-bench-{number}")
    print(f"round {number}: bare {bare:,.0f}/s, assembly {kept:,.0f}/s", file=sys.stderr)
    return {"bare_consume_per_s": bare, "assembly_per_s": kept, "ratio": kept / bare}


def bare_seconds(hub: BenchHub, events: int) -> float:
    """Seconds that ``consume()`` alone takes for all of it."""
    reader = consumer(hub.options, "bare", fetch_queue_backoff_ms=5, queued_min_messages=50_000, queued_max_messages_kbytes=65_536)
    topics = admin(hub.options).list_topics().topics
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


def assembly_seconds(hub: BenchHub, events: int, store_dir: Path) -> float:
    """Seconds until every fact is in the store, positions included."""
    replica = ArchiveReplica(
        hub.options, store_dir=store_dir, index=0, memory_mb=512, seal=lambda body, _: body, answers=False
    )
    started = time.perf_counter()
    while replica.view.facts_kept < events:
        replica.view.step()
    seconds = time.perf_counter() - started
    replica.store.close()
    shutil.rmtree(store_dir)
    return seconds


def table(figures: dict[str, float]) -> str:
    """The figures for people."""
    return "\n".join(f"{name:24} {value:>14,.3f}" for name, value in figures.items())


if __name__ == "__main__":
    main()
