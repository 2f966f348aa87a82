"""The hub's processes: each role is given what the settings say, and runs until it is asked to end."""

from collections.abc import Callable
from typing import Final

import structlog

from onething import endpoints
from onething.doors import door
from onething.settings import Settings

Announce = Callable[[str], None]


def run_part(settings: Settings, role: str, index: int) -> None:
    """Run one part of this data directory's hub; its url is announced once it answers.

    Raises:
        SystemExit: it could not go on; why is in the log.
    """
    log = structlog.get_logger()

    def announce(url: str) -> None:
        endpoints.announce(settings, role, index, url)
        log.info("part serves", url=url)

    log.info("part starts", role=role, index=index)
    try:
        _RUNNERS[role](settings, index, announce)
    except Exception as fault:
        log.exception("part failed", remedy=getattr(fault, "remedy", None))
        raise SystemExit(1) from None
    log.info("part ended", role=role, index=index)


def _registry(settings: Settings, index: int, announce: Announce) -> None:
    from catalog.registry import RegistryWriter  # noqa: PLC0415 - each part imports its own technology only
    from catalog.registry.http import registry_app  # noqa: PLC0415
    from onething.serving import serve  # noqa: PLC0415

    writer = RegistryWriter(endpoints.kafka_options(settings))
    serve(registry_app(writer), *door(settings, "registry", index), announce)


def _archive(settings: Settings, index: int, announce: Announce) -> None:
    from catalog.demands.standing import standing_grants  # noqa: PLC0415
    from connectors.keyring import KeyRing  # noqa: PLC0415
    from processors.archive.service import Enforcement, run_archive  # noqa: PLC0415

    standing = standing_grants(trial=settings.archive.trial_grants)
    host, port = door(settings, "archive", index)
    run_archive(
        endpoints.kafka_options(settings),
        store_dir=settings.data_dir / f"archive-{index}",
        index=index,
        host=host,
        port=port,
        memory_mb=settings.archive.memory_mb,
        seal=KeyRing.open_or_create(settings.data_dir / "keys").seal,
        announce=announce,
        enforcement=Enforcement(standing, settings.database_url) if settings.archive.enforce_grants else None,
    )


def _coordinator(settings: Settings, index: int, announce: Announce) -> None:
    from catalog.bundles import load_bundles  # noqa: PLC0415
    from catalog.registry import read_schema_ids  # noqa: PLC0415
    from connectors.keyring import KeyRing  # noqa: PLC0415
    from processors.coordinator import run_coordinator  # noqa: PLC0415

    host, port = door(settings, "coordinator", index)
    options = endpoints.kafka_options(settings)
    run_coordinator(
        options,
        settings.database_url,
        load_bundles(),
        read_schema_ids(options),
        index=index,
        web_host=host,
        web_port=port,
        data_dir=settings.data_dir,
        announce=announce,
        seal=KeyRing.open_or_create(settings.data_dir / "keys").seal,
    )


def _follower(settings: Settings, index: int, announce: Announce) -> None:
    from catalog.registry import read_schema_ids  # noqa: PLC0415
    from onething.counting import telling  # noqa: PLC0415
    from onething.following import followers  # noqa: PLC0415
    from processors.following.service import run_followers  # noqa: PLC0415

    host, port = door(settings, "follower", index)
    options = endpoints.kafka_options(settings)
    with telling(settings, options, read_schema_ids(options), f"follower-{index}"):
        run_followers(followers(settings, options), host=host, port=port, announce=announce)


def _catalog(settings: Settings, index: int, announce: Announce) -> None:
    from onething.register import run_register  # noqa: PLC0415

    run_register(settings, index, announce)


def _lake(settings: Settings, index: int, announce: Announce) -> None:
    from onething.lake import run_lake_part  # noqa: PLC0415

    run_lake_part(settings, index, announce)


def _analyst(settings: Settings, index: int, announce: Announce) -> None:
    from onething.analyst import run_analyst  # noqa: PLC0415

    run_analyst(settings, index, announce)


def _live(settings: Settings, index: int, announce: Announce) -> None:
    from onething.live import run_live_part  # noqa: PLC0415

    run_live_part(settings, index, announce)


def _gateway(settings: Settings, _index: int, announce: Announce) -> None:
    from onething.gateway.serve import run_gateway  # noqa: PLC0415

    run_gateway(settings, announce)


def _console(settings: Settings, _index: int, announce: Announce) -> None:
    from onething.console.serve import run_console  # noqa: PLC0415

    run_console(settings, announce)


def _prepare(settings: Settings, _index: int, _announce: Announce) -> None:
    """Create the topics and register the schemas, then end; the same call again does nothing."""
    from onething.preparation import prepare_log  # noqa: PLC0415

    prepared = prepare_log(settings, endpoints.kafka_options(settings))
    log = structlog.get_logger()
    log.info("log prepared", topics=prepared.topics, created=len(prepared.applied.created), schemas=prepared.schemas)


_RUNNERS: Final[dict[str, Callable[[Settings, int, Announce], None]]] = {
    "prepare": _prepare,
    "registry": _registry,
    "archive": _archive,
    "coordinator": _coordinator,
    "follower": _follower,
    "catalog": _catalog,
    "lake": _lake,
    "analyst": _analyst,
    "live": _live,
    "gateway": _gateway,
    "console": _console,
}
