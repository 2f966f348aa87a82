"""The coordinator: Faust reads requests, answers and timers; one thread folds them into the case store."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import faust
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from catalog.bundles import Bundle
from catalog.organisations import Organisations, load_organisations
from catalog.registry import read_schema_ids
from connectors.counting import Tally, Teller, disk_free
from connectors.kafka import KafkaOptions, admin
from connectors.kafka.outbox import OutboxPublisher, outbox_producer
from processors.cases import CaseStore, ReceivedMessage
from processors.cases.arrivals import Seal
from processors.cases.metrics import coordinator_registry
from processors.cases.transitions import Transitions
from processors.domain.definition import CaseDefinition, definition_of
from processors.domain.handling.planning import plan_of
from processors.faust_worker import TopicsMissing, free_port, raw_topic, worker_app
from topics.codec import RowCodec, SchemaIds
from topics.declarations import HUB, topic_name

GROUP: Final = "onething-coordinator"
"""Consumer group of all coordinators of a cluster."""

BATCH: Final = 200
"""Messages in one transaction at most."""

QUEUED: Final = 4 * BATCH
"""Messages read ahead of the store; the reader waits beyond them."""

GARBAGE_THRESHOLD: Final = (20_000, 20, 20)
"""Allocations between collections. Nothing here makes cycles but Faust, and Python's own (700, 10, 10) took a third
of the time, looking again and again through the cases at hand.
"""

SCAN_S: Final = 1.0
"""How often due cases are looked for."""

SWEEP_S: Final = 2.0
"""How often the outbox is cleared of what was delivered, and looked through for what a dead coordinator left."""

REQUESTS: Final = "case.requests"
TIMERS: Final = "case.timers"

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Place:
    """Where one coordinator stands: its number, its web address, the hub's data directory."""

    index: int
    web_host: str
    web_port: int
    data_dir: Path

    @property
    def folder(self) -> Path:
        """For Faust's own files."""
        return self.data_dir / "run" / f"coordinator-{self.index}"


class Coordinator:
    """Takes what is read, in batches, to the store's thread; acknowledges what is durable there.

    Batches are what has come in while the thread was busy: a single message waits for nothing, many share a commit.
    ``Stream.take`` is not used because it acknowledges a batch also when its handling failed.
    """

    def __init__(self, opened: Callable[[], Transitions]) -> None:
        """Open the store in the thread that will use it, by calling ``opened``, on ``open``."""
        self._opened = opened
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cases")
        self._queue: list[Any] = []
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []
        self._transitions: Transitions | None = None
        self._assigned: Callable[[], Collection[int]] = tuple
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def open(self) -> None:
        """Open the store, publish what was left in its outbox, and start folding."""
        self._transitions = await self._in_thread(self._opened)
        await self._in_thread(partial(self._transitions.sweep, all_rows=True))
        self._start(self._fold())

    def watch(self, assigned: Callable[[], Collection[int]]) -> None:
        """Ring the timers of the case partitions that ``assigned`` gives, and sweep the outbox."""
        self._assigned = assigned
        self._start(self._every(SCAN_S, self._ring))
        self._start(self._every(SWEEP_S, self._sweep))

    async def close(self) -> None:
        """End the loops, wait for what is on its way to the log, give the store back."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        if self._transitions is not None:
            await self._in_thread(self._transitions.close)
        self._thread.shutdown()

    async def take(self, event: Any) -> None:
        """Queue an event that was read; waits while the queue is full."""
        while len(self._queue) >= QUEUED:
            self._room.clear()
            await self._room.wait()
        self._queue.append(event)
        self._arrived.set()

    def figures(self) -> dict[str, Any]:
        """Counts since the start, the length of the queue, the case partitions assigned."""
        counts = self._transitions.figures() if self._transitions else {}
        return {**counts, "queued": len(self._queue), "partitions": sorted(self._assigned())}

    @property
    def works(self) -> bool:
        """Whether messages are being folded."""
        return self._transitions is not None and not self.failed.done()

    async def _fold(self) -> None:
        while True:
            await self._arrived.wait()
            batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
            if not self._queue:
                self._arrived.clear()
            self._room.set()
            assert self._transitions is not None  # noqa: S101  open() starts this loop
            await self._in_thread(partial(self._transitions.take, [_received(event.message) for event in batch]))
            for event in batch:
                event.ack()

    async def _ring(self) -> None:
        if self._transitions is not None and (partitions := self._assigned()):
            await self._in_thread(partial(self._transitions.ring, partitions))

    async def _sweep(self) -> None:
        if self._transitions is not None:
            await self._in_thread(self._transitions.sweep)

    async def _every(self, interval_s: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await work()
            await asyncio.sleep(interval_s)

    def _start(self, loop: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(loop)
        task.add_done_callback(self._ended)
        self._loops.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (fault := task.exception()) and not self.failed.done():
            self.failed.set_exception(fault)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def coordinator_app(
    coordinator: Coordinator, options: KafkaOptions, departments: Collection[str], place: Place
) -> faust.App:
    """The Faust app that feeds a coordinator: raw bytes, no tables, one stream over all case topics."""
    app = worker_app(
        options,
        GROUP,
        f"coordinator-{place.index}",
        folder=place.folder,
        web_host=place.web_host,
        web_port=place.web_port,
        # More than zero, although there are no tables: only then Faust's own assignor is used, which gives the same
        # partition of all topics to one coordinator. Its alternative deals them out topic by topic.
        table_standby_replicas=1,
    )
    topic = raw_topic(app, *topics_read(departments))

    @app.agent(topic, name="cases")
    async def _cases(stream: Any) -> None:
        async for event in stream.noack().events():
            await coordinator.take(event)

    _add_pages(app, coordinator)
    return app


def topics_read(departments: Collection[str]) -> tuple[str, ...]:
    """Every topic that a coordinator reads, for these departments."""
    return (REQUESTS, TIMERS, *(topic_name("case.answers", code) for code in (*sorted(departments), HUB)))


def run_coordinator(
    options: KafkaOptions,
    store_url: str,
    bundles: Mapping[str, Bundle],
    ids: SchemaIds,
    *,
    index: int,
    web_host: str,
    web_port: int,
    data_dir: Path,
    announce: Callable[[str], None] = lambda _url: None,
    seal: Seal | None = None,
) -> None:
    """Run one coordinator until SIGTERM or SIGINT.

    Args:
        options: of the cluster.
        store_url: SQLAlchemy URL of the case store; SQLite for one coordinator, PostgreSQL for several.
        bundles: the catalogue's, by id.
        ids: the registered schemas.
        index: number among the coordinators.
        web_host: address of its web port.
        web_port: 0 takes a free one.
        data_dir: the hub's data directory.
        announce: is given the web port's url once it answers.
        seal: ``seal(plaintext, context)`` encrypts refused bytes, which may hold anything.

    Raises:
        TopicsMissing: the topics were not created yet.
        StoreError: the store is another's; see ``processors.cases.engine``.
    """
    organisations = load_organisations()
    definitions = case_definitions_of(bundles, organisations)
    plans = {bundle.id: plan_of(bundle, organisations) for bundle in bundles.values()}
    # All of them, not only those that a bundle names: an item can be passed on to any.
    departments = set(organisations.by_code)
    cluster_id = _demand_topics(options, topics_read(departments))
    place = Place(index, web_host, web_port or free_port(web_host), data_dir)
    place.folder.mkdir(parents=True, exist_ok=True)

    codec, tally = RowCodec(ids), Tally(f"coordinator-{index}")
    teller = Teller(options, lambda: codec, tally, (disk_free(data_dir),))

    def opened() -> Transitions:
        store = CaseStore(store_url, definitions, codec, plans=plans, cluster_id=cluster_id, seal=seal)
        publisher = OutboxPublisher(outbox_producer(options))
        return Transitions(store, publisher, codec, refresh=partial(read_schema_ids, options), tally=tally)

    _spare_collections()
    teller.start()
    try:
        asyncio.run(_run(opened, options, departments, place, announce))
    finally:
        teller.close()


def case_definitions_of(bundles: Mapping[str, Bundle], organisations: Organisations) -> dict[str, CaseDefinition]:
    """What verifications keep of the bundles that only ask, by id."""
    return {each.id: definition_of(each, organisations) for each in bundles.values() if each.is_verification}


async def _run(
    opened: Callable[[], Transitions],
    options: KafkaOptions,
    departments: Collection[str],
    place: Place,
    announce: Callable[[str], None],
) -> None:
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    coordinator = Coordinator(opened)
    try:
        await coordinator.open()
        app = coordinator_app(coordinator, options, departments, place)
        try:
            await app.start()
            coordinator.watch(partial(_case_partitions, app))
            announce(f"http://{place.web_host}:{place.web_port}")
            log.info("coordinator works", index=place.index, url=f"http://{place.web_host}:{place.web_port}")
            await _until_ended(asked, app, coordinator)
        finally:
            # What could not be written is never acknowledged: waiting for it would never end.
            app.conf.stream_wait_empty = coordinator.works
            await app.stop()
    finally:
        await coordinator.close()


async def _until_ended(asked: asyncio.Event, app: faust.App, coordinator: Coordinator) -> None:
    stopped = asyncio.ensure_future(asked.wait())
    crashed = asyncio.ensure_future(app.wait_until_stopped())
    done, pending = await asyncio.wait((stopped, crashed, coordinator.failed), return_when=asyncio.FIRST_COMPLETED)
    for task in pending - {coordinator.failed}:
        task.cancel()
    for task in done:
        task.result()
    if app.crashed:
        raise app.crash_reason or RuntimeError("the Kafka consumer failed")


def _case_partitions(app: faust.App) -> set[int]:
    return {each.partition for each in app.consumer.assignment() if each.topic == REQUESTS}


def _add_pages(app: faust.App, coordinator: Coordinator) -> None:
    async def live(view: Any, _request: Any) -> Any:
        return view.json({"alive": True})

    async def ready(view: Any, _request: Any) -> Any:
        figures = coordinator.figures()
        is_ready = coordinator.works and bool(figures["partitions"])
        return view.json({"ready": is_ready, **figures}, status=200 if is_ready else 503)

    registry = coordinator_registry(coordinator.figures)

    async def metrics(view: Any, _request: Any) -> Any:
        return view.bytes(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.page("/health/live", name="live")(live)
    app.page("/health/ready", name="ready")(ready)
    app.page("/metrics", name="metrics")(metrics)


def _received(message: Any) -> ReceivedMessage:
    return ReceivedMessage(
        message.topic,
        message.partition,
        message.offset,
        message.key,
        message.value,
        int((message.timestamp or 0) * 1_000_000),
    )


def _spare_collections() -> None:
    # What the imports made stays for ever and need not be looked through at all.
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLD)


def _demand_topics(options: KafkaOptions, names: Collection[str]) -> str:
    """The cluster's id, once all topics are known to be there.

    Raises:
        TopicsMissing: some are not.
    """
    known = admin(options).list_topics(timeout=30)
    missing = sorted(set(names) - set(known.topics))
    if missing:
        raise TopicsMissing(f"the cluster has no topic {', '.join(missing)}; {TopicsMissing.remedy}")
    return str(known.cluster_id)
