"""Licences and registrations that simulated departments issue for a case: published as any fact is, with its id."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from catalog.organisations import load_organisations
from catalog.resources import load_resources
from producers.outcomes import Receipt
from producers.publisher import Publisher
from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.acts import Act
from topics.events import ResultRecorded

TERRITORY: Final = "610100"


class IssuedFactRefused(Exception):  # noqa: N818  the name is the fact
    """The publishing door did not take what a simulated department issued."""

    remedy = "correct producers/simulation/cases: an issued fact has to hold against the catalogue"


class FactDoor:
    """Publishes what departments issue; the hub itself finds out that an item has ended with it."""

    def __init__(
        self,
        publisher_of: Callable[[str], Publisher],
        subjects: Mapping[str, Mapping[str, str]],
        actors: Mapping[str, CaseActors],
    ) -> None:
        """Take the publishers by department, subjects of drafts by their names on the log, and actors by case id."""
        self._publisher_of, self._subjects, self._actors = publisher_of, subjects, actors
        self.issued = 0

    def __call__(self, act: Act) -> bool:
        """Publish it; False when it is nothing that is issued.

        Raises:
            IssuedFactRefused: the publishing door found a fault in it.
        """
        if not isinstance(act.event, ResultRecorded):
            return False
        subject = self._subjects[self._actors[act.event.case_id].script.subject]
        (outcome,) = self._publisher_of(act.event.department).publish_many([issued_draft(act.event, subject)])
        if not isinstance(outcome, Receipt):
            raise IssuedFactRefused("; ".join(f"{each.field}: {each.code}" for each in outcome.faults))
        self.issued += 1
        return True


def issued_draft(event: ResultRecorded, subject: Mapping[str, str]) -> dict[str, Any]:
    """The fact as the department's own system publishes it."""
    name = load_resources().by_code[event.resource].name.removesuffix("信息")
    on = datetime.fromtimestamp(event.at / 1_000_000, UTC).date()
    content = _licence(event, name, on) if event.fact == "LicenceIssued" else _registration(event, name, on)
    return {
        "type": event.fact,
        "source": event.department,
        "resource": event.resource,
        "subject": dict(subject),
        "record_id": event.record_id,
        "version": event.at,
        "valid_at": event.at,
        "case_id": event.case_id,
        "content": content,
    }


def _licence(event: ResultRecorded, name: str, on: date) -> dict[str, Any]:
    return {
        "licence_type": event.record_type,
        "licence_name": name,
        "licence_number": event.case_id,
        "issuer_name": load_organisations().by_code[event.department].name,
        "issued_on": on.isoformat(),
        "valid_from": on.isoformat(),
        "state": "有效",
        "territory": TERRITORY,
    }


def _registration(event: ResultRecorded, name: str, on: date) -> dict[str, Any]:
    return {
        "title": name,
        "number": event.case_id,
        "status": "正常",
        "valid_from": on.isoformat(),
        "territory": TERRITORY,
    }
