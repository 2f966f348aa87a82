"""Whether a policy applies: what is found, what is not, and what cannot be told."""

from collections.abc import Callable, Sequence

import pytest

from processors.archive.coverage import Coverage
from processors.domain.archive import KnownFact, fold
from processors.domain.policy import Match, judge, occasion_case_id, occasion_id
from tests.processors.policies.archives import (
    COMPANY,
    COVERED,
    DEFINITION,
    LICENCE,
    NOW,
    PENALTY,
    POLICY,
    TODAY,
    Known,
    dispute,
    fact,
    licence,
    penalty,
    policy,
    registration,
)

ELIGIBLE = (registration(), licence())


def judged(facts: Sequence[KnownFact], coverage: Callable[[str], Coverage] = COVERED) -> Match:
    return judge(POLICY, COMPANY, fold(facts), coverage, NOW)


def states(match: Match) -> dict[str, str]:
    return {finding.condition: finding.state for finding in match.findings}


def test_every_condition_holds() -> None:
    match = judged(ELIGIBLE)
    assert match.outcome == "matched"
    assert states(match) == {"registered": "holds", "licensed": "holds", "unpunished": "holds"}
    assert match.evidence == tuple(sorted(each.event_id.hex() for each in ELIGIBLE))


@pytest.mark.parametrize(
    ("facts", "failing"),
    [
        ((licence(),), "registered"),
        ((registration("注销"), licence()), "registered"),
        ((registration(),), "licensed"),
        ((registration(), licence("注销")), "licensed"),
        ((registration(), licence(valid_to=TODAY - 1)), "licensed"),
        ((*ELIGIBLE, penalty()), "unpunished"),
    ],
)
def test_one_condition_fails(facts: tuple[KnownFact, ...], failing: str) -> None:
    match = judged(facts)
    assert match.outcome == "not-matched"
    assert match.open_conditions("fails") == (failing,)


@pytest.mark.parametrize(
    "facts",
    [
        (registration(), licence(valid_to=TODAY)),
        (*ELIGIBLE, penalty("repaired")),
        (*ELIGIBLE, fact(PENALTY, name="RegistrationWithdrawn", reason="误报")),
        (registration("注销"), registration("存续", version=2), licence()),
    ],
)
def test_what_does_not_stand_in_the_way(facts: tuple[KnownFact, ...]) -> None:
    assert judged(facts).outcome == "matched"


def test_a_withdrawn_record_fulfils_nothing() -> None:
    assert judged(
        (registration(), licence(), fact(LICENCE, version=2, name="LicenceWithdrawn", reason="误发"))
    ).outcome == ("not-matched")


@pytest.mark.parametrize("silent", [LICENCE, PENALTY])
def test_silence_of_a_source_without_coverage_says_nothing(silent: str) -> None:
    facts = ELIGIBLE if silent == PENALTY else (registration(),)
    match = judged(facts, Known(silent=frozenset({silent})))
    assert match.outcome == "cannot-tell"
    (finding,) = [each for each in match.findings if each.state == "cannot-tell"]
    assert "未作覆盖声明" in finding.reason


def test_silence_of_a_source_that_is_behind_says_nothing() -> None:
    match = judged(ELIGIBLE, Known(days_ago=8))
    assert match.outcome == "cannot-tell"
    assert match.open_conditions("cannot-tell") == ("unpunished",)
    assert "截止时间早于要求" in match.findings[2].reason


def test_what_is_found_needs_no_coverage() -> None:
    facts = (*ELIGIBLE, penalty())
    match = judged(facts, Known(silent=frozenset({LICENCE, PENALTY})))
    assert states(match) == {"registered": "holds", "licensed": "holds", "unpunished": "fails"}


@pytest.mark.parametrize(
    "facts",
    [
        (*ELIGIBLE, dispute(licence())),
        (*ELIGIBLE, licence("暂扣")),
        (*ELIGIBLE, penalty(), dispute(penalty())),
    ],
)
def test_what_is_disputed_cannot_be_told(facts: tuple[KnownFact, ...]) -> None:
    match = judged(facts)
    assert match.outcome == "cannot-tell"
    assert any("争议" in finding.reason for finding in match.findings)


def test_a_dispute_that_ended_or_decides_nothing_does_not_matter() -> None:
    ended = dispute(licence(), "DisputeEnded", 2)
    assert judged((*ELIGIBLE, dispute(licence()), ended)).outcome == "matched"
    assert judged((*ELIGIBLE, dispute(licence()), licence(record_id="2"))).outcome == "matched"
    assert judged((*ELIGIBLE, penalty("repaired"), dispute(penalty("repaired")))).outcome == "matched"


def test_a_record_that_the_rule_cannot_read_cannot_be_told() -> None:
    match = judged((registration(), fact(LICENCE, state="有效", valid_to="2026")))
    assert states(match)["licensed"] == "cannot-tell"


def test_a_rule_that_counts_is_told_both_ways() -> None:
    """Without the disputed record there is one too few: neither "enough" nor "too few" can be told."""
    cel = 'size(records.filter(r, r.content.state == "有效")) >= 2 ? records.map(r, r.event_id) : []'
    start, end = DEFINITION.index("cel = '''"), DEFINITION.index("'''\n\n[[conditions]]\nid = \"unpunished\"")
    counting = policy(f"{DEFINITION[:start]}cel = '''\n{cel}\n{DEFINITION[end:]}")
    facts = (*ELIGIBLE, licence(record_id="2"))
    assert judge(counting, COMPANY, fold(facts), COVERED, NOW).outcome == "matched"
    assert judge(counting, COMPANY, fold((*facts, dispute(licence()))), COVERED, NOW).outcome == "cannot-tell"


def test_an_occasion_is_the_newest_record_of_its_condition() -> None:
    first = judged(ELIGIBLE)
    assert first.occasion == f"{LICENCE}/1"
    again = judged((*ELIGIBLE, licence(record_id="2", version=5)))
    assert again.occasion == f"{LICENCE}/2"
    assert occasion_id(first) != occasion_id(again)
    changed = judged((registration(version=2), licence(version=2)))
    assert occasion_id(first) == occasion_id(changed)


def test_the_case_of_an_occasion_is_26_letters_and_digits() -> None:
    case_id = occasion_case_id(judged(ELIGIBLE))
    assert len(case_id) == 26
    assert case_id.isalnum()
    assert case_id == occasion_case_id(judged(tuple(reversed(ELIGIBLE))))
