from importlib.util import find_spec

import pytest

from onething.endpoints import ROLES
from processors.flow import FLOW, Processor
from topics.declarations import topic_patterns

DECLARED = {pattern.name.replace("{department}", "<dept>") for pattern in topic_patterns()}


def test_every_declared_topic_is_written_by_somebody() -> None:
    assert {topic for each in FLOW for topic in each.writes} == DECLARED


def test_every_declared_topic_is_read_by_somebody() -> None:
    assert {topic for each in FLOW for topic in each.reads} == DECLARED


def test_what_is_read_was_written_before_or_comes_back() -> None:
    """Only what goes round may be read above the processor that writes it."""
    written: set[str] = set()
    early: set[str] = set()
    for each in FLOW:
        early |= set(each.reads) - written - set(each.writes)
        written |= set(each.writes)
    assert early == {"case.answers.<dept>"}


@pytest.mark.parametrize("processor", FLOW, ids=lambda each: each.name)
def test_every_processor_is_where_the_page_says(processor: Processor) -> None:
    assert find_spec(processor.place), f"{processor.place} is not there"
    assert processor.process in (*ROLES, "any")
