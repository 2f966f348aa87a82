from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.register.changes import RESOURCE, Change, RecordedChange, State, Step
from catalog.register.life import (
    ACTIONS,
    content_in_preparation,
    life_of,
    published_versions,
    updates_follow,
    version_differences,
)
from catalog.register.model import DataItem
from tests.catalog.register.entries import AT, ITEMS, OFFICE, TAX, Around, after, do, entry, published, refused


def recorded(state: State, action: str, version: int, entity: Any = RESOURCE) -> RecordedChange:
    return RecordedChange(
        number=version,
        entity=entity,
        entity_id=state.get("code") or state["id"],
        version=version,
        action=action,
        actor="张三",
        at=AT,
        state=state,
        command_id="c",
    )


def test_an_entry_goes_from_draft_to_publication_by_two_persons() -> None:
    state = after(None, "drafted", payload=entry())
    seen = [(state["state"], state["version"])]
    for action, actor, payload in (
        ("submitted", "张三", TAX),
        ("reviewed", "李四", OFFICE),
        ("published", "王五", OFFICE),
    ):
        state = after(state, action, actor, payload)
        seen.append((state["state"], state["version"]))
    assert seen == [("draft", 0), ("submitted", 0), ("reviewed", 0), ("published", 1)]
    assert state["catalogue_code"] == "301001/000001"
    assert life_of(state).published_by == "王五"


def test_what_is_published_stands_while_its_next_version_is_prepared() -> None:
    state = published()
    changed = after(state, "changed", payload={"summary": "欠税公告，含滞纳金，按季度公布"})
    assert (changed["state"], changed["summary"]) == ("published", state["summary"])
    assert content_in_preparation(changed)["summary"].startswith("欠税公告，含")
    updated = published(changed)
    assert (updated["state"], updated["version"]) == ("published", 2)
    assert updated["summary"].startswith("欠税公告，含")
    assert life_of(updated).revision is None
    history = (recorded(state, "published", 4), recorded(changed, "changed", 5), recorded(updated, "updated", 8))
    assert list(published_versions(history)) == [1, 2]
    assert [each.field for each in version_differences(history, 1, 2) or ()] == ["summary"]
    assert version_differences(history, 1, 3) is None


def test_publication_of_the_next_version_is_an_update() -> None:
    changed = after(published(), "changed", payload={"theme": "信用"})
    for action, actor, payload in (("submitted", "张三", TAX), ("reviewed", "李四", OFFICE)):
        changed = after(changed, action, actor, payload)
    (change,) = do(changed, "published", "李四", OFFICE).changes
    assert change.action == "updated"


def test_who_wrote_or_submitted_an_entry_neither_reviews_nor_publishes_it() -> None:
    draft = after(None, "drafted", "赵六", entry())
    submitted = after(draft, "submitted", "张三", TAX)
    assert refused(submitted, "reviewed", "张三", OFFICE) == ["actor"]
    assert refused(submitted, "reviewed", " 赵六 ", OFFICE) == ["actor"]
    reviewed = after(submitted, "reviewed", "李四", OFFICE)
    assert refused(reviewed, "published", "张三", OFFICE) == ["actor"]


def test_only_the_provider_submits_and_only_the_data_office_decides() -> None:
    draft = after(None, "drafted", payload=entry())
    assert refused(draft, "submitted", payload={"organisation": "science"}) == ["payload.organisation"]
    assert refused(draft, "submitted") == ["payload.organisation"]
    submitted = after(draft, "submitted", payload=TAX)
    for action in ("reviewed", "returned"):
        assert "payload.organisation" in refused(submitted, action, "李四", TAX, reason="不全")
    assert refused(draft, "withdrawn", payload={"organisation": "science"}, reason="错") == ["payload.organisation"]


def test_every_reason_why_an_entry_cannot_be_submitted_is_told_at_once() -> None:
    draft = after(None, "drafted", payload=entry(summary="", update_cycle_days=None, sharing_class="unstated"))
    assert refused(draft, "submitted", payload=TAX) == ["summary", "sharing_class", "update_cycle_days"]


def test_a_returned_entry_is_changed_and_submitted_again() -> None:
    submitted = after(after(None, "drafted", payload=entry()), "submitted", payload=TAX)
    assert refused(submitted, "changed", payload={"theme": "信用"}) == ["state"]
    assert refused(submitted, "returned", "李四", OFFICE) == ["reason"]
    returned = after(submitted, "returned", "李四", OFFICE, reason="摘要过简")
    assert (returned["state"], life_of(returned).returned_because) == ("draft", "摘要过简")
    assert published(after(returned, "changed", payload={"theme": "信用"}))["theme"] == "信用"


def test_chinese_field_names_are_refused_with_their_place() -> None:
    step = do(None, "drafted", payload=entry(data_items=(DataItem(name="姓名", field="姓名"),)))
    (refusal,) = step.refusals
    assert refusal.field == "data_items[姓名].field"
    assert "doc" in refusal.remedy
    assert "doc" in refusal.remedy_en


def test_guesses_are_confirmed_by_the_reviewer() -> None:
    guessed = DataItem(name="违法事实摘要", field="cause", type="text", guessed=True)
    submitted = after(after(None, "drafted", payload=entry(data_items=(guessed,))), "submitted", payload=TAX)
    assert refused(submitted, "reviewed", "李四", OFFICE) == ["payload.confirm_guesses"]
    reviewed = after(submitted, "reviewed", "李四", {**OFFICE, "confirm_guesses": True})
    assert reviewed["data_items"][0]["guessed"] is False


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"topic": ""}, "topic"),
        ({"topic": "registration.science"}, "topic"),
        ({"topic": "case.requests"}, "topic"),
        ({"schema_name": ""}, "schema_name"),
        ({"schema_name": "onething.licence.LicenceIssued"}, "schema_name"),
        ({"schema_name": "other.PenaltyImposed"}, "schema_name"),
        ({"data_items": (DataItem(name="税种", field="tax_kind", type="text"),)}, "data_items[tax_kind].field"),
        ({"data_items": (DataItem(name="违法事实", field="cause", type="number"),)}, "data_items[cause].type"),
    ],
)
def test_an_entry_that_no_topic_and_schema_carry_is_not_reviewed(fields: dict[str, Any], place: str) -> None:
    submitted = after(after(None, "drafted", payload=entry(**fields)), "submitted", payload=TAX)
    assert refused(submitted, "reviewed", "李四", OFFICE) == [place]


def test_a_data_item_of_another_type_is_told_with_place_and_reason() -> None:
    state = published(data_items=(*ITEMS, DataItem(name="处罚种类", field="penalty_kind", type="unstated")))
    again = after(state, "changed", payload={"data_items": [*entry()["data_items"][:1], {**_CAUSE, "type": "date"}]})
    step = do(after(again, "submitted", payload=TAX), "reviewed", "李四", OFFICE)
    assert {each.field for each in step.refusals} == {"data_items[cause].type"}
    assert any("由 text 改为 date" in each.reason and "text into date" in each.reason_en for each in step.refusals)


_CAUSE = entry()["data_items"][1]


def test_what_stands_already_is_done_without_a_change() -> None:
    draft = after(None, "drafted", payload=entry())
    assert do(draft, "drafted", payload=entry()) == Step()
    assert do(draft, "changed", payload={"summary": entry()["summary"]}) == Step()
    assert refused(draft, "drafted", payload=entry(theme="信用")) == ["entity_id"]


def test_a_revision_that_says_what_is_published_is_none() -> None:
    state = published()
    changed = after(state, "changed", payload={"theme": "信用"})
    back = after(changed, "changed", payload={"theme": "unstated"})
    assert (life_of(back).stage, life_of(back).revision) == ("published", None)


def test_a_withdrawn_entry_keeps_its_number_and_may_come_back_as_a_draft() -> None:
    state = published()
    assert refused(state, "withdrawn", payload=TAX) == ["reason"]
    withdrawn = after(state, "withdrawn", payload=TAX, reason="职责调整")
    assert (withdrawn["state"], withdrawn["version"]) == ("withdrawn", 1)
    assert do(withdrawn, "withdrawn", reason="再次") == Step()
    draft = after(withdrawn, "changed", payload={"theme": "信用"})
    assert published(draft)["version"] == 2


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        ({"state": "published"}, "payload.state"),
        ({"version": 7}, "payload.version"),
        ({"life": {}}, "payload.life"),
        ({"code": "tax.other"}, "payload.code"),
        ({"provider": "nobody"}, "payload.provider"),
        ({"nmae": "x"}, "payload.nmae"),
        ({"update_cycle_days": 0}, "payload.update_cycle_days"),
    ],
)
def test_content_that_is_none_is_refused_with_its_place(payload: dict[str, Any], place: str) -> None:
    assert refused(after(None, "drafted", payload=entry()), "changed", payload=payload) == [place]
    assert refused(None, "drafted", payload={**entry(), **payload}) == [place]


def test_a_legal_basis_that_changes_makes_its_entries_due() -> None:
    state = published(legal_basis=("tax-law",))
    around = Around(state, {**published(), "code": "tax.other"})
    changed = recorded({"id": "tax-law"}, "declared", 2, "legal-basis")
    (command,) = updates_follow(changed, around)
    assert (command.entity_id, command.action) == ("tax.arrears", "update-due")
    due = after(state, "update-due", reason=command.reason)
    assert (due["state"], life_of(due).update_due) == ("published", "legal-basis/tax-law/2")
    assert do(due, "update-due", reason="again") == Step()
    assert updates_follow(recorded({"id": "tax-law"}, "declared", 1, "legal-basis"), around) == ()
    organisation = recorded({"code": "tax"}, "declared", 2, "organisation")
    assert len(updates_follow(organisation, around)) == 2


def test_an_entry_that_is_due_may_be_found_up_to_date() -> None:
    state = published()
    assert refused(state, "submitted", payload=TAX) == ["state"]
    updated = published(after(state, "update-due", reason="organisation/tax/2"))
    assert (updated["version"], life_of(updated).update_due) == (2, None)


@given(
    st.lists(
        st.tuples(st.sampled_from(ACTIONS), st.sampled_from("甲乙丙"), st.sampled_from([TAX, OFFICE])), max_size=25
    )
)
def test_nothing_is_published_that_one_person_made_alone(steps: list[tuple[str, str, dict[str, str]]]) -> None:
    """Whatever is asked in whatever order: what is published was submitted by one and reviewed by another."""
    state: State | None = None
    before: State | None = None
    for number, (action, actor, acting) in enumerate(steps):
        payload: dict[str, Any] = acting
        if action == "drafted":
            payload = entry()
        elif action == "changed":
            payload = {"theme": f"主题{number}"}
        step = do(state, action, actor, payload, reason="事由")
        before, state = state, step.changes[0].state if step.changes else state
        assert not (step.changes and step.refusals)
        if step.changes and step.changes[0].action in ("published", "updated"):
            assert before is not None
            life = life_of(before)
            assert life.reviewed_by not in (life.submitted_by, *life.authors, None)
            assert actor not in (life.submitted_by, *life.authors)


def test_an_action_that_is_none_is_refused() -> None:
    assert refused(published(), "granted") == ["action"]
    assert refused(None, "submitted", payload=TAX) == ["entity_id"]


def test_changes_are_of_the_entry_itself() -> None:
    (change,) = do(None, "drafted", payload=entry()).changes
    assert isinstance(change, Change)
    assert (change.entity, change.entity_id, change.due_at) == ("resource", "tax.arrears", None)


def test_guesses_of_an_entry_that_is_due_are_confirmed_in_its_next_version_only() -> None:
    """What is published changes by publication alone, also where the next version says the same."""
    guessed = {**published(), "data_items": [{**item, "guessed": True} for item in entry()["data_items"]]}
    submitted = after(after(guessed, "update-due", reason="organisation/tax/2"), "submitted", payload=TAX)
    reviewed = after(submitted, "reviewed", "李四", {**OFFICE, "confirm_guesses": True})
    assert [item["guessed"] for item in reviewed["data_items"]] == [True, True]
    assert [item["guessed"] for item in content_in_preparation(reviewed)["data_items"]] == [False, False]
    updated = after(reviewed, "published", "李四", OFFICE)
    assert [item["guessed"] for item in updated["data_items"]] == [False, False]
