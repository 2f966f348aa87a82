"""Grants: what they are compiled to, that nothing edits them, and how they end."""

from typing import Any

import pytest

from catalog.demands.grants import content_id, grant_of
from catalog.register.canonical import plain
from tests.catalog.demands.demanding import LICENCE, START, UNTIL, Register, application, fields_of, granted


@pytest.fixture
def register() -> Register:
    return Register()


def test_a_grant_holds_what_the_demand_asked_for_and_its_id_follows_from_it(register: Register) -> None:
    register.do("applied", **application(LICENCE, readers=["finance:王五"], subjects={"kind": "enterprise"}))
    grant = grant_of(register.grant)
    assert (grant.reader, grant.resources, grant.purpose) == (("finance:王五",), (LICENCE,), "政府采购资格审查")
    assert (grant.since, grant.until, grant.means) == (START, UNTIL, ("interface",))
    assert (grant.demand, grant.demand_version) == ("D-1", 1)
    assert grant.id == content_id(grant)


@pytest.mark.parametrize(
    "other",
    [{"purpose": "招标"}, {"until": UNTIL + 1}, {"readers": ["finance:赵六"]}, {"subjects": {"kind": "any"}}],
)
def test_grants_that_grant_another_thing_have_another_id(register: Register, other: dict[str, Any]) -> None:
    register.do("applied", **application(LICENCE))
    changed = Register()
    changed.do("applied", **(application(LICENCE) | other))
    assert register.demand["grant"] != changed.demand["grant"]


def test_a_grant_is_ended_for_a_reason_and_the_demand_must_dispose(register: Register) -> None:
    granted(register)
    grant_id = register.demand["grant"]
    assert fields_of(register.do("ended", entity="grant", entity_id=grant_id)) == ["reason"]
    register.do("ended", entity="grant", entity_id=grant_id, reason="超范围使用")
    assert (register.grant["state"], register.grant["end_reason"]) == ("ended", "超范围使用")
    assert register.demand["state"] == "disposal-due"
    assert content_id(grant_of(register.grant)) == grant_id
    assert register.do("ended", entity="grant", entity_id=grant_id, reason="再次").changes == ()


def test_a_grant_is_never_edited(register: Register) -> None:
    granted(register)
    grant_id = register.demand["grant"]
    same = register.do("issued", entity="grant", entity_id=grant_id, payload=plain(grant_of(register.grant)))
    assert (same.changes, same.refusals) == ((), ())
    other = dict(register.grant) | {"purpose": "其他"}
    assert fields_of(register.do("issued", entity="grant", entity_id=grant_id, payload=other)) == ["entity_id"]
    assert fields_of(register.do("changed", entity="grant", entity_id=grant_id)) == ["action"]


def test_there_must_be_a_grant_to_end_it(register: Register) -> None:
    assert fields_of(register.do("ended", entity="grant", entity_id="G-0", reason="无")) == ["entity_id"]
