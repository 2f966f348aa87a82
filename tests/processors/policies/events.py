"""Facts of a few enterprises as the log carries them: registered, licensed, punished."""

from hashlib import blake2b
from typing import Any

from tests.processors.policies.archives import LICENCE, NOW, PENALTY, REGISTRATION
from topics.events import EnterpriseRegistered, Fact, LicenceIssued, PenaltyImposed
from topics.identifiers import make_uscc

FIRST, SECOND, THIRD, FOURTH = (f"enterprise:{make_uscc('91', '610100', serial)}" for serial in range(1, 5))


def _common(subject: str, resource: str, record_id: str, version: int, content: Any) -> dict[str, Any]:
    identity = repr((subject, resource, record_id, version, content))
    return {
        "event_id": blake2b(identity.encode(), digest_size=16).digest(),
        "source": resource.partition(".")[0],
        "resource": resource,
        "subject": subject,
        "record_type": resource.partition(".")[2],
        "record_id": record_id,
        "version": version,
        "valid_at": NOW + version,
    }


def registered(subject: str, state: str = "存续", version: int = 1) -> Fact:
    common = _common(subject, REGISTRATION, "1", version, state)
    return EnterpriseRegistered(**common, name="西安某某", territory="610100", state=state)


def licensed(subject: str, state: str = "有效", version: int = 1, record_id: str = "1") -> Fact:
    common = _common(subject, LICENCE, record_id, version, state)
    return LicenceIssued(
        **common,
        licence_type="t",
        licence_name="食品经营许可证",
        licence_number="1",
        issuer_name="局",
        issued_on=20_000,
        state=state,
        territory="610100",
    )


def punished(subject: str, state: str = "in-force", version: int = 1) -> Fact:
    common = _common(subject, PENALTY, "1", version, state)
    return PenaltyImposed(
        **common,
        decision_number="1",
        cause="c",
        legal_basis="b",
        penalty_kind="罚款",
        decided_at=NOW,
        domain="market-regulation",
        territory="610100",
        state=state,
    )


CITY = (
    *(registered(each) for each in (FIRST, SECOND, THIRD)),
    registered(FOURTH, "注销"),
    *(licensed(each) for each in (FIRST, SECOND, FOURTH)),
    licensed(THIRD, "注销"),
    punished(SECOND),
)
"""The first matches; the second is punished, the third's licence has ended, the fourth is deregistered."""
