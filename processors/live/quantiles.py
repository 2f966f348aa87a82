"""Times told in buckets, added up, and what lies at a share of them."""

from collections.abc import Mapping

from processors.live.windows import Series
from topics.figures import bucket_middle_ms


def quantile_s(counts: Mapping[Series, int], share: float) -> float | None:
    """The time that ``share`` of all do not exceed, s, to within a tenth; None when no time was told."""
    timed = sorted((series.bucket, count) for series, count in counts.items() if series.bucket is not None)
    total = sum(count for _, count in timed)
    if not total:
        return None
    wanted, seen = share * total, 0
    for bucket, count in timed:
        seen += count
        if seen >= wanted:
            return bucket_middle_ms(bucket) / 1000
    return bucket_middle_ms(timed[-1][0]) / 1000
