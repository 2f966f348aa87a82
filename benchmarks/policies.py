"""A policy tried on the whole 企业库: columnar pre-filter, then full evaluation, beside bare iteration of the store."""

import argparse
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import median

from benchmarks.apart import apart
from benchmarks.figures import Figure, told
from benchmarks.hub import bench_hub
from catalog.policies import load_policies
from catalog.registry import read_schema_ids
from catalog.resources import load_resources
from connectors.kafka import KafkaOptions
from connectors.keyring import KeyRing
from processors.archive.reading import ArchiveReader
from processors.archive.service import ArchiveReplica, prepare_interpreter
from processors.archive.store import ArchiveStore
from processors.domain.policy import PolicyJudge
from processors.policies.trial import PolicyTrial, Trial
from producers.protection import LocalProtector
from producers.publisher import Publisher
from producers.sending import Sender
from producers.simulation.publication import publish_city
from producers.simulation.simulate import Simulation

FILTERED_POLICY = "catering-start-support"
EVALUATED_POLICY = "stabilisation-refund"
TARGET_PER_S = 3_000


def main() -> None:
    """Print both rates of a trial, and what bare iteration and reads one by one come to."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--enterprises", type=int, default=20_000)
    arguments.add_argument("--rounds", type=int, default=3, help="trials of each kind; the median is told")
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    with bench_hub() as hub:
        servers = hub.options.bootstrap_servers
        facts = int(apart(publish, bootstrap_servers=servers, enterprises=asked.enterprises).value)
        _say(f"published {facts:,} facts about {asked.enterprises:,} enterprises")
        found = apart(measured, bootstrap_servers=servers, facts=facts, rounds=asked.rounds).value
    print(told("policies", [Figure(*each) for each in found], as_json=asked.json))


def publish(bootstrap_servers: str, enterprises: int) -> int:
    """Publish a made-up city as its departments would, coverage included; returns how many messages the log took."""
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    ids, resources = read_schema_ids(options), load_resources()
    city = Simulation(enterprises, max(100, enterprises // 20), 1, datetime.now(UTC).date())
    with tempfile.TemporaryDirectory(prefix="onething-bench-") as folder, Sender(options) as sender:
        protector = LocalProtector(KeyRing.open_or_create(Path(folder) / "keys"))

        @cache
        def publisher_of(source: str) -> Publisher:
            return Publisher(options, source, protector, ids, resources, sender=sender)

        came = publish_city(city, publisher_of, protector)
    assert not came.surprises, came.surprises
    return came.accepted


def measured(bootstrap_servers: str, facts: int, rounds: int) -> list[tuple[str, float, str, float | None]]:
    """Figures over a store that one replica filled from the log."""
    prepare_interpreter()
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    folder = Path(tempfile.mkdtemp(prefix="onething-bench-policies-"))
    try:
        replica = ArchiveReplica(
            options, store_dir=folder, index=0, memory_mb=512, seal=lambda body, _: body, answers=False
        )
        while replica.view.facts_kept < facts or replica.view.step():
            replica.view.step()
        found = figures(replica, rounds)
        replica.store.close()
    finally:
        shutil.rmtree(folder)
    return found


def figures(replica: ArchiveReplica, rounds: int) -> list[tuple[str, float, str, float | None]]:
    """Iteration, pre-filter, full evaluation, and archives read one by one, in turn."""
    bare, filtered, evaluated, single = [], [], [], []
    for _ in range(rounds):
        bare.append(iterated_per_s(replica.store))
        filtered.append(tried(replica, FILTERED_POLICY))
        evaluated.append(tried(replica, EVALUATED_POLICY, prefilter=False))
        single.append(read_per_s(replica, EVALUATED_POLICY))
        _say(f"{_told(filtered[-1])}; {_told(evaluated[-1])}")
    # By the clock: columns are decoded by the threads of a pool, whose processor time is not this thread's.
    facts_per_s = median(each.facts_per_s for each in filtered)
    archives_per_s = median(each.candidates / each.evaluate_cpu_s for each in evaluated)
    selective, whole = filtered[0], evaluated[0]
    return [
        ("enterprises in the store", whole.subjects, "archives", None),
        ("facts about them", whole.facts, "facts", None),
        ("bare iteration of the store", median(bare), "facts/s", None),
        ("pre-filtered, by the clock", facts_per_s, "facts/s", None),
        ("pre-filter / bare iteration", facts_per_s / median(bare), "", None),
        (f"candidates of {FILTERED_POLICY}", selective.candidates, "archives", None),
        ("of which match", selective.outcomes.get("matched", 0), "archives", None),
        ("whole trial with the pre-filter", median(_wall_s(each) for each in filtered), "s", None),
        ("fully evaluated, a core", archives_per_s, "archives/s", TARGET_PER_S),
        ("fully evaluated, by the clock", median(each.archives_per_s for each in evaluated), "archives/s", None),
        ("read and evaluated one by one, a core", median(single), "archives/s", None),
        (f"archives that match {EVALUATED_POLICY}", whole.outcomes.get("matched", 0), "archives", None),
    ]


def iterated_per_s(store: ArchiveStore) -> float:
    """Facts a second when nothing is done but taking keys and values."""
    began, seen = time.perf_counter(), 0
    cursor, bounds = store.raw_facts(b"enterprise:", b"enterprise;")
    while cursor.valid():
        cursor.key()
        cursor.value()
        seen += 1
        cursor.next()
    del bounds
    return seen / (time.perf_counter() - began)


def tried(replica: ArchiveReplica, policy: str, *, prefilter: bool = True) -> Trial:
    """A whole trial."""
    run = PolicyTrial(
        load_policies()[policy],
        replica.store,
        replica.codec().ids,
        replica.view.coverage,
        time.time_ns() // 1000,
        prefilter=prefilter,
    )
    *_, last = run.run()
    return last


def read_per_s(replica: ArchiveReplica, policy: str, count: int = 3_000) -> float:
    """Archives a second when each is looked up by its subject, as on demand."""
    reader: ArchiveReader = replica.reader()
    resources = load_policies()[policy].resources
    judge = PolicyJudge(load_policies()[policy], replica.view.coverage, time.time_ns() // 1000)
    subjects = _subjects(replica.store, count)
    began = time.thread_time()
    for subject in subjects:
        judge.judge(subject, reader.archive(subject, resources=resources))
    return len(subjects) / (time.thread_time() - began)


def _subjects(store: ArchiveStore, count: int) -> list[str]:
    cursor, bounds = store.raw_facts(b"enterprise:", b"enterprise;")
    subjects: dict[bytes, None] = {}
    while cursor.valid() and len(subjects) < count:
        subjects[cursor.key().split(b"\x00", 1)[0]] = None
        cursor.next()
    del bounds
    return [each.decode() for each in subjects]


def _wall_s(trial: Trial) -> float:
    return trial.filter_s + trial.evaluate_s


def _told(trial: Trial) -> str:
    return (
        f"{trial.policy}: {trial.facts:,} facts at {trial.facts_per_s:,.0f}/s, "
        f"{trial.candidates:,} archives at {trial.archives_per_s:,.0f}/s, {trial.outcomes}"
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
