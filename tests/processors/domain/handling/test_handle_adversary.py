"""Everything that can come to a case, sensible or not: it holds together, tells each thing once and can always end."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.domain.definition import Answerer, Bounds, CaseDefinition, CheckLine
from processors.domain.handling import Handling, HandlingPlan, ItemPlan, SituationPlan, handle, next_due
from processors.domain.handling.plan import CHECK
from processors.domain.tasks import Task
from tests.processors.handling_story import SUBMITTED_AT, a_plan, an_application, an_item
from topics.events import (
    ApplicationSupplemented,
    ApplicationWithdrawn,
    ApprovalSynchronised,
    CaseEvaluated,
    CaseEvent,
    CaseResumed,
    CaseSuspended,
    ChecksAnswered,
    Choice,
    CommitmentChecked,
    DeadlinePassed,
    Delivery,
    ItemHandled,
    ItemResult,
    ItemReviewed,
    PartAnswer,
    PaymentConfirmed,
    RectificationAnswered,
    ResultRecorded,
    ResultsDelivered,
    SuppliedMaterial,
    TaskHandled,
)

LEAD = "market-regulation"
DEPARTMENTS = (LEAD, "urban-management", "fire-rescue", "tax")
MATERIALS = ("lease", "fire-promise", "drawing")
RESOURCE = "market-regulation.food-licence"
MINUTE_US = 60_000_000
STATES = msgspec.json.Decoder(Handling)


def a_check(number: int, passes: Any = "clear") -> ItemPlan:
    """A check that the tax archive answers."""
    return an_item(number, "tax", mode="check", passes=passes)


def checking(plan: HandlingPlan) -> HandlingPlan:
    """The plan with the definition of its checks, where it has some."""
    answerer = Answerer(department="tax", mode="archive", handled_and_reviewed=False)
    lines = tuple(
        CheckLine(number=each.number, check_id=each.item_id, text=each.text, answerers=(answerer,))
        for each in plan.items
        if each.mode == CHECK
    )
    definition = CaseDefinition(
        bundle=plan.bundle,
        version=1,
        name=plan.name,
        document=plan.document,
        subject_kind="enterprise",
        lead=plan.lead,
        look_back_years=Bounds(1, 20),
        deadline_s=Bounds(30, 3600),
        lead_lines=(),
        lines=lines,
        names={"tax": "市税务局"},
    )
    return msgspec.structs.replace(plan, checks=definition) if lines else plan


@st.composite
def plans(draw: Any) -> HandlingPlan:
    items = [_item(draw, number) for number in range(1, draw(st.integers(1, 5)) + 1)]
    if draw(st.booleans()):
        items.insert(0, an_item(9, mode="lead"))
    situations = (SituationPlan("signboard", {"yes": (2,), "no": ()}),) if draw(st.booleans()) else ()
    return checking(a_plan(*items, situations=situations))


def _item(draw: Any, number: int) -> ItemPlan:
    mode = draw(st.sampled_from(("handled", "handled", "handled", "check", "payment")))
    if mode == "check":
        return a_check(number, draw(st.sampled_from(("clear", "found", "any"))))
    return an_item(
        number,
        mode=mode,
        departments=tuple(draw(st.lists(st.sampled_from(DEPARTMENTS), min_size=1, max_size=2, unique=True))),
        after=tuple(sorted(draw(st.sets(st.integers(1, number - 1), max_size=2)))) if number > 1 else (),
        handled_and_reviewed=draw(st.booleans()),
        limit_days=draw(st.sampled_from((None, 0, 1, 5))),
        fee_fen=draw(st.sampled_from((None, 0, 5000))),
        result_resource=draw(st.sampled_from((None, RESOURCE))),
        materials=tuple(draw(st.sets(st.sampled_from(MATERIALS), max_size=2))),
    )


@dataclass
class Play:
    """A case on which everybody acts: how it stands, what it told, and what must be true of it at any time."""

    plan: HandlingPlan
    handling: Handling
    now: int = SUBMITTED_AT
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    told: list[CaseEvent] = field(default_factory=list)
    bases: dict[str, int | None] = field(default_factory=dict)

    def common(self) -> dict[str, Any]:
        """What every event has."""
        self.now += MINUTE_US
        return {"event_id": next(self.numbers).to_bytes(16), "case_id": "case-1", "at": self.now}

    def take(self, event: CaseEvent) -> bool:
        """Give it to the rule; whether it changed anything."""
        before, done = self.handling, handle(self.handling, event)
        assert done.handling is not None
        if done.handling is before:
            assert done.emits == ()
            return False
        assert done.handling.revision == before.revision + 1
        assert handle(done.handling, event).handling is done.handling, "a repeat changes nothing"
        self.handling = done.handling
        self.told += done.emits
        self.holds()
        return True

    def holds(self) -> None:
        """What is true of every case at any time."""
        handling = self.handling
        assert STATES.decode(msgspec.json.encode(handling)) == handling
        ids = [each.event_id for each in self.told]
        assert len(set(ids)) == len(ids), "no two things are told under one id"
        _assignments_hold(handling, self.bases)
        _items_hold(handling)
        pushed = Counter(
            (each.number, each.department, each.at) for each in self.told if isinstance(each, ApprovalSynchronised)
        )
        assert set(pushed.values()) <= {1}, "a decision is pushed to supervision once"
        for item in handling.items:
            if item.decision is not None and item.state in ("approved", "refused", "paying"):
                assert any(number == item.number for number, _, _ in pushed), "every decision is pushed"


def _assignments_hold(handling: Handling, bases: dict[str, int | None]) -> None:
    for each in handling.assignments:
        assert (each.paused_since is None) == (not each.paused_for)
        base = None if each.due_at is None else each.due_at - each.paused_us
        assert bases.setdefault(each.assignment_id, base) == base, "a clock stands for exactly as long as it stood"
        if not each.is_active:
            assert each.paused_for == (), "a closed clock does not stand: it is over"
            continue
        assert ("supplement" in each.paused_for) == bool(each.missing)
        assert ("suspended" in each.paused_for) == (each.state == "suspended")
        assert each.state != "supplementing" or each.missing
        assert each.state != "open" or not each.missing, "nobody decides while something is awaited"
        if each.kind in ("item", "delivery"):
            assert ("case" in each.paused_for) == (handling.pause is not None)
            assert not handling.ended, "nobody works on a case that has ended"
        if each.kind == "commitment-check":
            assert any(
                piece.material == each.material and piece.state in ("due", "overdue") for piece in handling.pieces
            )


def _items_hold(handling: Handling) -> None:
    assert handling.ended == (handling.ended_at is not None)
    if handling.ended:
        assert all(each.is_decided for each in handling.items)
        assert handling.pause is None
    for plan, item in handling.planned():
        if item.state in ("open", "handled", "supplementing", "suspended") and plan.mode != "lead":
            assert any(each.is_active for each in handling.of_item(plan.number)), "somebody works on what is open"
        if item.is_decided and plan.mode != CHECK:
            assert not any(each.is_active for each in handling.of_item(plan.number))


Act = Callable[[Any, Play], CaseEvent]


def _assigned(draw: Any, play: Play) -> dict[str, Any]:
    if not play.handling.assignments:
        return {"assignment_id": "none", "department": LEAD}
    active = [each for each in play.handling.assignments if each.is_active]
    one = draw(st.sampled_from(active or play.handling.assignments))
    return {"assignment_id": one.assignment_id, "department": one.department}


def _handles(draw: Any, play: Play) -> CaseEvent:
    decisions = (*("approve",) * 5, "refuse", "supplement", "suspend", "resume", "pass-on", "return")
    named = ItemResult(name="证", resource=RESOURCE)
    return ItemHandled(
        **play.common(),
        **_assigned(draw, play),
        decision=draw(st.sampled_from(decisions)),
        reason="理由",
        missing=tuple(draw(st.sets(st.sampled_from((*MATERIALS, "form")), min_size=1, max_size=2))),
        pass_on_to=draw(st.sampled_from(DEPARTMENTS)),
        results=draw(st.sampled_from(((), (named,)))),
        fee_fen=draw(st.sampled_from((None, None, 0, 700))),
        handled_by="甲",
    )


def _reviews(draw: Any, play: Play) -> CaseEvent:
    return ItemReviewed(**play.common(), **_assigned(draw, play), reviewed_by="乙", approved=draw(st.booleans()))


def _supplies(draw: Any, play: Play) -> CaseEvent:
    given = draw(st.sets(st.sampled_from(MATERIALS), max_size=2))
    form = draw(st.sampled_from((None, b"sealed"))) if given else b"sealed"
    materials = tuple(SuppliedMaterial(material=each, means="upload") for each in sorted(given))
    return ApplicationSupplemented(**play.common(), materials=materials, form=form, supplemented_by="丙")


def _suspends(_: Any, play: Play) -> CaseEvent:
    return CaseSuspended(**play.common(), department=LEAD, reason="事", suspended_by="丁")


def _resumes(_: Any, play: Play) -> CaseEvent:
    return CaseResumed(**play.common(), department=LEAD, reason="事", resumed_by="丁")


def _withdraws(_: Any, play: Play) -> CaseEvent:
    return ApplicationWithdrawn(**play.common(), reason="不办了", withdrawn_by="丙")


def _pays(draw: Any, play: Play) -> CaseEvent:
    due = [each.payment for each in play.handling.items if each.payment is not None]
    common = play.common()
    common["paid_at"] = common.pop("at")
    if not due:
        return PaymentConfirmed(**common, payment_id="none", amount_fen=1)
    one = draw(st.sampled_from(due))
    return PaymentConfirmed(**common, payment_id=one.payment_id, amount_fen=one.amount_fen)


def _records(draw: Any, play: Play) -> CaseEvent:
    return ResultRecorded(
        **play.common(),
        department=LEAD,
        resource=RESOURCE,
        record_type="food-licence",
        record_id=draw(st.sampled_from(("JY1", "JY2"))),
        fact="LicenceIssued",
        fact_event_id=bytes(16),
        withdrawn=draw(st.sampled_from((False, False, False, True))),
    )


def _delivers(draw: Any, play: Play) -> CaseEvent:
    items = tuple(draw(st.sets(st.integers(1, 5), max_size=2)))
    by = draw(st.sampled_from(DEPARTMENTS))
    return ResultsDelivered(**play.common(), department=by, items=items, means="counter", delivered_by="戊")


def _checks(draw: Any, play: Play) -> CaseEvent:
    return CommitmentChecked(
        **play.common(),
        department=draw(st.sampled_from(DEPARTMENTS)),
        material=draw(st.sampled_from(MATERIALS)),
        kept=draw(st.booleans()),
        evidence=(),
        checked_by="己",
    )


def _evaluates(draw: Any, play: Play) -> CaseEvent:
    return CaseEvaluated(**play.common(), stars=draw(st.integers(0, 6)), evaluated_by="丙")


def _rectifies(_: Any, play: Play) -> CaseEvent:
    return RectificationAnswered(**play.common(), department=LEAD, answer="已改进", answered_by="庚")


def _answers(draw: Any, play: Play) -> CaseEvent:
    """What the hub says of a check, now or later, the same or something else."""
    common = play.common()
    common["answered_at"] = common.pop("at")
    checks = [each.item_id for each in play.plan.items if each.mode == CHECK] or ["none"]
    answer = PartAnswer(
        check_id=draw(st.sampled_from(checks)),
        department="tax",
        subject=play.handling.application.subject,
        answer=draw(st.sampled_from(("clear", "found", "disputed", "unavailable", "no-such-subject"))),
        evidence=(),
        coverage=(),
    )
    return ChecksAnswered(**common, answered_by="hub", answers=(answer,))


def _rings(draw: Any, play: Play) -> CaseEvent:
    common = play.common()
    if (due := next_due(play.handling)) is not None and draw(st.booleans()):
        play.now = common["at"] = max(common["at"], due)
    return DeadlinePassed(**common)


ACTS: tuple[Act, ...] = (
    *(_handles,) * 8,
    *(_reviews,) * 3,
    *(_answers,) * 3,
    *(_rings,) * 3,
    *(_supplies, _pays, _records, _delivers, _checks) * 2,
    *(_suspends, _resumes, _withdraws, _evaluates, _rectifies),
)


def applied(draw: Any) -> Play:
    """A case that has just begun."""
    plan = draw(plans())
    promised = {"fire-promise": "promise", "lease": "later"}
    materials = tuple(
        SuppliedMaterial(material=each, means=draw(st.sampled_from((promised.get(each, "upload"), "upload"))))
        for each in sorted(draw(st.sets(st.sampled_from(MATERIALS))))
    )
    choices = tuple(
        Choice(question=each.question, choice=draw(st.sampled_from(("yes", "no")))) for each in plan.situations
    )
    means = draw(st.sampled_from(("counter", "mail", "e-licence")))
    delivery = Delivery(together=draw(st.booleans()), means=means, address=b"sealed" if means == "mail" else None)
    done = handle(None, an_application(materials=materials, choices=choices, delivery=delivery), plan)
    if done.handling is None:
        # No item applies under this choice: asked again with the other.
        assert [each.code for each in done.refusals] == ["nothing-applies"]
        choices = (Choice(question="signboard", choice="yes"),)
        done = handle(None, an_application(materials=materials, choices=choices, delivery=delivery), plan)
    assert done.handling is not None, done.refusals
    return Play(plan, done.handling, told=list(done.emits))


def sensible(play: Play) -> Iterator[CaseEvent]:
    """What people would do next so that the case comes to its end."""
    handling = play.handling
    if handling.pause is not None:
        yield _resumes(None, play)
        return
    for each in handling.assignments:
        if each.is_active:
            yield _sensible_for(play, each)
    for item in handling.items:
        if item.state == "paying" and item.payment is not None:
            common = play.common()
            common["paid_at"] = common.pop("at")
            yield PaymentConfirmed(**common, payment_id=item.payment.payment_id, amount_fen=item.payment.amount_fen)
    for task in () if handling.checks is None else handling.checks.tasks:
        if task.answer is None:
            yield _sensible_answer(play, task)
    if (due := next_due(handling)) is not None:
        play.now = max(play.now, due)
        yield DeadlinePassed(**play.common())


def _sensible_answer(play: Play, task: Task) -> CaseEvent:
    passes = next(each.passes for each in play.plan.items if each.item_id == task.part.check_id)
    answer = PartAnswer(
        check_id=task.part.check_id,
        department=task.part.department,
        subject=task.part.subject,
        answer="found" if passes == "found" else "clear",
        evidence=(),
        coverage=(),
    )
    return TaskHandled(
        **play.common(), task_id=task.task_id, department=task.part.department, answer=answer, handled_by="辛"
    )


def _sensible_for(play: Play, each: Any) -> CaseEvent:
    common = play.common()
    mine = {"assignment_id": each.assignment_id, "department": each.department}
    if each.kind == "rectification":
        return RectificationAnswered(**common, department=each.department, answer="已改进", answered_by="庚")
    if each.kind == "commitment-check":
        return CommitmentChecked(
            **common, department=each.department, material=each.material, kept=True, evidence=(), checked_by="己"
        )
    if each.kind == "delivery":
        return ResultsDelivered(**common, department=LEAD, items=(), means="counter", delivered_by="戊")
    if each.state == "handled":
        return ItemReviewed(**common, **mine, reviewed_by="乙", approved=True)
    if each.state == "supplementing":
        materials = tuple(SuppliedMaterial(material=m, means="upload") for m in each.missing if m != "form")
        form = b"sealed" if "form" in each.missing else None
        return ApplicationSupplemented(**common, materials=materials, form=form, supplemented_by="丙")
    decision = "resume" if each.state == "suspended" else "approve"
    return ItemHandled(**common, **mine, decision=decision, missing=(), results=(), handled_by="甲")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_case_holds_together_and_can_always_end(data: st.DataObject) -> None:
    play = applied(data.draw)
    play.holds()
    for _ in range(data.draw(st.integers(0, 40))):
        play.take(data.draw(st.sampled_from(ACTS))(data.draw, play))
    for _ in range(60):
        if play.handling.ended and not any(each.is_active for each in play.handling.assignments):
            break
        changed = [play.take(event) for event in sensible(play)]
        assert any(changed), "somebody can always do something sensible"
    assert play.handling.ended
    assert not any(each.is_active for each in play.handling.assignments)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_timers_alone_always_lead_on_and_run_out(data: st.DataObject) -> None:
    play = applied(data.draw)
    for _ in range(data.draw(st.integers(0, 25))):
        play.take(data.draw(st.sampled_from(ACTS))(data.draw, play))
    for _ in range(100):
        due = next_due(play.handling)
        if due is None:
            break
        ring = DeadlinePassed(event_id=next(play.numbers).to_bytes(16), case_id="case-1", at=max(due, play.now))
        assert play.take(ring), "a timer that is due changes something"
    assert next_due(play.handling) is None


@given(
    st.permutations(("first", "first", "second", "second", "hub")),
    st.sampled_from(("approve", "refuse")),
    st.sampled_from(("approve", "refuse")),
)
def test_which_topic_is_read_first_does_not_matter(order: list[str], one: str, other: str) -> None:
    """Each department's topic keeps its order; two decide together on item 1, a licence comes for item 2 as well."""
    first, second = DEPARTMENTS[1:3]
    plan = a_plan(
        an_item(1, departments=(first, second)),
        an_item(2, first, result_resource=RESOURCE),
        an_item(3, second),
    )
    begun = handle(None, an_application(), plan).handling
    assert begun is not None
    mine = {(each.department, each.number): each.assignment_id for each in begun.assignments}

    def said(department: str, number: int, decision: str) -> ItemHandled:
        return ItemHandled(
            event_id=f"{department[:8]}-{number}".encode().ljust(16),
            case_id="case-1",
            assignment_id=mine[department, number],
            department=department,
            decision=decision,
            reason="理由",
            missing=(),
            results=(),
            handled_by="甲",
            at=SUBMITTED_AT + number,
        )

    play = Play(plan, begun)
    topics: dict[str, list[CaseEvent]] = {
        "first": [said(first, 1, one), said(first, 2, "approve")],
        "second": [said(second, 1, other), said(second, 3, "approve")],
        "hub": [
            ResultRecorded(
                event_id=bytes(16),
                case_id="case-1",
                department=LEAD,
                resource=RESOURCE,
                record_type="food-licence",
                record_id="JY1",
                fact="LicenceIssued",
                fact_event_id=bytes(16),
                withdrawn=False,
                at=SUBMITTED_AT + 9,
            )
        ],
    }
    for topic in order:
        play.take(topics[topic].pop(0))
    together = "approved" if one == other == "approve" else "refused"
    assert [each.state for each in play.handling.items] == [together, "approved", "approved"]
    assert play.handling.outcome == ("approved" if together == "approved" else "partly")
    assert play.handling.status == "delivered"
    pushed = [each.number for each in play.told if isinstance(each, ApprovalSynchronised)]
    assert pushed.count(2) == pushed.count(3) == 1
