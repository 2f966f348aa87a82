"""What the figures take from a case that ran through the real rule."""

import msgspec

from catalog.evaluation_counts import Evaluated
from catalog.savings import FinishedCase, Taken, measured
from catalog.working_days import load_calendar
from processors.domain.case import IssuedReport, new_case
from processors.domain.definition import case_definitions
from processors.domain.finished_cases import evaluated, finished_case
from processors.domain.handling import Handling
from tests.processors.handling_story import SUBMITTED_AT, a_plan, an_item, decided, opened, taken
from topics.events import (
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CaseEvaluated,
    CaseRequested,
    Delivery,
    ResultsDelivered,
    SuppliedMaterial,
)

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
BROUGHT = (
    SuppliedMaterial(material="statement", means="upload", reference="sha256:1"),
    SuppliedMaterial(material="plan", means="paper"),
    SuppliedMaterial(material="business-licence", means="archive"),
)


def supplemented(handling: Handling) -> Handling:
    handling = taken(handling, decided(handling, 1, "supplement"))
    event = ApplicationSupplemented(
        event_id=b"supplement-00001",
        case_id=handling.case_id,
        materials=(SuppliedMaterial(material="lease", means="paper"),),
        supplemented_by="applicant-1",
        at=SUBMITTED_AT + HOUR_US + DAY_US,
    )
    return taken(handling, event)


def collected(handling: Handling) -> Handling:
    event = ResultsDelivered(
        event_id=b"delivered-000001",
        case_id=handling.case_id,
        department="market-regulation",
        items=(),
        means="counter",
        delivered_by="窗口甲",
        at=SUBMITTED_AT + 3 * DAY_US,
    )
    return taken(handling, event)


def at_the_counter() -> Handling:
    delivery = Delivery(together=True, means="counter")
    handling = supplemented(opened(a_plan(an_item(1)), channel="counter", materials=BROUGHT, delivery=delivery))
    handling = taken(handling, decided(handling, 1, event_id=b"approved-0000001", at=SUBMITTED_AT + 2 * DAY_US))
    return collected(handling)


def test_a_case_at_the_counter_with_a_supplement_on_paper() -> None:
    case = finished_case(at_the_counter())
    assert case == FinishedCase(
        case_id="case-1",
        bundle="food-outlet",
        lead="market-regulation",
        channel="counter",
        accepted_at=SUBMITTED_AT,
        delivered_at=SUBMITTED_AT + 3 * DAY_US,
        paused_us=DAY_US,
        supplements=1,
        paper_supplements=1,
        payments=0,
        delivery_means="counter",
        deliveries=1,
        materials_brought=3,
    )
    assert measured(case, load_calendar().working_days_between) == Taken(steps=3, days=2, materials=3, trips=3)


def test_a_case_by_e_licence_takes_nothing_but_its_submission() -> None:
    handling = opened(a_plan(an_item(1)), materials=BROUGHT)
    case = finished_case(taken(handling, decided(handling, 1)))
    assert case is not None
    assert measured(case, load_calendar().working_days_between) == Taken(steps=1, days=0, materials=2, trips=0)


def test_only_delivered_cases_are_counted() -> None:
    withdrawal = ApplicationWithdrawn(
        event_id=b"withdrawn-000001", case_id="case-1", reason="不办了", withdrawn_by="applicant-1", at=SUBMITTED_AT + 1
    )
    refused = opened(a_plan(an_item(1)))
    assert finished_case(opened()) is None
    assert finished_case(taken(opened(), withdrawal)) is None
    assert finished_case(taken(refused, decided(refused, 1, "refuse"))) is None


def test_an_evaluation_is_taken_with_its_answer() -> None:
    handling = at_the_counter()
    assert evaluated(handling) is None
    event = CaseEvaluated(
        event_id=b"evaluated-000001",
        case_id="case-1",
        stars=2,
        evaluated_by="applicant-1",
        at=SUBMITTED_AT + 4 * DAY_US,
    )
    assert evaluated(taken(handling, event)) == Evaluated(
        case_id="case-1", bundle="food-outlet", lead="market-regulation", stars=2, at=SUBMITTED_AT + 4 * DAY_US
    )


def test_a_verification_is_finished_with_its_first_report() -> None:
    definition = case_definitions()["listing-compliance"]
    request = CaseRequested(
        event_id=b"requested-000001",
        case_id="case-2",
        bundle="listing-compliance",
        bundle_version=definition.version,
        subjects=("enterprise:91610100MA6U0J1K2L",),
        purpose="上市",
        requested_by="someone",
        look_back_years=3,
        territory="",
        requested_at=SUBMITTED_AT,
        deadline_at=SUBMITTED_AT + 60_000_000,
        include_related=False,
    )
    case = new_case(request, definition)
    assert finished_case(case) is None
    reports = tuple(
        IssuedReport(number=number, kind="report", issued_at=SUBMITTED_AT + number * DAY_US, verification_code="x")
        for number in (1, 2)
    )
    finished = finished_case(msgspec.structs.replace(case, reports=reports))
    assert finished is not None
    assert (finished.bundle, finished.lead, finished.delivered_at) == (
        "listing-compliance",
        "industry-and-information",
        SUBMITTED_AT + DAY_US,
    )
    assert measured(finished, load_calendar().working_days_between) == Taken(steps=1, days=1, materials=0, trips=0)
