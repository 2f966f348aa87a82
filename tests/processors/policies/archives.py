"""The words of policy tests: records of archives, coverage, and a policy that fits on a page."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from catalog.policies import Policy, policy_of_text
from processors.archive.coverage import Coverage
from processors.domain.archive import KnownFact

NOW = 1_795_000_000_000_000
DAY_US = 86_400_000_000
TODAY = (NOW + 8 * 3_600_000_000) // DAY_US
COMPANY = "enterprise:91440300708461136T"
REGISTRATION = "market-regulation.enterprise-registration"
LICENCE = "market-regulation.food-licence"
PENALTY = "market-regulation.administrative-penalty"

DEFINITION = """
id = "restaurant-support"
version = 3
name = "餐饮扶持"
origin = "ours"
department = "market-regulation"
audience = "enterprise"
basis = "由平台拟定"
valid_from = 2026-01-01
valid_to = 2026-12-31
again_on = "licensed"

[benefit]
text = "一次性补助"

[outcome]
kind = "notice"
text = "符合条件"

[[conditions]]
id = "registered"
text = "存续"
passes = "found"
reads = [{ resource = "market-regulation.enterprise-registration", coverage_max_age_days = 7 }]
cel = 'records.filter(r, r.content.state == "存续").map(r, r.event_id)'

[[conditions]]
id = "licensed"
text = "有食品经营许可证"
passes = "found"
reads = [{ resource = "market-regulation.food-licence", coverage_max_age_days = 7 }]
cel = '''
records.filter(r, r.content.state == "有效" && (r.content.valid_to == null || r.content.valid_to >= today))
    .map(r, r.event_id)
'''

[[conditions]]
id = "unpunished"
text = "无处罚"
passes = "clear"
reads = [{ resource = "market-regulation.administrative-penalty", coverage_max_age_days = 7 }]
cel = 'records.filter(r, r.content.state == "in-force").map(r, r.event_id)'
"""


def policy(text: str = DEFINITION, name: str = "restaurant-support") -> Policy:
    return policy_of_text(name, text)


POLICY = policy()


def fact(
    resource: str, record_id: str = "1", version: int = 1, name: str = "LicenceIssued", **content: Any
) -> KnownFact:
    identity = repr((resource, record_id, version, name, sorted(content.items())))
    return KnownFact(
        resource=resource,
        record_type=resource.partition(".")[2],
        record_id=record_id,
        version=version,
        event_id=blake2b(identity.encode(), digest_size=16).digest(),
        source=resource.partition(".")[0],
        valid_at=NOW - 10 * DAY_US + version,
        known_at=NOW - DAY_US,
        topic=f"licence.{resource.partition('.')[0]}",
        partition=0,
        offset=version,
        name=name,
        content=content,
    )


def registration(state: str = "存续", **place: Any) -> KnownFact:
    return fact(REGISTRATION, name="EnterpriseRegistered", state=state, **place)


def licence(state: str = "有效", valid_to: int | None = None, **place: Any) -> KnownFact:
    return fact(LICENCE, state=state, valid_to=valid_to, **place)


def penalty(state: str = "in-force", **place: Any) -> KnownFact:
    return fact(PENALTY, name="PenaltyImposed", state=state, **place)


def dispute(disputed: KnownFact, name: str = "ValueDisputed", version: int = 1) -> KnownFact:
    return fact(
        disputed.resource,
        f"correction/{disputed.record_id}",
        version,
        name,
        disputed_resource=disputed.resource,
        disputed_record_id=disputed.record_id,
    )


@dataclass(frozen=True)
class Known:
    """Coverage of all resources, complete until some days ago, but for those that state none."""

    days_ago: int = 1
    silent: frozenset[str] = frozenset()

    def __call__(self, resource: str) -> Coverage:
        until = None if resource in self.silent else NOW - self.days_ago * DAY_US
        return Coverage(resource=resource, complete_until=until)


COVERED: Callable[[str], Coverage] = Known()
