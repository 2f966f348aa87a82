import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.resources import Resources
from producers.refused.mending import Change, NoSuchPlace, as_record, changed, faults_of, fields_asked, masked
from topics.identifiers import make_resident_id, make_uscc

NOW_US = 1_795_000_000_000_000
NUMBER = make_resident_id("610102", date(1990, 3, 7), 1)
MISTYPED = NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")


def test_single_places_are_changed_and_the_rest_stays(penalty: Any) -> None:
    draft = penalty(1, {"state": "?", "odd": 1})
    before = json.dumps(draft)
    mended = changed(
        draft,
        [Change("content.state", "in-force"), Change("content.odd", removed=True), Change("made.anew", [1])],
    )
    assert mended == {**penalty(1), "made": {"anew": [1]}}
    assert json.dumps(draft) == before


@pytest.mark.parametrize("path", ["", ".", "content.", "record_id.x", "content.cause.x", "a." * 20 + "b"])
def test_a_path_that_leads_nowhere_is_refused(penalty: Any, path: str) -> None:
    with pytest.raises(NoSuchPlace):
        changed(penalty(), [Change(path, 1)])


@pytest.mark.parametrize("draft", [None, [], "text", 1])
def test_what_is_no_object_has_no_places(draft: Any) -> None:
    with pytest.raises(NoSuchPlace):
        changed(draft, [Change("content.state", 1)])


def test_faults_are_those_of_the_door(penalty: Any, resources: Resources) -> None:
    bad = as_record(json.dumps(penalty(1, {"state": "?"})).encode(), "0" * 32)
    assert [each.field for each in faults_of(bad, "urban-management", resources, NOW_US)] == ["content.state"]
    assert [each.code for each in faults_of(bad, "tax", resources, NOW_US)] != []
    good = as_record(json.dumps(penalty(1)).encode(), "0" * 32)
    assert faults_of(good, "urban-management", resources, NOW_US) == ()
    assert faults_of(good, None, resources, NOW_US) == ()
    assert good.received.origin == "mend/" + "0" * 32
    assert [each.code for each in as_record(b"[{}]", "0" * 32).faults] == ["not-an-object"]


def test_a_person_is_masked_and_an_enterprise_is_not(penalty: Any, person: Any) -> None:
    shown = masked(person(1))
    text = json.dumps(shown, ensure_ascii=False)
    assert person(1)["subject"]["id"] not in text
    assert "张1" not in text
    assert "1990" not in text
    assert (shown["content"]["state"], shown["content"]["territory"]) == ("在籍", "610102")
    whole = penalty(1)
    assert masked(whole) == {**whole, "record_id": "＊＊＊"}


hiding_places = st.recursive(
    st.sampled_from([NUMBER, MISTYPED, f"电话联系人{NUMBER}", f"person:{NUMBER}"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=2),
        st.dictionaries(st.sampled_from(["state", "cause", "subject", "content", NUMBER]), inner, min_size=1),
    ),
)


@given(
    where=st.sampled_from(["type", "source", "subject", "record_id", "version", "content", "other", NUMBER]),
    hidden=hiding_places,
    kind=st.sampled_from(["PenaltyImposed", "PersonRegistered", "Unknown", None]),
)
def test_no_number_of_a_person_passes_the_mask_wherever_it_stands(where: str, hidden: Any, kind: str | None) -> None:
    text = json.dumps(masked({"type": kind, "subject": {"kind": "enterprise", "id": NUMBER}, where: hidden}))
    assert NUMBER not in text
    assert MISTYPED not in text


@pytest.mark.parametrize("written", [NUMBER, MISTYPED, f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}", f"电话{NUMBER}"])
@pytest.mark.parametrize("place", ["cause", "state", "amount_fen", "made_up"])
def test_a_number_in_a_field_that_is_nobodys_is_hidden(penalty: Any, place: str, written: str) -> None:
    shown = masked(penalty(1, {place: written}))
    assert shown["content"][place] == "＊＊＊"
    assert masked(penalty(1, {place: "5"}))["content"][place] == ("＊＊＊" if place == "made_up" else "5")


def test_a_form_asks_for_the_fields_of_the_type_or_of_the_resource(penalty: Any, resources: Resources) -> None:
    resource = resources.by_code["urban-management.administrative-penalty"]
    asked = {each.path: each for each in fields_asked(penalty(), None)}
    assert asked["content.state"].allowed == ("in-force", "repaired", "revoked")
    assert asked["content.decision_number"].required
    assert {each.path for each in fields_asked(None, resource)} == asked.keys()
    assert fields_asked({"type": "Nothing"}, None) == ()


def test_a_credit_code_of_digits_alone_is_no_person() -> None:
    code = next(code for number in range(400) if (code := make_uscc("91", "610112", number)))
    assert masked({"subject": {"kind": "enterprise", "id": code}})["subject"]["id"] == code
