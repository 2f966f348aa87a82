"""Laws of policies: the pre-filter loses no match, order and repetition change nothing, nobody is told twice."""

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cel
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.record_filters import Comparison, filter_of
from processors.archive.store import ArchiveStore
from processors.domain.archive import KnownFact, fold
from processors.domain.policy import Match, judge, rule_variables
from processors.following.reactions import Told
from processors.policies.columns import expression
from processors.policies.telling import outputs
from processors.policies.trial import PolicyTrial, Trial
from tests.processors.policies.archives import (
    COMPANY,
    COVERED,
    LICENCE,
    NOW,
    PENALTY,
    POLICY,
    REGISTRATION,
    TODAY,
    dispute,
    licence,
    penalty,
    registration,
)
from tests.processors.policies.stores import IDS, filled
from topics.events import (
    ApplicationSubmitted,
    CaseNotified,
    EnterpriseRegistered,
    Fact,
    LicenceChanged,
    LicenceIssued,
    LicenceWithdrawn,
    PenaltyImposed,
    ValueDisputed,
)
from topics.identifiers import make_uscc

SUBJECTS = tuple(f"enterprise:{make_uscc('91', '610100', serial)}" for serial in range(1, 3))

known_facts = st.one_of(
    st.builds(registration, st.sampled_from(["存续", "注销"]), version=st.integers(1, 3)),
    st.builds(
        licence,
        st.sampled_from(["有效", "注销"]),
        st.sampled_from([None, TODAY - 1, TODAY]),
        record_id=st.sampled_from("12"),
        version=st.integers(1, 3),
    ),
    st.builds(penalty, st.sampled_from(["in-force", "repaired"]), version=st.integers(1, 3)),
    st.builds(dispute, st.builds(licence), st.sampled_from(["ValueDisputed", "DisputeEnded"]), st.integers(1, 3)),
)


@given(st.lists(known_facts, max_size=8), st.randoms(use_true_random=False))
def test_order_and_repetition_of_facts_change_no_match(facts: list[KnownFact], chance: Any) -> None:
    shuffled = facts + facts[: chance.randint(0, len(facts))]
    chance.shuffle(shuffled)
    records = list(fold(shuffled))
    chance.shuffle(records)
    assert judge(POLICY, COMPANY, records, COVERED, NOW) == judge(POLICY, COMPANY, fold(facts), COVERED, NOW)


@given(st.lists(known_facts, max_size=12))
def test_however_often_facts_come_an_occasion_is_told_of_once(facts: list[KnownFact]) -> None:
    told: set[bytes] = set()
    notices = [each for each in _history(facts, told) if isinstance(each, CaseNotified)]
    assert len({each.event_id for each in notices}) == len(notices)
    assert not list(_history(facts[-1:] * 3 if facts else [], told, before=facts))


def _history(facts: list[KnownFact], told: set[bytes], before: list[KnownFact] | None = None) -> Iterator[Any]:
    archive = list(before or ())
    for fact in facts:
        archive.append(fact)
        match = judge(POLICY, COMPANY, fold(archive), COVERED, NOW)
        for each in _told([match], told):
            told.add(each.event.event_id)
            yield each.event


def _told(matches: list[Match], told: set[bytes]) -> Iterator[Told]:
    return outputs([*matches, *matches], {POLICY.id: POLICY}, told, _no_application, NOW)


def _no_application(*_: Any) -> ApplicationSubmitted:
    raise AssertionError("this policy makes no case")


def _common(subject: str, resource: str, record_id: str, version: int, name: str, content: Any) -> dict[str, Any]:
    identity = repr((subject, resource, record_id, version, name, content))
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


def _registered(subject: str, version: int, state: str) -> Fact:
    common = _common(subject, REGISTRATION, "1", version, "EnterpriseRegistered", state)
    return EnterpriseRegistered(**common, name="西安某某", territory="610100", state=state)


def _licensed(subject: str, record_id: str, version: int, name: str, state: str, valid_to: int | None) -> Fact:
    common = _common(subject, LICENCE, record_id, version, name, (state, valid_to))
    if name == "LicenceWithdrawn":
        return LicenceWithdrawn(**common, reason="误发")
    kind = LicenceIssued if name == "LicenceIssued" else LicenceChanged
    return kind(
        **common,
        licence_type="t",
        licence_name="许可证",
        licence_number="1",
        issuer_name="局",
        issued_on=20_000,
        valid_to=valid_to,
        state=state,
        territory="610100",
    )


def _punished(subject: str, version: int, state: str) -> Fact:
    common = _common(subject, PENALTY, "1", version, "PenaltyImposed", state)
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


def _disputed(subject: str, record_id: str, version: int) -> Fact:
    common = _common(subject, LICENCE, f"correction/{record_id}", version, "ValueDisputed", None)
    return ValueDisputed(
        **common,
        disputed_resource=LICENCE,
        disputed_record_type="food-licence",
        disputed_record_id=record_id,
        reason="x",
    )


subjects, versions = st.sampled_from(SUBJECTS), st.integers(1, 3)
events = st.one_of(
    st.builds(_registered, subjects, versions, st.sampled_from(["存续", "注销"])),
    st.builds(
        _licensed,
        subjects,
        st.sampled_from("12"),
        versions,
        st.sampled_from(["LicenceIssued", "LicenceChanged", "LicenceWithdrawn"]),
        st.sampled_from(["有效", "注销"]),
        # The last one is more than the columnar decoder trusts: its batch is passed on undecoded.
        st.sampled_from([None, TODAY - 1, TODAY, 1 << 27]),
    ),
    st.builds(_punished, subjects, versions, st.sampled_from(["in-force", "repaired"])),
    st.builds(_disputed, subjects, st.sampled_from("12"), versions),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(events, min_size=2, max_size=10), st.integers(1, 6))
def test_the_pre_filter_drops_nobody_who_would_match_or_cannot_be_told(more: list[Fact], chunk: int) -> None:
    facts = [*(_registered(subject, 1, "存续") for subject in SUBJECTS), *more]
    with TemporaryDirectory() as folder:
        store = filled(Path(folder), facts)
        (filtered, kept), (whole, all_of_them) = (_tried(store, chunk, prefilter=each) for each in (True, False))
        store.close()
    assert kept == all_of_them
    assert filtered.outcomes.get("matched", 0) == whole.outcomes.get("matched", 0)
    assert filtered.outcomes.get("cannot-tell", 0) == whole.outcomes.get("cannot-tell", 0)
    assert filtered.facts == whole.facts == len(facts)
    assert filtered.subjects == filtered.candidates + sum(filtered.dropped.values())


def _tried(store: ArchiveStore, chunk: int, *, prefilter: bool) -> tuple[Trial, list[Match]]:
    matched: list[Match] = []
    *_, trial = PolicyTrial(POLICY, store, IDS, COVERED, NOW, prefilter=prefilter, chunk_facts=chunk).run(
        matched.append
    )
    return trial, matched


values = st.one_of(st.none(), st.integers(-3, 3), st.sampled_from(["", "a", "ab", "b"]))
literals = st.sampled_from(["null", "-1", "0", "2", '""', '"a"', '"b"', '["a", null, 1]', "today - today", "true"])
operators = st.sampled_from(["==", "!=", ">=", "<=", ">", "<", "in", "startsWith"])


@settings(max_examples=500, deadline=None)
@given(values, literals, operators)
def test_a_comparison_of_columns_passes_whatever_cel_does_not_refute(value: Any, literal: str, operator: str) -> None:
    body = f"r.content.x.startsWith({literal})" if operator == "startsWith" else f"r.content.x {operator} {literal}"
    clauses = filter_of(f"records.filter(r, {body}).map(r, r.event_id)").clauses
    if not clauses:
        return
    ((comparison,),) = clauses
    assert _passes(comparison, value) or _refuted(body, value)


def _passes(comparison: Comparison, value: Any) -> bool:
    kind = pl.String if isinstance(value, str) else pl.Int64
    frame = pl.DataFrame({"x": [value]}, schema={"x": kind})
    kept = frame.select(expression(comparison, comparison.value(rule_variables(NOW)), frame.schema).alias("kept"))
    return bool(kept["kept"].fill_null(value=True).item())


def _refuted(body: str, value: Any) -> bool:
    """Whether CEL says that the record does not fulfil the rule; an error says nothing."""
    records = [{"event_id": "e", "content": {"x": value}}]
    try:
        found = cel.evaluate(f"records.filter(r, {body})", {"records": records, **rule_variables(NOW)})
    except (TypeError, ValueError, RuntimeError, LookupError):
        return False
    return not found
