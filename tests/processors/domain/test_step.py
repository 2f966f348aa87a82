from typing import Any

import msgspec
import pytest

from processors.domain.case import task_statuses
from processors.domain.report import is_genuine, verification_code_of
from processors.domain.step import step
from tests.processors.story import (
    COMPANY,
    CONTROLLER,
    DEADLINE_AT,
    LISTING,
    REQUESTED_AT,
    SECOND,
    all_answered,
    answer,
    answered,
    assert_emits,
    deadline,
    handled,
    reports,
    request,
    reviewed,
    run,
    small_definition,
    words,
)
from topics.events import (
    CaseEvent,
    CaseRequested,
    CaseUpdated,
    ChecksRequested,
    Part,
    ReportIssued,
    SourceCoverage,
    TaskAssigned,
)

SMALL = small_definition()
SMALL_REQUEST = request(definition=SMALL)
BEFORE_TIME = (SourceCoverage(resource="tax.penalty", complete_until=-1),)
HUB_CLEAR = answered("hub", answer("paid", "tax"), answer("staff", "tax"))
REVIEWED = (handled("staff", "labour"), reviewed("staff", "labour"))


def listing_parts() -> tuple[Part, ...]:
    asked = run([request()])[1][0]
    assert isinstance(asked, ChecksRequested)
    return asked.parts


def test_a_request_asks_the_archives_everything_in_one_message() -> None:
    case, emits, _ = run([request()])
    asked, updated = emits
    assert isinstance(asked, ChecksRequested)
    assert isinstance(updated, CaseUpdated)
    assert len(asked.parts) == 18  # seventeen checks, one of them by two departments
    assert (asked.answerer, asked.until, asked.deadline_at) == ("hub", REQUESTED_AT, DEADLINE_AT)
    assert [each.answer for each in updated.lines] == [None] * 17
    assert (case.status, case.revision, updated.revision) == ("running", 1, 1)


def test_the_look_back_is_calendar_years_in_china() -> None:
    # 2028-02-29 00:30 in China, which is still the 28th in UTC
    leap = 1_835_368_200_000_000
    asked = request(requested_at=leap, deadline_at=leap + 60 * SECOND, look_back_years=3)
    case = run([asked])[0]
    assert case.since == 1_740_673_800_000_000  # 2025-02-28 00:30 in China


def test_always_asked_departments_get_their_task_at_once() -> None:
    def is_labours_task(event: CaseEvent) -> bool:
        assert isinstance(event, TaskAssigned)
        return (event.department, event.check_id, event.due_at, event.handled_and_reviewed) == (
            "labour",
            "staff",
            DEADLINE_AT,
            True,
        )

    assert_emits(when=SMALL_REQUEST, then=["ChecksRequested", is_labours_task, "CaseUpdated"], definition=SMALL)


def test_seventeen_clear_answers_give_the_report_at_once() -> None:
    case, emits, _ = run([request(), all_answered(listing_parts())])
    (report,) = reports(emits)
    assert set(words(report).values()) == {"clear"}
    assert case.status == "reported"
    assert report["summary"] == {"clear": 17}
    assert report["lead_lines"][0]["text"].startswith("统筹")


def test_a_line_says_what_its_strongest_part_says() -> None:
    parts = listing_parts()
    construction = [part for part in parts if part.check_id == "construction"]
    others = [part for part in parts if part.check_id != "construction"]
    said_of = zip(construction, ("clear", "found"), strict=True)
    said = (
        all_answered(others),
        answered("hub", *(answer(p.check_id, p.department, word) for p, word in said_of)),
    )
    (report,) = reports(run([request(), *said])[1])
    line = next(line for line in report["lines"] if line["check_id"] == "construction")
    assert line["answer"] == "found"
    assert [part["answer"] for part in line["parts"]] == ["clear", "found"]


@pytest.mark.parametrize("word", ["source-behind", "unavailable"])
def test_where_the_archive_cannot_tell_the_department_is_asked_once(word: str) -> None:
    behind = all_answered(listing_parts(), ecology=word)
    assert_emits(given=[request()], when=behind, then=["TaskAssigned", "CaseUpdated"])
    again = all_answered(listing_parts(), at=2, ecology=word)
    assert_emits(given=[request(), behind], when=again, then=["CaseUpdated"])


def test_a_task_is_answered_by_two_persons_and_wins_over_an_archive_that_is_behind() -> None:
    given = [request(), all_answered(listing_parts(), ecology="source-behind")]
    case = assert_emits(given=given, when=handled("ecology", "ecology", "found"), then=["CaseUpdated"])
    assert case is not None
    assert list(task_statuses(case).values()) == ["handled"]
    given.append(handled("ecology", "ecology", "found"))
    assert_emits(given=given, when=reviewed("ecology", "ecology"), then=["CaseUpdated", "ReportIssued"])
    (report,) = reports(run([*given, reviewed("ecology", "ecology")])[1])
    part = next(line for line in report["lines"] if line["check_id"] == "ecology")["parts"][0]
    assert (part["answer"], part["handled_by"], part["reviewed_by"]) == ("found", "经办甲", "审核乙")
    assert part["coverage"][0]["resource"] == "ecology.penalty"


def test_who_handled_cannot_review() -> None:
    given = [SMALL_REQUEST, handled("staff", "labour", by="王五")]
    assert_emits(
        given=given, when=reviewed("staff", "labour", by=" 王五 "), then=[], refused=["same-person"], definition=SMALL
    )


def test_a_returned_answer_opens_the_task_again() -> None:
    returned = [handled("staff", "labour"), reviewed("staff", "labour", approved=False, note="缺附件")]
    case, _, _ = run([SMALL_REQUEST, *returned], SMALL)
    assert list(task_statuses(case).values()) == ["open"]
    assert case.tasks[0].review_note == "缺附件"
    again = [handled("staff", "labour", at=30), reviewed("staff", "labour", at=40)]
    case, emits, _ = run([SMALL_REQUEST, HUB_CLEAR, *returned, *again], SMALL)
    assert list(task_statuses(case).values()) == ["answered"]
    assert len(reports(emits)) == 1


def test_without_review_one_person_is_enough() -> None:
    behind = answered("hub", answer("paid", "tax", "source-behind"), answer("staff", "tax"))
    given = [SMALL_REQUEST, *REVIEWED, behind]
    assert_emits(given=given, when=handled("paid", "tax"), then=["CaseUpdated", "ReportIssued"], definition=SMALL)


def test_a_departments_system_may_answer_by_itself_and_closes_its_task() -> None:
    case, emits, _ = run([SMALL_REQUEST, HUB_CLEAR, answered("labour", answer("staff", "labour"))], SMALL)
    assert list(task_statuses(case).values()) == ["closed"]
    assert len(reports(emits)) == 1


def test_a_department_cannot_weaken_what_the_archive_found() -> None:
    found = answered("hub", answer("paid", "tax", "found"), answer("staff", "tax"))
    said = [SMALL_REQUEST, *REVIEWED, answered("tax", answer("paid", "tax", "clear")), found]
    (report,) = reports(run(said, SMALL)[1])
    assert words(report)["paid"] == "found"
    assert report["lines"][0]["parts"][0]["answered_by"] == ["hub", "tax"]


def test_the_archives_word_is_awaited_although_the_department_has_spoken() -> None:
    spoken = [SMALL_REQUEST, *REVIEWED, answered("tax", answer("paid", "tax"), answer("staff", "tax"))]
    assert reports(run(spoken, SMALL)[1]) == []
    (report,) = reports(run([*spoken, deadline()], SMALL)[1])
    assert words(report) == {"paid": "clear", "staff": "clear"}


def test_the_deadline_reports_whatever_is_missing() -> None:
    behind = answered("hub", answer("paid", "tax", "source-behind"))
    (report,) = reports(run([SMALL_REQUEST, behind, deadline()], SMALL)[1])
    assert words(report) == {"paid": "source-behind", "staff": "timed-out"}
    parts = [part for line in report["lines"] for part in line["parts"]]
    assert [part["awaits_department"] for part in parts] == [True, True, True]


def test_a_timer_that_rings_too_early_is_refused() -> None:
    assert_emits(given=[request()], when=deadline(at=59), then=[], refused=["too-early"])


def test_a_report_that_an_outage_delayed_says_so() -> None:
    late = reports(run([SMALL_REQUEST, deadline(at=4000)], SMALL)[1])[0]
    in_time = reports(run([SMALL_REQUEST, deadline(at=61)], SMALL)[1])[0]
    assert (late["late"], in_time["late"]) == (True, False)


def test_a_late_answer_amends_the_report() -> None:
    given = [SMALL_REQUEST, HUB_CLEAR, deadline()]
    assert_emits(given=[*given, REVIEWED[0]], when=REVIEWED[1], then=["CaseUpdated", "ReportIssued"], definition=SMALL)
    case, emits, _ = run([*given, *REVIEWED], SMALL)
    first, amendment = reports(emits)
    assert (first["kind"], amendment["kind"], amendment["number"]) == ("report", "amendment", 2)
    assert amendment["earlier"][0]["status"] == "amended"
    assert amendment["earlier"][0]["verification_code"] == first["verification_code"]
    assert [(each["before"], each["after"]) for each in amendment["changes"]] == [("timed-out", "clear")]
    assert case.status == "amended"


def test_a_changed_answer_supersedes_the_report() -> None:
    given = [SMALL_REQUEST, HUB_CLEAR, *REVIEWED]
    news = answered("hub", answer("paid", "tax", "found"), answer("staff", "tax"), at=500)

    def supersedes(event: CaseEvent) -> bool:
        assert isinstance(event, ReportIssued)
        body = msgspec.json.decode(event.body)
        return (event.kind, body["number"], body["status"]) == ("superseded", 1, "superseded")

    case = assert_emits(given=given, when=news, then=["CaseUpdated", supersedes, "ReportIssued"], definition=SMALL)
    assert case is not None
    assert [each.status for each in case.reports] == ["superseded", "current"]


def test_an_evaluation_repeated_later_with_the_same_result_is_no_amendment() -> None:
    given = [SMALL_REQUEST, HUB_CLEAR, *REVIEWED]
    again = answered("hub", answer("paid", "tax"), answer("staff", "tax"), at=500)
    assert_emits(given=given, when=again, then=["CaseUpdated"], definition=SMALL)


def test_an_older_word_changes_nothing() -> None:
    older = answered("hub", answer("paid", "tax", "found"), at=0)
    assert_emits(given=[SMALL_REQUEST, HUB_CLEAR], when=older, then=[], definition=SMALL)


def test_repeats_change_nothing() -> None:
    story = [SMALL_REQUEST, HUB_CLEAR, *REVIEWED, deadline()]
    for each in story:
        assert_emits(given=story, when=each, then=[], definition=SMALL)


def test_the_controller_is_included_when_asked_for() -> None:
    asked = request(definition=SMALL, include_related=True)
    about_controller = answered(
        "hub", answer("paid", "tax", subject=CONTROLLER), answer("paid", "tax"), answer("staff", "tax")
    )
    case, emits, refusals = run([asked, about_controller], SMALL)
    assert not refusals
    assert case.related == (CONTROLLER,)
    tasks = [(each.check_id, each.subject) for each in emits if isinstance(each, TaskAssigned)]
    assert tasks == [("staff", COMPANY), ("staff", CONTROLLER)]
    (report,) = reports(run([asked, about_controller, deadline()], SMALL)[1])
    assert [part["subject"] for part in report["lines"][0]["parts"]] == [COMPANY, CONTROLLER]
    assert report["subjects"][1] == {"subject": CONTROLLER, "related": True}


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (answered("hub", answer("paid", "tax", subject=CONTROLLER)), "other-subject"),
        (answered("hub", answer("paid", "labour")), "not-asked"),
        (answered("hub", answer("staff", "labour")), "not-asked"),
        (answered("labour", answer("paid", "tax")), "not-your-part"),
        (answered("hub", answer("paid", "tax", "timed-out")), "unknown-answer"),
        (answered("hub", answer("paid", "tax", "fine")), "unknown-answer"),
        (handled("paid", "tax"), "no-such-task"),
        (handled("staff", "labour", "timed-out"), "unknown-answer"),
        (handled("staff", "labour", by="  "), "no-person"),
        (msgspec.structs.replace(handled("staff", "labour"), department="tax"), "not-your-task"),
        (msgspec.structs.replace(handled("staff", "labour"), answer=answer("paid", "tax")), "other-part"),
        (reviewed("staff", "labour"), "nothing-to-review"),
        (request(definition=SMALL, purpose="另一用途"), None),
        (answered("hub", answer("paid", "tax"), at=2**42), "bad-time"),
        (
            answered("hub", answer("paid", "tax", coverage=(SourceCoverage(resource="x", complete_until=-1),))),
            "bad-time",
        ),
        (handled("staff", "labour", at=-(2**42)), "bad-time"),
        (deadline(at=2**42), "bad-time"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(event: CaseEvent, code: str | None) -> None:
    assert_emits(given=[SMALL_REQUEST], when=event, then=[], refused=[code] if code else [], definition=SMALL)


def test_a_good_part_is_taken_beside_a_bad_one() -> None:
    mixed = answered("hub", answer("paid", "tax"), answer("paid", "labour"))
    assert_emits(given=[SMALL_REQUEST], when=mixed, then=["CaseUpdated"], refused=["not-asked"], definition=SMALL)


def test_a_case_id_names_one_request_only() -> None:
    other = msgspec.structs.replace(request(), event_id=b"other request id")
    assert_emits(given=[request()], when=other, then=[], refused=["case-exists"])


def test_an_answer_without_a_case_is_refused() -> None:
    assert_emits(when=deadline(), then=[], refused=["no-such-case"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"bundle": "no-such"}, "unknown-bundle"),
        ({"subjects": ()}, "no-subject"),
        ({"subjects": (COMPANY, COMPANY)}, "subject-repeated"),
        ({"subjects": ("enterprise:1",)}, "bad-subject"),
        ({"subjects": (CONTROLLER,)}, "bad-subject"),
        ({"look_back_years": 21}, "bad-look-back"),
        ({"deadline_at": REQUESTED_AT + 29 * SECOND}, "deadline-too-short"),
        ({"deadline_at": REQUESTED_AT + 86_401 * SECOND}, "deadline-too-long"),
        ({"territory": "西安"}, "bad-territory"),
        ({"requested_at": -1}, "bad-time"),
        ({"requested_at": 2**63 - 1, "deadline_at": 2**63 - 1}, "bad-time"),
        ({"purpose": " "}, "bad-purpose"),
        ({"requested_by": "a\nb"}, "bad-requested-by"),
    ],
)
def test_a_request_that_does_not_hold_is_refused(change: dict[str, Any], code: str) -> None:
    assert step(None, request(**change), LISTING).case is None
    assert_emits(when=request(**change), then=[], refused=[code])


def test_all_faults_of_a_request_are_named_at_once() -> None:
    faulty = request(look_back_years=0, territory="x", purpose="")
    assert_emits(when=faulty, then=[], refused=["bad-look-back", "bad-territory", "bad-purpose"])


def test_ids_follow_from_the_cause() -> None:
    story = [SMALL_REQUEST, HUB_CLEAR, *REVIEWED, deadline()]
    first, second = run(story, SMALL)[1], run(story, SMALL)[1]
    assert first == second
    assert len({each.event_id for each in first}) == len(first)


def test_a_report_proves_itself() -> None:
    issued = [each for each in run([SMALL_REQUEST, deadline()], SMALL)[1] if isinstance(each, ReportIssued)]
    body = issued[0].body
    assert is_genuine(body)
    assert not is_genuine(body.replace('"timed-out"', '"clear"', 1))
    assert len(verification_code_of(body)) == 64


def test_a_running_case_keeps_the_definition_it_began_with() -> None:
    case = run([SMALL_REQUEST], SMALL)[0]
    done = step(case, deadline(), None)
    assert done.case is not None
    assert done.case.definition == SMALL
    assert isinstance(SMALL_REQUEST, CaseRequested)
