"""Judging a micro-batch: one bad message is refused by name and stops none of the good ones, on either path."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.archive.keys import SEPARATOR
from tests.processors.archive.facts import CODEC, COMPANY, IDS, FakeMessage, filing, message, statement
from topics.codec import HEADER_LENGTH, frame
from topics.events import DeadlinePassed, LicenceIssued, ValueDisputed
from topics.judgement import COMMON, Judged, judge

GOOD = message(filing(), offset_number=4)
OTHER_COMPANY = "enterprise:91610131MA6U0ABC1D"


def body_of(each: FakeMessage) -> bytes:
    assert each.body is not None
    return each.body


def with_branch(branch: int) -> FakeMessage:
    """A fact whose present case id is marked by another branch of its union than the second."""
    body = bytearray(body_of(message(filing(case_id="C1"))))
    body[bytes(body).index(b"\x02\x04C1")] = branch
    return replace(GOOD, body=bytes(body))


def edited(before: bytes, after: bytes, **fields: Any) -> FakeMessage:
    body = body_of(message(filing(**fields)))
    assert body.count(before) == 1
    return replace(GOOD, body=body.replace(before, after))


SECOND_RECORD = body_of(message(filing("9", subject=OTHER_COMPANY)))[HEADER_LENGTH:]
DEADLINE = DeadlinePassed(event_id=b"d" * 16, case_id=COMPANY, at=1)
LICENCE = LicenceIssued(
    event_id=b"l" * 16,
    source="tax",
    resource="tax.licence",
    subject=COMPANY,
    record_type="licence",
    record_id="1",
    version=1,
    valid_at=1,
    licence_type="t",
    licence_name="许可证",
    licence_number="1",
    issuer_name="税务局",
    issued_on=20_000,
    state="有效",
    territory="610100",
)

CULPRITS = {
    "a second record appended": (replace(GOOD, body=body_of(GOOD) + SECOND_RECORD), "trailing-bytes"),
    "one byte appended": (replace(GOOD, body=body_of(GOOD) + b"\x00"), "trailing-bytes"),
    "truncated": (replace(GOOD, body=body_of(GOOD)[:-1]), "undecodable"),
    "cut within the event id": (replace(GOOD, body=body_of(GOOD)[:12]), "undecodable"),
    "a header only": (replace(GOOD, body=body_of(GOOD)[:HEADER_LENGTH]), "undecodable"),
    "an overlong varint": (edited(b"\x06tax", b"\x86\x00tax"), "not-canonical"),
    "not UTF-8": (edited(b"\x02T", b"\x02\xff", title="T"), "undecodable"),
    "a union branch that does not exist": (with_branch(4), "undecodable"),
    "a negative union branch": (with_branch(1), "not-canonical"),
    "another subject's key": (replace(GOOD, key_bytes=OTHER_COMPANY.encode()), "wrong-key"),
    "no key": (replace(GOOD, key_bytes=None), "wrong-key"),
    "no subject and no key": (message(filing(subject=""), key_bytes=None), "wrong-key"),
    "no subject and an empty key": (message(filing(subject="")), "wrong-key"),
    "another department's source": (message(filing(source="customs", resource="customs.filing")), "wrong-source"),
    "another department's topic": (replace(GOOD, topic_name="registration.customs"), "wrong-source"),
    "another department's resource": (message(filing(resource="customs.filing")), "wrong-resource"),
    "a resource that only starts alike": (message(filing(resource="taxation.filing")), "wrong-resource"),
    "another family's topic": (replace(GOOD, topic_name="licence.tax"), "wrong-topic"),
    "another family's schema": (message(LICENCE), "wrong-topic"),
    "no schema of facts": (message(DEADLINE, key_bytes=COMPANY.encode()), "not-a-fact"),
    "byte 0 in the record id": (message(filing("1\x002")), "bad-identifier"),
    "byte 0 in the resource": (message(filing(resource="tax.\x00")), "bad-identifier"),
    "byte 0 in the subject": (message(filing(subject="a\x00b")), "bad-identifier"),
    "a tombstone": (replace(GOOD, body=None), "tombstone"),
    "nothing": (replace(GOOD, body=b""), "bad-header"),
    "JSON": (replace(GOOD, body=b'{"type":"PenaltyImposed"}'), "bad-header"),
    "an unknown schema": (replace(GOOD, body=frame(9_999, body_of(GOOD)[HEADER_LENGTH:])), "unknown-schema"),
}
"""The message, and the code that it is refused with."""


@pytest.mark.parametrize("at", [0, 3, 6])
@pytest.mark.parametrize("culprit", CULPRITS)
def test_the_culprit_is_refused_with_its_reason_and_all_others_are_kept(culprit: str, at: int) -> None:
    bad, code = CULPRITS[culprit]
    good = [message(filing(str(number)), offset_number=number) for number in range(6)]
    judged = judge([*good[:at], replace(bad, offset_number=99), *good[at:]], IDS)
    assert [(each.message.offset(), each.fault.code) for each in judged.refused] == [(99, code)]
    assert _kept(judged) == [(each.offset_number, each.body) for each in good]


def test_all_culprits_at_once_are_named_one_by_one() -> None:
    bad = [replace(each, offset_number=100 + number) for number, (each, _) in enumerate(CULPRITS.values())]
    judged = judge([GOOD, *bad], IDS)
    found = {each.message.offset(): each.fault.code for each in judged.refused}
    assert found == {100 + number: code for number, (_, code) in enumerate(CULPRITS.values())}
    assert _kept(judged) == [(4, GOOD.body)]


def test_no_fault_speaks_of_what_the_message_holds() -> None:
    secret = "610102199001011234"
    bad = replace(message(filing(secret, title=secret, subject=f"person:{secret}")), key_bytes=b"other")
    (refused,) = judge([bad], IDS).refused
    assert secret not in str(refused.fault)


TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
FACTS = st.builds(
    filing,
    TEXTS,
    st.integers(-(2**63), 2**63 - 1),
    title=TEXTS,
    case_id=st.none() | TEXTS,
    number=st.none() | TEXTS,
    amount_fen=st.none() | st.integers(-(2**63), 2**63 - 1),
    valid_from=st.none() | st.integers(-(2**31), 2**31 - 1),
    person_name=st.none() | st.binary(max_size=80),
)


@settings(deadline=None)
@given(st.lists(FACTS, min_size=1, max_size=12))
def test_columns_and_rows_judge_alike(facts: list[Any]) -> None:
    messages = [message(each, offset_number=number) for number, each in enumerate(facts)]
    # One message in doubt sends the whole batch the way of rows.
    by_rows = judge([*messages, replace(GOOD, body=body_of(GOOD)[:-1], offset_number=999)], IDS)
    by_columns = judge(messages, IDS)
    assert not by_columns.refused
    assert [each.message.offset() for each in by_rows.refused] == [999]
    assert _common(by_columns) == _common(by_rows) == [tuple(getattr(each, name) for name in COMMON) for each in facts]
    (columns,), (rows,) = by_columns.columns, by_rows.columns
    assert rows.frame.rows() == columns.frame.rows()
    assert rows.frame.columns == columns.frame.columns


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(0, 40), st.integers(0, 12))
def test_bytes_changed_anywhere_never_pass_unless_they_are_a_record_of_their_own(
    noise: bytes, at: int, cut: int
) -> None:
    body = body_of(GOOD)
    start = HEADER_LENGTH + at
    forged = replace(GOOD, body=body[:start] + noise + body[start + cut :], offset_number=50)
    good = [message(filing(str(number)), offset_number=number) for number in range(3)]
    together, alone = judge([*good[:2], forged, good[2]], IDS), judge([*_in_doubt(), forged], IDS)
    passed = 50 in [offset for offset, _ in _kept(together)]
    assert passed == (50 in [offset for offset, _ in _kept(alone)])
    assert [each for each in _kept(together) if each[0] != 50] == [(each.offset_number, each.body) for each in good]


def test_a_coverage_statement_is_a_fact_and_a_statement() -> None:
    stated = message(statement(5, [("registration.tax", 0, 0, 3)], 3, 7), topic_name="coverage.tax")
    judged = judge([GOOD, stated], IDS)
    assert [record["complete_until"] for _, record in judged.statements] == [5]
    assert len(_kept(judged)) == 2


def test_a_dispute_goes_with_corrections_only() -> None:
    common = {"source": "tax", "resource": "tax.filing", "subject": COMPANY, "record_type": "dispute"}
    target = {"disputed_resource": "customs.x", "disputed_record_type": "x", "disputed_record_id": "1"}
    dispute = ValueDisputed(**common, **target, event_id=b"v" * 16, record_id="d", version=1, valid_at=1, reason="异议")
    judged = judge([message(dispute, topic_name="correction.tax"), message(dispute, offset_number=9)], IDS)
    assert [(each.message.offset(), each.fault.code) for each in judged.refused] == [(9, "wrong-topic")]


def test_what_is_judged_a_fact_can_be_read_again() -> None:
    judged = judge([each for each, _ in CULPRITS.values()] + [GOOD], IDS)
    for columns in judged.columns:
        for each in columns.messages:
            assert CODEC.decode_trusted(each.value())


def test_identifiers_of_kept_facts_hold_no_separator() -> None:
    judged = judge([each for each, _ in CULPRITS.values()] + [GOOD], IDS)
    rows = [row for columns in judged.columns for row in columns.frame.iter_rows(named=True)]
    assert rows
    assert not [row for row in rows if any(SEPARATOR.decode() in row[name] for name in ("subject", "record_id"))]


def _in_doubt() -> list[FakeMessage]:
    return [replace(GOOD, body=body_of(GOOD)[:-1], offset_number=51)]


def _kept(judged: Judged) -> list[tuple[int, bytes | None]]:
    messages: Sequence[Any] = [each for columns in judged.columns for each in columns.messages]
    assert sum(columns.frame.height for columns in judged.columns) == len(messages)
    return sorted((each.offset(), each.value()) for each in messages)


def _common(judged: Judged) -> list[tuple[Any, ...]]:
    return [row for columns in judged.columns for row in columns.frame.select(COMMON).iter_rows()]


def test_another_department_may_dispute_a_record_but_never_takes_its_place() -> None:
    disputed = ValueDisputed(
        event_id=b"x" * 16,
        source="court",
        resource="tax.filing",
        subject=COMPANY,
        record_type="dispute",
        record_id="1",
        version=99,
        valid_at=1,
        disputed_resource="tax.filing",
        disputed_record_type="filing",
        disputed_record_id="1",
        reason="与判决书不符",
    )
    judged = judge([message(filing("1")), message(disputed, topic_name="correction.court")], IDS)
    assert not judged.refused
    ids = {name for each in judged.columns for name in each.frame["record_id"].to_list()}
    assert ids == {"1", "correction/1"}


def test_a_fact_cannot_pose_as_a_correction() -> None:
    judged = judge([message(filing("correction/1"))], IDS)
    assert [each.fault.code for each in judged.refused] == ["bad-identifier"]
