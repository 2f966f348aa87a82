"""The doors of handled cases over the real log, case store, archive replicas, key ring and payment office."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter

from catalog.bundles import Bundle
from catalog.form_fields import load_form_fields, load_materials
from catalog.items import load_items
from catalog.organisations import Organisations
from catalog.resources import load_resources
from connectors.keyring import KeyRing
from connectors.payment import HttpPaymentOffice, PaymentOfficeUnreachable, PaymentPort
from onething.endpoints import NotRunning, endpoint
from onething.gateway.applicant_acts import applicant_act_router
from onething.gateway.applications import ApplicationDoor, application_router
from onething.gateway.case_acts import CaseActDoor, case_act_router
from onething.gateway.case_forms import CaseFormDoor, case_form_router
from onething.gateway.case_news import CaseWaiters
from onething.gateway.case_publisher import CasePublisher
from onething.gateway.case_search import SearchDoor, search_router
from onething.gateway.handling_acts import HandlingDoor
from onething.gateway.handling_rows import HandlingRows
from onething.gateway.inbox import InboxDoor, inbox_router
from onething.gateway.observation import Figures
from onething.gateway.payments import CALLBACK_PATH, PaymentDoor, payment_router
from onething.gateway.prechecks import Precheck
from onething.gateway.recent_applications import RecentApplications
from onething.gateway.reductions import ReductionDoor, reduction_router
from onething.settings import Settings
from processors.domain.handling import HandlingPlan
from processors.domain.handling.planning import plan_of
from topics.events import ApplicationSubmitted


@dataclass(frozen=True)
class HandlingSurroundings:
    """What the doors of handled cases share with the rest of the gateway; ``clock`` tells µs UTC."""

    bundles: Mapping[str, Bundle]
    organisations: Organisations
    rows: HandlingRows
    sink: CasePublisher
    waiters: CaseWaiters
    precheck: Precheck
    keyring: KeyRing
    office: PaymentPort | None
    figures: Figures
    clock: Callable[[], int]


def handling_routers(around: HandlingSurroundings) -> tuple[APIRouter, ...]:
    """Every route of handled cases."""
    plans = plans_of(around.bundles, around.organisations)
    handlings = HandlingDoor(
        around.organisations, around.rows, around.sink, around.waiters, RecentApplications(plans), around.clock
    )

    def counted(event: ApplicationSubmitted) -> None:
        around.figures.applications.labels(event.bundle, event.channel).inc()

    applications = ApplicationDoor(
        handlings, around.bundles, plans, load_materials(), around.precheck, around.keyring, counted
    )
    forms = CaseFormDoor(handlings, load_items(), load_form_fields(), around.keyring, around.sink)
    return (
        application_router(applications),
        applicant_act_router(applications),
        case_act_router(CaseActDoor(handlings)),
        case_form_router(forms),
        inbox_router(InboxDoor(handlings, load_resources())),
        search_router(SearchDoor(handlings, around.bundles)),
        reduction_router(ReductionDoor(handlings, around.bundles)),
        payment_router(PaymentDoor(handlings, around.office)),
    )


def plans_of(bundles: Mapping[str, Bundle], organisations: Organisations) -> dict[str, HandlingPlan]:
    """The plan of each bundle's cases."""
    return {id_: plan_of(bundle, organisations) for id_, bundle in bundles.items()}


def payment_office(settings: Settings) -> HttpPaymentOffice | None:
    """The payment office of the settings, None where none is set."""
    payment = settings.payment
    if payment.url is None or payment.secret is None:
        return None

    def callback_url() -> str:
        try:
            base = payment.callback_url or endpoint(settings, "gateway")
        except NotRunning as fault:
            raise PaymentOfficeUnreachable(f"where the office shall call is not known yet: {fault}") from fault
        return base.rstrip("/") + CALLBACK_PATH

    return HttpPaymentOffice(payment.url, payment.secret.get_secret_value().encode(), callback_url)


def fee_title(code: str) -> str:
    """What a payer reads of an item's fee."""
    item = load_items().by_code.get(code)
    return code if item is None else item.name
