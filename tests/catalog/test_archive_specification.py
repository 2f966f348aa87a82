from pathlib import Path

import pytest

from catalog.archive_specification import (
    SPECIFICATION_FILE,
    enterprise_kind,
    load_archive_specification,
)
from catalog.definitions import DefinitionFaultsError
from topics.identifiers import enterprise_subject, make_uscc, person_subject

SPECIFICATION = load_archive_specification()
COMPANY = enterprise_subject(make_uscc("91", "610112", 1))
SOLE_TRADER = enterprise_subject(make_uscc("92", "610112", 1))
SCHOOL = enterprise_subject(make_uscc("12", "610112", 1))
PERSON = person_subject("0" * 32)


def expected(subject: str, *held: str) -> set[str]:
    return {each.record_type for each in SPECIFICATION.expected(subject, held)}


def test_a_company_should_have_more_than_a_sole_trader() -> None:
    assert {"enterprise-registration", "business-licence"} <= expected(SOLE_TRADER) < expected(COMPANY)
    assert "housing-fund-registration" in expected(COMPANY) - expected(SOLE_TRADER)


def test_a_held_licence_brings_its_duties() -> None:
    assert expected(COMPANY, "hazardous-chemicals-licence") - expected(COMPANY) == {"emergency-plan-filing"}
    assert expected(PERSON, "employment") - expected(PERSON) == {"social-insurance-payment"}


def test_what_is_missing_is_what_is_expected_and_not_held() -> None:
    held = expected(PERSON) - {"household"}
    assert [each.record_type for each in SPECIFICATION.missing(PERSON, held)] == ["household"]
    assert SPECIFICATION.missing(PERSON, expected(PERSON)) == ()


def test_the_kind_is_read_from_the_credit_code() -> None:
    kinds = [enterprise_kind(make_uscc(first, "610112", 1)) for first in ("91", "92", "93", "12", "51")]
    assert kinds == ["company", "sole-trader", "cooperative", "other", "other"]
    assert expected(SCHOOL) == {"tax-registration", "tax-clearance"}


def test_each_fault_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "archive_specification.toml"
    text = SPECIFICATION_FILE.read_text(encoding="utf-8")
    for good, bad in (
        ('record_type = "business-licence"', 'record_type = "trade-licence"'),
        ('holds = "employment"', 'holds = "pollution-permit"'),
        ('["public-security.person-registration"]', '["public-security.person"]'),
        ('["housing-fund.housing-fund-registration"]', "[]"),
    ):
        assert good in text
        text = text.replace(good, bad)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionFaultsError) as raised:
        load_archive_specification(path)
    assert [str(fault).removeprefix("archive_specification.toml: ") for fault in raised.value.faults] == [
        "enterprise[1]: no record type 'trade-licence'",
        "enterprise[1]: resource 'market-regulation.business-licence' supplies 'business-licence', not 'trade-licence'",
        "enterprise[7]: no resource supplies it",
        "person[0]: no resource 'public-security.person'",
        "person[4]: 'pollution-permit' does not stand in person archives",
    ]
