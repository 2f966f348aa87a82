"""From a fact on the log to the live figure that it changes, beside the raw round trip; and what counting costs."""

import argparse
import shutil
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import httpx2
from confluent_kafka import TopicPartition

from benchmarks.apart import Running, apart
from benchmarks.drafts import uscc
from benchmarks.figures import Figure, at_most, percentile, told
from benchmarks.hub import NOW_US, BenchHub, bench_hub, publish_spliced
from connectors.kafka import KafkaOptions, consumer, producer
from processors.archive.service import ArchiveReplica, prepare_interpreter
from topics.codec import RowCodec
from topics.events import LicenceIssued

LOOK_S = 0.01
WAIT_S = 30.0
FIRST = 70_000_000
"""Where the facts that are waited for begin: far from those of the other benchmarks."""


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--events", type=int, default=300, help="facts that are followed to their figure, one by one"
    )
    arguments.add_argument("--facts", type=int, default=300_000, help="facts of an assembly with and without counts")
    arguments.add_argument("--rounds", type=int, default=5, help="assemblies of each kind; the median is told; 0: none")
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    print(told("live", figures(asked), as_json=asked.json))


def figures(asked: argparse.Namespace) -> list[Figure]:
    """Latency first, on an empty log; then the cost of counting."""
    with bench_hub() as hub:
        found = latency(hub, asked.events)
        if asked.rounds:
            found += cost(hub, asked.facts, asked.rounds)
    return found


def latency(hub: BenchHub, events: int) -> list[Figure]:
    """Each fact is published alone and waited for at ``GET /v1/live``, and so is a raw message for its echo."""
    servers = hub.options.bootstrap_servers
    replica = Running(serve_replica, bootstrap_servers=servers, folder=str(hub.data_dir / "archive-0"))
    live = Running(serve_live, bootstrap_servers=servers, folder=str(hub.data_dir))
    try:
        replica.line()
        url = live.line()
        raw, changed = followed(hub, url, events)
    finally:
        live.stop()
        replica.stop()
    return [
        Figure("raw Kafka round trip p50", percentile(raw, 0.5) * 1000, "ms"),
        Figure("raw Kafka round trip p99", percentile(raw, 0.99) * 1000, "ms"),
        Figure("fact to live figure p50", percentile(changed, 0.5) * 1000, "ms"),
        at_most("fact to live figure p99", percentile(changed, 0.99) * 1000, "ms", 3000),
    ]


def followed(hub: BenchHub, url: str, events: int) -> tuple[list[float], list[float]]:
    """Seconds of each raw round trip, and of each fact until the figure shows it, in turn."""
    raw, changed = [], []
    echo, facts = Echo(hub.options), Facts(hub)
    with httpx2.Client(base_url=url, trust_env=False, timeout=WAIT_S) as client:
        _shown(client, facts)
        for _ in range(events):
            raw.append(echo.round_trip_s())
            changed.append(_shown(client, facts))
    facts.close()
    echo.close()
    return raw, changed


def _shown(client: httpx2.Client, facts: "Facts") -> float:
    before = _kept(client)
    started = time.perf_counter()
    facts.publish()
    while _kept(client) == before:
        if time.perf_counter() - started > WAIT_S:
            raise RuntimeError(f"no figure changed within {WAIT_S:.0f} s")
        time.sleep(LOOK_S)
    return time.perf_counter() - started


def _kept(client: httpx2.Client) -> int:
    totals: list[dict[str, Any]] = client.get("/v1/live").json()["totals"]
    return int(next(each["month"] for each in totals if each["figure"] == "facts-kept"))


class Facts:
    """Licences of the production schema, one at a time."""

    def __init__(self, hub: BenchHub) -> None:
        self._producer = producer(hub.options, linger_ms=0)
        self._codec = RowCodec(hub.ids)
        self._numbers = count(FIRST)

    def publish(self) -> None:
        """Hand the next one over."""
        number = next(self._numbers)
        fact = LicenceIssued(
            event_id=number.to_bytes(16, "big"),
            source="market-regulation",
            resource="market-regulation.food-licence",
            subject=f"enterprise:{uscc(number)}",
            record_type="food-licence",
            record_id=f"r{number}",
            version=1,
            valid_at=NOW_US,
            licence_type="食品经营许可证",
            licence_name="食品经营许可证",
            licence_number=f"JY{number}",
            state="有效",
            territory="610100",
            issuer_name="西安市市场监督管理局",
            issued_on=20_000,
        )
        self._producer.produce("licence.market-regulation", self._codec.encode(fact), key=fact.subject.encode())
        self._producer.poll(0)

    def close(self) -> None:
        """Wait for what is on its way."""
        self._producer.flush()


class Echo:
    """One message at a time to a topic and back, with the settings that low latency wants."""

    def __init__(self, options: KafkaOptions) -> None:
        self._producer = producer(options, linger_ms=0)
        self._consumer = consumer(options, "echo", fetch_wait_max_ms=100, fetch_queue_backoff_ms=2)
        _, end = self._consumer.get_watermark_offsets(TopicPartition("hotline", 0), timeout=WAIT_S)
        self._consumer.assign([TopicPartition("hotline", 0, end)])

    def round_trip_s(self) -> float:
        """Seconds from handing a message over until it is read."""
        started = time.perf_counter()
        self._producer.produce("hotline", b"echo")
        self._producer.poll(0)
        while (message := self._consumer.poll(WAIT_S)) is None or message.error() is not None:
            pass
        return time.perf_counter() - started

    def close(self) -> None:
        """Disconnect."""
        self._producer.flush()
        self._consumer.close()


def serve_replica(bootstrap_servers: str, folder: str) -> None:
    """Run an archive replica until it is asked to end; prints its URL once it answers."""
    from processors.archive.service import run_archive  # noqa: PLC0415  only this process needs it

    run_archive(
        KafkaOptions(bootstrap_servers=bootstrap_servers),
        store_dir=Path(folder),
        index=0,
        host="127.0.0.1",
        port=0,
        memory_mb=128,
        seal=lambda body, _: body,
        announce=lambda url: print(url, flush=True),
    )


def serve_live(bootstrap_servers: str, folder: str) -> None:
    """Run the live process until it is asked to end; prints its URL once it answers."""
    from catalog.registry import read_schema_ids  # noqa: PLC0415  only this process needs Faust
    from onething.live import live_standing  # noqa: PLC0415
    from processors.live.service import LivePlace, run_live  # noqa: PLC0415
    from topics.codec import RowCodec  # noqa: PLC0415

    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    place = LivePlace("127.0.0.1", 0, Path(folder))
    codec = RowCodec(read_schema_ids(options))
    run_live(options, codec, live_standing(), place, lambda url: print(url, flush=True))


def cost(hub: BenchHub, facts: int, rounds: int) -> list[Figure]:
    """The same log assembled with counts told and without, in turn, and what counting took of the processor's time."""
    servers = hub.options.bootstrap_servers
    apart(publish_spliced, bootstrap_servers=servers, events=facts)
    found: dict[bool, list[dict[str, float]]] = {True: [], False: []}
    for number in range(rounds):
        for counts in (True, False) if number % 2 else (False, True):
            found[counts].append(apart(assembled, bootstrap_servers=servers, events=facts, counts=counts).value)
        _say(f"round {number + 1} of {rounds}")
    rate = {counts: median(each["rate"] for each in told) for counts, told in found.items()}
    share = median(each["counting_s"] / each["processor_s"] for each in found[True])
    return [
        Figure("assembly without counts", rate[False], "events/s"),
        Figure("assembly with counts told", rate[True], "events/s"),
        Figure("with / without", rate[True] / rate[False], ""),
        at_most("counting and telling, of the processor's time", share * 100, "%", 2),
    ]


def assembled(bootstrap_servers: str, events: int, counts: bool) -> dict[str, float]:
    """Events a second until every fact is in an empty store, the processor's seconds, and those of counting."""
    prepare_interpreter()
    folder = Path(tempfile.mkdtemp(prefix="onething-bench-live-"))
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    try:
        replica = ArchiveReplica(
            # Only the first replica counts facts; another one does the same work without.
            options,
            store_dir=folder,
            index=0 if counts else 1,
            memory_mb=512,
            seal=lambda body, _: body,
            answers=False,
        )
        watch = Stopwatch(replica) if counts else None
        started, worked = time.perf_counter(), time.process_time()
        while replica.view.facts_kept < events:
            replica.view.step()
        seconds, processor_s = time.perf_counter() - started, time.process_time() - worked
        counting_s = watch.ended_s() if watch else 0.0
        replica.store.close()
    finally:
        shutil.rmtree(folder)
    return {"rate": events / seconds, "processor_s": processor_s, "counting_s": counting_s}


class Stopwatch:
    """The processor's seconds that a replica spends on counting facts and on telling of them."""

    def __init__(self, replica: ArchiveReplica) -> None:
        self._replica = replica
        counts = replica.view.counts
        assert counts is not None
        self._kept, self._counting_s = counts.kept, 0.0
        counts.kept = self._timed  # type: ignore[assignment,method-assign]  # it is watched from here on
        replica.teller.start()

    def ended_s(self) -> float:
        """Stop telling; what both took."""
        telling_s = time.clock_gettime(time.pthread_getcpuclockid(self._replica.teller.thread_id))
        self._replica.teller.close()
        return self._counting_s + telling_s

    def _timed(self, *given: Any) -> None:
        started = time.thread_time()
        self._kept(*given)
        self._counting_s += time.thread_time() - started


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
