"""A pre-filled case for a matched policy: its bundle's one form filled from the archive, checked as any other."""

from collections.abc import Callable, Mapping
from typing import Final

from catalog.bundles import Bundle
from catalog.policies import Policy
from onething.gateway.case_seal import SealingKeys, sealed_form
from processors.domain.derived_ids import derived_event_id
from processors.domain.policy import Match, occasion_case_id, occasion_id
from processors.domain.service import Application, Archive, Precheck, Service, precheck
from processors.policies.telling import Application as Made
from topics.events import ApplicationSubmitted, Choice, Delivery, Place

CITY: Final = Place(level="city", code="610100")
SUBMITTED_BY: Final = "免申即享"

ArchiveOf = Callable[[Service, str], Archive]


class PolicyApplications:
    """Makes the applications of policies that make a case."""

    def __init__(
        self,
        bundles: Mapping[str, Bundle],
        services: Mapping[str, Service],
        keys: SealingKeys,
        archive_of: ArchiveOf,
        clock: Callable[[], int],
    ) -> None:
        """Fill in from ``archive_of``, seal with ``keys``; ``clock`` tells µs UTC."""
        self._bundles = bundles
        self._services = services
        self._keys = keys
        self._archive_of = archive_of
        self._clock = clock

    def application_for(self, policy: Policy, match: Match) -> Made:
        """The application, or what stands against it.

        Raises:
            NotNow: the archive cannot be read now.
        """
        bundle, service = self._bundles[policy.outcome.bundle], self._services[policy.outcome.bundle]
        means = _means(bundle)
        filled = Application(subject=match.subject, choices=policy.outcome.choices or {}, delivery_means=means)
        now = self._clock()
        found = precheck(service, filled, self._archive_of(service, match.subject), now)
        if found.faults:
            return tuple(fault.message for fault in found.faults)
        return self._submitted(policy, match, bundle, found, now)

    def _submitted(
        self, policy: Policy, match: Match, bundle: Bundle, found: Precheck, now: int
    ) -> ApplicationSubmitted:
        case_id = occasion_case_id(match)
        form, digest = sealed_form(self._keys, case_id, found.values)
        counts = found.counts
        return ApplicationSubmitted(
            event_id=derived_event_id(occasion_id(match), ApplicationSubmitted.__name__),
            case_id=case_id,
            bundle=bundle.id,
            bundle_version=bundle.version,
            subject=match.subject,
            purpose=policy.name,
            submitted_by=SUBMITTED_BY,
            channel="online",
            mode="whole-online",
            received_at=CITY,
            handled_at=CITY,
            choices=tuple(
                Choice(question=question, choice=choice) for question, choice in (policy.outcome.choices or {}).items()
            ),
            form=form,
            form_digest=digest,
            materials=found.materials,
            fields_total=counts.total,
            fields_filled=counts.filled,
            fields_shareable=counts.asked_though_shareable,
            delivery=Delivery(together=bundle.delivery.together, means=_means(bundle)),
            policy=policy.id,
            submitted_at=now,
        )


def _means(bundle: Bundle) -> str:
    """The way to take the results that asks nothing of the applicant, where the bundle offers it."""
    offered = bundle.delivery.means
    return "e-licence" if "e-licence" in offered else offered[0]
