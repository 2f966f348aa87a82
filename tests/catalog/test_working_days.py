from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.definitions import DefinitionFaultsError
from catalog.working_days import WORKING_DAYS_FILE, load_calendar

CALENDAR = load_calendar()
CHINA = timezone(timedelta(hours=8))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def us(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def at(text: str) -> int:
    """µs of a time of China, ``2025-01-24 16:30``."""
    return us(datetime.fromisoformat(text).replace(tzinfo=CHINA))


def shown(instant_us: int) -> str:
    return f"{(EPOCH + timedelta(microseconds=instant_us)).astimezone(CHINA):%Y-%m-%d %H:%M}"


INSTANTS = st.integers(at("2023-06-01 00:00"), at("2028-06-01 00:00"))
TERMS = st.integers(0, 90)

# Monday to Friday in the year less the holidays that fall on them, plus the make-up days; counted by hand from the
# notices, holiday by holiday.
WORKING_DAYS = {2024: 262 - 19 + 8, 2025: 261 - 18 + 5, 2026: 261 - 19 + 6}


def test_the_known_years_and_where_the_calendar_ends() -> None:
    assert sorted(CALENDAR.years) == [2024, 2025, 2026]
    assert CALENDAR.last_day == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("received", "working_days", "due"),
    [
        # Friday before Spring Festival 2025: the Sunday after it works, Tuesday is the eve
        ("2025-01-24 16:30", 1, "2025-01-27 00:00"),
        ("2025-01-24 16:30", 2, "2025-01-28 00:00"),
        ("2025-01-24 16:30", 3, "2025-02-06 00:00"),
        # Saturday 8 February 2025 works
        ("2025-02-05 09:00", 3, "2025-02-09 00:00"),
        # Saturdays 14 and 28 February 2026 work, the festival lasts from the 15th to the 23rd
        ("2026-02-13 10:00", 1, "2026-02-15 00:00"),
        ("2026-02-13 10:00", 2, "2026-02-25 00:00"),
        ("2026-02-24 10:00", 4, "2026-03-01 00:00"),
        # Sunday 20 September 2026 works; the festivals of autumn follow
        ("2026-09-18 23:59", 1, "2026-09-21 00:00"),
        ("2026-09-18 23:59", 6, "2026-09-29 00:00"),
        ("2026-09-30 00:00", 1, "2026-10-09 00:00"),
        ("2026-09-30 00:00", 2, "2026-10-10 00:00"),
        ("2026-09-30 00:00", 3, "2026-10-11 00:00"),
        # received on a day off; across the new year into a year that is not arranged
        ("2024-10-03 12:00", 1, "2024-10-09 00:00"),
        ("2026-12-31 12:00", 1, "2027-01-02 00:00"),
        # done at once
        ("2026-10-09 12:00", 0, "2026-10-10 00:00"),
        ("2026-10-03 12:00", 0, "2026-10-09 00:00"),
    ],
)
def test_a_term_ends_with_its_last_working_day(received: str, working_days: int, due: str) -> None:
    assert shown(CALENDAR.due_at(at(received), working_days)) == due


def test_the_day_is_that_of_china() -> None:
    # 16:30 UTC on Thursday is half past midnight on Friday in China: Friday is the day of receipt
    assert shown(CALENDAR.due_at(us(datetime(2026, 11, 19, 16, 30, tzinfo=UTC)), 1)) == "2026-11-24 00:00"


@pytest.mark.parametrize("year", sorted(WORKING_DAYS))
def test_each_year_has_the_working_days_of_its_notice(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
    assert sum(CALENDAR.is_working_day(day) for day in days if day.year == year) == WORKING_DAYS[year]


def test_what_lies_beyond_the_calendar_is_provisional() -> None:
    assert not CALENDAR.is_provisional(date(2026, 12, 31))
    assert CALENDAR.is_provisional(date(2027, 1, 1))
    assert CALENDAR.is_provisional(date(2023, 12, 31))
    assert not CALENDAR.is_provisional_term(CALENDAR.due_at(at("2026-12-30 12:00"), 1))
    assert CALENDAR.is_provisional_term(CALENDAR.due_at(at("2026-12-30 12:00"), 2))


def test_a_negative_term_is_refused() -> None:
    with pytest.raises(ValueError, match="a term of -1 working days; at least 0 is due"):
        CALENDAR.due_at(0, -1)


@given(INSTANTS, st.integers(1, 90))
def test_until_the_end_of_a_term_lie_as_many_working_days_as_it_has(received: int, term: int) -> None:
    due = CALENDAR.due_at(received, term)
    assert CALENDAR.working_days_between(received, due) == term
    assert CALENDAR.working_days_between(received, due - 24 * 3_600_000_000) == term - 1


@given(INSTANTS, TERMS)
def test_a_term_ends_at_midnight_after_a_working_day_that_is_not_before_receipt(received: int, term: int) -> None:
    due = CALENDAR.due_at(received, term)
    end = (EPOCH + timedelta(microseconds=due)).astimezone(CHINA)
    assert end.time() == time(0)
    assert CALENDAR.is_working_day(end.date() - timedelta(days=1))
    assert due > received


@given(INSTANTS, INSTANTS, TERMS)
def test_who_comes_earlier_is_not_due_later(one: int, other: int, term: int) -> None:
    earlier, later = sorted((one, other))
    assert CALENDAR.due_at(earlier, term) <= CALENDAR.due_at(later, term)
    assert CALENDAR.due_at(earlier, term) < CALENDAR.due_at(earlier, term + 1) or term == 0


@given(INSTANTS, INSTANTS, INSTANTS)
def test_elapsed_working_days_add_up_at_midnights_and_are_never_negative(one: int, two: int, three: int) -> None:
    first, middle, last = sorted(CALENDAR.due_at(instant, 1) for instant in (one, two, three))
    whole = CALENDAR.working_days_between(first - 1, last)
    assert whole == CALENDAR.working_days_between(first - 1, middle) + CALENDAR.working_days_between(middle - 1, last)
    assert CALENDAR.working_days_between(last, first) == 0


def test_every_fault_of_a_calendar_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "working_days.toml"
    text = WORKING_DAYS_FILE.read_text(encoding="utf-8")
    for good, bad in (
        ("[2025]", "[2027]"),
        ('"春节", first = 2024-02-10, last = 2024-02-17', '"春节", first = 2024-02-10, last = 2024-02-09'),
        ("2024-02-04,", "2024-02-05,"),
        ("2026-05-09", "2026-05-03"),
    ):
        assert good in text
        text = text.replace(good, bad, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionFaultsError) as raised:
        load_calendar(path)
    reasons = [str(fault).removeprefix("working_days.toml: ") for fault in raised.value.faults]
    assert [reason for reason in reasons if "no day of 2027" not in reason] == [
        "2025: the year is missing between others that are arranged",
        "2024: 春节 ends 2024-02-09, before it begins 2024-02-10",
        "2024: 2024-02-05 is no Saturday or Sunday: it works anyway",
        "2026: 2026-05-03 stands more than once",
    ]
    assert len([reason for reason in reasons if "no day of 2027" in reason]) == 28 + 5


def test_a_table_that_is_no_year_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "working_days.toml"
    path.write_text('[soon]\ndocument = "d"\nnumber = "n"\nholidays = []\nworkdays = []\n', encoding="utf-8")
    with pytest.raises(DefinitionFaultsError, match="soon: is no year"):
        load_calendar(path)
    empty = tmp_path / "empty.toml"
    empty.write_text("", encoding="utf-8")
    with pytest.raises(DefinitionFaultsError, match="no year is arranged"):
        load_calendar(empty)
