"""承诺失信: a broken commitment becomes a fact for supervision and for credit, until credit repairs it."""

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from catalog.resources import Resource, Resources
from processors.following.facts import ArrivedFact, FactBatch
from processors.following.reactions import FactDraft, Stated
from topics.events import CommitmentBroken, Fact, PenaltyImposed, PenaltyRepaired

RECORD_TYPE: Final = "commitment-breach"
CREDIT_DOMAIN: Final = "public-credit"
CITY: Final = "610100"
BASIS: Final = "办件的告知承诺书；市政办函〔2024〕60号任务6（告知承诺+容缺受理）"

_OF_THE_HUB: Final = "commitment/"
_CONTENT: Final = tuple(name for name in PenaltyRepaired.__struct_fields__ if name not in Fact.__struct_fields__)
_REPAIRED: Final = (
    (pl.col("record_type") == RECORD_TYPE)
    & (pl.col("name") == PenaltyRepaired.__name__)
    & pl.col("record_id").str.starts_with(_OF_THE_HUB)
)


class Breaches:
    """Who is told of broken commitments: every resource of the catalogue that keeps them."""

    def __init__(self, resources: Resources) -> None:
        """Read them from the catalogue."""
        kept = resources.of_record_type(RECORD_TYPE)
        self._all = kept
        self._credit = frozenset(each.code for each in kept if each.domain == CREDIT_DOMAIN)
        self._others = tuple(each for each in kept if each.code not in self._credit)

    def broken(self, event: CommitmentBroken) -> Iterator[Stated]:
        """The breach as a fact in force, one for each resource."""
        return (Stated(breach_draft(event, resource)) for resource in self._all)

    def repaired(self, facts: FactBatch) -> Iterator[Stated]:
        """What credit repairs or revokes of the hub's own, the others take over as it is (信用修复).

        It goes one way, from credit to the others: what follows from a repair would come round for ever otherwise.
        """
        for fact in facts.where(_REPAIRED & pl.col("resource").is_in(sorted(self._credit))):
            yield from repair_drafts(fact, facts.event(fact), self._others)


def breach_draft(event: CommitmentBroken, resource: Resource) -> FactDraft:
    """The fact of a broken commitment; it rests on the event alone, so that saying it again is the same fact.

    It carries no case id: it is no result of the case. Its record id names case and material.
    """
    record_id = f"{_OF_THE_HUB}{event.case_id}/{event.material}"
    return {
        "type": PenaltyImposed.__name__,
        "source": resource.department,
        "resource": resource.code,
        "subject": event.subject,
        "record_id": record_id,
        "version": event.at,
        "valid_at": event.at,
        "content": {
            "decision_number": record_id,
            "cause": f"违反告知承诺：办件 {event.case_id}，承诺材料 {event.material}",
            "legal_basis": BASIS,
            "penalty_kind": "违反承诺",
            "decided_at": event.at,
            "domain": resource.domain,
            "territory": CITY,
            "state": "in-force",
        },
    }


def repair_drafts(fact: ArrivedFact, event: Fact, resources: Sequence[Resource]) -> Iterator[Stated]:
    """The same change of the same record for each of these resources; fields that are null are left out."""
    stated = {name: getattr(event, name) for name in _CONTENT if getattr(event, name) is not None}
    for resource in resources:
        yield Stated(
            {
                "type": PenaltyRepaired.__name__,
                "source": resource.department,
                "resource": resource.code,
                "subject": fact.subject,
                "record_id": fact.record_id,
                "version": fact.version,
                "valid_at": fact.valid_at,
                "content": {**stated, "domain": resource.domain},
            }
        )
