import pytest

from processors.live.refusals import MinuteCount, is_first_part, told
from tests.processors.live.telling import NOW, fold_of
from topics.events import RecordRefused


def refused(origin: str | None) -> RecordRefused:
    return RecordRefused(
        event_id=bytes(16),
        department="tax",
        door="sdk",
        reasons=("x",),
        received_at=NOW,
        origin=origin,
        content_type="application/json",
        sealed=False,
        body=b"",
    )


@pytest.mark.parametrize(
    ("origin", "counts"),
    [
        (None, True),
        ("licence.tax/0/12", True),
        ("licence.tax/0/12#1/3", True),
        ("licence.tax/0/12#2/3", False),
        ("facts.jsonl:7", True),
    ],
)
def test_a_long_record_counts_once(origin: str | None, counts: bool) -> None:
    assert is_first_part(refused(origin)) is counts


def test_a_minute_that_is_counted_anew_adds_nothing() -> None:
    count = MinuteCount(NOW)
    messages = []
    for _ in range(3):
        count.add("sdk", NOW + 5)
        messages.append(told("live-0", "tax", count))
    count.add("intake", NOW + 9)
    messages.append(told("live-0", "tax", count))
    fold = fold_of(*messages, *messages)
    assert {series.label: number for series, number in fold.totals.items()} == {"sdk": 3, "intake": 1}
    assert fold.newest_minute("live-0", "refused.tax") == NOW
