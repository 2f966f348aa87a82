"""The application that a matched policy makes: taken by the rule of handling, or told what it lacks."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from catalog.bundles import load_bundles
from catalog.organisations import load_organisations
from catalog.policies import Policy, load_policies
from connectors.keyring import KeyRing
from onething.gateway.case_seal import opened_form
from onething.policy_applications import PolicyApplications
from processors.domain.handling import handle
from processors.domain.handling.planning import plan_of
from processors.domain.policy import Match, occasion_case_id
from processors.domain.service import Archive, load_services, precheck
from processors.domain.service.held import HeldRecord
from tests.processors.policies.archives import DEFINITION, NOW, REGISTRATION, policy
from topics.events import ApplicationSubmitted

PERSON = f"person:{'a' * 32}"
COMPANY = "enterprise:91440300708461136T"


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing.open_or_create(tmp_path / "keys")


def made(keys: KeyRing, found: Policy, subject: str, *records: HeldRecord) -> ApplicationSubmitted | tuple[str, ...]:
    def archive_of(_: Any, asked: str) -> Archive:
        return Archive(subject=asked, records=records)

    match = Match(policy=found.id, version=found.version, subject=subject, outcome="matched", findings=())
    applications = PolicyApplications(load_bundles(), load_services(), keys, archive_of, lambda: NOW)
    return applications.application_for(found, match)


def test_the_application_is_taken_and_opens_its_items_only(keys: KeyRing) -> None:
    found = load_policies()["severe-disability-care"]
    application = made(keys, found, PERSON)
    assert isinstance(application, ApplicationSubmitted)
    assert (application.policy, application.subject) == ("severe-disability-care", PERSON)
    step = handle(None, application, plan_of(load_bundles()["disability-services"], load_organisations()))
    assert not step.refusals
    assert step.handling is not None
    states = {each.number: each.state for each in step.handling.items}
    assert [number for number, state in states.items() if state != "not-applicable"] == [3]


def test_the_same_match_makes_the_same_application(keys: KeyRing) -> None:
    found = load_policies()["severe-disability-care"]
    first, again = (made(keys, found, PERSON) for _ in range(2))
    assert isinstance(first, ApplicationSubmitted)
    assert isinstance(again, ApplicationSubmitted)
    assert (first.event_id, first.case_id) == (again.event_id, again.case_id)
    match = Match(policy=found.id, version=1, subject=PERSON, outcome="matched", findings=())
    assert first.case_id == occasion_case_id(match)


def test_what_the_archive_lacks_is_told_and_nothing_is_submitted(keys: KeyRing) -> None:
    choices = 'bundle = "restaurant-opening"\nchoices = { signboard = "no", gathering = "no" }'
    found = policy(DEFINITION.replace('kind = "notice"', f'kind = "case"\n{choices}'))
    missing = made(keys, found, COMPANY)
    assert isinstance(missing, tuple)
    assert len(missing) > 1
    held = HeldRecord(
        resource=REGISTRATION,
        record_type="enterprise-registration",
        record_id="1",
        event="EnterpriseRegistered",
        event_id="ab" * 16,
        version=1,
        valid_at=NOW,
        known_at=NOW,
        withdrawn=False,
        disputed=False,
        content={"name": "西安某某", "state": "存续", "territory": "610100"},
    )
    fewer = made(keys, found, COMPANY, held)
    assert isinstance(fewer, tuple)
    assert len(fewer) < len(missing)


def test_a_form_is_sealed_for_its_case(keys: KeyRing, monkeypatch: pytest.MonkeyPatch) -> None:
    found = load_policies()["severe-disability-care"]

    def with_value(*given: Any) -> Any:
        return msgspec.structs.replace(precheck(*given), values={"enterprise-name": "西安某某"})

    monkeypatch.setattr("onething.policy_applications.precheck", with_value)
    application = made(keys, found, PERSON)
    assert isinstance(application, ApplicationSubmitted)
    assert opened_form(keys, application.case_id, application.form) == {"enterprise-name": "西安某某"}
