from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.bundles import load_bundles
from producers.simulation.calendar import DAY_US, EPOCH, day_of, instant_of, midnight, written
from producers.simulation.drafts import Draft, changed, draft
from producers.simulation.expectations import Asked, Record, expected_answers
from producers.simulation.penalties import EDGE_DAYS, off_edge

BUNDLE = load_bundles()["listing-compliance"]
AT = instant_of("2026-11-22T00:00:00+08:00")
COVERED = dict.fromkeys(BUNDLE.resources, AT)
SUBJECT = {"kind": "enterprise", "id": "x"}


def penalty(decided: str, resource: str = "water.administrative-penalty", **content: Any) -> Draft:
    at = instant_of(decided)
    known = {"state": "in-force", "decided_at": at, "territory": "610112"} | content
    return draft("PenaltyImposed", resource, SUBJECT, "1", at, known)


def payment(at: str, outcome: str) -> Draft:
    content = {"outcome": outcome, "territory": "610112"}
    return draft("VerificationRecorded", "tax.tax-clearance", SUBJECT, "2", instant_of(at), content)


def answers(*records: Draft, is_disputed: bool = False, territory: str = "", at: int = AT) -> dict[str, str]:
    known = [Record(each, is_disputed) for each in records]
    found = expected_answers(BUNDLE, known, COVERED, Asked(at, 3, territory))
    return {check: answer for check, answer in found.items() if answer != "clear"}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (penalty("2024-05-01T10:00:00+08:00"), {"water": "found"}),
        (penalty("2023-11-22T00:00:00+08:00"), {"water": "found"}),
        (penalty("2023-11-21T23:59:59+08:00"), {}),
        (penalty("2026-11-22T00:00:00+08:00"), {}),
        (penalty("2024-05-01T10:00:00+08:00", state="repaired"), {}),
        (penalty("2024-05-01T10:00:00+08:00", state="revoked"), {}),
        (changed(penalty("2024-05-01T10:00:00+08:00"), "RegistrationWithdrawn", AT - 1, state=None), {}),
        (penalty("2006-05-01T10:00:00+08:00", "tax.serious-dishonesty"), {"tax": "found"}),
        (payment("2025-03-01T10:00:00+08:00", "欠缴"), {"tax": "found"}),
        (payment("2022-03-01T10:00:00+08:00", "欠缴"), {}),
        (payment("2025-03-01T10:00:00+08:00", "正常"), {}),
    ],
)
def test_rules_find_what_stands_within_the_look_back(record: Draft, expected: dict[str, str]) -> None:
    assert answers(record) == expected


def test_a_disputed_record_is_no_finding_but_another_one_is() -> None:
    record = penalty("2024-05-01T10:00:00+08:00")

    assert answers(record, is_disputed=True) == {"water": "disputed"}


def test_the_territory_is_a_part_of_the_question() -> None:
    record = penalty("2024-05-01T10:00:00+08:00")

    assert answers(record, territory="6101") == {"water": "found"}
    assert answers(record, territory="6103") == {}


def test_without_coverage_nothing_is_clear() -> None:
    found = expected_answers(BUNDLE, [], {}, Asked(AT, 3))
    old = expected_answers(BUNDLE, [], dict.fromkeys(BUNDLE.resources, AT - 60 * DAY_US), Asked(AT, 3))

    assert set(found.values()) == {"unavailable"}
    assert set(old.values()) == {"source-behind"}


def test_the_strongest_part_is_the_answer_of_a_check_with_two_departments() -> None:
    assert answers(penalty("2024-05-01T10:00:00+08:00", "housing.administrative-penalty")) == {"construction": "found"}


def test_a_look_back_from_29_february_begins_on_the_28th() -> None:
    asked = Asked(instant_of("2028-02-29T08:00:00+08:00"), 3)

    assert asked.since == instant_of("2025-02-28T08:00:00+08:00")


@given(st.integers(0, 6 * 365), st.dates(date(2025, 1, 1), date(2040, 1, 1)))
def test_no_decision_lies_around_the_edge_of_a_look_back(age_days: int, until: date) -> None:
    until_day = day_of(until)
    day = off_edge(until_day - 1 - age_days, until_day)

    assert day < until_day
    for years in range(1, 6):
        edge = day_of(until.replace(year=until.year - years, day=min(until.day, 28)))
        assert abs(day - edge) > EDGE_DAYS - 10


def test_days_are_those_of_shanghai() -> None:
    day = day_of(date(2026, 11, 22))

    assert midnight(day) == AT
    assert written(day) == "2026-11-22"
    assert date.fromordinal(day + EPOCH) == date(2026, 11, 22)
