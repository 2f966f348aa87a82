from collections.abc import Mapping

import msgspec
import pytest

from catalog.register.life_attached import WORDS, Arrivals, attachment, attachments
from catalog.register.model import Resource
from tests.catalog.register.entries import PENALTY, published

ENTRY = msgspec.convert(published(), Resource)
TOPICS, SCHEMAS = frozenset({"registration.tax"}), frozenset({PENALTY})
SEEN = Arrivals(count=3, last_appended_at=1)


class Measured:
    def __init__(self, seen: Mapping[str, Arrivals]) -> None:
        self.seen, self.asked = seen, dict[str, str]()

    def topics(self) -> frozenset[str]:
        return TOPICS

    def schemas(self) -> frozenset[str]:
        return SCHEMAS

    def arrivals(self, resources: Mapping[str, str]) -> Mapping[str, Arrivals]:
        self.asked = dict(resources)
        return self.seen


def test_an_entry_whose_facts_were_seen_is_attached() -> None:
    found = attachment(ENTRY, TOPICS, SCHEMAS, SEEN)
    assert (found.attached, found.missing, found.arrivals) == (True, (), SEEN)


def test_a_coverage_that_is_believed_is_seen_too() -> None:
    assert attachment(ENTRY, TOPICS, SCHEMAS, Arrivals(complete_until=7)).attached


@pytest.mark.parametrize(
    ("fields", "topics", "schemas", "seen", "missing"),
    [
        ({"state": "draft"}, TOPICS, SCHEMAS, SEEN, ("unpublished",)),
        ({"topic": ""}, TOPICS, SCHEMAS, SEEN, ("unbound",)),
        ({"schema_name": ""}, TOPICS, SCHEMAS, SEEN, ("unbound",)),
        ({}, frozenset(), SCHEMAS, SEEN, ("topic",)),
        ({}, TOPICS, frozenset(), SEEN, ("schema",)),
        ({}, TOPICS, SCHEMAS, Arrivals(), ("facts",)),
        ({}, frozenset(), frozenset(), Arrivals(), ("topic", "schema", "facts")),
    ],
)
def test_whatever_is_missing_is_said(
    fields: dict[str, str],
    topics: frozenset[str],
    schemas: frozenset[str],
    seen: Arrivals,
    missing: tuple[str, ...],
) -> None:
    found = attachment(msgspec.structs.replace(ENTRY, **fields), topics, schemas, seen)
    assert (found.attached, found.missing) == (False, missing)
    assert set(missing) <= set(WORDS)


def test_only_topics_that_exist_are_looked_at() -> None:
    other = msgspec.structs.replace(ENTRY, code="tax.other", topic="licence.tax")
    measured = Measured({"tax.arrears": SEEN})
    assert [each.attached for each in attachments([ENTRY, other], measured)] == [True, False]
    assert measured.asked == {"tax.arrears": "registration.tax"}
