"""What a grant lets a reader see: a table of reads, and properties over all of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.demands.check import (
    ENDED,
    NO_PARTICIPANT,
    NOT_OF_THE_CASE,
    OTHER_FIELDS,
    OTHER_MEANS,
    OTHER_PURPOSE,
    OTHER_READER,
    OTHER_RESOURCE,
    OTHER_SUBJECT,
    OUT_OF_TERM,
    UNKNOWN_CASE,
    UNKNOWN_GRANT,
    Allowed,
    CaseGround,
    Read,
    check_case,
    check_read,
    permit_of,
)
from catalog.demands.model import EVERYTHING, Grant, Subjects

XIAN, WEINAN = "enterprise:91610111MAXYG64X7Q", "enterprise:91610501MAXYG64X7Q"
PERSON = f"person:{'ab' * 16}"
GRANT = Grant(
    id="G-1",
    demand="D-1",
    demand_version=2,
    reader=("finance",),
    resources=("tax.penalty", "tax.licence"),
    fields={"tax.penalty": ("cause",), "tax.licence": (EVERYTHING,)},
    subjects=Subjects(kind="enterprise"),
    purpose="资格审查",
    means=("interface",),
    since=100,
    until=200,
    issued_by="tax:张三/李四",
)
READ = Read("finance:王五", "资格审查", XIAN, 150)


def grant(**changed: Any) -> Grant:
    return Grant(**({name: getattr(GRANT, name) for name in GRANT.__struct_fields__} | changed))


def read(**changed: Any) -> Read:
    return Read(**({name: getattr(READ, name) for name in READ.__struct_fields__} | changed))


@pytest.mark.parametrize(
    "asked",
    [
        READ,
        read(reader="finance"),
        read(at=100),
        read(at=199),
        read(means="interface"),
        read(resources=("tax.penalty",), fields=("cause",)),
        read(resources=("tax.licence",), fields=("anything",)),
        read(resources=("tax.licence", "tax.penalty"), fields=("cause", "number")),
    ],
)
def test_what_is_granted_may_be_read(asked: Read) -> None:
    allowed = check_read(permit_of(GRANT), asked)
    assert allowed == Allowed({"tax.penalty": frozenset({"cause"}), "tax.licence": None})


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        (read(reader="water:王五"), OTHER_READER),
        (read(reader="unnamed"), OTHER_READER),
        (read(reader="finances:王五"), OTHER_READER),
        (read(purpose="招标"), OTHER_PURPOSE),
        (read(subject=PERSON), OTHER_SUBJECT),
        (read(at=99), OUT_OF_TERM),
        (read(at=200), OUT_OF_TERM),
        (read(means="file"), OTHER_MEANS),
        (read(resources=("tax.penalty", "water.meter")), OTHER_RESOURCE),
        (read(resources=("tax.penalty",), fields=("cause", "amount_fen")), OTHER_FIELDS),
    ],
)
def test_what_is_not_granted_is_refused_and_why(asked: Read, refused: object) -> None:
    assert check_read(permit_of(GRANT), asked) is refused


def test_no_grant_and_an_ended_one_allow_nothing() -> None:
    assert check_read(None, READ) is UNKNOWN_GRANT
    assert check_read(permit_of(grant(state="ended", ended_at=120)), read(at=110)) is ENDED


@pytest.mark.parametrize(
    ("subjects", "covered", "others"),
    [
        (Subjects(kind="enterprise", territory="6101"), [XIAN], [WEINAN, PERSON]),
        (Subjects(kind="enterprise", territory="61"), [XIAN, WEINAN], [PERSON]),
        (Subjects(listed=(XIAN, PERSON)), [XIAN, PERSON], [WEINAN]),
        (Subjects(kind="person"), [PERSON], [XIAN]),
        (Subjects(), [XIAN, WEINAN, PERSON], []),
        # All enterprises at once are more than those of one division, or of a list.
        (Subjects(kind="enterprise"), ["enterprise:*"], ["person:*"]),
        (Subjects(kind="enterprise", territory="6101"), [], ["enterprise:*"]),
        (Subjects(listed=(XIAN,)), [], ["enterprise:*"]),
    ],
)
def test_subjects_are_chosen_by_kind_list_and_territory(
    subjects: Subjects, covered: list[str], others: list[str]
) -> None:
    permit = permit_of(grant(subjects=subjects))
    assert all(isinstance(check_read(permit, read(subject=each)), Allowed) for each in covered)
    assert all(check_read(permit, read(subject=each)) is OTHER_SUBJECT for each in others)


def test_an_account_is_granted_to_itself_alone() -> None:
    permit = permit_of(grant(reader=("finance:王五",)))
    assert isinstance(check_read(permit, READ), Allowed)
    assert check_read(permit, read(reader="finance:赵六")) is OTHER_READER
    assert check_read(permit, read(reader="finance")) is OTHER_READER


def test_a_case_is_read_by_who_takes_part_and_about_its_subjects() -> None:
    case = CaseGround(frozenset({"tax"}), frozenset({XIAN}))
    assert isinstance(check_case(case, read(reader="tax:钱七")), Allowed)
    assert check_case(case, read(reader="water:钱七")) is NO_PARTICIPANT
    assert check_case(case, read(reader="tax:钱七", subject=WEINAN)) is NOT_OF_THE_CASE
    assert check_case(None, READ) is UNKNOWN_CASE


NAMES = st.sampled_from(["tax.penalty", "tax.licence", "water.meter"])
FIELDS = st.sampled_from(["cause", "amount_fen", "number"])
READS = st.builds(
    Read,
    reader=st.sampled_from(["finance", "finance:王五", "tax:李四", ""]),
    purpose=st.sampled_from(["资格审查", "招标"]),
    subject=st.sampled_from([XIAN, WEINAN, PERSON]),
    at=st.integers(90, 210),
    resources=st.lists(NAMES, max_size=2, unique=True).map(tuple),
    fields=st.lists(FIELDS, max_size=2, unique=True).map(tuple),
    means=st.sampled_from(["", "interface", "file"]),
)


@given(READS)
def test_nothing_is_ever_allowed_beyond_the_grant(asked: Read) -> None:
    found = check_read(permit_of(GRANT), asked)
    within = (
        asked.reader.partition(":")[0] == "finance"
        and asked.purpose == "资格审查"
        and asked.subject != PERSON
        and 100 <= asked.at < 200
        and asked.means in ("", "interface")
        and set(asked.resources) <= set(GRANT.resources)
    )
    if isinstance(found, Allowed):
        assert within
        assert found.fields is not None
        assert set(found.fields) <= set(GRANT.resources)
        assert found.fields["tax.penalty"] == {"cause"}
    elif within:
        assert found is OTHER_FIELDS
