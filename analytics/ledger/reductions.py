"""四减 of a bundle's cases as the lake knows them: the evidence for 办理流程充分优化."""

from collections.abc import Hashable
from datetime import date

import duckdb

from analytics.bottlenecks.asked import BottleneckReading
from analytics.bottlenecks.known import known_catalogue
from analytics.bottlenecks.rule import load_bottleneck_rule
from analytics.bottlenecks.window import EARLIEST, Window
from analytics.bottlenecks.worked import Worked
from catalog.bundles import load_bundles
from catalog.ledger.model import Reductions
from catalog.savings import MEASURES, savings
from catalog.working_days import load_calendar


def reductions(
    connection: duckdb.DuckDBPyConnection,
    bundle: str,
    day: date,
    worked: Worked | None = None,
    identity: Hashable = None,
) -> Reductions | None:
    """Return what a bundle's cases took that had been delivered by a day, beside what they took before.

    ``None``: none was delivered. The medians are those of ``GET /v1/bundles/{bundle}/savings``. ``worked`` keeps what
    is worked out while ``identity``, by which the lake's rows until the day are known, stays the same.
    """
    known = load_bundles().get(bundle)
    window, rule = Window(EARLIEST, day, day), load_bottleneck_rule()
    reading = BottleneckReading(connection, window, rule, known_catalogue(), worked, identity)
    cases = tuple(each for each in reading.finished() if each.bundle == bundle)
    if known is None or not cases:
        return None
    (found,) = savings(cases, {bundle: known.baseline}, load_calendar().working_days_between)
    return Reductions(
        cases=found.count,
        before={name: found.of(name).before for name in MEASURES},
        now={name: found.of(name).median for name in MEASURES},
        figure=f"/v1/bundles/{bundle}/savings",
        before_origin=known.baseline.origin if known.baseline else "",
    )
