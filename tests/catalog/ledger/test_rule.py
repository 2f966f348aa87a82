"""The life of an entry, one line each; and never closed without its three standards, whatever is tried."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from catalog.ledger.actions import ENTRY_ACTIONS
from catalog.ledger.measures import verdicts
from catalog.ledger.model import Entry
from catalog.ledger.progress import is_reached
from catalog.ledger.rule import entry_of
from catalog.register.canonical import plain
from tests.catalog.ledger.ledgering import (
    AT,
    BUNDLE,
    DAY_US,
    DISPATCH,
    IDS,
    LOOKUP,
    REDUCED,
    RULE,
    STANDARDS,
    TASK,
    TODAY,
    TRAINING,
    after,
    command,
    declared,
    entry,
    fields,
    finished,
    lookup,
    resource,
    stated,
    step,
)

LEAD = {"organisation": "admin-approval"}
HEALTH = {"organisation": "health"}
OFFICE = {"organisation": "data-bureau"}


def requested(of: Entry | None = None, **more: Any) -> Entry:
    return after(of or finished(entry()), "closing-requested", **LEAD, statements=stated(*IDS), **more)


def closed(of: Entry | None = None) -> Entry:
    once = after(of or requested(), "closing-reviewed", **LEAD, actor="李四")
    return after(once, "closing-reviewed", **OFFICE, actor="王五")


def test_an_entry_is_declared_once_and_keeps_its_life_when_it_is_declared_anew() -> None:
    made = RULE(None, command("declared", plain(TASK)), LOOKUP)
    (change,) = made.changes
    assert entry_of(change.state) == entry()
    reported = after(entry(), "progress-reported", **LEAD, milestone="stations", done=3)
    assert RULE(plain(reported), command("declared", plain(TASK)), LOOKUP).changes == ()
    renamed = RULE(plain(reported), command("declared", plain(declared(name="改名"))), LOOKUP)
    assert entry_of(renamed.changes[0].state).progress == reported.progress


def test_a_declaration_of_another_id_or_of_nobody_is_refused() -> None:
    strange = plain(declared("other", milestones=(TASK.milestones[0],) * 2)) | {"acting_lead": ""}
    strange["lead_parties"] = [{"text": "某局", "code": "nobody"}]
    done = RULE(None, command("declared", strange), LOOKUP)
    assert [each.field for each in done.refusals] == ["payload.id", "payload.milestones", "payload.lead_parties"]


OWN: dict[str, Any] = {
    "name": "联合走流程",
    "leads": ["health"],
    "responsible": ["tax"],
    "milestones": [{"id": "rounds", "name": "场次", "due": "2026-12-31", "target": 12, "unit": "场"}],
}


def test_a_keeper_enters_entries_of_its_own_that_say_so() -> None:
    made = RULE(None, command("entered", OWN | LEAD, "joint"), LOOKUP)
    own = entry_of(made.changes[0].state)
    assert (own.kind, own.leads, own.responsible, own.declared.issued) == ("own", ("health",), ("tax",), TODAY)
    assert own.milestones[0].origin == "planned"
    again = RULE(plain(own), command("entered", OWN | LEAD | {"name": "改名"}, "joint"), LOOKUP)
    assert entry_of(again.changes[0].state).declared.name == "改名"


def test_the_words_of_a_source_are_nobodys_to_enter() -> None:
    done = RULE(plain(entry()), command("entered", OWN | LEAD), LOOKUP)
    assert fields(done) == ["entity_id"]
    strange = OWN | HEALTH | {"leads": ["nobody"], "milestones": [OWN["milestones"][0] | {"unit": ""}]}
    assert fields(RULE(None, command("entered", strange), LOOKUP)) == ["payload.organisation"]
    unknown = OWN | LEAD | {"leads": ["nobody"], "milestones": [OWN["milestones"][0] | {"unit": ""}]}
    assert fields(RULE(None, command("entered", unknown), LOOKUP)) == [
        "payload.milestone.target",
        "payload.lead_parties",
    ]


def test_progress_is_what_is_reached_by_a_day() -> None:
    reported = after(entry(), "progress-reported", **LEAD, milestone="stations", done=12, evidence=["验收单7"])
    (told,) = reported.progress
    assert (told.on, told.done, told.by, told.evidence) == (TODAY, 12, "张三", ("验收单7",))


@pytest.mark.parametrize(
    ("payload", "refused"),
    [
        ({"milestone": "nothing"}, ["payload.milestone"]),
        ({"organisation": "tax"}, ["payload.organisation"]),
        ({"organisation": "nobody"}, ["payload.organisation"]),
        ({"on": "2026-11-23"}, ["payload.on"]),
        ({"milestone": "map", "done": 101}, ["payload.done"]),
        ({"done": 11}, ["payload.done"]),
        ({"note": "联系人 11010519491231002X"}, ["payload.note"]),
        (
            {"organisation": "tax", "milestone": "nothing", "on": "2030-01-01"},
            ["payload.organisation", "payload.milestone", "payload.on"],
        ),
    ],
)
def test_a_report_that_cannot_be_is_refused_with_every_fault(payload: dict[str, Any], refused: list[str]) -> None:
    before = after(entry(), "progress-reported", **LEAD, milestone="stations", done=12)
    told = {**LEAD, "milestone": "stations", "done": 13} | payload
    assert fields(step(before, "progress-reported", **told)) == refused


def test_less_than_before_is_a_correction_with_its_reason() -> None:
    before = after(entry(), "progress-reported", **LEAD, milestone="stations", done=12)
    mended = after(before, "progress-reported", **LEAD, milestone="stations", done=11, reason="一处重复计算")
    assert [each.done for each in mended.progress] == [12, 11]


def test_a_responsible_unit_reports_and_so_does_anybody_where_the_source_names_units_together() -> None:
    assert after(entry(), "progress-reported", organisation="public-security", milestone="map", done=5).progress
    collective = declared(responsible_parties=({"text": "市级各相关单位"},))
    of = entry(msgspec.convert(plain(collective), type(TASK)))
    assert after(of, "progress-reported", organisation="tax", milestone="map", done=5).progress


def test_a_lead_adds_milestones_of_its_own_that_say_so() -> None:
    new = {"id": "joint-test", "name": "联调", "due": "2026-12-15"}
    added = after(entry(), "milestone-planned", **LEAD, milestone=new)
    assert (added.planned[0].origin, added.planned[0].begins) == ("planned", TODAY)
    assert fields(step(added, "milestone-planned", **LEAD, milestone=new)) == ["payload.milestone.id"]
    assert fields(step(entry(), "milestone-planned", organisation="tax", milestone=new)) == ["payload.organisation"]
    unitless = {"id": "x", "name": "x", "target": 3}
    assert fields(step(entry(), "milestone-planned", **LEAD, milestone=unitless)) == ["payload.milestone.target"]
    endless = {"id": "x", "name": "x", "every": "month"}
    assert fields(step(entry(), "milestone-planned", **LEAD, milestone=endless)) == ["payload.milestone.every"]


def test_goals_are_kept_by_their_parts() -> None:
    goals = {"2026-11": 6, "2026-11-T1": 1, "2026-11-T2": 2}
    planned = after(entry(), "goals-planned", **LEAD, milestone="stations", goals=goals, standing=4)
    assert planned.plans["stations"].standing == 4
    short = step(planned, "goals-planned", **LEAD, milestone="stations", goals={"2026-11-T3": 2})
    assert fields(short) == ["payload.goals.2026-11"]
    assert "合计 5" in short.refusals[0].reason
    back = after(planned, "goals-planned", **LEAD, milestone="stations", goals={"2026-11-T1": None})
    assert set(back.plans["stations"].goals) == {"2026-11", "2026-11-T2"}


@pytest.mark.parametrize("word", ["2026-H2", "next week", "2026-11-T4"])
def test_goals_are_set_by_ten_days_month_quarter_and_year(word: str) -> None:
    done = step(entry(), "goals-planned", **LEAD, milestone="stations", goals={word: 1})
    assert fields(done) == [f"payload.goals.{word}"]


def test_problems_are_raised_and_resolved() -> None:
    raised = after(entry(), "problem-raised", **LEAD, id="data", text="户籍数据未共享", asked_of="public-security")
    assert fields(step(raised, "problem-raised", **LEAD, id="data", text="又")) == ["payload.id"]
    solved = after(raised, "problem-resolved", organisation="public-security", id="data", outcome="已共享")
    assert (solved.problems[0].resolved_at, solved.problems[0].outcome) == (AT, "已共享")
    assert fields(step(solved, "problem-resolved", **LEAD, id="data", outcome="又")) == ["payload.id"]
    assert fields(step(entry(), "problem-raised", **LEAD, id="a", text="b", asked_of="nobody")) == ["payload.asked_of"]


def test_meetings_name_the_entries_they_dealt_with() -> None:
    of = entry(declared(milestones=(DISPATCH,)))
    told: dict[str, Any] = {**LEAD, "kind": "monthly", "on": "2026-11-20", "subject": "11月调度"}
    held = after(of, "meeting-held", lookup(entry(BUNDLE)), **told, entries=["bundle.newborn"])
    assert held.meetings[0].entries == ("bundle.newborn",)
    assert fields(step(of, "meeting-held", **told, entries=["x"])) == ["payload.entries[0]"]
    assert fields(step(of, "meeting-held", **told | {"on": "2026-12-01"})) == ["payload.on"]


def test_a_close_out_takes_every_goal_no_problem_and_the_three_standards() -> None:
    raised = after(entry(), "problem-raised", **LEAD, id="data", text="户籍数据未共享")
    assert fields(step(raised, "closing-requested", **LEAD)) == [
        "milestones.stations",
        "milestones.map",
        "problems.data",
        *(f"standards.{each}" for each in IDS),
    ]


def test_what_cannot_be_measured_needs_a_statement_with_evidence() -> None:
    done = finished(entry())
    assert fields(step(done, "closing-requested", **LEAD, statements=stated(*IDS[:2]))) == [f"standards.{IDS[2]}"]
    with pytest.raises(msgspec.ValidationError, match="length"):
        step(done, "closing-requested", **LEAD, statements=[{"standard": IDS[0], "text": "好", "evidence": []}])
    assert fields(step(done, "closing-requested", **LEAD, statements=stated(*IDS, "fourth"))) == ["payload.statements"]
    assert requested().state == "closing"


def test_a_statement_does_not_stand_in_for_a_measure_that_fails() -> None:
    done = finished(entry(BUNDLE))
    withheld = lookup(resources=(resource("ps.r", sharing_class="unstated"), resource("ps.h")))
    told = step(done, "closing-requested", withheld, **HEALTH, statements=stated(*IDS), reductions=REDUCED)
    assert fields(told) == ["standards.data-shared"]
    assert "1/2" in told.refusals[0].reason
    assert "ps.r" in told.refusals[0].reason


def test_a_bundle_is_closed_by_measures_alone() -> None:
    asked = after(finished(entry(BUNDLE)), "closing-requested", **HEALTH, reductions=REDUCED)
    assert asked.closing is not None
    assert [each.met for each in verdicts(STANDARDS, asked.closing.measured.figures)] == [True, True, True]
    assert closed(asked).state == "closed"


def test_the_lead_asks_and_both_offices_consent_by_persons_of_their_own() -> None:
    asked = requested()
    assert fields(
        step(finished(entry()), "closing-requested", organisation="public-security", statements=stated(*IDS))
    ) == ["payload.organisation"]
    assert fields(step(asked, "closing-reviewed", **LEAD)) == ["actor"]
    assert fields(step(asked, "closing-reviewed", **HEALTH, actor="李四")) == ["payload.organisation"]
    once = after(asked, "closing-reviewed", **LEAD, actor="李四")
    assert once.state == "closing"
    assert fields(step(once, "closing-reviewed", **LEAD, actor="赵六")) == ["payload.organisation"]
    assert fields(step(once, "closing-reviewed", **OFFICE, actor="李四")) == ["actor"]
    twice = step(once, "closing-reviewed", **OFFICE, actor="王五")
    assert [each.action for each in twice.changes] == ["closed"]


def test_a_review_measures_again() -> None:
    asked = after(finished(entry(BUNDLE)), "closing-requested", **HEALTH, reductions=REDUCED)
    gone = lookup(resources=(resource("ps.r", state="withdrawn"), resource("ps.h")))
    assert fields(step(asked, "closing-reviewed", gone, **LEAD, actor="李四")) == ["standards.data-shared"]


def test_a_request_is_returned_and_a_closed_entry_opened_again_with_a_reason() -> None:
    assert fields(step(requested(), "closing-returned", **OFFICE)) == ["reason"]
    assert after(requested(), "closing-returned", **OFFICE, reason="缺验收单").state == "open"
    assert fields(step(closed(), "reopened", **OFFICE)) == ["reason"]
    opened = after(closed(), "reopened", **OFFICE, reason="群众反映")
    assert (opened.state, opened.closing, opened.reopenings[0].reason) == ("open", None, "群众反映")


def test_a_closed_entry_whose_evidence_fell_away_is_open_again() -> None:
    asked = after(finished(entry(BUNDLE)), "closing-requested", **HEALTH, reductions=REDUCED)
    done = closed(asked)
    assert RULE(plain(done), command("measured", LEAD, done.id), LOOKUP).changes == ()
    gone = lookup(resources=(resource("ps.r", state="withdrawn"), resource("ps.h")))
    fallen = step(done, "measured", gone, **LEAD)
    (change,) = fallen.changes
    assert (change.action, change.reason) == (
        "reopened",
        "销号依据不再成立：fields-filled、resources-attached、resources-shared",
    )
    worse = REDUCED | {"now": {"steps": 6, "days": 5, "materials": 3, "trips": 0}}
    assert after(done, "measured", **LEAD, reductions=worse).reopenings[0].fallen == ("reduced",)


@pytest.mark.parametrize("action", ["progress-reported", "goals-planned", "milestone-planned", "closing-requested"])
def test_a_closed_entry_stays_what_it_is_until_it_is_opened(action: str) -> None:
    payload: dict[str, dict[str, Any]] = {
        "progress-reported": {"milestone": "map", "done": 100},
        "goals-planned": {"milestone": "stations", "goals": {"2026": 1}},
        "milestone-planned": {"milestone": {"id": "x", "name": "x"}},
    }
    assert "action" in fields(step(closed(), action, **LEAD, **payload.get(action, {})))


def test_an_action_that_is_none_and_an_entry_that_is_none_are_told() -> None:
    assert fields(step(entry(), "closed", **LEAD)) == ["action"]
    assert fields(step(None, "progress-reported", **LEAD, milestone="map", done=1)) == ["entity_id"]


PEOPLE = st.sampled_from(("张三", "李四", "王五"))
OFFICES = st.sampled_from(("admin-approval", "data-bureau", "health", "tax"))
STATEMENTS = st.lists(st.sampled_from(IDS), unique=True).map(lambda chosen: stated(*chosen))
SHARED = st.booleans()
REPORT = st.tuples(
    st.just("progress-reported"),
    st.fixed_dictionaries({"milestone": st.sampled_from(("map", "stations")), "done": st.sampled_from((0, 32, 100))}),
)
OTHERS: st.SearchStrategy[tuple[str, Any]] = st.one_of(
    st.tuples(
        st.just("closing-requested"),
        st.fixed_dictionaries({"statements": STATEMENTS, "reductions": st.sampled_from((None, REDUCED))}),
    ),
    st.tuples(st.sampled_from(("closing-reviewed", "closing-returned", "reopened", "measured")), st.just({})),
    st.tuples(st.just("closing-reviewed"), st.just({})),
    st.tuples(st.just("problem-raised"), st.just({"id": "p", "text": "难点"})),
    st.tuples(st.just("problem-resolved"), st.just({"id": "p", "outcome": "解决"})),
    st.tuples(st.just("goals-planned"), st.just({"milestone": "stations", "goals": {"2026": 32}})),
)
ANY_ACT = st.tuples(st.one_of(REPORT, OTHERS), PEOPLE, OFFICES, SHARED).map(lambda act: [act])
ASKED_FOR = st.fixed_dictionaries({"statements": STATEMENTS, "reductions": st.sampled_from((None, REDUCED))})


def whole_closing(lead: str, payload: dict[str, Any], shared: bool) -> list[Any]:
    """A request and both consents, as they are given when all goes well."""
    return [
        (("closing-requested", payload), "张三", lead, shared),
        (("closing-reviewed", {}), "李四", "admin-approval", shared),
        (("closing-reviewed", {}), "王五", "data-bureau", shared),
    ]


CLOSING = st.builds(whole_closing, st.sampled_from(("admin-approval", "health")), ASKED_FOR, SHARED)
ACTS = st.lists(st.one_of(ANY_ACT, ANY_ACT, CLOSING), max_size=20).map(
    lambda found: [act for acts in found for act in acts]
)


ASKED_BUNDLE = after(finished(entry(BUNDLE)), "closing-requested", **HEALTH, reductions=REDUCED)
BEGUN = (
    entry(TASK),
    finished(entry(TASK)),
    finished(entry(BUNDLE)),
    requested(),
    ASKED_BUNDLE,
    after(ASKED_BUNDLE, "closing-reviewed", **LEAD, actor="李四"),
    closed(),
)


@settings(deadline=None)
@given(st.sampled_from(BEGUN), ACTS)
def test_no_sequence_of_commands_closes_an_entry_without_its_three_standards(begun: Entry, acts: list[Any]) -> None:
    """Whoever asks what in whatever order: closed means every goal reached, three standards, three persons."""
    standing = begun
    for number, ((action, payload), actor, organisation, shared) in enumerate(acts):
        held = (resource("ps.r"), resource("ps.h", sharing_class="unconditional" if shared else "unstated"))
        look = lookup(resources=held)
        asked = command(
            action, payload | {"organisation": organisation}, standing.id, actor=actor, at=AT + number, reason="事由"
        )
        done = RULE(plain(standing), asked, look)
        assert not (done.refusals and done.changes)
        standing = entry_of(done.changes[-1].state) if done.changes else standing
        event(standing.state)
        if standing.state == "closed":
            _holds(standing, AT + number)


def _holds(of: Entry, at: int) -> None:
    asked = of.closing
    assert asked is not None
    assert of.measured is not None
    met = {each.standard.id: each.met for each in verdicts(STANDARDS, of.measured.figures)}
    told = {each.standard for each in asked.statements}
    assert all(met[each] is True or (met[each] is None and each in told) for each in IDS)
    assert all(is_reached(of, each, TODAY + timedelta(days=1)) for each in of.milestones if not each.every)
    assert not [each for each in of.problems if each.resolved_at is None]
    people = {asked.requested_by, *(each.by for each in asked.reviews)}
    assert len(people) == 1 + len(STANDARDS.keepers)
    assert {each.organisation for each in asked.reviews} == set(STANDARDS.keepers)
    assert at >= asked.requested_at


def test_a_day_is_chinas() -> None:
    midnight = AT - AT % DAY_US + 16 * 3_600_000_000
    before = after(entry(), "progress-reported", **LEAD, milestone="map", done=1, at=midnight - 1)
    later = after(entry(), "progress-reported", **LEAD, milestone="map", done=1, at=midnight)
    assert later.progress[0].on - before.progress[0].on == timedelta(days=1)


def test_what_is_wanted_every_period_is_reported_by_the_time() -> None:
    of = entry(declared(milestones=(TRAINING,)))
    once = after(of, "progress-reported", **LEAD, milestone="training", done=1, on="2026-03-01")
    twice = after(once, "progress-reported", **LEAD, milestone="training", done=1, on="2026-08-01")
    assert [each.on for each in twice.progress] == [date(2026, 3, 1), date(2026, 8, 1)]


def test_every_action_has_an_act() -> None:
    for action in ENTRY_ACTIONS[2:]:
        assert "entity_id" in fields(step(None, action))
