"""The hub's followers, wired: which reactions run in which group, and how facts are stated on behalf of departments."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

import structlog

from catalog.organisations import load_organisations
from catalog.registry import LiveSchemaIds
from catalog.resources import load_resources
from connectors.kafka import KafkaOptions
from connectors.keyring import KeyRing
from onething.marking import marker
from onething.policy_following import policy_follower, policy_sweeper
from onething.settings import Settings
from processors.following import FactDraft
from processors.following.breaches import Breaches
from processors.following.follower import Follower
from processors.following.outcomes import Outcomes
from processors.following.results import results
from processors.following.service import Following
from producers.outcomes import Refusal
from producers.protection import LocalProtector
from producers.publisher import Publisher
from producers.sending import Sender
from topics.codec import SchemaIds
from topics.events import ApprovalSynchronised, CommitmentBroken

GROUP: Final = "onething-follower"
DOOR: Final = "hub"

log = structlog.get_logger(__name__)


class OnBehalf:
    """Publishes facts as their departments' own, over one producer; safe to call again with the same facts."""

    def __init__(self, options: KafkaOptions, ids: SchemaIds, keyring: KeyRing) -> None:
        """Publish to this cluster under these schemas."""
        self._options, self._ids, self._protector = options, ids, LocalProtector(keyring)
        self._sender = Sender(options)
        self._publishers: dict[str, Publisher] = {}

    def state(self, drafts: Sequence[FactDraft]) -> None:
        """Publish and wait until the log has them; what is refused is kept on the department's own topic and logged.

        Raises:
            PublisherBusy, DeliveryFailed: the log does not have them all; publish them again.
        """
        for source, own in groupby(sorted(drafts, key=_source), key=_source):
            for outcome in self._publisher(source).publish_many(own):
                if isinstance(outcome, Refusal):
                    log.error("a fact on behalf was refused", source=source, faults=[f.code for f in outcome.faults])

    def close(self) -> None:
        """Disconnect."""
        self._sender.close()

    def _publisher(self, source: str) -> Publisher:
        found = self._publishers.get(source)
        if found is None:
            found = self._publishers[source] = Publisher(
                self._options, source, self._protector, self._ids, load_resources(), door=DOOR, sender=self._sender
            )
        return found


def followers(settings: Settings, options: KafkaOptions) -> tuple[Following, ...]:
    """Every follower of this hub, not yet started."""
    schemas = LiveSchemaIds(options)
    keyring = KeyRing.open_or_create(settings.data_dir / "keys")
    on_behalf = OnBehalf(options, schemas.ids, keyring)
    cases = case_follower(options, schemas, on_behalf)
    marks = marker(options, schemas, OnBehalf(options, schemas.ids, keyring).state)
    if not settings.follower.tell_policies:
        return cases, marks
    return cases, marks, policy_follower(settings, options, keyring), policy_sweeper(settings, options, keyring)


def case_follower(options: KafkaOptions, schemas: LiveSchemaIds, on_behalf: OnBehalf, group: str = GROUP) -> Follower:
    """Results of cases by licence and registration and back, breaches of commitments and their repair by credit."""
    outcomes = Outcomes(load_resources(), load_organisations())
    breaches = Breaches(load_resources())
    return Follower(
        options,
        group,
        schemas,
        reactions=(results, breaches.repaired),
        events={CommitmentBroken: breaches.broken, ApprovalSynchronised: outcomes.approved},
        state_facts=on_behalf.state,
    )


def _source(draft: FactDraft) -> str:
    return str(draft["source"])
