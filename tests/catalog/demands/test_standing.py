"""The grants that stand: one for each service of each bundle, and none for tests unless it is asked for."""

from pathlib import Path

import pytest

from catalog.bundles import load_bundles
from catalog.definitions import DefinitionFaultsError
from catalog.demands.check import Allowed, Read, check_read, permit_of
from catalog.demands.grants import grant_rule
from catalog.demands.standing import load_standing_grants, standing_commands, standing_grants
from tests.catalog.demands.demanding import Register

SUBJECT = "enterprise:91610111MAXYG64X7Q"
AT = 1_780_000_000_000_000


def test_every_service_of_every_bundle_has_a_grant_of_its_own() -> None:
    names = {grant.id for grant in standing_grants()}
    assert {f"{what}:{bundle}" for what in ("notice", "form", "precheck") for bundle in load_bundles()} <= names
    assert {"policy-matching", "policy-trial"} <= names


def test_grants_of_tests_and_demonstrations_stand_only_where_they_are_asked_for() -> None:
    assert {"test", "demonstration"}.isdisjoint(grant.id for grant in standing_grants())
    assert {"test", "demonstration"} <= {grant.id for grant in standing_grants(trial=True)}


def test_no_standing_grant_shows_an_archive_itself() -> None:
    for grant in standing_grants():
        asked = Read("tax:张三", "x", SUBJECT, AT, means="interface")
        assert not isinstance(check_read(permit_of(grant), asked), Allowed), grant.id


def test_each_is_issued_by_the_register_like_any_other() -> None:
    register = Register()
    for command in standing_commands(AT):
        (change,) = grant_rule(None, command, register).changes
        assert (change.action, change.state["id"], change.due_at) == (
            "issued",
            command.entity_id,
            change.state["until"],
        )
        assert grant_rule(change.state, command, register).changes == ()


def test_every_fault_of_the_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "standing_grants.toml"
    table = """
[[grant]]
id = "x"
readers = []
purpose = "*"
means = ["service"]
since = 2026-01-02
until = 2026-01-01
reason = "r"
resources = ["tax.none"]
"""
    path.write_text(table * 2, encoding="utf-8")
    with pytest.raises(DefinitionFaultsError) as raised:
        load_standing_grants.__wrapped__(path)
    assert len(raised.value.faults) == 7
