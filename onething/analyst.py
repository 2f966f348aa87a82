"""The analysts' process, wired: the lake, its SQL door, and what every analyst computes from it."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from prometheus_client import PROCESS_COLLECTOR, CollectorRegistry

from analytics.bottlenecks.http import BottleneckDoor, bottleneck_router
from analytics.door.app import analyst_app
from analytics.door.figures import DoorFigures
from analytics.door.http import LakeDoor, lake_router
from analytics.door.log_ends import LogEnds
from analytics.door.pool import SqlPool
from analytics.door.reads_http import reads_router
from analytics.door.worker import Work
from analytics.lake.reading import LakeReader
from analytics.lake.session import LakeSession, SessionLimits
from analytics.lake.tables import TABLES
from analytics.services.http import ServicesDoor, services_router
from catalog.registry import read_schema_ids
from onething import endpoints
from onething.bulletins import bulletin_routers
from onething.counting import telling
from onething.doors import door
from onething.lake import lake_location
from onething.ledger_desk import ledger_routers
from onething.rates import rate_routers
from onething.serving import serve
from onething.settings import Settings

CITY: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class AnalystDesk:
    """What every analyst works with.

    Attributes:
        settings: of the hub.
        reader: which files and positions the lake has.
        session: connections over the lake for the hub's own SQL; it may read and write ``folder``.
        folder: where analysts keep what they can compute again.
        registry: what ``/metrics`` tells.
        today: the day of the city.
    """

    settings: Settings
    reader: LakeReader
    session: LakeSession
    folder: Path
    registry: CollectorRegistry
    today: Callable[[], date] = lambda: datetime.now(CITY).date()


def further_routers(desk: AnalystDesk) -> Sequence[APIRouter]:
    """Routers of what is computed from the lake: rates, ledger, bottlenecks, bulletins."""
    return (
        bottleneck_router(BottleneckDoor(desk.session, identity=partial(rows_until, desk.reader))),
        *ledger_routers(desk),
        *rate_routers(desk),
        services_router(ServicesDoor(desk.session)),
        *bulletin_routers(desk),
    )


def rows_until(reader: LakeReader, day: date) -> str:
    """What the lake's cases and complaints until a day are known by: the names of the files that hold them."""
    listed = (reader.files(table).by_day for table in ("cases", "complaints"))
    names = sorted(path for by_day in listed for each, paths in by_day.items() if each <= day for path in paths)
    return sha256("\n".join(names).encode()).hexdigest()


def run_analyst(settings: Settings, index: int, announce: Callable[[str], None]) -> None:
    """Serve what is computed from the lake until SIGTERM or SIGINT.

    Raises:
        LocationFault: no lake can lie where the settings say.
        NotRunning: there is no Kafka whose ends could be told.
    """
    part = f"analyst-{index}"
    shutil.rmtree(_scratch(settings, part))  # what a process that was killed left there
    desk = analyst_desk(settings, part)
    pool = SqlPool(sql_work(settings, part), settings.analyst.sql_time_limit_s, DoorFigures(desk.registry))
    ends = LogEnds(endpoints.kafka_options(settings), desk.reader.location)
    lake = lake_router(LakeDoor(desk.reader, pool, settings.analyst.sql_rows, ends))
    routers = (lake, reads_router(pool), *further_routers(desk))
    options = endpoints.kafka_options(settings)
    app = analyst_app(pool, routers, desk.registry, partial(lake_fault, desk.reader), desk.session.close)
    with telling(settings, options, read_schema_ids(options), part):
        serve(app, *door(settings, "analyst", index), announce)


def analyst_desk(settings: Settings, part: str = "desk") -> AnalystDesk:
    """What analysts of this hub work with, in whatever process; its session is closed by the caller.

    ``part`` names the folder for what does not fit in memory.
    """
    folder = settings.data_dir / "analyst"
    folder.mkdir(parents=True, exist_ok=True)
    reader = LakeReader(lake_location(settings))
    session = LakeSession(reader, session_limits(settings), folders=[folder], scratch=_scratch(settings, part))
    registry = CollectorRegistry()
    registry.register(PROCESS_COLLECTOR)
    return AnalystDesk(settings, reader, session, folder, registry)


def sql_work(settings: Settings, part: str = "query") -> Work:
    """What the workers of analysts' SQL are started with; ``part`` as of a desk."""
    return Work(partial(LakeReader, lake_location(settings)), session_limits(settings), _scratch(settings, part))


def session_limits(settings: Settings) -> SessionLimits:
    """What one query may take."""
    return SessionLimits(memory_mb=settings.analyst.sql_memory_mb, threads=settings.analyst.threads)


def lake_fault(reader: LakeReader) -> str | None:
    """Why the lake cannot be read now, None when it can; an empty lake can."""
    try:
        for name in TABLES:
            reader.files(name)
    except Exception as fault:  # noqa: BLE001  a check that breaks is a check that failed
        return f"{type(fault).__name__}: {fault}"
    return None


def _scratch(settings: Settings, part: str) -> Path:
    """Where queries of a part put what does not fit in memory."""
    folder = settings.data_dir / "tmp" / part
    folder.mkdir(parents=True, exist_ok=True)
    return folder
