"""The followers that tell of policies (免申即享), wired: when a fact changes, and now and then over all archives."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import time_ns
from typing import Final

from catalog.bundles import load_bundles
from catalog.policies import load_policies
from catalog.registry import LiveSchemaIds
from connectors.kafka import KafkaOptions
from connectors.keyring import KeyRing
from onething.endpoints import endpoints
from onething.policy_applications import PolicyApplications
from onething.policy_replicas import PolicyReplicas
from onething.settings import Settings
from processors.domain.service import load_services
from processors.following import FactDraft
from processors.following.follower import Follower
from processors.policies.reaction import PolicyReaction
from processors.policies.sweep import GROUP as SWEEP_GROUP
from processors.policies.sweep import PolicySweeper
from processors.policies.told import ToldOccasions

GROUP: Final = "onething-policies"


@dataclass(frozen=True)
class _Telling:
    """What telling of policies needs; each thread has its own."""

    replicas: PolicyReplicas
    told: ToldOccasions
    applications: PolicyApplications
    schemas: LiveSchemaIds

    def close(self) -> None:
        """Disconnect."""
        self.replicas.close()
        self.told.close()
        self.schemas.close()


def policy_follower(settings: Settings, options: KafkaOptions, keyring: KeyRing, group: str = GROUP) -> Follower:
    """Tells of policies that apply since a fact changed."""
    own = _telling(settings, options, keyring, group)
    reaction = PolicyReaction(
        load_policies(), own.replicas.matches, own.told.read_on, own.applications.application_for, _now_us
    )
    return Follower(options, group, own.schemas, reactions=(reaction,), events={}, state_facts=_state_nothing)


def policy_sweeper(settings: Settings, options: KafkaOptions, keyring: KeyRing) -> PolicySweeper:
    """Tells of policies that apply without a changed fact: new ones, and those whose sources are complete now."""
    own = _telling(settings, options, keyring, SWEEP_GROUP)
    return PolicySweeper(
        options,
        own.schemas,
        load_policies(),
        own.replicas.matches_of,
        own.told.read_on,
        own.applications.application_for,
        _now_us,
        own.close,
    )


def _telling(settings: Settings, options: KafkaOptions, keyring: KeyRing, group: str) -> _Telling:
    replicas = PolicyReplicas(lambda: endpoints(settings, "archive"))
    applications = PolicyApplications(load_bundles(), load_services(), keyring, replicas.archive, _now_us)
    return _Telling(replicas, ToldOccasions(options, f"{group}-notices"), applications, LiveSchemaIds(options))


def _state_nothing(drafts: Sequence[FactDraft]) -> None:
    assert not drafts, "policies state no facts"  # noqa: S101  the reaction tells of cases only


def _now_us() -> int:
    return time_ns() // 1000
