"""The live process: a Faust agent folds counts as they are told; its web port answers from what stands."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import faust
import structlog

from connectors.counting import COUNTS_TOPIC, Tally, Teller, disk_free
from connectors.kafka import KafkaOptions, admin
from processors.faust_worker import TopicsMissing, free_port, raw_topic, worker_app
from processors.live.door import LiveDoor
from processors.live.history import read_history, told_in
from processors.live.refusals import RefusalCounter, run_of
from processors.live.standing import Standing
from processors.live.windows import MINUTE_US, SECOND_US
from topics.codec import RowCodec

GROUP: Final = "onething-live"
PROCESS: Final = "live-0"
"""There is one: its agent reads the one partition of the counts."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class LivePlace:
    """Where the live process stands: its web address and the hub's data directory."""

    host: str
    port: int
    data_dir: Path

    @property
    def folder(self) -> Path:
        """For Faust's own files."""
        return self.data_dir / "run" / "live"


def live_app(standing: Standing, codec: RowCodec, options: KafkaOptions, place: LivePlace) -> faust.App:
    """The Faust app that folds: one stream over the counts, no tables; the fold is made anew from the log."""
    app = worker_app(options, GROUP, "live", folder=place.folder, web_host=place.host, web_port=place.port)
    topic = raw_topic(app, COUNTS_TOPIC)

    @app.agent(topic, name="counts")
    async def _counts(stream: Any) -> None:
        async for event in stream.events():
            told = told_in(event.message.value, codec)
            if told is not None:
                standing.take(told)

    return app


def run_live(
    options: KafkaOptions,
    codec: RowCodec,
    standing: Standing,
    place: LivePlace,
    announce: Callable[[str], None] = lambda _url: None,
) -> None:
    """Run until SIGTERM or SIGINT.

    Args:
        options: of the cluster.
        codec: over the registered schemas.
        standing: what is filled, empty.
        place: its web address; port 0 takes a free one.
        announce: is given the web port's url once it answers.

    Raises:
        TopicsMissing: the topic of counts was not created yet.
        HistoryUnreadable: it cannot be read.
    """
    if COUNTS_TOPIC not in admin(options).list_topics(timeout=30).topics:
        raise TopicsMissing(f"the cluster has no topic {COUNTS_TOPIC}; {TopicsMissing.remedy}")
    place = LivePlace(place.host, place.port or free_port(place.host), place.data_dir)
    place.folder.mkdir(parents=True, exist_ok=True)
    count = read_history(options, codec, standing.take)
    standing.history_ended()
    standing.look()
    log.info("counts of the past read", count=count)
    refusals = RefusalCounter(options, codec, PROCESS, partial(_counted_from, standing))
    teller = Teller(options, lambda: codec, Tally(PROCESS), (disk_free(place.data_dir),))
    refusals.start()
    teller.start()
    try:
        asyncio.run(_run(options, codec, standing, place, announce, refusals))
    finally:
        teller.close()
        refusals.close()


async def _run(
    options: KafkaOptions,
    codec: RowCodec,
    standing: Standing,
    place: LivePlace,
    announce: Callable[[str], None],
    refusals: RefusalCounter,
) -> None:
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    app = live_app(standing, codec, options, place)
    door = LiveDoor(standing, follows=partial(_has_partitions, app))
    for path, page in door.pages().items():
        app.page(path, name=path)(page)
    await app.start()
    looking = asyncio.create_task(_look(standing, refusals))
    try:
        announce(f"http://{place.host}:{place.port}")
        await _until_ended(asked, app, looking)
    finally:
        looking.cancel()
        await app.stop()


async def _look(standing: Standing, refusals: RefusalCounter) -> None:
    while True:
        if refusals.fault is not None:
            raise refusals.fault
        standing.look()
        await asyncio.sleep(standing.rules.health.look_s)


async def _until_ended(asked: asyncio.Event, app: faust.App, looking: asyncio.Task[None]) -> None:
    stopped = asyncio.ensure_future(asked.wait())
    crashed = asyncio.ensure_future(app.wait_until_stopped())
    done, pending = await asyncio.wait((stopped, crashed, looking), return_when=asyncio.FIRST_COMPLETED)
    for task in pending - {looking}:
        task.cancel()
    for task in done:
        task.result()
    if app.crashed:
        raise app.crash_reason or RuntimeError("the Kafka consumer failed")


def _counted_from(standing: Standing, department: str) -> int:
    """The minute from which on a department's refusals are counted: the newest that was told, or as far as is kept."""
    newest = standing.fold.newest_minute(PROCESS, run_of(department))
    oldest = standing.now() - max(rule.span_s for rule in standing.rules.windows.window) * SECOND_US
    return newest if newest is not None else oldest - oldest % MINUTE_US


def _has_partitions(app: faust.App) -> bool:
    return bool(app.consumer.assignment())
