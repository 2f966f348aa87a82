"""Serving an applicant out of the archive: every read of it names its purpose and is put on record."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import msgspec

from onething.gateway.application_request import Application as Asked
from onething.gateway.application_request import Completed
from onething.gateway.archives import nobody_answered
from onething.gateway.prechecks import Prechecked
from onething.gateway.problems import Fault, Problem
from onething.gateway.replicas import ArchiveReplicas, NoReplicaAnswered, ReplicaAnswer
from processors.domain.service import (
    Application,
    Archive,
    Precheck,
    Service,
    ServiceFault,
    archive_of_answer,
    precheck,
    sources_of,
)

_OK: Final = 200
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_WAIT_S: Final = 10.0


@dataclass(frozen=True)
class Ground:
    """For whom and what an archive is read; ``grant`` names the service, such as ``notice:restaurant-opening``."""

    reader: str
    purpose: str
    grant: str

    def pairs(self) -> list[tuple[str, str]]:
        """The query as a replica takes it."""
        return [("reader", self.reader), ("purpose", self.purpose), ("grant", self.grant)]


class ServiceDesk:
    """Reads applicants' archives and holds applications against them."""

    def __init__(self, services: Mapping[str, Service], replicas: ArchiveReplicas, clock: Callable[[], int]) -> None:
        """Serve these bundles; ``clock`` tells µs UTC."""
        self.services = services
        self.clock = clock
        self._replicas = replicas

    async def archive(self, service: Service, subject: str, ground: Ground) -> Archive:
        """What is known of the subject, and how complete the sources are that the bundle looks at.

        A subject that nobody knows has an empty archive.

        Raises:
            Problem: 503, no replica answers; 403, the service's grant was ended.
        """
        sources = [("resource", code) for code in sources_of(service)]
        try:
            read, coverage = await asyncio.gather(
                self._replicas.ask(f"/v1/archives/{quote(subject, safe=':')}", ground.pairs(), _WAIT_S),
                self._replicas.ask("/v1/coverage", sources, _WAIT_S),
            )
        except NoReplicaAnswered as fault:
            raise nobody_answered(str(fault)) from fault
        complete_until = _complete_until(coverage)
        if read.status == _NOT_FOUND:
            return Archive(subject=subject, complete_until=complete_until)
        if read.status == _FORBIDDEN:
            raise _not_granted(ground.grant, msgspec.json.decode(read.body).get("detail", ""))
        if read.status != _OK:
            raise nobody_answered(f"a replica refused the read with status {read.status}")
        return archive_of_answer(msgspec.json.decode(read.body), complete_until)

    async def prechecked(
        self, service: Service, application: Application, ground: Ground, open_case: str | None = None
    ) -> Precheck:
        """The application held against its bundle and the archive.

        Raises:
            Problem: 503, no replica answers.
        """
        archive = await self.archive(service, application.subject, ground)
        return precheck(service, application, archive, self.clock(), open_case)

    async def check(self, application: Asked) -> Prechecked:
        """The pre-check as the door of applications asks for it, which looks for running cases itself.

        Raises:
            Problem: 503, no replica answers.
        """
        service = self.services[application.bundle]
        ground = Ground(
            reader=application.submitted_by or "applicant",
            purpose=application.purpose or service.name,
            grant=f"precheck:{service.bundle}",
        )
        found = await self.prechecked(service, _application(application), ground)
        return Prechecked(_completed(found), tuple(gateway_fault(each) for each in found.faults))


def gateway_fault(fault: ServiceFault) -> Fault:
    """A fault as problem documents carry it."""
    return Fault(fault.place, fault.code, f"{fault.message}；{fault.remedy}")


def no_such_bundle(bundle: str) -> Problem:
    """404: no bundle has this id."""
    return Problem(
        404,
        "no-such-bundle",
        "没有这个一件事 / no such bundle",
        f"no bundle has the id {bundle[:64]!r}",
        "list them: GET /v1/bundles, or onething bundle list",
    )


def _not_granted(grant: str, reason: str) -> Problem:
    return Problem(
        403,
        "not-granted",
        "本项服务未获授权查档 / the service may not read archives",
        f"{grant}: {reason}",
        f"see: onething grant show {grant}; standing grants are data: catalog/standing_grants.toml",
    )


def _application(asked: Asked) -> Application:
    return Application(
        subject=asked.subject,
        choices=asked.choices,
        form=asked.form,
        materials=asked.materials,
        delivery_means=asked.means,
    )


def _completed(found: Precheck) -> Completed:
    counts = found.counts
    return Completed(
        form=dict(found.values),
        materials=found.materials,
        fields_total=counts.total,
        fields_filled=counts.filled,
        fields_shareable=counts.asked_though_shareable,
    )


def _complete_until(answer: ReplicaAnswer) -> dict[str, int]:
    """Coverage in µs by resource; nothing is known of sources whose statements could not be asked for."""
    if answer.status != _OK:
        return {}
    body: dict[str, dict[str, Any]] = msgspec.json.decode(answer.body)["coverage"]
    return {code: each["complete_until"] for code, each in body.items() if each["complete_until"] is not None}
