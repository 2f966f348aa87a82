"""What every case store promises, whichever database keeps it."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from processors.cases import Arrival, CaseFilter, CaseReader, CaseStore, ForeignStore, ReceivedMessage, StoreMissing
from processors.cases import writes as writes_module
from processors.cases.arrivals import arrival
from processors.cases.search import CaseSummary, Order
from processors.domain.requests import Refusal
from tests.processors.story import (
    COMPANY,
    DEADLINE_AT,
    REQUESTED_AT,
    SECOND,
    answer,
    answered,
    deadline,
    handled,
    request,
    reviewed,
    run,
    small_definition,
)
from topics.codec import RowCodec, SchemaIds
from topics.events import CaseEvent, DeadlinePassed, RecordRefused

SMALL = small_definition()
CODEC = RowCodec(SchemaIds.published())
NOW = REQUESTED_AT
HUB_CLEAR = answered("hub", answer("paid", "tax"), answer("staff", "tax"))
REVIEWED = (handled("staff", "labour"), reviewed("staff", "labour"))
OFFSETS = count()


def arrived(*events: CaseEvent, partition: int = 0) -> list[Arrival]:
    return [
        Arrival(ReceivedMessage("case.requests", partition, next(OFFSETS), each.case_id.encode(), b"", NOW), each)
        for each in events
    ]


def _topic(event: CaseEvent) -> str:
    home = {"CaseRequested": "case.requests", "DeadlinePassed": "case.timers"}.get(type(event).__name__)
    return home or f"case.answers.{getattr(event, 'answered_by', None) or event.department}"  # type: ignore[attr-defined]


class CaseStoreContract:
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

    def opened(self, url: str, **more: Any) -> CaseStore:
        return CaseStore(url, {"small": SMALL}, CODEC, **more)

    def test_what_waits_is_told_with_the_age_of_the_oldest(self, store: CaseStore) -> None:
        assert store.waiting() == (0, None)
        first = store.apply_batch(arrived(request("c1", SMALL)), now=NOW)
        second = store.apply_batch(arrived(request("c2", SMALL)), now=NOW + SECOND)
        assert store.waiting() == (len(first.outbox) + len(second.outbox), NOW)
        store.forget([each.event_id for each in first.outbox])
        assert store.waiting() == (len(second.outbox), NOW + SECOND)

    def test_a_batch_tells_what_it_counts_for_and_a_repeat_nothing(self, store: CaseStore) -> None:
        batch = arrived(request("case-1", SMALL), HUB_CLEAR, *REVIEWED)
        figures = [(each.figure, each.label) for each in store.apply_batch(batch, now=NOW).counted]
        assert figures.count(("cases-opened", None)) == figures.count(("cases-closed", "reported")) == 1
        assert figures.count(("archive-answers", "clear")) == 2
        assert figures.count(("department-answers", "clear")) == 1
        assert store.apply_batch(batch, now=NOW + SECOND).counted == ()

    def test_a_batch_is_the_same_as_the_plain_runner(self, store: CaseStore, reader: CaseReader) -> None:
        events = [request(definition=SMALL), HUB_CLEAR, *REVIEWED]
        applied = store.apply_batch(arrived(*events), now=NOW)
        case, emits, _ = run(events, SMALL)
        assert [CODEC.event(row.value) for row in applied.outbox] == emits
        view = reader.case("case-1")
        assert view is not None
        assert (view.revision, view.status, view.reports) == (case.revision, "reported", case.reports)
        assert [line.answer for line in view.lines] == ["clear", "clear"]

    def test_events_one_by_one_are_the_same_as_a_batch(self, store: CaseStore, reader: CaseReader) -> None:
        for each in (request(definition=SMALL), HUB_CLEAR, *REVIEWED):
            store.apply_batch(arrived(each), now=NOW)
        report = reader.report("case-1")
        assert report is not None
        assert report.body == run([request(definition=SMALL), HUB_CLEAR, *REVIEWED], SMALL)[1][-1].body.encode()  # type: ignore[attr-defined]

    def test_repeats_write_nothing(self, store: CaseStore) -> None:
        events = [request(definition=SMALL), HUB_CLEAR, *REVIEWED]
        store.apply_batch(arrived(*events), now=NOW)
        again = store.apply_batch(arrived(*events), now=NOW)
        assert (again.outbox, again.changed_count) == ((), 0)

    def test_messages_stay_until_they_are_delivered(self, url: str, store: CaseStore) -> None:
        first = store.apply_batch(arrived(request(definition=SMALL)), now=NOW)
        store.close()
        with self.opened(url) as reopened:
            left = reopened.outbox(written_before=NOW + 1)
            assert [row.event_id for row in left] == [row.event_id for row in first.outbox]
            assert left == first.outbox
            assert reopened.outbox(written_before=NOW) == ()
            delivered = [row.event_id for row in left]
            reopened.apply_batch(arrived(HUB_CLEAR), now=NOW + 5, delivered=delivered[:1])
            reopened.forget(delivered[1:])
            assert {row.event_id for row in reopened.outbox(written_before=NOW + 5)} == set()

    def test_a_batch_that_fails_leaves_nothing(
        self, store: CaseStore, reader: CaseReader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise OSError("the disk is full")

        monkeypatch.setattr(writes_module, "write_reports", broken)
        with pytest.raises(OSError, match="disk is full"):
            store.apply_batch(arrived(request(definition=SMALL)), now=NOW)
        assert reader.case("case-1") is None
        assert store.outbox(written_before=NOW + 1) == ()

    def test_a_zombies_write_is_done_again_from_fresh_state(
        self, store: CaseStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another coordinator, believed dead, writes between this one's reading and its writing."""
        store.apply_batch(arrived(request(definition=SMALL)), now=NOW)
        write_cases = writes_module.write_cases
        attempts = []

        def raced(connection: Any, changes: Any, plans: Any) -> None:
            attempts.append(dict(changes.before))
            if len(attempts) == 1:
                changes.before["case-1"] -= 1  # as if the row had moved on
            write_cases(connection, changes, plans)

        monkeypatch.setattr(writes_module, "write_cases", raced)
        applied = store.apply_batch(arrived(HUB_CLEAR), now=NOW)
        assert (applied.attempts, applied.changed_count) == (2, 1)
        assert attempts == [{"case-1": 1}, {"case-1": 1}]

    def test_due_cases_ring_until_they_are_taken(self, store: CaseStore) -> None:
        store.apply_batch(arrived(request(definition=SMALL), partition=2), now=NOW)
        assert store.due(now=DEADLINE_AT - 1, partitions=[2]) == ()
        assert store.due(now=DEADLINE_AT, partitions=[0, 1]) == ()
        (timer,) = store.due(now=DEADLINE_AT + 7, partitions=[1, 2])
        assert isinstance(timer, DeadlinePassed)
        assert (timer.case_id, timer.at) == ("case-1", DEADLINE_AT + 7)
        assert store.due(now=DEADLINE_AT + 9, partitions=[2])[0].event_id == timer.event_id
        store.apply_batch(arrived(timer), now=NOW)
        assert store.due(now=DEADLINE_AT + 9, partitions=[2]) == ()

    def test_due_cases_survive_a_restart(self, url: str, store: CaseStore) -> None:
        store.apply_batch(arrived(request(definition=SMALL)), now=NOW)
        store.close()
        with self.opened(url) as reopened:
            assert len(reopened.due(now=DEADLINE_AT, partitions=[0])) == 1

    def test_inbox_rows_follow_their_tasks(self, store: CaseStore, reader: CaseReader) -> None:
        store.apply_batch(arrived(request(definition=SMALL)), now=NOW)
        (task,) = reader.tasks("labour", "open").tasks
        assert (task.question, task.due_at, task.handled_and_reviewed) == ("用工核查", DEADLINE_AT, True)
        store.apply_batch(arrived(REVIEWED[0]), now=NOW)
        (task,) = reader.tasks("labour", "handled").tasks
        assert task.proposed is not None
        assert task.proposed.handled_by == "经办甲"
        store.apply_batch(arrived(REVIEWED[1]), now=NOW)
        answered_task = reader.task(task.task_id)
        assert answered_task is not None
        assert answered_task.status == "answered"
        assert answered_task.answer is not None
        assert answered_task.answer.reviewed_by == "审核乙"
        assert reader.tasks("labour", "open").tasks == ()

    def test_every_report_is_kept_with_its_status(self, store: CaseStore, reader: CaseReader) -> None:
        news = answered("hub", answer("paid", "tax", "found"), at=500)
        store.apply_batch(arrived(request(definition=SMALL), HUB_CLEAR, deadline()), now=NOW)
        store.apply_batch(arrived(*REVIEWED), now=NOW)
        store.apply_batch(arrived(news), now=NOW)
        kept = reader.reports("case-1")
        assert [(each.number, each.kind, each.status) for each in kept] == [
            (1, "report", "superseded"),
            (2, "amendment", "superseded"),
            (3, "amendment", "current"),
        ]
        assert reader.report("case-1") == kept[2]
        assert reader.report("case-1", 1) == kept[0]
        assert reader.report_by_code(kept[1].verification_code) == kept[1]
        assert msgspec.json.decode(kept[2].body)["earlier"][0]["status"] == "superseded"

    def test_reports_of_one_batch_are_all_kept(self, store: CaseStore, reader: CaseReader) -> None:
        store.apply_batch(arrived(request(definition=SMALL), HUB_CLEAR, deadline(), *REVIEWED), now=NOW)
        assert [(each.number, each.status) for each in reader.reports("case-1")] == [(1, "amended"), (2, "current")]

    def test_cases_are_listed_by_pages_the_newest_first(self, store: CaseStore, reader: CaseReader) -> None:
        asked = [
            request(f"case-{number}", SMALL, requested_at=REQUESTED_AT + number // 2, deadline_at=DEADLINE_AT + SECOND)
            for number in range(7)
        ]
        store.apply_batch(arrived(*asked), now=NOW)
        listed, page = [], None
        while True:
            found = reader.cases(limit=3, page=page)
            listed += [each.case_id for each in found.cases]
            if (page := found.next_page) is None:
                break
        assert listed == ["case-6", "case-5", "case-4", "case-3", "case-2", "case-1", "case-0"]
        assert reader.cases(CaseFilter(subject=COMPANY, status="running")).next_page is None
        assert reader.cases(CaseFilter(status="reported")).cases == ()
        assert (
            len(reader.cases(CaseFilter(requested_from=REQUESTED_AT + 1, requested_until=REQUESTED_AT + 3)).cases) == 4
        )
        with pytest.raises(ValueError, match="next_page"):
            reader.cases(page="nonsense")

    @pytest.mark.parametrize("order", ["newest", "oldest", "due", "due-last"])
    def test_cases_are_listed_in_every_order_with_their_total(
        self, store: CaseStore, reader: CaseReader, order: Order
    ) -> None:
        asked = [
            request(f"case-{number}", SMALL, requested_at=REQUESTED_AT + number // 2, deadline_at=DEADLINE_AT + turn)
            for number, turn in enumerate((3, 1, 2, 3, 0, 1, 2))
        ]
        store.apply_batch(arrived(*asked), now=NOW)
        listed: list[CaseSummary] = []
        page = None
        while True:
            found = reader.cases(order=order, limit=2, page=page)
            listed += found.cases
            assert found.total == len(asked)
            if (page := found.next_page) is None:
                break
        by_deadline, backwards = order in {"due", "due-last"}, order in {"newest", "due-last"}
        keys = [(each.deadline_at if by_deadline else each.requested_at, each.case_id) for each in listed]
        assert keys == sorted(keys, reverse=backwards)
        assert len(set(keys)) == len(asked)
        assert reader.cases(CaseFilter(subject=COMPANY), order=order).total == len(asked)
        assert reader.cases(CaseFilter(status="reported"), order=order).total == 0

    def test_inboxes_are_listed_by_pages_the_soonest_due_first(self, store: CaseStore, reader: CaseReader) -> None:
        store.apply_batch(arrived(*(request(f"case-{number}", SMALL) for number in range(5))), now=NOW)
        first = reader.tasks("labour", limit=3)
        second = reader.tasks("labour", limit=3, page=first.next_page)
        task_ids = [each.task_id for each in (*first.tasks, *second.tasks)]
        assert task_ids == sorted(task_ids)
        assert (len(task_ids), second.next_page) == (5, None)

    def test_refused_messages_are_kept_byte_for_byte(self, url: str, store: CaseStore) -> None:
        store.close()
        junk = ReceivedMessage("case.answers.tax", 3, 17, b"case-1", b"\1junk", NOW)
        with self.opened(url, seal=lambda plain, context: plain.swapcase() + context[-3:]) as sealing:
            applied = sealing.apply_batch([arrival(junk, CODEC), *arrived(deadline())], now=NOW)
        assert [row.topic for row in applied.outbox] == ["rejected.tax", "rejected.hub"]
        refused = CODEC.event(applied.outbox[0].value)
        assert isinstance(refused, RecordRefused)
        assert (refused.body, refused.sealed, refused.department) == (b"\1JUNKtax", True, "tax")
        assert refused.origin == "case.answers.tax/3/17"
        assert refused.reasons[0].startswith("bad-header")

    def test_nothing_that_arrives_can_stop_the_store(self, store: CaseStore, reader: CaseReader) -> None:
        nul, far = "\0", 2**63 - 1
        given = [request(definition=SMALL), HUB_CLEAR, REVIEWED[0]]
        hostile = [
            msgspec.structs.replace(deadline(), case_id=f"case{nul}1"),
            msgspec.structs.replace(request(definition=SMALL, purpose=nul), case_id="case-2"),
            msgspec.structs.replace(HUB_CLEAR, event_id=b"x" * 16, answered_at=far),
            reviewed("staff", "labour", approved=False, note=f"缺{nul}"),
            msgspec.structs.replace(REVIEWED[0], event_id=b"y" * 16, handled_by=nul, at=far),
            answered("hub", answer("paid", "tax", note=f"{nul}\ud7ff", evidence=(nul,)), at=3),
        ]
        messages = [
            ReceivedMessage(_topic(each), 0, number, each.case_id.encode(), CODEC.encode(each), NOW)
            for number, each in enumerate([*given, *hostile, REVIEWED[1]])
        ]
        applied = store.apply_batch([arrival(each, CODEC) for each in messages], now=NOW)
        assert applied.refused_count == 5
        view = reader.case("case-1")
        assert view is not None
        assert view.status == "reported"

    def test_a_refusal_told_twice_is_one(self, store: CaseStore) -> None:
        refused = Arrival(ReceivedMessage("case.timers", 0, 1, b"x", b"y", NOW), None, (Refusal("bad", "x"),))
        store.apply_batch([refused], now=NOW)
        store.apply_batch([refused], now=NOW)
        assert len(store.outbox(written_before=NOW + 1)) == 1

    def test_rows_of_another_cluster_are_refused(self, url: str) -> None:
        self.opened(url, cluster_id="one").close()
        self.opened(url, cluster_id="one").close()
        with pytest.raises(ForeignStore, match="reset"):
            self.opened(url, cluster_id="two")

    def test_nothing_to_read_is_said_so(self, url: str) -> None:
        with CaseReader(url) as reader, pytest.raises(StoreMissing, match="onething up"):
            reader.case("case-1")


class TestSqlite(CaseStoreContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'cases.db'}"


@pytest.mark.postgresql
class TestPostgresql(CaseStoreContract):
    @pytest.fixture
    def url(self, database: str) -> str:
        return database
