"""结果入档: a result that a department names without a record of its own becomes a record of the archive."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from catalog.organisations import Organisations
from catalog.resources import Resource, Resources
from processors.domain.requests import moment
from processors.following.breaches import CITY
from processors.following.reactions import FactDraft, Stated
from topics.events import ApprovalSynchronised, ItemResult, LicenceIssued, RegistrationRecorded

IN_FORCE: Final = "有效"
RECORDED: Final = "已登记"


class Outcomes:
    """States licences and registrations for departments that decide at the hub and keep no system of their own.

    A result with a record id is stated by the department's own system, and by nobody else: two writers of one record
    would dispute each other.
    """

    def __init__(self, resources: Resources, organisations: Organisations) -> None:
        """Read resources and names of issuers from the catalogue."""
        self._resources, self._organisations = resources, organisations

    def approved(self, event: ApprovalSynchronised) -> Iterator[Stated]:
        """The records of an approval's results; none of a refusal."""
        if event.decision != "approve":
            return
        for place, result in enumerate(event.results):
            resource = self._resources.by_code.get(result.resource or "")
            if resource is None or result.record_id is not None or resource.department != event.department:
                continue
            if event.subject.split(":", 1)[0] in resource.subjects:
                yield from self._stated(event, result, resource, place)

    def _stated(
        self, event: ApprovalSynchronised, result: ItemResult, resource: Resource, place: int
    ) -> Iterator[Stated]:
        facts = {name.rsplit(".", 1)[-1] for name in resource.schemas}
        number = f"{event.case_id}/{event.number}" + (f"/{place + 1}" if place else "")
        if LicenceIssued.__name__ in facts:
            issuer = self._organisations.by_code[event.department]
            content = _licence(event, result, resource, number, issuer.full_name or issuer.name)
            yield Stated(_draft(LicenceIssued.__name__, event, resource, number, content))
        elif RegistrationRecorded.__name__ in facts:
            content = {"title": result.name, "number": number, "status": RECORDED, "territory": CITY}
            yield Stated(_draft(RegistrationRecorded.__name__, event, resource, number, content))


def _licence(
    event: ApprovalSynchronised, result: ItemResult, resource: Resource, number: str, issuer: str
) -> dict[str, Any]:
    content: dict[str, Any] = {
        "licence_type": resource.record_type,
        "licence_name": result.name,
        "licence_number": number,
        "issuer_name": issuer,
        "issued_on": _day(event.at).isoformat(),
        "state": IN_FORCE,
        "territory": CITY,
    }
    return (
        content if result.licence_identifier is None else {**content, "licence_identifier": result.licence_identifier}
    )


def _draft(
    name: str, event: ApprovalSynchronised, resource: Resource, number: str, content: dict[str, Any]
) -> FactDraft:
    return {
        "type": name,
        "source": event.department,
        "resource": resource.code,
        "subject": event.subject,
        "record_id": f"case/{number}",
        "version": event.at,
        "valid_at": event.at,
        "case_id": event.case_id,
        "content": content,
    }


def _day(instant_us: int) -> date:
    return moment(instant_us).date()
