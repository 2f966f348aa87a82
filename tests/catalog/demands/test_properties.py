"""Whatever anybody asks in whatever order: completion is asked for once, two persons grant, grants never change."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.demands.grants import content_id, grant_of
from catalog.demands.rule import MOVES
from catalog.register.changes import RUNG
from tests.catalog.demands.demanding import DAY_US, LICENCE, PENALTY, SEALED, START, UNTIL, Register, application

PROOF = ["纪要"]
PAYLOADS: dict[str, dict[str, Any]] = {
    "completion-asked": {"missing": ["函"]},
    "decided": {"outcome": "grant"},
    "delivered": {"means": "interface", "reference": "x"},
    "used": {"scenario": "a", "process": "b", "effect": "c", "storage": "d"},
    "disposed": {"method": "删除", "evidence": PROOF},
    "extension-consented": {"days": 5, "evidence": PROOF, "told": PROOF},
    "escalated": {"rung": "negotiation", "evidence": PROOF},
}
NO_ORGANISATION = {"completed", "settled", RUNG}
ACTIONS = st.tuples(
    st.sampled_from(["applied", *MOVES, "refusing"]),
    st.sampled_from(["张三", "李四"]),
    st.sampled_from(["tax", "finance"]),
    st.sampled_from([START, START + 30 * DAY_US, UNTIL, UNTIL + 1500 * DAY_US]),
)


def ask(register: Register, action: str, person: str, organisation: str, at: int, resource: str) -> None:
    more: dict[str, Any] = dict(PAYLOADS.get(action, {}))
    if action == "refusing":
        action, more = "decided", {"outcome": "refuse", "withheld_basis": "secrets-law-9"}
    if action in ("applied", "completed"):
        more = application(resource) if action == "completed" or at > START else application(resource, purpose="")
    elif action == "settled":
        more = {"outcome": "reply-again", "evidence": PROOF}
    elif action not in NO_ORGANISATION:
        more["organisation"] = organisation
    register.do(action, actor=person, at=at, reason="理由", **more)


@settings(max_examples=300, deadline=None)
@given(st.lists(ACTIONS, max_size=25), st.sampled_from([PENALTY, LICENCE, SEALED]))
def test_no_order_of_commands_breaks_a_demand(asked: list[tuple[str, str, str, int]], resource: str) -> None:
    register, grants = Register(), dict[str, Any]()
    for action, person, organisation, at in asked:
        ask(register, action, person, organisation, at, resource)
        for (entity, entity_id), state in register.held.items():
            if entity == "grant":
                assert content_id(grant_of(state)) == entity_id
                assert not (grants.get(entity_id) == "ended" and state["state"] == "issued")
                grants[entity_id] = state["state"]
    demands = [each for each in register.actions if each.startswith("demand ")]
    assert demands.count("demand completion-asked") <= 1
    if not demands:
        return
    demand = register.demand
    assert demand["version"] == len(demands)
    assert bool(demand["grant"]) == ("demand granted" in demands)
    assert resource != SEALED or not grants
    if demand["state"] in ("disposal-due", "disposed"):
        assert set(grants.values()) == {"ended"}
    if demand["decision"] and demand["decision"]["reviewed_by"]:
        assert demand["decision"]["reviewed_by"] != demand["decision"]["decided_by"]
    if demand["records_destroyed_at"] is not None:
        assert demand["records_destroyed_at"] >= demand["records_until"]
