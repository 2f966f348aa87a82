"""The lake's process, wired: this hub's log, and the place that the settings name."""

from collections.abc import Callable

from analytics.lake.location import Location
from analytics.lake.service import run_lake
from onething import endpoints
from onething.doors import door
from onething.settings import Settings


def lake_location(settings: Settings) -> Location:
    """Where the settings say that the lake lies.

    Raises:
        LocationFault: no lake can lie there.
    """
    secret = settings.lake.secret_access_key
    return Location(
        settings.lake_url,
        endpoint_url=settings.lake.endpoint_url,
        region=settings.lake.region,
        access_key_id=settings.lake.access_key_id,
        secret_access_key=None if secret is None else secret.get_secret_value(),
    )


def run_lake_part(settings: Settings, index: int, announce: Callable[[str], None]) -> None:
    """Write this hub's lake until SIGTERM or SIGINT.

    Raises:
        NotRunning: there is no Kafka to follow.
        LakeOfAnotherClusterError: the lake was filled from another cluster.
    """
    host, port = door(settings, "lake", index)
    run_lake(
        endpoints.kafka_options(settings),
        lake_location(settings),
        index=index,
        commit_s=settings.lake.commit_s,
        commit_rows=settings.lake.commit_rows,
        host=host,
        port=port,
        announce=announce,
    )
