"""一事一组: formed by the lead out of the responsible units."""

from typing import Any

import pytest

from catalog.ledger.model import Team
from catalog.ledger.team import team_of, team_rule, unrepresented
from catalog.register.canonical import plain
from catalog.register.changes import TEAM, Command, Step
from tests.catalog.ledger.ledgering import AT, BUNDLE, STANDARDS, entry, lookup

RULE = team_rule(STANDARDS)
LOOKUP = lookup(entry(BUNDLE))
HEALTH = {"organisation": "health", "role": "组长", "contact": "政务服务处"}
POLICE = {"organisation": "public-security", "role": "组员", "contact": "户政处"}


def step(team: Team | None, action: str, bundle: str = "newborn", /, **payload: Any) -> Step:
    asked = Command(
        entity=TEAM,
        entity_id=bundle,
        action=action,
        actor="张三",
        at=AT,
        command_id="c",
        payload={"organisation": "health"} | payload,
    )
    return RULE(None if team is None else plain(team), asked, LOOKUP)


def after(team: Team | None, action: str, **payload: Any) -> Team:
    done = step(team, action, **payload)
    assert not done.refusals, [each.reason for each in done.refusals]
    return team_of(done.changes[0].state)


def formed(*members: dict[str, str]) -> Team:
    return after(None, "formed", members=list(members or (HEALTH, POLICE)))


def refused(done: Step) -> list[str]:
    assert not done.changes
    return [each.field for each in done.refusals]


def test_a_team_has_its_lead_and_responsible_units_with_contacts() -> None:
    team = formed()
    assert (team.lead, team.organisations) == ("health", ("health", "public-security"))
    assert unrepresented(entry(BUNDLE), formed(HEALTH)) == ("public-security",)


@pytest.mark.parametrize(
    ("members", "fields"),
    [
        ([HEALTH, POLICE | {"organisation": "tax"}], ["payload.members[1].organisation"]),
        ([HEALTH, HEALTH], ["payload.members"]),
        ([POLICE], ["payload.members"]),
        ([HEALTH | {"contact": "11010519491231002X"}], ["payload.members[0].contact"]),
    ],
)
def test_members_are_of_the_units_that_the_source_names(members: list[dict[str, str]], fields: list[str]) -> None:
    assert refused(step(None, "formed", members=members)) == fields


def test_only_the_lead_forms_it_and_only_once() -> None:
    assert refused(step(None, "formed", organisation="public-security", members=[POLICE])) == ["payload.organisation"]
    assert refused(step(formed(), "formed", members=[HEALTH])) == ["entity_id"]


def test_members_join_change_their_contact_and_leave() -> None:
    team = formed(HEALTH)
    joined = after(team, "member-joined", member=POLICE)
    assert joined.organisations == ("health", "public-security")
    moved = after(joined, "member-joined", member=POLICE | {"contact": "治安处"})
    assert [each.contact for each in moved.members] == ["政务服务处", "治安处"]
    assert after(joined, "member-left", member="public-security").organisations == ("health",)
    assert refused(step(joined, "member-left", member="tax")) == ["payload.member"]
    assert refused(step(joined, "member-left", member="health")) == ["payload.members"]


def test_the_work_plan_is_adopted_and_the_team_ends() -> None:
    adopted = {"title": "出生一件事工作方案", "reference": "卫健函7号", "adopted_on": "2026-11-20"}
    team = after(formed(), "plan-adopted", plan=adopted)
    assert team.plan is not None
    assert team.plan.reference == "卫健函7号"
    ended = after(team, "ended")
    assert ended.ended_at == AT
    assert refused(step(ended, "member-joined", member=POLICE)) == ["action"]
    assert after(ended, "formed", members=[HEALTH]).ended_at is None


def test_what_is_no_bundle_or_no_action_is_told() -> None:
    assert refused(step(None, "formed", "nothing", members=[HEALTH])) == ["entity_id"]
    assert refused(step(None, "ended")) == ["entity_id"]
    assert refused(step(formed(), "closed")) == ["action"]
