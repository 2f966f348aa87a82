"""Whole lives of resources, demands and corrections, and what they mean for duties."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from catalog.duties.causes import CAUSES, DATA_OFFICE
from catalog.duties.duty import Duty
from catalog.duties.entity import duties_follow, duty_rule, load_law
from catalog.organisations import load_organisations
from catalog.register.changes import Change, Command, Entity, RecordedChange, State

CHINA = timezone(timedelta(hours=8))
DEMAND = {"requester": "health", "provider": "tax", "resources": ["tax.paid"]}
CORRECTION = {"provider": "tax", "disputed_by": "health", "resource": "tax.paid"}
RESOURCE = {"provider": "tax", "code": "tax.paid"}


def us(china: str) -> int:
    moment = datetime.fromisoformat(f"2026-{china}").replace(tzinfo=CHINA)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


class Register:
    """The register in memory: enough of it for causes."""

    def __init__(self, sharing_class: str = "conditional") -> None:
        self.states: dict[tuple[str, str], State] = {("resource", "tax.paid"): {"sharing_class": sharing_class}}
        self.versions: dict[tuple[str, str], int] = {}
        self.rule = duty_rule(load_law())

    def get(self, entity: Entity, entity_id: str) -> State | None:
        return self.states.get((entity, entity_id))

    def find(self, entity: Entity, /, **fields: str) -> tuple[State, ...]:
        own = (state for (kind, _), state in sorted(self.states.items()) if kind == entity)
        return tuple(state for state in own if all(state[name] == value for name, value in fields.items()))

    def changed(self, entity: Entity, entity_id: str, action: str, at: str, state: dict[str, Any]) -> None:
        key = (entity, entity_id)
        self.versions[key] = self.versions.get(key, 0) + 1
        change = RecordedChange(
            number=sum(self.versions.values()),
            entity=entity,
            entity_id=entity_id,
            version=self.versions[key],
            action=action,
            actor="someone",
            at=us(at),
            state=state,
            command_id="c",
        )
        for place, command in enumerate(duties_follow(change, self)):
            self.do(msgspec.structs.replace(command, command_id=f"{change.number}.{place}"))

    def do(self, command: Command) -> None:
        step = self.rule(self.get(command.entity, command.entity_id), command, self)
        assert not step.refusals, step.refusals
        for change in step.changes:
            self.keep(change)

    def keep(self, change: Change) -> None:
        self.states[change.entity, change.entity_id] = msgspec.json.decode(msgspec.json.encode(change.state))

    @property
    def duties(self) -> Iterator[Duty]:
        return (msgspec.convert(state, Duty) for state in self.find("duty"))

    def told(self) -> set[tuple[str, str, str]]:
        return {(duty.kind, duty.department, duty.state) for duty in self.duties}


def test_an_update_that_is_returned_once_and_published() -> None:
    register = Register()
    for action, at in (
        ("update-due", "03-02 09:00"),
        ("submitted", "03-05 09:00"),
        ("returned", "03-06 09:00"),
        ("submitted", "03-10 09:00"),
        ("reviewed", "03-11 09:00"),
        ("updated", "03-12 09:00"),
    ):
        register.changed("resource", "tax.paid", action, at, RESOURCE)
    reviews = [duty for duty in register.duties if duty.kind == "catalogue-review"]
    assert [(duty.department, duty.counterpart, duty.state) for duty in reviews] == [
        (DATA_OFFICE, "tax", "fulfilled"),
        (DATA_OFFICE, "tax", "fulfilled"),
    ]
    (change,) = (duty for duty in register.duties if duty.kind == "catalogue-change")
    assert (change.department, change.state, change.suspended_days) == ("tax", "fulfilled", 1)
    assert [each.__struct_config__.tag for each in change.facts] == [
        "opened",
        "suspended",
        "resumed",
        "suspended",
        "fulfilled",
    ]


def test_a_late_submission_is_not_turned_away_and_ends_late() -> None:
    register = Register()
    for action, at in (("update-due", "03-02 09:00"), ("submitted", "03-20 09:00"), ("updated", "03-23 09:00")):
        register.changed("resource", "tax.paid", action, at, RESOURCE)
    assert register.told() == {
        ("catalogue-change", "tax", "fulfilled-late"),
        ("catalogue-review", DATA_OFFICE, "fulfilled"),
    }


def test_an_entry_that_is_due_twice_owes_one_update() -> None:
    register = Register()
    register.changed("resource", "tax.paid", "update-due", "03-02 09:00", RESOURCE)
    register.changed("resource", "tax.paid", "update-due", "03-03 09:00", RESOURCE)
    assert [duty.received_at for duty in register.duties] == [us("03-02 09:00")]


def test_a_withdrawn_entry_owes_nothing() -> None:
    register = Register()
    for action in ("update-due", "submitted", "withdrawn"):
        register.changed("resource", "tax.paid", action, "03-02 09:00", RESOURCE)
    assert register.told() == {("catalogue-change", "tax", "lapsed"), ("catalogue-review", DATA_OFFICE, "lapsed")}


@pytest.mark.parametrize(
    ("sharing_class", "kind"),
    [
        ("unconditional", "reply-unconditional"),
        ("conditional", "reply-conditional"),
        ("withheld", "reply-conditional"),
        ("unstated", "reply-conditional"),
    ],
)
def test_the_reply_to_a_demand_is_by_sharing_class(sharing_class: str, kind: str) -> None:
    register = Register(sharing_class)
    register.changed("demand", "D-1", "applied", "03-02 09:00", DEMAND)
    (duty,) = register.duties
    assert (duty.id, duty.kind, duty.department, duty.counterpart) == (f"{kind}:D-1:1", kind, "tax", "health")


def test_what_the_demand_says_of_its_sharing_goes_before() -> None:
    register = Register("conditional")
    register.changed("demand", "D-1", "applied", "03-02 09:00", DEMAND | {"sharing": "unconditional"})
    assert [duty.kind for duty in register.duties] == ["reply-unconditional"]


def test_a_demand_for_nothing_known_is_conditional() -> None:
    register = Register("unconditional")
    register.changed("demand", "D-1", "applied", "03-02 09:00", DEMAND | {"resources": ["tax.paid", "tax.other"]})
    register.changed("demand", "D-2", "applied", "03-02 09:00", DEMAND | {"resources": []})
    assert {duty.kind for duty in register.duties} == {"reply-conditional"}


def test_a_demand_from_application_to_disposal() -> None:
    register = Register()
    extension = {"extension": {"days": 10, "evidence": ["consent-7"], "told": "letter-8"}}
    for action, at in (
        ("applied", "03-02 09:00"),
        ("completion-asked", "03-03 09:00"),
        ("completed", "03-05 09:00"),
        ("accepted", "03-05 10:00"),
        ("extension-consented", "03-06 09:00"),
        ("granted", "03-16 09:00"),
        ("delivered", "03-20 09:00"),
        ("used", "03-23 09:00"),
        ("disposal-due", "04-01 09:00"),
        ("disposed", "04-02 09:00"),
    ):
        register.changed("demand", "D-1", action, at, DEMAND | extension)
    assert register.told() == {
        ("reply-conditional", "tax", "fulfilled"),
        ("delivery", "tax", "fulfilled"),
        ("disposal", "health", "fulfilled"),
    }
    (reply,) = (duty for duty in register.duties if duty.kind == "reply-conditional")
    assert (reply.suspended_days, reply.extended_calendar_days) == (2, 10)
    extended = msgspec.to_builtins(reply.facts[3])
    assert (extended["evidence"], extended["told"]) == (("demand/D-1/5", "consent-7"), ("letter-8",))


def test_a_refused_and_a_withdrawn_demand() -> None:
    register = Register()
    register.changed("demand", "D-1", "applied", "03-02 09:00", DEMAND)
    register.changed("demand", "D-1", "refused", "03-03 09:00", DEMAND)
    register.changed("demand", "D-2", "applied", "03-02 09:00", DEMAND)
    register.changed("demand", "D-2", "withdrawn", "03-03 09:00", DEMAND)
    assert [(duty.entity_id, duty.state) for duty in register.duties] == [("D-1", "fulfilled"), ("D-2", "lapsed")]


def test_a_demand_that_is_completed_for_other_data_has_that_data_s_term() -> None:
    register = Register()
    register.changed("demand", "D-1", "applied", "03-02 09:00", DEMAND | {"sharing": "unconditional"})
    register.changed("demand", "D-1", "completion-asked", "03-02 09:00", DEMAND | {"sharing": "unconditional"})
    register.changed("demand", "D-1", "completed", "03-04 09:00", DEMAND | {"sharing": "conditional"})
    assert [(duty.kind, duty.state, duty.received_at) for duty in register.duties] == [
        ("reply-conditional", "running", us("03-04 09:00")),
        ("reply-unconditional", "lapsed", us("03-02 09:00")),
    ]


@pytest.mark.parametrize(("state", "again"), [("accepted", 1), ("refused", 0)])
def test_a_settlement_may_ask_for_another_reply(state: str, again: int) -> None:
    register = Register()
    register.changed("demand", "D-1", "applied", "03-02 09:00", DEMAND)
    register.changed("demand", "D-1", "refused", "03-03 09:00", DEMAND)
    register.changed("demand", "D-1", "settled", "03-20 09:00", DEMAND | {"state": state})
    running = [duty for duty in register.duties if duty.state == "running"]
    assert [(duty.received_at, duty.id) for duty in running] == [(us("03-20 09:00"), "reply-conditional:D-1:3")] * again


@pytest.mark.parametrize(
    ("end", "state"),
    [
        ("corrected", "fulfilled"),
        ("mark-removed", "fulfilled"),
        ("undeterminable", "fulfilled"),
        ("withdrawn", "lapsed"),
    ],
)
def test_a_correction_and_its_ends(end: str, state: str) -> None:
    register = Register()
    register.changed("correction", "C-1", "disputed", "03-02 09:00", CORRECTION)
    register.changed("correction", "C-1", end, "03-10 09:00", CORRECTION)
    assert register.told() == {("correction", "tax", state)}


def test_duties_of_other_entities_with_the_same_id_stay() -> None:
    register = Register()
    register.changed("demand", "X", "applied", "03-02 09:00", DEMAND)
    register.changed("correction", "X", "disputed", "03-02 09:00", CORRECTION)
    register.changed("correction", "X", "corrected", "03-02 10:00", CORRECTION)
    assert register.told() == {("reply-conditional", "tax", "running"), ("correction", "tax", "fulfilled")}


def test_the_data_office_is_an_organisation_and_causes_name_what_the_register_does() -> None:
    assert DATA_OFFICE in load_organisations().by_code
    assert {entity for entity, _ in CAUSES} == {"resource", "demand", "correction"}
