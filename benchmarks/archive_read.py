"""Archive reads over a replica's HTTP door, at rest and while facts stream in at full speed, in one run.

A read is answered once the log has the record of it, so every figure holds one acknowledged Kafka message.
"""

import argparse
import asyncio
import sys
import tempfile
import time

from benchmarks.apart import Running, apart
from benchmarks.figures import Figure, at_most, percentile, told
from benchmarks.hub import bench_hub, publish_spliced, stream_spliced
from benchmarks.replica import kept, read_ms, serve

TARGET_MS = 10.0


def main() -> None:
    """Print p50 and p99 at rest and under the stream, with the rate of the stream."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=200_000, help="facts in the archives that are read")
    arguments.add_argument("--seconds", type=float, default=15.0, help="how long each part reads")
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    with bench_hub() as hub, tempfile.TemporaryDirectory(prefix="onething-bench-") as folder:
        servers = hub.options.bootstrap_servers
        apart(publish_spliced, bootstrap_servers=servers, events=asked.events)
        replica = Running(serve, bootstrap_servers=servers, folder=folder, memory_mb=512)
        try:
            found = figures(servers, replica.line(), asked)
        finally:
            replica.stop()
    print(told("read", found, as_json=asked.json))


def figures(servers: str, url: str, asked: argparse.Namespace) -> list[Figure]:
    """Reads at rest, then under the stream."""
    _await_kept(url, asked.events)
    subjects = asked.events // 10
    where = {"url": url, "subjects": subjects, "seconds": asked.seconds}
    rest = apart(read_ms, **where).value
    stream = Running(stream_spliced, bootstrap_servers=servers, seconds=asked.seconds + 10)
    stream.line()
    busy = apart(read_ms, **where).value
    streamed = stream.result().value
    print(f"published {streamed:,.0f} facts/s, kept {busy['ingest_per_s']:,.0f}/s", file=sys.stderr)
    return [
        Figure("records an archive", 10, "records"),
        Figure("read at rest, p50", percentile(rest["ms"], 0.5), "ms"),
        Figure("read at rest, p99", percentile(rest["ms"], 0.99), "ms"),
        Figure("reads at rest, one at a time", len(rest["ms"]) / asked.seconds, "reads/s"),
        Figure("facts streaming in meanwhile, kept", busy["ingest_per_s"], "facts/s"),
        Figure("read while streaming, p50", percentile(busy["ms"], 0.5), "ms"),
        at_most("read while streaming, p99", percentile(busy["ms"], 0.99), "ms", TARGET_MS),
        Figure("p99 while streaming / at rest", percentile(busy["ms"], 0.99) / percentile(rest["ms"], 0.99)),
    ]


def _await_kept(url: str, events: int) -> None:
    deadline = time.monotonic() + 120
    while asyncio.run(kept(url)) < events:
        assert time.monotonic() < deadline, "the replica did not keep all facts in time"
        time.sleep(0.2)


if __name__ == "__main__":
    main()
