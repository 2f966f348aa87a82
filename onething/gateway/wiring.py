"""The gateway over the real log, case store and replicas."""

import asyncio
from collections.abc import Mapping
from functools import partial
from time import time_ns
from typing import Final

from fastapi import FastAPI

from catalog.bundles import Bundle, load_bundles
from catalog.hotline import load_hotline_words
from catalog.items import load_items
from catalog.organisations import Organisations, load_organisations
from catalog.policies import load_policies
from catalog.resources import load_resources
from connectors.counting import Tally, Teller, disk_free
from connectors.kafka import KafkaOptions, admin
from connectors.keyring import KeyRing
from onething.endpoints import endpoints
from onething.gateway.app import GatewayParts, gateway_app
from onething.gateway.case_news import CaseNewsTail, CaseWaiters
from onething.gateway.case_publisher import CasePublisher, NotPublished
from onething.gateway.handling_wiring import HandlingSurroundings, fee_title, handling_routers, payment_office
from onething.gateway.health import ReadinessCheck, Verdict
from onething.gateway.items import item_router
from onething.gateway.observation import Figures
from onething.gateway.part_proxy import FORWARDED, PartProxy, forwarding_router
from onething.gateway.payment_requests import PaymentRequests
from onething.gateway.policies import policy_router
from onething.gateway.recent_cases import RecentCases
from onething.gateway.refusals_wiring import FOLDER as REFUSALS
from onething.gateway.refusals_wiring import RefusedRecords
from onething.gateway.replicas import ArchiveReplicas
from onething.gateway.report_checks import report_check_router
from onething.gateway.service_desk import ServiceDesk
from onething.gateway.services import ServiceDoor, service_router
from onething.gateway.stored_cases import CaseStates, StoredCases
from onething.gateway.stored_handlings import StoredHandlings
from onething.gateway.tasks import TaskDoor
from onething.gateway.verifications import VerificationDoor
from onething.settings import Settings
from processors.cases import StoreMissing
from processors.domain.definition import case_definitions
from processors.domain.service import load_services
from producers.hotline import ComplaintDoor, hotline_router, known_codes
from producers.intake import Intake, intake_router
from producers.protection import LocalProtector
from producers.protection_http import protection_router
from topics.codec import RowCodec, SchemaIds

_METADATA_S: Final = 2.0
_WRITTEN: Final = (
    "CaseRequested",
    "TaskHandled",
    "TaskReviewed",
    "CaseUpdated",
    "ReportIssued",
    "ApplicationSubmitted",
    "ApplicationSupplemented",
    "ApplicationWithdrawn",
    "CaseEvaluated",
    "ItemHandled",
    "ItemReviewed",
    "CaseSuspended",
    "CaseResumed",
    "ResultsDelivered",
    "CommitmentChecked",
    "RectificationAnswered",
    "PaymentConfirmed",
    "ArchiveRead",
    "RefusalSettled",
    "HotlineComplaintReceived",
    "HotlineComplaintClosed",
)


def create_gateway(settings: Settings, options: KafkaOptions, ids: SchemaIds, keyring: KeyRing) -> FastAPI:
    """The gateway's application; what it opened is closed when the application ends.

    Args:
        settings: where the case store and the replicas are, and how large a body may be.
        options: the cluster.
        ids: the registered schemas.
        keyring: names persons by tokens and seals personal fields.
    """
    codec, waiters, figures = RowCodec(ids), CaseWaiters(), Figures()
    bundles, organisations = load_bundles(), load_organisations()
    reader = CaseStates(settings.database_url)
    rows = StoredCases(reader)
    sink = CasePublisher(options, codec)
    tail = CaseNewsTail(options, codec, waiters)
    replicas = ArchiveReplicas(lambda: endpoints(settings, "archive"))
    handled_rows = StoredHandlings(reader)
    desk = ServiceDesk(load_services(), replicas, now_us)
    office = payment_office(settings)
    payments = None if office is None else PaymentRequests(options, codec, office, fee_title)
    recent = RecentCases(case_definitions())
    tally = Tally("gateway-0")
    teller = Teller(options, lambda: codec, tally, (disk_free(settings.data_dir),))
    intake = Intake(options, LocalProtector(keyring), ids, load_resources(), tally=tally)
    refused = RefusedRecords(
        options, codec, keyring, organisations, intake, sink, folder=settings.data_dir / REFUSALS, clock=now_us
    )
    largest = settings.gateway.max_body_mb << 20
    behind = [PartProxy(role, partial(endpoints, settings, role)) for role in FORWARDED]

    async def start() -> None:
        await asyncio.to_thread(tail.start, asyncio.get_running_loop())
        refused.start()
        if payments is not None:
            payments.start()
        teller.start()

    async def stop() -> None:
        await asyncio.to_thread(tail.close)
        if payments is not None:
            await asyncio.to_thread(payments.close)
        if office is not None:
            office.close()
        await refused.close()
        await asyncio.to_thread(sink.close)
        await asyncio.to_thread(intake.close)
        await asyncio.to_thread(teller.close)
        for part in behind:
            await part.close()
        reader.close()

    parts = GatewayParts(
        verifications=VerificationDoor(verifying(bundles), rows, sink, waiters, figures, recent, now_us),
        tasks=TaskDoor(organisations, rows, sink, waiters, now_us),
        replicas=replicas,
        figures=figures,
        checks={
            "kafka": kafka_check(options),
            "schemas": schemas_check(ids),
            "archive": replicas_check(replicas),
            "cases": cases_check(rows),
        },
        handled=(
            *handling_routers(
                HandlingSurroundings(
                    bundles=bundles,
                    organisations=organisations,
                    rows=handled_rows,
                    sink=sink,
                    waiters=waiters,
                    precheck=desk,
                    keyring=keyring,
                    office=office,
                    figures=figures,
                    clock=now_us,
                )
            ),
            service_router(ServiceDoor(bundles, desk, keyring, handled_rows.running)),
            item_router(),
            policy_router(load_policies(), replicas),
            report_check_router(reader),
        ),
        intake=(
            intake_router(intake, largest_body_bytes=largest),
            protection_router(keyring, largest_body_bytes=largest),
            refused.router(),
            hotline_router(complaint_door(bundles, organisations, keyring, sink, largest)),
            *(forwarding_router(part, largest_body_bytes=largest) for part in behind),
        ),
        start=start,
        stop=(stop,),
    )
    return gateway_app(parts)


def complaint_door(
    bundles: Mapping[str, Bundle], organisations: Organisations, keyring: KeyRing, sink: CasePublisher, largest: int
) -> ComplaintDoor:
    """What the door of hotlines works with; ``largest`` is the largest body, in bytes."""
    known = known_codes(load_hotline_words(), load_items().by_code, bundles, organisations.by_code)
    return ComplaintDoor(known, keyring, sink, NotPublished, now_us, largest)


def verifying(bundles: Mapping[str, Bundle]) -> dict[str, Bundle]:
    """The bundles that only check and report; the others are applied for."""
    return {bundle.id: bundle for bundle in bundles.values() if bundle.is_verification}


def now_us() -> int:
    """The clock, µs UTC."""
    return time_ns() // 1000


def kafka_check(options: KafkaOptions) -> ReadinessCheck:
    """Whether the cluster answers."""
    client = admin(options)

    async def check() -> Verdict:
        metadata = await asyncio.to_thread(client.list_topics, timeout=_METADATA_S)
        return Verdict(ok=True, detail=f"{len(metadata.topics)} topics on {len(metadata.brokers)} brokers")

    return check


def schemas_check(ids: SchemaIds) -> ReadinessCheck:
    """Whether everything that the gateway writes has a registered schema."""

    async def check() -> Verdict:
        missing = [name for name in _WRITTEN if not _is_registered(ids, name)]
        if missing:
            return Verdict(ok=False, detail=f"not registered: {', '.join(missing)}", remedy="run: onething topic apply")
        return Verdict(ok=True, detail=f"{len(ids)} schemas")

    return check


def replicas_check(replicas: ArchiveReplicas) -> ReadinessCheck:
    """Whether an archive replica is ready."""

    async def check() -> Verdict:
        ready = await replicas.readiness()
        fit = sum(ready.values())
        return Verdict(
            ok=fit > 0,
            detail=f"{fit} of {len(ready)} replicas are ready",
            remedy=None if fit else "start one: onething run archive --index 0",
        )

    return check


def cases_check(rows: StoredCases) -> ReadinessCheck:
    """Whether the case store can be read."""

    async def check() -> Verdict:
        try:
            await rows.probe()
        except StoreMissing as fault:
            return Verdict(ok=False, detail=str(fault), remedy=fault.remedy)
        return Verdict(ok=True, detail="readable")

    return check


def _is_registered(ids: SchemaIds, name: str) -> bool:
    try:
        ids.newest(name)
    except LookupError:
        return False
    return True
