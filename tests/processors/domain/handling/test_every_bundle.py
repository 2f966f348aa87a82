"""Every bundle of the catalogue runs on the one engine: approved, refused, supplemented, in any order, with repeats."""

import msgspec
import pytest

from catalog.bundles import Bundle, load_bundles
from onething.simulated_cases.rehearsal import Rehearsal, late_mismatches
from producers.simulation.cases.expected import expected_end
from producers.simulation.cases.profile import load_case_profile
from producers.simulation.cases.script import CaseScript, ItemScript, drawn_script, is_handled
from tests.processors.domain.handling.playing import STARTED_AT, played, script_for, script_with, stream, subject_of
from topics.events import ApprovalSynchronised, CaseNotified, CommitmentBroken, ItemDispatched, ReportIssued

BUNDLES = tuple(load_bundles().values())
HANDLING = tuple(bundle for bundle in BUNDLES if any(is_handled(item) for item in bundle.items))
DAY_US = 86_400_000_000

every_bundle = pytest.mark.parametrize("bundle", BUNDLES, ids=lambda bundle: bundle.id)
every_handling_bundle = pytest.mark.parametrize("bundle", HANDLING, ids=lambda bundle: bundle.id)


def first_handled(script: CaseScript) -> int:
    """The first item that a department handles and that waits for no other department."""
    handled = (item for item in script.bundle.items if item.number in script.items)
    return next(item.number for item in handled if not script.items.keys() & set(item.after))


def synchronised(play: Rehearsal) -> dict[int, set[str]]:
    told: dict[int, set[str]] = {}
    for event in play.told(ApprovalSynchronised):
        told.setdefault(event.number, set()).add(event.decision)
    return told


def test_there_are_forty_one_bundles() -> None:
    assert len(BUNDLES) == 41


@every_bundle
def test_a_case_in_which_everybody_approves_is_delivered(bundle: Bundle) -> None:
    play = played(script_for(bundle))
    assert play.refusals == []
    assert play.case.status == "delivered"
    assert play.case.outcome == "approved"
    assert set(play.states().values()) <= {"approved", "not-applicable"}
    assert play.states() == expected_end(play.actors.script).items
    applying = {number for number, state in play.states().items() if state == "approved"}
    of_the_lead = {item.number for item in bundle.items if item.kind == "intake-and-delivery"}
    assert synchronised(play) == {number: {"approve"} for number in applying - of_the_lead}
    assert play.actors.status == "delivered"


@every_bundle
def test_every_department_that_is_due_gets_the_item_and_two_persons_decide_where_that_is_due(bundle: Bundle) -> None:
    play = played(script_for(bundle))
    given = {(each.number, each.department): each for each in play.told(ItemDispatched) if each.kind == "item"}
    for item in bundle.items:
        if not is_handled(item) or item.number not in play.actors.script.items:
            continue
        for department in item.routed_to:
            dispatched = given[item.number, department]
            assert dispatched.text == item.text
            decided = next(
                each
                for each in play.told(ApprovalSynchronised)
                if (each.number, each.department) == (item.number, department)
            )
            reviewer = decided.reviewed_by
            assert (reviewer is not None) == dispatched.handled_and_reviewed


@every_bundle
def test_a_bundle_with_checks_issues_a_report_of_them(bundle: Bundle) -> None:
    play = played(script_for(bundle))
    applies = any(play.states()[item.number] == "approved" for item in bundle.checks)
    assert bool(play.told(ReportIssued)) == applies


@every_handling_bundle
def test_one_refusal_stops_what_comes_after_it_and_nothing_else(bundle: Bundle) -> None:
    script = script_for(bundle)
    number = first_handled(script)
    script = script_for(bundle, {number: ItemScript(way="refuse")})
    play, due = played(script), expected_end(script)
    assert (play.case.status, play.states()) == (due.end, due.items)
    assert play.states()[number] == "refused"
    assert synchronised(play)[number] == {"refuse"}
    told = [each.text for each in play.told(CaseNotified) if each.number == number]
    assert any("不予通过" in text for text in told)


@every_handling_bundle
def test_what_is_missing_is_asked_for_once_and_then_approved(bundle: Bundle) -> None:
    number = next(item.number for item in bundle.items if is_handled(item) and len(item.routed_to) == 1)
    play = played(script_with(bundle, number, ItemScript(way="supplement")))
    assert play.refusals == []
    assert play.case.status == "delivered"
    assert [each.materials for each in play.case.supplements] == [(f"supplement-{number}",)]


@every_bundle
def test_order_and_repeats_change_nothing(bundle: Bundle) -> None:
    script = script_for(bundle)
    straight = played(script)
    for seed in range(3):
        crooked = played(script, disorder=stream(f"order/{seed}"), twice=True)
        assert crooked.case.status == straight.case.status
        assert crooked.states() == straight.states()
        assert synchronised(crooked) == synchronised(straight)


@every_bundle
@pytest.mark.parametrize("seed", range(12))
def test_a_drawn_case_ends_as_its_script_says(bundle: Bundle, seed: int) -> None:
    script = drawn_script(
        stream(f"{bundle.id}/{seed}"), load_case_profile(), bundle, f"case-{seed}", subject_of(bundle)
    )
    due = expected_end(script)
    for play in (played(script), played(script, disorder=stream(f"order/{seed}"), twice=True)):
        assert play.case.status == due.end == play.actors.status
        assert due.items.items() <= play.states().items()
        assert play.actors.items == play.states()


@every_handling_bundle
def test_nobody_answers_then_everybody_is_told(bundle: Bundle) -> None:
    """What is never answered stays open; the department is reminded and named overdue, and the lead is told."""
    number = first_handled(script_for(bundle))
    script = script_for(bundle, {number: ItemScript(way="never")})
    play = played(script)
    assert play.case.status == expected_end(script).end == "handling"
    play.ring(STARTED_AT + 400 * DAY_US)
    assert play.case.status == "handling"
    assert list(late_mismatches(play)) == []
    limited = any(each.due_at is not None for each in play.case.of_item(number))
    kinds = [each.kind for each in play.told(CaseNotified) if each.number == number]
    assert kinds.count("overdue") == kinds.count("escalated") == (1 if limited else 0)


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "broken"])
@pytest.mark.parametrize("bundle", [each for each in BUNDLES if each.commitments], ids=lambda bundle: bundle.id)
def test_promises_are_checked_after_the_decision_and_broken_ones_told(bundle: Bundle, kept: bool) -> None:
    """What was promised is checked when its day comes; broken, supervision and credit hear of it, and kept, nobody."""
    promised = {each.material: each.kind for each in bundle.commitments}
    script = msgspec.structs.replace(script_for(bundle), materials=promised)
    play = played(script, kept=kept)
    assert play.case.status == "delivered"
    play.ring(STARTED_AT + 400 * DAY_US)
    checked = [each for each in play.told(ItemDispatched) if each.kind == "commitment-check"]
    assert len(checked) == len(promised)
    assert {each.material for each in play.told(CommitmentBroken)} == (set() if kept else promised.keys())
    assert {piece.state for piece in play.case.pieces if piece.material in promised} == {"kept" if kept else "broken"}
