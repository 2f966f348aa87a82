"""A 17-check verification answered from archives: over HTTP, and straight on the log, on the hub's own processes."""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.apart import apart
from benchmarks.case_load import bundles_on_the_log, checks_on_the_log, message_ms, stage_ms, verify_over_http
from benchmarks.figures import Figure, at_most, percentile, told
from benchmarks.listing import publish_enterprises
from onething.doors import on_free_ports
from onething.endpoints import endpoint
from onething.settings import (
    ArchiveSettings,
    CaseSettings,
    KafkaSettings,
    LogSettings,
    RegistrySettings,
    Settings,
    load_settings,
)
from onething.supervisor import running_hub

HOPS = 4
"""A verification goes over the log four times: request, checks, answers, report."""


def main() -> None:
    """Print latencies and rates, beside what bare messages and the archives alone take."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--enterprises", type=int, default=500)
    arguments.add_argument("--bundles", type=int, default=3_000, help="requests put on the log at once")
    arguments.add_argument("--seconds", type=float, default=12.0, help="how long each client asks over HTTP")
    arguments.add_argument("--at-once", type=int, default=32, help="clients that ask over HTTP at the same time")
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="onething-bench-") as folder:
        settings = private_settings(Path(folder))
        with running_hub(settings, tell=_say) as hub:
            found = figures(settings, hub.options.bootstrap_servers, asked)
    print(told("verify", found, as_json=asked.json))


def private_settings(folder: Path) -> Settings:
    """The settings in force for a hub of its own in this folder: no Kafka, registry, replica or database elsewhere."""
    own = {
        "data_dir": folder.absolute(),
        "kafka": KafkaSettings(),
        "registry": RegistrySettings(),
        "archive": ArchiveSettings(),
        "cases": CaseSettings(),
        "log": LogSettings(level="warning"),
    }
    return on_free_ports(load_settings().model_copy(update=own))


def figures(settings: Settings, servers: str, asked: argparse.Namespace) -> list[Figure]:
    """Everything, on archives that were loaded before."""
    facts = apart(
        publish_enterprises,
        bootstrap_servers=servers,
        data_dir=str(settings.data_dir),
        enterprises=asked.enterprises,
    ).value
    _say(f"{facts:,} facts published")
    load = {"url": endpoint(settings, "gateway"), "enterprises": asked.enterprises, "seconds": asked.seconds}
    single = apart(verify_over_http, **load, at_once=1).value
    _say(f"one at a time: p50 {percentile(single['ms'], 0.5):.1f} ms")
    stages = apart(stage_ms, bootstrap_servers=servers).value
    bare = percentile(apart(message_ms, bootstrap_servers=servers, messages=500).value, 0.5)
    many = apart(verify_over_http, **load, at_once=asked.at_once).value
    _say(f"{asked.at_once} at once: {many['per_s']:,.0f}/s")
    where = {"bootstrap_servers": servers, "enterprises": asked.enterprises}
    bundles = apart(bundles_on_the_log, **where, bundles=asked.bundles).value
    alone = apart(checks_on_the_log, **where, requests=asked.bundles).value
    p50, p99 = percentile(single["ms"], 0.5), percentile(single["ms"], 0.99)
    return [
        at_most("verification over HTTP, one at a time, p50", p50, "ms", 20.0),
        at_most("verification over HTTP, one at a time, p99", p99, "ms", 50.0),
        *(Figure(f"of it, {stage}, p50", value, "ms") for stage, value in stages.items()),
        Figure("bare message over Kafka, p50", bare, "ms"),
        Figure(f"p50 / {HOPS} bare messages", p50 / (HOPS * bare)),
        Figure("bundles complete, entering at case.requests", bundles, "bundles/s", 500.0),
        Figure("check requests answered by the archives alone", alone, "requests/s"),
        Figure("bundles / check requests alone", bundles / alone),
        Figure(f"bundles through HTTP, {asked.at_once} at once", many["per_s"], "bundles/s"),
        Figure(f"through HTTP, {asked.at_once} at once, p99", percentile(many["ms"], 0.99), "ms"),
    ]


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
