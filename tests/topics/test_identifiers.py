from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric as stdnum_ric
from stdnum.cn import uscc as stdnum_uscc
from stdnum.iso7064 import mod_37_36

from topics import identifiers
from topics.identifiers import (
    MASKED,
    check_licence_identifier,
    check_resident_id,
    check_subject,
    check_uscc,
    enterprise_subject,
    licence_check_character,
    make_licence_identifier,
    make_resident_id,
    make_uscc,
    organisation_check_character,
    person_subject,
    resident_id_check_character,
    uscc_check_character,
)

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
TODAY = date(2026, 11, 22)
HUAWEI = "914403001922038216"
TENCENT = "91440300708461136T"
BAIDU = "91110000802100433B"
MARKET_REGULATION = "11100000MB0143028R"
BUSINESS_LICENCE_TYPE = MARKET_REGULATION + "001"
# The specimen number that GB 11643 itself prints.
SPECIMEN = "11010519491231002X"

regions = st.from_regex(r"(11|31|44|61)[0-9]{4}", fullmatch=True)
usccs = st.builds(
    make_uscc,
    st.sampled_from(["91", "92", "93", "9", "11", "12", "51", "Y1", "A1", "N1"]),
    regions,
    st.integers(0, 31**6 - 1),
)
births = st.dates(date(1900, 1, 1), TODAY)
resident_ids = st.builds(make_resident_id, regions, births, st.integers(0, 999))
licence_identifiers = st.builds(
    make_licence_identifier,
    st.builds(lambda uscc, number: f"{uscc}{number:03d}", usccs, st.integers(0, 999)),
    usccs | regions,
    st.from_regex(r"[0-9A-Z]{1,24}", fullmatch=True),
    st.integers(1, 999),
)


def with_character(text: str, place: int, character: str) -> str:
    return text[:place] + character + text[place + 1 :]


@pytest.mark.parametrize(
    "code", [HUAWEI, TENCENT, BAIDU, "91110000600037341L", MARKET_REGULATION, "11100000000013127D"]
)
def test_codes_of_known_organisations_are_valid(code: str) -> None:
    assert check_uscc(code) is None
    assert code[16] == organisation_check_character(code[8:16])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "0 characters where 18 are due"),
        ("610100000012345", "15 characters where 18 are due"),
        (TENCENT + "\n", "19 characters where 18 are due"),
        (TENCENT.lower(), "lower-case letter: the identifier is written with capital letters"),
        ("9144030070846113O6", "character 17 is one of I, O, S, V, Z, which the code does not use"),
        ("9144030070846113－6", "character 17 is neither a digit nor a capital letter"),
        ("9144030070846113６T", "character 17 is neither a digit nor a capital letter"),  # noqa: RUF100, RUF001
        ("01440300708461136T", "character 1 is no registration department (1 to 9, A, N or Y)"),
        ("9144A300708461136T", "characters 3 to 8 are no region code of six digits"),
        ("91440300708461136X", "check character does not fit the 17 characters before it"),
        ("9144030070****136T", MASKED),
        ("914403****", MASKED),
    ],
)
def test_a_refused_credit_code_says_why(text: str, reason: str) -> None:
    assert check_uscc(text) == reason


@given(usccs)
def test_made_credit_codes_are_valid_inside_and_out(code: str) -> None:
    assert check_uscc(code) is None
    assert code[16] == organisation_check_character(code[8:16])
    assert code[17] == uscc_check_character(code[:17])


@given(usccs, st.integers(0, 17), st.characters(codec="utf-8"))
def test_every_substitution_in_a_credit_code_is_detected(code: str, place: int, character: str) -> None:
    changed = with_character(code, place, character)
    assert (check_uscc(changed) is None) == (changed == code)


def test_every_single_substitution_in_one_credit_code_is_detected() -> None:
    for place in range(18):
        for character in USCC_ALPHABET.replace(BAIDU[place], ""):
            assert check_uscc(with_character(BAIDU, place, character)) is not None


@given(st.text(alphabet=USCC_ALPHABET, min_size=17, max_size=17).map(lambda body: body + uscc_check_character(body)))
def test_credit_codes_agree_with_stdnum_but_for_letters_in_the_first_two_places(code: str) -> None:
    if code[:2].isdigit() and code[0] != "0":
        assert (check_uscc(code) is None) == stdnum_uscc.is_valid(code)


@pytest.mark.parametrize("first", ["A1", "N1", "Y1"])
def test_stdnum_refuses_the_letters_that_the_standard_has_added(first: str) -> None:
    code = make_uscc(first, "610112", 7)
    assert check_uscc(code) is None
    assert not stdnum_uscc.is_valid(code)


def test_distinct_serials_make_distinct_codes() -> None:
    assert len({make_uscc("91", "610112", serial) for serial in range(2000)}) == 2000


@pytest.mark.parametrize(
    ("first", "region6", "serial"),
    [("91", "610112", -1), ("91", "610112", 31**6), ("O1", "610112", 1), ("91", "61011", 1)],
)
def test_impossible_codes_are_not_made(first: str, region6: str, serial: int) -> None:
    with pytest.raises(ValueError, match=r"serial|no credit code begins"):
        make_uscc(first, region6, serial)


@pytest.mark.parametrize(
    "number",
    [
        SPECIMEN,
        make_resident_id("330113", date(1990, 5, 1), 12),
        make_resident_id("330114", date(1990, 5, 1), 12),
        make_resident_id("810000", date(1990, 5, 1), 12),
        make_resident_id("820000", date(1990, 5, 1), 12),
        make_resident_id("830000", date(2026, 11, 22), 12),
    ],
)
def test_resident_ids_that_are_valid(number: str) -> None:
    assert check_resident_id(number, TODAY) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("110105491231002", "15 digits: a first-generation number, the one of 18 characters is needed"),
        (SPECIMEN.lower(), "lower-case letter: the identifier is written with capital letters"),
        ("110105********002X", MASKED),
        ("1101051949＊＊＊＊002X", MASKED),
        (SPECIMEN[:17], "17 characters where 18 are due"),
        ("11010519491231002Y", "character 18 is neither a digit nor X"),
        ("1101051949123100XX", "a character among the first 17 is no digit"),
        ("910105194912310020", "characters 1 and 2 are no province"),
        ("110105194913310029", "characters 7 to 14 are no date"),
        ("110105190002290020", "characters 7 to 14 are no date"),
        ("110105194912310021", "check character does not fit the 17 characters before it"),
        (make_resident_id("610112", date(2026, 11, 23), 1), "birth date lies in the future"),
    ],
)
def test_a_refused_resident_id_says_why_without_repeating_it(text: str, reason: str) -> None:
    assert check_resident_id(text, TODAY) == reason
    assert text not in reason


@given(resident_ids, st.integers(0, 17), st.sampled_from("0123456789Xx*０"))
def test_every_substitution_in_a_resident_id_is_detected(number: str, place: int, character: str) -> None:
    changed = with_character(number, place, character)
    assert (check_resident_id(changed, TODAY) is None) == (changed == number)


@given(st.text(alphabet="0123456789X*xA号 ", max_size=20))
def test_no_reason_repeats_a_run_of_the_text(text: str) -> None:
    for reason in filter(None, (check_resident_id(text, TODAY), check_uscc(text), check_licence_identifier(text))):
        assert not any(text[at : at + 6] in reason for at in range(len(text) - 5))


@given(
    st.from_regex(
        r"(110101|310101|610102)(198[5-9]|199[0-9]|200[0-9])(0[1-9]|1[0-2])[0-3][0-9][0-9]{3}", fullmatch=True
    )
)
def test_resident_ids_agree_with_stdnum_on_old_regions_and_past_dates(first17: str) -> None:
    number = first17 + resident_id_check_character(first17)
    assert (check_resident_id(number, TODAY) is None) == stdnum_ric.is_valid(number)


def test_stdnum_fails_where_the_standard_holds() -> None:
    with pytest.raises(KeyError):
        stdnum_ric.validate(make_resident_id("330113", date(1990, 5, 1), 12))
    assert not stdnum_ric.is_valid(make_resident_id("810000", date(1990, 5, 1), 12))
    assert stdnum_ric.is_valid(make_resident_id("110105", date(2090, 5, 1), 12))


@pytest.mark.parametrize(("region6", "sequence"), [("990101", 1), ("61011", 1), ("610112", 1000), ("610112", -1)])
def test_impossible_resident_ids_are_not_made(region6: str, sequence: int) -> None:
    with pytest.raises(ValueError, match=r"sequence|no resident number begins"):
        make_resident_id(region6, date(1990, 5, 1), sequence)


@given(licence_identifiers)
def test_made_licence_identifiers_are_valid_and_agree_with_stdnum(identifier: str) -> None:
    assert check_licence_identifier(identifier) is None
    *parts, check = identifier.removeprefix("1.2.156.3005.2.").split(".")
    assert check == licence_check_character(parts)
    assert mod_37_36.is_valid("".join(parts) + check)


@given(licence_identifiers, st.data())
def test_every_substitution_in_a_licence_identifier_is_detected(identifier: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(identifier) - 1))
    changed = with_character(identifier, place, data.draw(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.*a")))
    assert (check_licence_identifier(changed) is None) == (changed == identifier)


LICENCE = make_licence_identifier(BUSINESS_LICENCE_TYPE, "610112", "A0000001", 1)
PARTS = LICENCE.removeprefix("1.2.156.3005.2.").split(".")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1.2.156.3005.1" + LICENCE[14:], "does not begin with the root 1.2.156.3005.2"),
        (LICENCE.removeprefix("1.2.156.3005.2."), "does not begin with the root 1.2.156.3005.2"),
        (LICENCE.replace("A", "*"), MASKED),
        (LICENCE.replace("A", "a"), "lower-case letter: the identifier is written with capital letters"),
        (LICENCE[:-2], "4 parts after the root where 5 are due: type, issuer, serial, version, check"),
        (LICENCE.replace("R001", "R01"), "type is no credit code of 18 characters with three digits"),
        (LICENCE.replace("8R001", "7R001"), "credit code in the type is not valid"),
        (LICENCE.replace(".610112.", ".6101-12."), "issuer is not made of digits and capital letters"),
        (LICENCE.replace(".A0000001.", "." + "."), "serial is not made of digits and capital letters"),
        (LICENCE.replace(".001.", ".1."), "version is not three digits"),
        (LICENCE[:-1] + "??", "check is not one digit or capital letter"),
        (LICENCE.replace("A0000001", "A0000002"), "check character does not fit the parts before it"),
    ],
)
def test_a_refused_licence_identifier_says_why(text: str, reason: str) -> None:
    assert check_licence_identifier(text) == reason


@pytest.mark.parametrize("version", [-1, 1000])
def test_impossible_licence_identifiers_are_not_made(version: int) -> None:
    with pytest.raises(ValueError, match="version is not three digits"):
        make_licence_identifier(BUSINESS_LICENCE_TYPE, "610112", "1", version)


def test_subjects() -> None:
    assert check_subject(enterprise_subject(TENCENT)) is None
    assert check_subject(person_subject("0123456789abcdef" * 2)) is None
    assert (
        check_subject(person_subject("0123456789ABCDEF" * 2))
        == "person token is not 32 lower-case hexadecimal characters"
    )
    assert check_subject(person_subject(SPECIMEN)) == "person token is not 32 lower-case hexadecimal characters"
    assert (
        check_subject("enterprise:" + TENCENT.lower())
        == "lower-case letter: the identifier is written with capital letters"
    )
    for text in ("", TENCENT, "company:" + TENCENT, "enterprise"):
        assert check_subject(text) == "subject is neither enterprise:<credit code> nor person:<token>"
    assert identifiers.SUBJECT_KINDS == ("enterprise", "person")
