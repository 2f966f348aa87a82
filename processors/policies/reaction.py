"""What follows from a changed fact: policies that now apply to its subject are told of, once an occasion."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

import polars as pl

from catalog.policies import Policy
from processors.domain.policy import Match
from processors.following.facts import ArrivedFact, FactBatch
from processors.following.reactions import Told
from processors.policies.matching import day_of
from processors.policies.telling import ApplicationFor, outputs
from topics.codec import RowCodec

SUBJECTS_AT_ONCE: Final = 500

Asked = Mapping[str, Sequence[str]]
"""Subject → ids of the policies that may apply to it."""

AskMatches = Callable[[Asked, Sequence[str]], Sequence[Match]]
"""The matches among them, once the archive has reached the receipts.

Raises:
    NotNow: no replica answers, or none has reached the receipts in time.
"""


class PolicyReaction:
    """A reaction for a follower: asks the archive of each changed subject, and tells of new matches."""

    def __init__(
        self,
        policies: Mapping[str, Policy],
        ask: AskMatches,
        told: Callable[[RowCodec], Collection[bytes]],
        application_for: ApplicationFor,
        clock: Callable[[], int],
    ) -> None:
        """Tell of these policies.

        Args:
            policies: by id.
            ask: matches subjects with policies.
            told: ids of the notices that the log has by now.
            application_for: makes the application of a policy that makes a case.
            clock: µs UTC.
        """
        self._policies = policies
        self._readers = _readers(policies)
        self._ask = ask
        self._told = told
        self._application_for = application_for
        self._clock = clock

    def __call__(self, facts: FactBatch) -> Iterator[Told]:
        """What is to be told because of these facts.

        Raises:
            NotNow: the archive cannot be asked now.
        """
        now = self._clock()
        changed, receipts = self._changed(facts, now)
        if not changed:
            return
        told = self._told(facts.codec)
        subjects = iter(changed.items())
        while part := dict(islice(subjects, SUBJECTS_AT_ONCE)):
            matches = self._ask(part, receipts)
            yield from outputs(matches, self._policies, told, self._application_for, now)

    def _changed(self, facts: FactBatch, now: int) -> tuple[dict[str, list[str]], list[str]]:
        """The subjects whose facts some policy reads, with those policies, and the newest receipt of each partition."""
        asked: dict[str, dict[str, None]] = {}
        newest: dict[tuple[str, str, int], ArrivedFact] = {}
        in_force = {each.id for each in self._policies.values() if each.in_force(day_of(now))}
        for fact in facts.where(pl.col("resource").is_in(sorted(self._readers))):
            audience = fact.subject.partition(":")[0]
            policies = [
                each.id for each in self._readers[fact.resource] if each.audience == audience and each.id in in_force
            ]
            if policies:
                asked.setdefault(fact.subject, {}).update(dict.fromkeys(policies))
            place = fact.family, fact.department, fact.partition
            if place not in newest or newest[place].offset < fact.offset:
                newest[place] = fact
        return {subject: [*ids] for subject, ids in asked.items()}, [each.receipt for each in newest.values()]


def _readers(policies: Mapping[str, Policy]) -> dict[str, list[Policy]]:
    readers: dict[str, list[Policy]] = {}
    for policy in policies.values():
        for resource in policy.resources:
            readers.setdefault(resource, []).append(policy)
    return readers
