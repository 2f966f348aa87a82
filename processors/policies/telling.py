"""What is told of a match: once an occasion, however often the facts behind it come again."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

from catalog.policies import Policy
from processors.domain.derived_ids import derived_event_id
from processors.domain.policy import Match, occasion_case_id, occasion_id
from processors.following.reactions import Told
from topics.events import ApplicationSubmitted, CaseNotified

NOTICES: Final = "case.notices"
REQUESTS: Final = "case.requests"
KIND: Final = "policy"

Application = ApplicationSubmitted | tuple[str, ...]
"""A pre-filled application, or why none can be submitted: what is still missing, in Chinese."""

ApplicationFor = Callable[[Policy, Match], Application]
"""The application that a match makes.

Raises:
    NotNow: the archive cannot be read now.
"""


def notice_id(match: Match) -> bytes:
    """The id of the one notice that an occasion makes."""
    return derived_event_id(occasion_id(match), CaseNotified.__name__, KIND)


def outputs(
    matches: Iterable[Match],
    policies: Mapping[str, Policy],
    told: Collection[bytes],
    application_for: ApplicationFor,
    now: int,
) -> Iterator[Told]:
    """A notice for each occasion that was not told of, and the pre-filled case where the policy makes one.

    Args:
        matches: those that matched; others are passed over.
        policies: by id.
        told: ids of the notices that the log has.
        application_for: called for policies that make a case.
        now: µs UTC.
    """
    new = {notice_id(match): match for match in matches if match.outcome == "matched"}
    for event_id, match in new.items():
        if event_id not in told:
            yield from _outputs(match, policies[match.policy], event_id, application_for, now)


def _outputs(
    match: Match, policy: Policy, event_id: bytes, application_for: ApplicationFor, now: int
) -> Iterator[Told]:
    missing: tuple[str, ...] = ()
    if policy.outcome.kind == "case":
        application = application_for(policy, match)
        if isinstance(application, ApplicationSubmitted):
            yield Told(REQUESTS, application)
        else:
            missing = application
    notice = CaseNotified(
        event_id=event_id,
        case_id=occasion_case_id(match),
        recipient=match.subject,
        kind=KIND,
        text=_text(policy, missing),
        at=now,
    )
    # The notice comes last: once the log has it, the application before it is there too.
    yield Told(NOTICES, notice)


def _text(policy: Policy, missing: Collection[str]) -> str:
    told = f"【{policy.name}】{policy.outcome.text}（{policy.benefit.text}）"
    return f"{told}提交前还需：{'；'.join(missing)}" if missing else told
