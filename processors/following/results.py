"""结果入档: a licence or registration that carries a case's id is the result of that case, and closes its item."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from processors.domain.derived_ids import derived_event_id
from processors.following.facts import ArrivedFact, FactBatch
from processors.following.reactions import Told
from topics.declarations import HUB, topic_name
from topics.events import ResultRecorded

RESULT_FAMILIES: Final = ("licence", "registration")
ANSWERS_TOPIC: Final = topic_name("case.answers", HUB)

_ANSWERS_A_CASE: Final = pl.col("case_id").is_not_null() & pl.col("family").is_in(RESULT_FAMILIES)


def results(facts: FactBatch) -> Iterator[Told]:
    """One ResultRecorded for each licence or registration that names its case."""
    return (Told(ANSWERS_TOPIC, recorded(fact, fact.case_id)) for fact in facts.where(_ANSWERS_A_CASE) if fact.case_id)


def recorded(fact: ArrivedFact, case_id: str) -> ResultRecorded:
    """What the case learns of the fact; a repeat of the fact gives the same event."""
    return ResultRecorded(
        event_id=derived_event_id(fact.event_id, ResultRecorded.__name__, case_id),
        case_id=case_id,
        department=fact.department,
        resource=fact.resource,
        record_type=fact.record_type,
        record_id=fact.record_id,
        fact=fact.name,
        fact_event_id=fact.event_id,
        withdrawn=fact.is_withdrawn,
        at=fact.known_at,
    )
