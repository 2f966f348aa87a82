"""The catalogue's process: the register's one writer behind its door."""

import os
import signal
from collections.abc import Callable
from time import time_ns
from typing import Final

from catalog.demands.standing import standing_commands
from catalog.duties.clock import Law
from catalog.duties.entity import load_law, recounting
from catalog.duties.roll import DutyRoll
from catalog.ledger.entity import ledger_commands
from catalog.register.changes import DUTY
from catalog.register.http import register_app
from catalog.register.http_routes import RegisterDoor
from catalog.register.reader import CatalogReader
from catalog.register.registrar import Registrar
from catalog.register.search import CatalogSearch
from catalog.register.search_index import index_rows, prepare_search
from catalog.register.seed import DECLARATION, seed_commands
from catalog.register.store import Applied, CatalogStore, Refused
from catalog.registry import read_schema_ids
from connectors.kafka import KafkaOptions, admin
from connectors.kafka.outbox import OutboxPublisher, outbox_producer
from connectors.sql import StoreError
from onething.correction_door import wired_correction_router
from onething.counting import register_measures, telling
from onething.doors import door
from onething.endpoints import kafka_options
from onething.rulebook import further_routers, load_rulebook
from onething.serving import serve
from onething.settings import Settings
from topics.codec import RowCodec

_METADATA_S: Final = 30.0


class DeclarationsRefused(StoreError):  # noqa: N818  named for the fact
    """What the hub's own definitions declare is not accepted by the register's rules."""


def run_register(settings: Settings, index: int, announce: Callable[[str], None]) -> None:
    """Open the register, declare what ships with the hub, and serve until the process is asked to end.

    Raises:
        StoreError: the store is another's, or refuses what ships with the hub.
    """
    options = kafka_options(settings)
    law = load_law()
    publisher = OutboxPublisher(outbox_producer(options))
    registrar = Registrar(lambda: opened_store(settings, options, law, _now_us()), publisher, _now_us, _end)
    registrar.start()
    parts = RegisterDoor(registrar, CatalogReader(settings.catalog_url), _now_us)
    roll = DutyRoll(parts.reader)
    measures = register_measures(parts.reader, roll, law)
    told = telling(settings, options, read_schema_ids(options), f"catalog-{index}", *measures)
    with CatalogSearch(settings.catalog_url) as search, told:
        corrections = wired_correction_router(settings, options, parts)
        app = register_app(parts, (corrections, *further_routers(parts, law, search, roll)))
        serve(app, *door(settings, "catalog", index), announce)


def opened_store(settings: Settings, options: KafkaOptions, law: Law, at: int) -> CatalogStore:
    """The register's store with everything that ships declared, for the thread that calls."""
    store = CatalogStore(
        settings.catalog_url,
        load_rulebook(law),
        RowCodec(read_schema_ids(options)).encode,
        indexes=(index_rows,),
        prepares=(prepare_search,),
        cluster_id=str(admin(options).list_topics(timeout=_METADATA_S).cluster_id),
    )
    standing = standing_commands(at, trial=settings.archive.trial_grants)
    answer = store.apply_all(store.absent((*seed_commands(at), *standing)))
    if isinstance(answer, Applied):
        # The sources' words are the hub's own: where a release reads them otherwise, entries follow; their life stays.
        answer = store.apply_all(ledger_commands(at, DECLARATION))
    if isinstance(answer, Applied):
        # A year's holidays, or a limit, may have been entered since the process last ran.
        answer = store.apply_all(recounting(store.all(DUTY), at, law))
    if isinstance(answer, Refused):
        store.close()
        told = "; ".join(f"{each.command_id}: {each.refusals[0].reason_en}" for each in answer.commands)
        raise DeclarationsRefused(f"The register refuses the hub's own declarations: {told}.", "Correct those files.")
    return store


def _now_us() -> int:
    return time_ns() // 1000


def _end() -> None:
    """End this process: its supervisor starts it again."""
    os.kill(os.getpid(), signal.SIGTERM)
