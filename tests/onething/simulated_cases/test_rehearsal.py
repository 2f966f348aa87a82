"""A rehearsal finds what is wrong: with the case, and with who is told when it is late."""

from catalog.bundles import load_bundles
from onething.simulated_cases.casting import Wishes, cast
from onething.simulated_cases.playing import rehearse
from onething.simulated_cases.rehearsal import DAY_US, Rehearsal, late_mismatches, rehearsed
from producers.simulation.cases.profile import CaseProfile, Departments, load_case_profile
from producers.simulation.cases.script import ItemScript
from tests.producers.simulation.cases.scripting import NOW, script
from topics.events import CaseNotified
from topics.identifiers import make_uscc

SUBJECTS = {
    "enterprise": tuple(f"enterprise:{make_uscc('91', '610103', number)}" for number in range(8)),
    "person": tuple(f"person:{number:032x}" for number in range(8)),
}


def late(play: Rehearsal) -> list[str]:
    play.ring(NOW + 400 * DAY_US)
    return [each.what for each in late_mismatches(play)]


def test_an_unanswered_item_is_reminded_of_named_overdue_and_escalated_once() -> None:
    play = rehearsed(script({2: ItemScript(way="never")}), NOW)
    assert late(play) == []
    told = [(each.kind, each.recipient) for each in play.told(CaseNotified) if each.number == 2]
    assert told == [
        ("reminder", "public-security"),
        ("overdue", "public-security"),
        ("escalated", "market-regulation"),
    ]
    assert play.case.status == "handling"


def test_what_waits_for_the_applicant_is_never_late() -> None:
    play = rehearsed(script({2: ItemScript(way="supplement", supplies=False)}), NOW)
    assert late(play) == []
    assert [each for each in play.told(CaseNotified) if each.kind == "overdue"] == []


def test_a_notice_too_many_and_one_too_few_are_named() -> None:
    play = rehearsed(script({2: ItemScript(way="never")}), NOW)
    play.ring(NOW + 400 * DAY_US)
    overdue = next(each for each in play.told(CaseNotified) if each.kind == "overdue")
    play.emits.append(overdue)
    assert [(each.what, each.got) for each in late_mismatches(play)] == [("overdue of item 2", "2")]
    play.emits = [each for each in play.emits if each is not overdue]
    assert [(each.what, each.got) for each in late_mismatches(play)] == [("overdue of item 2", "0")]


def test_a_whole_cast_is_rehearsed_without_a_mismatch() -> None:
    wishes = Wishes(tuple(load_bundles().values()), 5, 3, "run", load_case_profile())
    told = rehearse(cast(wishes, SUBJECTS), NOW)
    assert told.account.mismatches == ()
    assert told.account.cases == 5 * len(wishes.bundles)
    assert told.broken > 0


def test_when_nobody_ever_answers_every_limited_item_that_began_is_late() -> None:
    wishes = Wishes((load_bundles()["newborn"],), 8, 3, "run", CaseProfile(departments=Departments(never=1)))
    told = rehearse(cast(wishes, SUBJECTS), NOW)
    assert told.account.mismatches == ()
    assert told.account.ends == {"newborn": {"handling": 8}}
    assert told.late["reminder"] == told.late["overdue"] == told.late["escalated"] == told.account.items["open"]
