"""Which files are merged: few at a time, each row a few times only, quiet days wholly, full files never again."""

from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from analytics.lake.compaction import MOST_ROWS, QUIET_S, STEP, plan
from analytics.lake.table_log import DataFile

MONDAY, TUESDAY = date(2026, 6, 1), date(2026, 6, 2)
NOW_MS = 1_790_000_000_000
QUIET_MS = NOW_MS - int(QUIET_S * 1000)


def file(name: str, rows: int, day: date = MONDAY, written_ms: int = NOW_MS) -> DataFile:
    return DataFile(name, day, rows, rows * 50, written_ms=written_ms)


def test_a_busy_day_waits_for_eight_files_of_a_size() -> None:
    few = [file(f"{number}", 100) for number in range(STEP - 1)]
    assert plan(few, NOW_MS) == []
    (group,) = plan([*few, file("another", 90)], NOW_MS)
    assert len(group) == STEP


def test_a_large_file_is_not_written_again_for_a_few_small_ones() -> None:
    files = [file("large", 300_000), *(file(f"{number}", 100) for number in range(STEP))]
    (group,) = plan(files, NOW_MS)
    assert "large" not in {each.path for each in group}


def test_a_quiet_day_becomes_one_file() -> None:
    files = [file("large", 300_000, written_ms=QUIET_MS), file("small", 3, written_ms=QUIET_MS)]
    (group,) = plan(files, NOW_MS)
    assert {each.path for each in group} == {"large", "small"}
    assert plan([file("only", 3, written_ms=QUIET_MS)], NOW_MS) == []


def test_files_of_two_days_are_never_one() -> None:
    files = [file(f"{day}{number}", 10, day, QUIET_MS) for day in (TUESDAY, MONDAY) for number in range(3)]
    groups = plan(files, NOW_MS)
    assert [{each.day for each in group} for group in groups] == [{MONDAY}, {TUESDAY}]


@given(
    st.lists(st.tuples(st.integers(1, MOST_ROWS * 2), st.sampled_from([MONDAY, TUESDAY]), st.booleans()), max_size=40)
)
def test_groups_are_apart_bounded_and_of_one_day(drawn: list[tuple[int, date, bool]]) -> None:
    files = [
        file(str(number), rows, day, QUIET_MS if is_quiet else NOW_MS)
        for number, (rows, day, is_quiet) in enumerate(drawn)
    ]
    groups = plan(files, NOW_MS)
    named = Counter(each.path for group in groups for each in group)
    assert set(named.values()) <= {1}
    for group in groups:
        assert len(group) > 1
        assert len({each.day for each in group}) == 1
        assert sum(each.rows for each in group) <= MOST_ROWS
        assert all(each.rows < MOST_ROWS // 2 for each in group)


@given(st.lists(st.integers(1, 2_000), min_size=200, max_size=400))
def test_a_row_is_written_again_a_few_times_only(commits: list[int]) -> None:
    """Each commit adds a file, and what is due is merged: no row moves more often than sizes have steps."""
    files: dict[str, DataFile] = {}
    moved: dict[str, int] = {}
    for number, rows in enumerate(commits):
        files[str(number)], moved[str(number)] = file(str(number), rows), 0
        for group in plan(list(files.values()), NOW_MS):
            name = "+".join(each.path[:12] for each in group) + f"@{number}"
            moved[name] = max(moved.pop(each.path) for each in group) + 1
            for each in group:
                del files[each.path]
            files[name] = file(name, sum(each.rows for each in group))
    assert max(moved.values()) <= 7
    assert len(files) < STEP * 8
