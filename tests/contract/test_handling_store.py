"""What every case store promises of handled cases, whichever database keeps them."""

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from processors.cases import CaseFilter, CaseReader, CaseStore, OutboxRow
from processors.cases import writes as writes_module
from processors.cases.arrivals import Arrival
from processors.domain.handling import Handling, HandlingPlan, handle
from tests.processors.cases.writing import CODEC, arrived
from tests.processors.handling_story import (
    DAY_US,
    SUBMITTED_AT,
    a_plan,
    an_application,
    an_item,
    decided,
    judged,
    opened,
)
from tests.processors.story import answer, answered, small_definition
from topics.events import (
    ApplicationSupplemented,
    ApplicationWithdrawn,
    CaseEvaluated,
    CaseEvent,
    CaseRequested,
    DeadlinePassed,
    PaymentConfirmed,
    RecordRefused,
    SuppliedMaterial,
)

NOW = SUBMITTED_AT
HOUR_US = 3_600_000_000
SUBJECT = an_application().subject
CHECKED = a_plan(
    an_item(1),
    an_item(2, "tax", item_id="paid", mode="check", passes="clear"),
    checks=msgspec.structs.replace(small_definition(), bundle="food-outlet", lines=small_definition().lines[:1]),
)
PLAN = a_plan(
    an_item(1, handled_and_reviewed=True), an_item(2, "urban-management"), an_item(3, "fire-rescue", after=(1,))
)


def played(*events: CaseEvent, plan: HandlingPlan = PLAN) -> tuple[Handling, list[CaseEvent]]:
    """The plain in-memory runner: the oracle."""
    handling: Handling | None = None
    emits: list[CaseEvent] = []
    for event in events:
        done = handle(handling, event, plan)
        handling, emits = done.handling, [*emits, *done.emits]
    assert handling is not None
    return handling, emits


def story(plan: HandlingPlan = PLAN, **changed: Any) -> list[CaseEvent]:
    """An application, and all that departments do until it is delivered."""
    events: list[CaseEvent] = [an_application(**changed)]
    while (handling := played(*events, plan=plan)[0]).ended_at is None:
        at = SUBMITTED_AT + len(events) * HOUR_US
        assignment = next(each for each in handling.assignments if each.is_active)
        say = judged if assignment.state == "handled" else decided
        event: Any = say(handling, assignment.number)
        events.append(msgspec.structs.replace(event, event_id=_id(handling.case_id, len(events)), at=at))
    return events


def _id(case_id: str, number: int) -> bytes:
    return f"{case_id[-12:]:>12}{number:4}".encode()


def withdrawn(case_id: str = "case-1", at: int = SUBMITTED_AT + HOUR_US) -> ApplicationWithdrawn:
    return ApplicationWithdrawn(
        event_id=_id(f"w{case_id}", 0), case_id=case_id, reason="不办了", withdrawn_by="applicant-1", at=at
    )


def refusals(outbox: Iterable[Any]) -> list[str]:
    events = [CODEC.event(row.value) for row in outbox]
    return [reason for each in events if isinstance(each, RecordRefused) for reason in each.reasons]


class HandlingStoreContract:
    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def store(self, url: str) -> Iterator[CaseStore]:
        with self.opened(url) as store:
            yield store

    @pytest.fixture
    def reader(self, url: str, store: CaseStore) -> Iterator[CaseReader]:
        del store  # it creates the tables
        with CaseReader(url) as reader:
            yield reader

    def opened(self, url: str, plan: HandlingPlan = PLAN) -> CaseStore:
        return CaseStore(url, {"small": small_definition()}, CODEC, plans={plan.bundle: plan})

    def test_a_batch_is_the_same_as_the_plain_runner(self, store: CaseStore, reader: CaseReader) -> None:
        events = story()
        applied = store.apply_batch(arrived(*events), now=NOW)
        handling, emits = played(*events)
        assert [CODEC.event(row.value) for row in applied.outbox] == emits
        assert reader.handling_state("case-1") == handling

    def test_events_one_by_one_are_the_same_as_a_batch(self, url: str, store: CaseStore, reader: CaseReader) -> None:
        store.close()
        told: list[OutboxRow] = []
        for each in story():
            with self.opened(url) as reopened:  # every event meets a case out of its row
                told += reopened.apply_batch(arrived(each), now=NOW).outbox
        handling, emits = played(*story())
        assert reader.handling_state("case-1") == handling
        assert [CODEC.event(row.value) for row in told] == emits

    def test_repeats_write_nothing(self, store: CaseStore) -> None:
        store.apply_batch(arrived(*story()), now=NOW)
        again = store.apply_batch(arrived(*story()), now=NOW)
        assert (again.outbox, again.changed_count) == ((), 0)

    def test_every_message_has_its_topic(self, store: CaseStore) -> None:
        topics = {row.topic for row in store.apply_batch(arrived(*story()), now=NOW).outbox}
        assert topics == {
            "case.updates",
            "case.notices",
            "supervision",
            "case.tasks.market-regulation",
            "case.tasks.urban-management",
            "case.tasks.fire-rescue",
        }

    def test_inboxes_follow_their_assignments(self, store: CaseStore, reader: CaseReader) -> None:
        events = story()
        store.apply_batch(arrived(events[0]), now=NOW)
        (open_,) = reader.assignments("market-regulation", state="open").assignments
        assert (open_.number, open_.text, open_.handled_and_reviewed, open_.kind) == (1, "事项1", True, "item")
        assert open_.due_at == opened(PLAN).assignments[0].due_at
        store.apply_batch(arrived(events[1]), now=NOW)
        (handled,) = reader.assignments("market-regulation", state="handled").assignments
        assert handled.proposed == events[1]
        assert reader.assignments("market-regulation", state="open").assignments == ()
        assert reader.assignments("market-regulation", state="active").assignments == (handled,)
        store.apply_batch(arrived(events[2]), now=NOW)
        decided_ = reader.assignment(open_.assignment_id)
        assert decided_ is not None
        assert (decided_.state, decided_.handled_by, decided_.reviewed_by) == ("approved", "张经办", "李审核")
        assert reader.assignment("0" * 32) is None

    def test_a_page_shows_the_whole_case(self, store: CaseStore, reader: CaseReader) -> None:
        store.apply_batch(arrived(*story()), now=NOW)
        view = reader.handling("case-1")
        assert view is not None
        assert (view.status, view.outcome, view.lead) == ("delivered", "approved", "market-regulation")
        assert [(each.number, each.state) for each in view.items] == [(1, "approved"), (2, "approved"), (3, "approved")]
        assert [each.department for each in view.assignments] == [
            "market-regulation",
            "urban-management",
            "fire-rescue",
        ]
        assert view.notices[0].kind == "receipt"
        times = [each.at for each in view.timeline]
        assert times == sorted(times)
        assert (view.timeline[0].what, view.timeline[-1].what) == ("submitted", "delivered")
        assert {each.what for each in view.timeline} >= {"dispatched", "approved", "decided", "handed-over"}
        assert reader.handling("case-2") is None
        assert reader.case("case-1") is None

    def test_a_clock_that_stands_is_shown(self, store: CaseStore, reader: CaseReader) -> None:
        asked = decided(opened(PLAN), 2, "supplement", at=SUBMITTED_AT + HOUR_US)
        store.apply_batch(arrived(an_application(), asked), now=NOW)
        view = reader.handling("case-1")
        assert view is not None
        assert (view.status, view.items[1].state, view.items[1].paused) == ("supplementing", "supplementing", True)
        (assignment,) = reader.assignments("urban-management").assignments
        assert (assignment.missing, assignment.paused_since) == (("lease",), SUBMITTED_AT + HOUR_US)

    def test_another_form_replaces_the_first(self, url: str, store: CaseStore, reader: CaseReader) -> None:
        asked = decided(opened(PLAN), 2, "supplement", missing=("form",))
        supplied = ApplicationSupplemented(
            event_id=b"supplement-00001",
            case_id="case-1",
            materials=(SuppliedMaterial(material="lease", means="upload"),),
            form=b"sealed again",
            form_digest=b"d" * 32,
            supplemented_by="applicant-1",
            at=SUBMITTED_AT + 2 * HOUR_US,
        )
        events = [an_application(form=b"sealed", form_digest=b"c" * 32), asked, supplied]
        store.apply_batch(arrived(*events[:2]), now=NOW)
        store.apply_batch(arrived(supplied), now=NOW)
        store.close()
        with self.opened(url):
            assert reader.handling_state("case-1") == played(*events)[0]

    def test_whom_it_is_passed_on_to_takes_part(self, url: str, store: CaseStore, reader: CaseReader) -> None:
        passed = decided(opened(PLAN), 2, "pass-on", pass_on_to="tax")
        store.apply_batch(arrived(an_application()), now=NOW)
        assert reader.cases(CaseFilter(department="tax")).cases == ()
        store.apply_batch(arrived(passed), now=NOW)
        assert len(reader.cases(CaseFilter(department="tax")).cases) == 1
        assert [each.number for each in reader.assignments("tax", state="open").assignments] == [2]
        view = reader.handling("case-1")
        assert view is not None
        assert "税" in view.names["tax"]
        store.close()
        with self.opened(url):
            assert reader.handling_state("case-1") == played(an_application(), passed)[0]

    def test_a_subject_has_one_running_case_of_a_bundle(self, store: CaseStore, reader: CaseReader) -> None:
        second = an_application(event_id=b"application-0002", case_id="case-2", submitted_at=SUBMITTED_AT + 1)
        store.apply_batch(arrived(an_application()), now=NOW)
        assert reader.running("food-outlet", SUBJECT) == "case-1"
        for _ in range(2):
            (reason,) = refusals(store.apply_batch(arrived(second), now=NOW).outbox)
            assert reason.startswith("duplicate-application: case case-1")
        store.apply_batch(arrived(withdrawn()), now=NOW)
        assert reader.running("food-outlet", SUBJECT) is None
        assert refusals(store.apply_batch(arrived(second), now=NOW).outbox) != [], "it came while the first one ran"
        third = an_application(event_id=b"application-0003", case_id="case-3", submitted_at=SUBMITTED_AT + 2 * HOUR_US)
        assert refusals(store.apply_batch(arrived(third), now=NOW).outbox) == []
        assert reader.running("food-outlet", SUBJECT) == "case-3"
        assert reader.handling("case-2") is None

    def test_the_end_of_one_case_and_the_next_application_share_a_batch(self, store: CaseStore) -> None:
        second = an_application(event_id=b"application-0002", case_id="case-2", submitted_at=SUBMITTED_AT + 2 * HOUR_US)
        store.apply_batch(arrived(an_application()), now=NOW)
        applied = store.apply_batch(arrived(withdrawn(), second), now=NOW)
        assert (refusals(applied.outbox), applied.changed_count, applied.attempts) == ([], 2, 1)
        together = [
            an_application(event_id=_id(name, 1), case_id=name, subject="enterprise:91610100MA6U0J1K3L")
            for name in ("case-8", "case-9")
        ]
        applied = store.apply_batch(arrived(*together), now=NOW)
        assert (len(refusals(applied.outbox)), applied.changed_count) == (1, 1)

    def test_what_may_be_repeated_may_run_twice(self, url: str, store: CaseStore) -> None:
        store.close()
        with self.opened(url, a_plan(repeatable=True)) as reopened:
            for name in ("case-1", "case-2"):
                application = an_application(event_id=_id(name, 1), case_id=name)
                assert refusals(reopened.apply_batch(arrived(application), now=NOW).outbox) == []

    def test_who_lost_a_race_is_refused(self, store: CaseStore, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two coordinators see no running case, both begin one: the database lets one in."""
        store.apply_batch(arrived(an_application()), now=NOW)
        looked = store._running
        attempts = []

        def blind_once(*arguments: Any) -> Any:
            attempts.append(1)
            return None if len(attempts) == 1 else looked(*arguments)

        monkeypatch.setattr(store, "_running", blind_once)
        second = an_application(event_id=b"application-0002", case_id="case-2")
        applied = store.apply_batch(arrived(second), now=NOW)
        assert (applied.attempts, applied.changed_count) == (2, 0)
        assert refusals(applied.outbox)[0].startswith("duplicate-application: case case-1")

    def test_due_times_ring_one_after_the_other(self, store: CaseStore, reader: CaseReader) -> None:
        store.apply_batch(arrived(an_application(), partition=1), now=NOW)
        seen: list[DeadlinePassed] = []
        for day in range(1, 20):
            now = SUBMITTED_AT + day * DAY_US
            if rung := store.due(now=now, partitions=[1]):
                again = store.due(now=now + 1, partitions=[1])
                assert [each.event_id for each in again] == [each.event_id for each in rung], "one event until taken"
                store.apply_batch(arrived(*rung), now=now)
                seen += rung
        assert len(seen) > 1
        assert len({each.event_id for each in seen}) == len(seen)
        assert reader.cases(CaseFilter(overdue=True)).cases[0].case_id == "case-1"
        assert {each.overdue for each in reader.assignments("market-regulation").assignments} == {True}
        kinds = {each.kind for each in reader.notices("case-1")}
        assert kinds >= {"overdue", "escalated"}
        assert store.due(now=2**60, partitions=[1]) == ()

    def test_fees_are_kept_as_they_are_asked_for_and_paid(self, store: CaseStore, reader: CaseReader) -> None:
        with_fee = decided(opened(PLAN), 2, fee_fen=1200)
        applied = store.apply_batch(arrived(an_application(), with_fee), now=NOW)
        (asked,) = [each for row in applied.outbox if row.topic == "case.payments" for each in [CODEC.event(row.value)]]
        payment_id = asked.payment_id  # type: ignore[attr-defined]
        payment = reader.payment(payment_id)
        assert payment is not None
        assert (payment.amount_fen, payment.state, payment.number) == (1200, "requested", 2)
        paid = PaymentConfirmed(
            event_id=b"payment-00000001", case_id="case-1", payment_id=payment_id, amount_fen=1200, paid_at=NOW + 9
        )
        store.apply_batch(arrived(paid), now=NOW)
        payment = reader.payment(payment_id)
        assert payment is not None
        assert (payment.state, payment.paid_at) == ("paid", NOW + 9)
        assert reader.payment("none") is None

    def test_evaluations_are_found(self, store: CaseStore, reader: CaseReader) -> None:
        for number, stars in ((1, 5), (2, 1), (3, 2)):
            case_id = f"case-{number}"
            subject = f"enterprise:91610100MA6U0J1K{number}L"
            evaluated = CaseEvaluated(
                event_id=_id(case_id, 99),
                case_id=case_id,
                stars=stars,
                evaluated_by="applicant-1",
                at=SUBMITTED_AT + 9 * DAY_US + number,
            )
            events = [*story(event_id=_id(case_id, 0), case_id=case_id, subject=subject), evaluated]
            store.apply_batch(arrived(*events), now=NOW)
        found = reader.evaluations(limit=2)
        assert [each.stars for each in found.evaluations] == [2, 1]
        assert [each.stars for each in reader.evaluations(page=found.next_page).evaluations] == [5]
        assert [each.case_id for each in reader.evaluations(most_stars=2).evaluations] == ["case-3", "case-2"]
        assert len(reader.evaluations(department="fire-rescue", bundle="food-outlet").evaluations) == 3
        assert reader.evaluations(department="tax").evaluations == ()
        (rectification,) = reader.assignments("market-regulation", kind="rectification", limit=1).assignments
        assert rectification.state == "open"
        assert reader.cases(CaseFilter(subject="enterprise:91610100MA6U0J1K2L")).cases[0].stars == 1
        assert [each.stars for each in reader.evaluated_cases()] == [5, 1, 2]

    def test_finished_cases_are_told_by_their_end(self, store: CaseStore, reader: CaseReader) -> None:
        ends = []
        for number in range(4):
            case_id, subject = f"case-{number}", f"enterprise:91610100MA6U0J1K{number}L"
            events = story(event_id=_id(case_id, 0), case_id=case_id, subject=subject)
            events = events if number else [events[0], withdrawn(case_id)]
            store.apply_batch(arrived(*events), now=NOW)
            ends.append(played(*events)[0].ended_at or 0)
        assert [each.case_id for each in reader.finished_cases()] == ["case-1", "case-2", "case-3"]
        assert list(reader.finished_cases(begin=ends[1] + 1)) == []
        assert len(list(reader.finished_cases(bundle="food-outlet", begin=ends[1], end=ends[1] + 1))) == 3
        assert list(reader.finished_cases(bundle="another")) == []

    def test_checks_of_a_handling_are_reported_like_any(self, url: str, store: CaseStore, reader: CaseReader) -> None:
        store.close()
        application = an_application()
        said = answered("hub", answer("paid", "tax", subject=SUBJECT))
        with self.opened(url, CHECKED) as reopened:
            reopened.apply_batch(arrived(application), now=NOW)
            reopened.apply_batch(arrived(msgspec.structs.replace(said, answered_at=SUBMITTED_AT + 5)), now=NOW)
        report = reader.report("case-1")
        assert report is not None
        assert reader.report_by_code(report.verification_code) == report
        view, case = reader.handling("case-1"), reader.case("case-1")
        assert view is not None
        assert case is not None
        assert (view.items[1].state, view.lines[0].answer, view.reports) == ("approved", "clear", case.reports)

    def test_each_kind_of_case_takes_its_own_events_only(self, store: CaseStore, reader: CaseReader) -> None:
        request = CaseRequested(
            event_id=b"request-00000001",
            case_id="checked",
            bundle="small",
            bundle_version=1,
            subjects=(SUBJECT,),
            purpose="核查",
            requested_by="tax",
            look_back_years=3,
            territory="6101",
            requested_at=SUBMITTED_AT,
            deadline_at=SUBMITTED_AT + 60_000_000,
            include_related=False,
        )
        store.apply_batch(arrived(an_application(), request), now=NOW)
        crossed: list[CaseEvent] = [
            msgspec.structs.replace(request, case_id="case-1"),
            an_application(event_id=b"application-0002", case_id="checked"),
            withdrawn("checked"),
            withdrawn("nobody"),
            answered("hub", answer("paid", "tax"), case_id="case-1"),
        ]
        before = reader.handling_state("case-1"), reader.check_case("checked")
        applied = store.apply_batch(arrived(*crossed), now=NOW)
        codes = [reason.split(":")[0] for reason in refusals(applied.outbox)]
        assert codes == ["case-exists", "not-taken", "not-taken", "no-such-case", "nothing-checked"]
        assert (reader.handling_state("case-1"), reader.check_case("checked")) == before

    def test_a_batch_that_fails_leaves_nothing(
        self, store: CaseStore, reader: CaseReader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise OSError("the disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(writes_module, "write_reports", broken)
            with pytest.raises(OSError, match="disk is full"):
                store.apply_batch(arrived(*story()), now=NOW)
        assert reader.handling("case-1") is None
        assert reader.assignments("market-regulation").assignments == ()
        assert reader.notices("case-1") == ()
        assert store.outbox(written_before=NOW + 1) == ()
        assert len(store.apply_batch(arrived(*story()), now=NOW).outbox) == len(played(*story())[1])


class TestSqlite(HandlingStoreContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'cases.db'}"


@pytest.mark.postgresql
class TestPostgresql(HandlingStoreContract):
    @pytest.fixture
    def url(self, database: str) -> str:
        return database

    def test_two_coordinators_let_one_application_in(self, url: str, store: CaseStore, reader: CaseReader) -> None:
        """Each begins its own case of every subject, in its own order, at the same time."""
        subjects = [f"enterprise:91610100MA6U0J1{number:02}L" for number in range(30)]
        applied: list[list[str]] = [[], []]

        def applies(place: int, writer: CaseStore) -> None:
            for subject in subjects if place else reversed(subjects):
                case_id = f"{place}-{subject[-6:]}"
                application = an_application(event_id=_id(case_id, 0), case_id=case_id, subject=subject)
                applied[place] += refusals(writer.apply_batch(arrived(application), now=NOW).outbox)

        with self.opened(url) as other:
            threads = [threading.Thread(target=applies, args=each) for each in enumerate((store, other))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len(applied[0]) + len(applied[1]) == len(subjects)
        assert len(reader.cases(limit=100).cases) == len(subjects)
        assert len({each.subject for each in reader.cases(limit=100).cases}) == len(subjects)


def test_arrivals_that_hold_no_event_are_refused(tmp_path: Path) -> None:
    store = CaseStore(f"sqlite:///{tmp_path / 'cases.db'}", {}, CODEC, plans={PLAN.bundle: PLAN})
    try:
        (arrival,) = arrived(an_application())
        applied = store.apply_batch([Arrival(arrival.message, None, ())], now=NOW)
        assert applied.refused_count == 1
    finally:
        store.close()
