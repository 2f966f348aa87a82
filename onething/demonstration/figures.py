"""What the bureau sees of the demonstration: every message once in the lake, and the rates of today."""

import time
from typing import Any, Final

from onething.demonstration.telling import Story
from onething.figures_client import FiguresClient

LOOK_S: Final = 0.2
CAUGHT_UP_S: Final = 60.0
SHOWN: Final = ("catalogued", "attached", "collected", "shared", "apply-free")

ONCE: Final = """
WITH kept AS (
    SELECT topic, partition, "offset" AS place FROM facts
    UNION ALL SELECT topic, partition, "offset" FROM coverages
    UNION ALL SELECT topic, partition, "offset" FROM marks
    UNION ALL SELECT topic, partition, "offset" FROM undecoded
), parts AS (
    SELECT topic, partition, count(*) AS kept, count(DISTINCT place) AS places, max(place) + 1 AS ends
    FROM kept GROUP BY ALL
)
SELECT sum(kept)::BIGINT, sum(places)::BIGINT, sum(ends)::BIGINT FROM parts
"""
"""Rows, different places among them, and places on the log: three times the same when nothing is missing or doubled."""


class NotReconciled(Exception):  # noqa: N818  the name is the fact
    """The lake lacks messages of the log, or holds some twice."""


def show(story: Story, url: str) -> None:
    """Tell that the lake holds the log, and what its rates are.

    Raises:
        NotReconciled: it does not, or not in time.
    """
    with FiguresClient(url) as client:
        _await_lake(client)
        rows, places, ends = _once(client)
        if not rows == places == ends:
            raise NotReconciled(f"{ends} messages on the log, {rows} rows, {places} of them different")
        story.tell(f"数据湖 lake: {rows:,} 条消息，一条不少、一条不重 (every message of the log once)")
        for rate in client.get("/v1/rates")["rates"]:
            if rate["id"] in SHOWN:
                story.tell(told(rate))


def _await_lake(client: FiguresClient) -> None:
    until = time.monotonic() + CAUGHT_UP_S
    while client.get("/v1/lake")["lag"] != 0:
        if time.monotonic() > until:
            raise NotReconciled(f"the lake did not come to the end of the log within {CAUGHT_UP_S:.0f} s")
        time.sleep(LOOK_S)


def _once(client: FiguresClient) -> tuple[int, int, int]:
    ((rows, places, ends),) = client.post("/v1/lake/query", {"sql": ONCE})["rows"]
    return rows, places, ends


def told(rate: dict[str, Any]) -> str:
    """One rate in a line: its figure, its fraction, what stands beside it."""
    value = rate["why_null"] if rate["value"] is None else f"{rate['value']:.1%}"
    twin = rate["twin"]
    return f"{rate['name']} {value}（{rate['numerator']:,} / {rate['denominator']:,}；{twin['name']} {twin['count']}）"
