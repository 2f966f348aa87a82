import pytest

from producers.simulation.cases.expected import expected_end
from producers.simulation.cases.script import ItemScript
from tests.producers.simulation.cases.scripting import LISTING, RESTAURANT, script

ALL_APPROVED = dict.fromkeys(range(1, 7), "approved")
SEAL, ACCOUNT = 2, 3


def test_everybody_approves() -> None:
    due = expected_end(script())
    assert (due.end, due.items, due.is_open) == ("delivered", ALL_APPROVED, False)
    assert due.supervised == dict.fromkeys(range(1, 7), "approve")


@pytest.mark.parametrize("way", ["slow", "supplement", "pass-on", "return", "correct", "suspend", "issue"])
def test_a_detour_ends_in_approval(way: str) -> None:
    assert expected_end(script({SEAL: ItemScript(way=way)})).items == ALL_APPROVED  # type: ignore[arg-type]


def test_a_refusal_stops_what_comes_after_it() -> None:
    due = expected_end(script({SEAL: ItemScript(way="refuse")}))
    assert due.end == "delivered"
    assert due.items == {**ALL_APPROVED, SEAL: "refused", ACCOUNT: "stopped"}
    assert due.supervised[SEAL] == "refuse"
    assert ACCOUNT not in due.supervised


def test_a_case_of_which_nothing_was_granted_is_refused() -> None:
    due = expected_end(script({1: ItemScript(way="refuse")}))
    assert due.end == "refused"
    assert due.items == {1: "refused", **dict.fromkeys(range(2, 7), "stopped")}


def test_checks_that_passed_grant_nothing() -> None:
    refused = script({2: ItemScript(way="refuse")}, bundle=RESTAURANT, choices={"signboard": "no", "gathering": "no"})
    assert expected_end(refused).end == "refused"


def test_checks_alone_end_with_their_report() -> None:
    due = expected_end(script(bundle=LISTING, choices={}))
    assert (due.end, set(due.items.values())) == ("delivered", {"approved"})
    assert 1 not in due.supervised


def test_nobody_answers() -> None:
    due = expected_end(script({SEAL: ItemScript(way="never")}))
    assert (due.end, due.is_open) == ("handling", True)
    assert due.items == {**ALL_APPROVED, SEAL: "open", ACCOUNT: "waiting"}


def test_the_applicant_stays_silent() -> None:
    supplement = expected_end(script({SEAL: ItemScript(way="supplement", supplies=False)}))
    assert (supplement.end, supplement.items[SEAL]) == ("supplementing", "supplementing")
    fee = expected_end(script({SEAL: ItemScript(fee_fen=5, pays=False)}))
    assert (fee.end, fee.items[SEAL], fee.supervised[SEAL]) == ("handling", "paying", "approve")


def test_a_withdrawn_case_leaves_its_checks_open_to_both() -> None:
    due = expected_end(script(bundle=RESTAURANT, choices={"signboard": "yes", "gathering": "no"}, withdraws=True))
    assert due.end == "withdrawn"
    assert due.items == {2: "stopped", 3: "stopped", 4: "not-applicable"}
    assert due.supervised == {}


@pytest.mark.parametrize(("stars", "rectified"), [(0, False), (1, True), (2, True), (3, False), (5, False)])
def test_a_bad_evaluation_is_answered(stars: int, rectified: bool) -> None:
    assert expected_end(script(stars=stars)).rectified is rectified
    assert not expected_end(script({SEAL: ItemScript(way="never")}, stars=stars)).rectified
