"""The live process, wired: the rules that ship, the catalogue's names, this hub's log."""

from collections.abc import Callable

from catalog.bundles import load_bundles
from catalog.organisations import load_organisations
from catalog.registry import read_schema_ids
from catalog.resources import load_resources
from connectors.counting.tally import clock_us
from onething import endpoints
from onething.doors import door
from onething.settings import Settings
from processors.live.alerts import alert_rules
from processors.live.health import health_rule
from processors.live.service import LivePlace, run_live
from processors.live.standing import LiveRules, Names, Standing
from processors.live.windows import window_rules
from topics.codec import RowCodec


def live_standing(now: Callable[[], int] = clock_us) -> Standing:
    """Live figures of this catalogue, empty yet."""
    rules = LiveRules(window_rules(), health_rule(), alert_rules())
    names = Names(
        departments={each.code: each.name for each in load_organisations().all},
        bundles={each.id: each.name for each in load_bundles().values()},
        cycles_days={each.code: each.update_cycle_days for each in load_resources().all},
    )
    return Standing(rules, names, now)


def run_live_part(settings: Settings, index: int, announce: Callable[[str], None]) -> None:
    """Fold what this hub's processes count until SIGTERM or SIGINT.

    Raises:
        NotRunning: there is no Kafka to follow.
        TopicsMissing, HistoryUnreadable: its topic of counts cannot be read.
    """
    options = endpoints.kafka_options(settings)
    host, port = door(settings, "live", index)
    codec = RowCodec(read_schema_ids(options))
    run_live(options, codec, live_standing(), LivePlace(host, port, settings.data_dir), announce)
