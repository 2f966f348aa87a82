"""The lake's process, wired: this hub's log, and the place that the settings name."""

from collections.abc import Callable
from contextlib import ExitStack

from analytics.lake.following import LakeFollower
from analytics.lake.location import Location
from analytics.lake.service import run_lake
from catalog.registry import read_schema_ids
from connectors.counting import growing, view_lag
from onething import endpoints
from onething.counting import telling
from onething.doors import door
from onething.settings import Settings
from topics.figures import ROWS_COMMITTED


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
    options = endpoints.kafka_options(settings)
    ids = read_schema_ids(options)
    with ExitStack() as told:

        def began(follower: LakeFollower) -> None:
            measures = view_lag(follower.lag), growing(ROWS_COMMITTED, lambda: follower.writer.committed.rows)
            told.enter_context(telling(settings, options, ids, f"lake-{index}", *measures))

        run_lake(
            options,
            lake_location(settings),
            index=index,
            commit_s=settings.lake.commit_s,
            commit_rows=settings.lake.commit_rows,
            host=host,
            port=port,
            announce=announce,
            began=began,
        )
