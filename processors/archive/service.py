"""One archive replica: the process that owns a store keeps it, and answers from it."""

import gc
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog
from confluent_kafka import Producer
from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from catalog.archive_specification import load_archive_specification
from catalog.bundles import load_bundles
from catalog.demands.model import Grant
from catalog.policies import load_policies
from catalog.registry import LiveSchemaIds
from catalog.resources import load_resources
from connectors.beside import serve_beside
from connectors.counting import Tally, Teller, disk_free, view_lag
from connectors.kafka import KafkaOptions, producer
from processors.archive.answering import CheckAnswerer, CheckService
from processors.archive.grants import GrantBook, GrantFollower
from processors.archive.http import ArchiveDoor
from processors.archive.participation import CaseGrounds
from processors.archive.permission import ReadGuard
from processors.archive.reading import ArchiveReader
from processors.archive.refusals import RefusalPublisher, Seal
from processors.archive.store import ArchiveStore
from processors.archive.view import ArchiveView
from processors.cases import CaseReader
from processors.policies.door import PolicyDoor
from topics.codec import RowCodec, SchemaIds
from topics.judgement import Refused

LOOK_S = 0.5

SWITCH_INTERVAL_S = 0.0005
"""The view's thread computes; a request must not wait Python's default of 5 ms for its turn, several times over."""

COLLECTOR_THRESHOLDS = 50_000, 20, 100
"""Each micro-batch makes tens of thousands of objects without cycles; Python's defaults spend a fifth of the time on
looking through them."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Enforcement:
    """What reads are held against: the grants that stand, those of the register's log, and the cases of this store."""

    standing: tuple[Grant, ...]
    cases_url: str


class ArchiveReplica:
    """The parts of one replica, wired. ``start`` and ``stop`` may be called from tests as well."""

    def __init__(
        self,
        options: KafkaOptions,
        *,
        store_dir: Path,
        index: int,
        memory_mb: int,
        seal: Seal,
        answers: bool = True,
        enforcement: Enforcement | None = None,
    ) -> None:
        """Open the store and claim it for the cluster.

        Raises:
            StoreOfAnotherClusterError: the store was filled from another cluster.
        """
        self._schemas = LiveSchemaIds(options)
        self._cached: tuple[SchemaIds, RowCodec, ArchiveReader] | None = None
        self.store = ArchiveStore(store_dir, memory_mb)
        self.producer: Producer = producer(options, linger_ms=0, socket_nagle_disable=True)
        departments = {resource.department for resource in load_resources().all}
        self._publish_refusals = RefusalPublisher(self.producer, self.codec, seal, departments)
        self._index = index
        name = f"archive-{index}"
        self.tally = Tally(name)
        # Every replica takes in every fact; the first one counts them, so that each counts once.
        counted = self.tally if index == 0 else None
        self.view = ArchiveView(options, self.store, self._schemas, self._refuse, self._changed, self._marks, counted)
        self.view.prepare()
        self.teller = Teller(options, self.codec, self.tally, (view_lag(self.view.lag), disk_free(store_dir)))
        answerer = CheckAnswerer(self.reader, self.view, load_bundles(), load_resources())
        self.checks = (
            CheckService(options, self.store, answerer, self.codec, self.producer, name, self.tally)
            if answers
            else None
        )
        book = GrantBook(enforcement.standing if enforcement else ())
        self.guard = ReadGuard(book, CaseGrounds(CaseReader(enforcement.cases_url))) if enforcement else None
        self.grants = GrantFollower(options, self.codec, book, self._schemas.refresh) if enforcement else None
        self._thread = threading.Thread(target=self._follow_log, name="view", daemon=True)
        self._confirmations = threading.Thread(target=self._take_confirmations, name="confirmations", daemon=True)
        self._stopping = threading.Event()
        self._fault: BaseException | None = None

    def codec(self) -> RowCodec:
        """The row codec over the schemas registered by now."""
        return self._current()[1]

    def reader(self) -> ArchiveReader:
        """The archive reader over the schemas registered by now."""
        return self._current()[2]

    def start(self) -> None:
        """Follow the log and answer checks."""
        self._thread.start()
        self._confirmations.start()
        self.teller.start()
        if self.checks:
            self.checks.start()
        if self.grants:
            self.grants.start()

    def stop(self) -> None:
        """Stop after the batch in hand and close the store."""
        self._stopping.set()
        self.view.stop()
        if self.checks:
            self.checks.stop()
        if self.grants:
            self.grants.stop()
        self._thread.join(30)
        self.teller.close()
        self.producer.flush(10)
        self.store.close()

    def fault(self) -> str | None:
        """What stopped working, if anything did."""
        fault = self._fault or (self.checks.failed if self.checks else None)
        fault = fault or (self.grants.fault if self.grants else None)
        return None if fault is None else f"{type(fault).__name__}: {fault}"

    def _take_confirmations(self) -> None:
        while not self._stopping.is_set():
            self.producer.poll(0.1)

    def _follow_log(self) -> None:
        try:
            self.view.run()
        except BaseException as fault:
            self._fault = fault
            log.exception("the view stopped")

    def _refuse(self, refused: Iterable[Refused]) -> None:
        # Every replica judges alike; the first one speaks, so that a refusal is published once.
        if self._index == 0:
            self._publish_refusals(refused)

    def _changed(self, subjects: set[str]) -> None:
        if self.checks:
            self.checks.changed(subjects)

    def _marks(self, subjects: set[str]) -> dict[str, bytes]:
        return self.checks.marks(subjects) if self.checks else {}

    def _current(self) -> tuple[SchemaIds, RowCodec, ArchiveReader]:
        ids = self._schemas.ids
        if self._cached is None or self._cached[0] is not ids:
            self._cached = ids, RowCodec(ids), ArchiveReader(self.store, ids)
        return self._cached


class _ReplicaMetrics(Collector):
    def __init__(self, replica: ArchiveReplica) -> None:
        self._replica = replica

    def collect(self) -> list[CounterMetricFamily | GaugeMetricFamily]:
        view, checks = self._replica.view, self._replica.checks
        return [
            CounterMetricFamily("onething_archive_facts", "Facts written since the start.", value=view.facts_kept),
            CounterMetricFamily(
                "onething_archive_refused", "Records refused since the start.", value=view.records_refused
            ),
            GaugeMetricFamily("onething_archive_lag", "Messages behind the log.", value=view.lag()),
            CounterMetricFamily(
                "onething_archive_checks", "Check requests answered.", value=checks.answered if checks else 0
            ),
        ]


def prepare_interpreter() -> None:
    """Set this process up for a view's thread beside threads that answer; for processes that are a replica's own."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)


def run_archive(
    options: KafkaOptions,
    *,
    store_dir: Path,
    index: int,
    host: str,
    port: int,
    memory_mb: int,
    seal: Seal,
    announce: Callable[[str], None],
    enforcement: Enforcement | None = None,
) -> None:
    """Run one replica until SIGTERM or SIGINT.

    Args:
        options: the cluster.
        store_dir: the replica's own directory.
        index: 0 is the replica that publishes refusals.
        host: address of its HTTP door.
        port: port of its HTTP door; 0 takes a free one.
        memory_mb: block cache and write buffers.
        seal: encrypts refused bytes, ``seal(plaintext, context)``.
        announce: told the door's URL once it listens.
        enforcement: what reads are held against; None lets every read pass that states its ground.

    Raises:
        StoreOfAnotherClusterError: the store was filled from another cluster.
        OSError: the port is taken.
    """
    prepare_interpreter()
    replica = ArchiveReplica(
        options, store_dir=store_dir, index=index, memory_mb=memory_mb, seal=seal, enforcement=enforcement
    )
    REGISTRY.register(_ReplicaMetrics(replica))
    door = ArchiveDoor(
        replica.view,
        replica.reader,
        replica.codec,
        replica.producer,
        load_archive_specification(),
        replica.fault,
        replica.guard,
        replica.tally,
    )
    policies = PolicyDoor(
        door,
        replica.store,
        replica.reader,
        lambda: replica.codec().ids,
        replica.view.coverage,
        load_policies(),
        replica.view.is_beside_readers,
    )
    application = door.application(*policies.routes())
    serve_beside(replica, application, host=host, port=port, announce=announce, look_s=LOOK_S)
    if fault := replica.fault():
        raise SystemExit(f"archive replica {index} stopped: {fault}")
