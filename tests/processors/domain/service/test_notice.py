"""一次告知: what applies, what is held, what is still needed and why, and what stays unstated."""

from typing import Any

import pytest

from processors.domain.service import Notice, applicable_items, guidance, notice
from processors.domain.service.held import DAY_US, HeldRecord
from processors.domain.service.terms import Option, Question
from processors.domain.service.terms_of_time import Term, whole_term
from tests.processors.domain.service.shop import (
    FIRE,
    FOOD,
    FULL,
    LICENCES,
    NOW,
    SIGN,
    archive,
    breach,
    licence,
    penalty,
    registration,
    shop,
)

TODAY = 20_000
NO = {"signboard": "no"}


def told(*records: HeldRecord, choices: dict[str, str] = NO, **known: Any) -> Notice:
    return notice(shop(), choices, archive(*records, **known), NOW)


def test_choices_bring_items_in() -> None:
    assert applicable_items(shop(), {"signboard": "yes"}) == (1, 2, 3, 4)
    assert applicable_items(shop(), NO) == (1, 2, 4)


def test_an_open_question_leaves_its_items_undecided() -> None:
    found = notice(shop(), {}, FULL, NOW)
    assert [item.number for item in found.items] == [1, 2, 4]
    assert [(each.number, each.questions) for each in found.undecided] == [(3, ("signboard",))]
    assert [each.id for each in found.questions] == ["signboard"]
    assert "sign-photo" not in {each.id for each in found.needed}


def test_faults_of_choices_are_told_at_once_and_the_notice_all_the_same() -> None:
    found = notice(shop(), {"signboard": "perhaps", "colour": "red"}, FULL, NOW)
    assert [(fault.code, fault.place) for fault in found.faults] == [
        ("unknown-choice", "choices.signboard"),
        ("unknown-question", "choices.colour"),
    ]
    assert [each.id for each in found.questions] == ["signboard"]
    assert found.items


def test_a_held_material_names_its_record_and_how_complete_its_source_is() -> None:
    (held,) = told(registration(), licence("L-7")).held
    assert (held.id, held.items, held.reason) == ("licence", (1, 2), "held")
    assert held.evidence is not None
    assert (held.evidence.resource, held.evidence.record_id) == (LICENCES.resource, "L-7")
    assert (held.evidence.known_at, held.evidence.complete_until) == (1_001 * DAY_US, NOW - DAY_US)


def test_the_record_told_of_is_the_one_that_is_of_use() -> None:
    (held,) = told(licence("old", valid_to=1), licence("L-8"), licence("older", valid_to=2, valid_at=2_000)).held
    assert held.evidence is not None
    assert held.evidence.record_id == "L-8"


def test_an_item_that_one_answer_brought_in_is_decided() -> None:
    lights = Question("lights", "招牌是否发光", (Option("yes", "发光", (3,)), Option("no", "不发光", ())))
    service = shop(questions=(*shop().questions, lights))
    found = guidance(service, {"signboard": "yes"})
    assert (found.applies, found.undecided) == (frozenset((1, 2, 3, 4)), frozenset())
    assert [each.id for each in found.questions] == ["lights"]


@pytest.mark.parametrize(
    ("records", "complete", "reason"),
    [
        ((), True, "not-in-archive"),
        ((), False, "source-behind"),
        ((licence(valid_to=TODAY - 1),), True, "expired"),
        ((licence(state="注销"),), True, "lapsed"),
        ((licence(disputed=True),), True, "disputed"),
        ((licence(withdrawn=True),), True, "not-in-archive"),
        ((licence("1", valid_to=1), licence("2", disputed=True)), True, "disputed"),
        ((licence("1", valid_to=1), licence("2")), True, "held"),
    ],
)
def test_why_a_material_is_needed(records: tuple[HeldRecord, ...], complete: bool, reason: str) -> None:
    found = told(*records, complete=complete)
    assert {each.id: each.reason for each in (*found.held, *found.needed)}["licence"] == reason


def test_what_the_applicant_brings_and_what_another_subject_holds() -> None:
    reasons = {each.id: each.reason for each in told().needed}
    assert (reasons["floor-plan"], reasons["id-card"]) == ("not-shared", "another-subject")


def holds(found: Notice) -> dict[str, bool | None]:
    return {each.id: each.holds for item in found.items for each in item.conditions}


@pytest.mark.parametrize(
    ("records", "complete", "expected"),
    [
        ((registration(),), True, {"in-business": True, "no-penalty": True}),
        ((registration(state="吊销"),), True, {"in-business": False, "no-penalty": True}),
        ((registration(), penalty()), True, {"in-business": True, "no-penalty": False}),
        # What rests on absence is believed only of complete sources; what rests on records always.
        ((registration(),), False, {"in-business": True, "no-penalty": None}),
        ((), False, {"in-business": None, "no-penalty": None}),
        ((registration(), penalty()), False, {"in-business": True, "no-penalty": False}),
        ((registration(), penalty(state="repaired")), False, {"in-business": True, "no-penalty": None}),
        ((registration(disputed=True), penalty(disputed=True)), True, {"in-business": None, "no-penalty": None}),
        ((registration(withdrawn=True),), True, {"in-business": False, "no-penalty": True}),
    ],
)
def test_conditions_are_told_as_far_as_the_archive_can_tell(
    records: tuple[HeldRecord, ...], complete: bool, expected: dict[str, bool | None]
) -> None:
    assert holds(told(*records, complete=complete)) == {**expected, "fit": None, "small": None}


def test_a_condition_that_fails_to_evaluate_cannot_be_told() -> None:
    broken = registration()
    content = {name: value for name, value in broken.content.items() if name != "state"}
    found = told(HeldRecord(**{f: getattr(broken, f) for f in broken.__struct_fields__} | {"content": content}))
    assert holds(found)["in-business"] is None


def test_commitments_say_who_is_eligible() -> None:
    offers = {each.material: (each.kind, each.eligible) for each in told(registration()).offers}
    assert offers == {"fire-promise": ("promise", True), "floor-plan": ("later", True)}
    behind = {each.material: each.eligible for each in told(registration(), complete=False).offers}
    assert behind == {"fire-promise": True, "floor-plan": None}


def test_a_broken_commitment_is_told_and_ends_eligibility() -> None:
    found = told(registration(), breach())
    assert [each.text for each in found.broken] == ["承诺的消防设施未安装"]
    assert {each.eligible for each in found.offers} == {False}
    assert told(registration(), breach(state="repaired")).broken == ()


def test_times_run_along_the_order_and_unstated_parts_are_named() -> None:
    found = told(choices={"signboard": "yes"})
    assert found.legal == Term(30, (3,))
    assert found.promised == Term(15, (3,))
    assert (found.fee.total_fen, found.fee.unstated) == (5000, (3,))
    unstated = {item.number: item.unstated for item in found.items}
    assert unstated[1] == ()
    assert unstated[2] == ("承诺办结时限",)
    assert len(unstated[3]) == 7
    assert unstated[4] == ()


def test_items_side_by_side_take_as_long_as_the_longest() -> None:
    side_by_side = (FOOD, FIRE.__class__(**{f: getattr(FIRE, f) for f in FIRE.__struct_fields__} | {"after": ()}))
    assert whole_term(side_by_side, lambda item: item.legal_days) == Term(20, ())
    assert whole_term((SIGN,), lambda item: item.legal_days) == Term(None, (3,))
    assert whole_term((FIRE,), lambda item: item.legal_days) == Term(10, ())


def test_results_and_delivery() -> None:
    found = told()
    assert [(each.item, each.name, each.resource) for each in found.results] == [
        (1, "食品经营许可证", "mr.food-licence"),
        (2, "检查意见书", None),
    ]
    assert (found.delivery.together, found.delivery.means) == (True, ("counter", "mail"))


def test_a_subject_that_nobody_knows_is_told_everything_with_nothing_held() -> None:
    found = told(complete=False)
    assert not found.exists
    assert found.held == ()
    assert [item.number for item in found.items] == [1, 2, 4]


def test_choices_answer_a_question_once_for_all() -> None:
    found = guidance(shop(), {"signboard": "no"})
    assert (found.questions, found.undecided, found.faults) == ((), frozenset(), ())
