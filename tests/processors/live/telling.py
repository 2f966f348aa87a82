"""Words of tests of live figures: messages of counts, and figures that stand on them."""

from collections.abc import Iterable

from processors.live.alerts import alert_rules
from processors.live.fold import Fold
from processors.live.health import health_rule
from processors.live.standing import LiveRules, Names, Standing
from processors.live.windows import MINUTE_US, SECOND_US, window_rules
from topics.events import Count, CountsTold, Gauge

NOW = 1_790_000_000 * SECOND_US // (60 * MINUTE_US) * (60 * MINUTE_US) + 30 * MINUTE_US
NAMES = Names(
    departments={"tax": "市税务局", "ecology": "市生态环境局"},
    bundles={"newborn": "新生儿出生“一件事”"},
    cycles_days={"tax.paid": 1, "ecology.permit": 30},
)


def told(
    counts: Iterable[Count] = (),
    gauges: Iterable[Gauge] = (),
    *,
    process: str = "archive-0",
    run: str = "r1",
    at: int = NOW,
    sequence: int = 1,
) -> CountsTold:
    return CountsTold(
        event_id=bytes(16),
        process=process,
        run=run,
        minute=at - at % MINUTE_US,
        sequence=sequence,
        at=at,
        counts=tuple(counts),
        gauges=tuple(gauges),
    )


def kept(number: int, department: str = "tax", label: str = "tax.paid") -> Count:
    return Count(figure="facts-kept", department=department, label=label, count=number)


def answered(label: str, number: int, department: str = "tax", bucket: int = 20, by: str = "archive") -> Count:
    return Count(figure=f"{by}-answers", department=department, label=label, bucket=bucket, count=number)


def fold_of(*messages: CountsTold, now: int = NOW) -> Fold:
    fold = Fold(window_rules())
    for each in messages:
        fold.take(each, now)
    return fold


class Clock:
    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def standing_of(*messages: CountsTold, clock: Clock | None = None) -> Standing:
    standing = Standing(LiveRules(window_rules(), health_rule(), alert_rules()), NAMES, clock or Clock())
    for each in messages:
        standing.take(each)
    standing.look()
    return standing
