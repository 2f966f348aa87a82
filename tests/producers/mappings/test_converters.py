from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.mappings import converters
from producers.values import Wrong
from topics.identifiers import make_resident_id, make_uscc

USCC = make_uscc("91", "610112", 5)


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("50万人民币", 500_000),
        ("380万元人民币", 3_800_000),
        ("1,000(万元人民币)", 10_000_000),
        ("2,500(万人民币元)", 25_000_000),
        ("5,924.4000(万元人民币)", 59_244_000),
        ("30万人民币元", 300_000),
        ("1,234,567元", 1_234_567),
        ("0(万元人民币)", 0),
    ],
)
def test_an_amount_that_leaves_no_doubt_is_in_yuan(text: str, yuan: int) -> None:
    assert converters.amount_yuan(text) == yuan


@pytest.mark.parametrize(
    "text",
    [
        "1,000(万)",  # of which currency?
        "20000万",
        "80(万美元)",
        "15(万香港元)",
        "100(万澳大利亚元)",
        "0.00015万人民币",  # a part of a yuan
        "02万人民币",  # 20,000, or a broken 0.2?
        "1,00(万元人民币)",
        "10,0000(万元人民币)",
        "1000",
    ],
)
def test_an_amount_that_leaves_a_doubt_is_left_open(text: str) -> None:
    assert converters.amount_yuan(text) is None


@pytest.mark.parametrize("text", ["涂某某", "", "陕西", "二十万元", "-5万元", "5 万元", "五金、百货。", "1e3万元"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    assert isinstance(converters.amount_yuan(text), Wrong)


@given(st.integers(0, 10**9), st.sampled_from(["万元人民币", "万人民币", "(万人民币元)"]), st.booleans())
def test_amounts_written_with_or_without_groups_are_the_same(number: int, unit: str, grouped: bool) -> None:
    assert converters.amount_yuan(f"{number:,}{unit}" if grouped else f"{number}{unit}") == number * 10_000


@pytest.mark.parametrize("text", ["", "  ", "百\ufffd货", "百\x7f货", "\x00"])
def test_texts_that_cannot_be_kept_are_refused(text: str) -> None:
    assert isinstance(converters.text(text), Wrong)


def test_a_text_stays_as_it_stands() -> None:
    assert converters.text(" 百货\n五金 ") == " 百货\n五金 "


@pytest.mark.parametrize("change", [str.lower, lambda code: code[:6] + "****" + code[10:], lambda code: code[:-1]])
def test_codes_are_not_mended(change: Any) -> None:
    for convert in (converters.credit_code, converters.region_of_credit_code):
        wrong = convert(change(USCC))
        assert isinstance(wrong, Wrong)
        assert wrong.code == "bad-identifier"
        assert USCC not in wrong.en


def test_a_code_tells_the_region_of_its_authority() -> None:
    assert converters.credit_code(USCC) == USCC
    assert converters.region_of_credit_code(USCC) == "610112"


def test_resident_numbers_are_checked() -> None:
    number = make_resident_id("610102", date(1990, 5, 6), 7)
    assert converters.resident_id(number) == number
    assert isinstance(converters.resident_id(number[:-1] + ("0" if number[-1] != "0" else "1")), Wrong)


def test_dates_are_read_in_the_formats_given() -> None:
    convert = converters.date_in(("%Y-%m-%d", "%Y-%m-%d %H:%M:%S"))

    assert convert("2018-7-27") == "2018-07-27"
    assert convert("2017-7-7 0:00:00") == "2017-07-07"
    assert [type(convert(each)) for each in ("2018-02-30", "27.7.2018", "")] == [Wrong] * 3


def test_a_day_begins_at_midnight_in_shanghai_summer_time_included() -> None:
    convert = converters.day_begin_in(("%Y-%m-%d",))

    assert convert("2004-12-31") == 1_104_422_400_000_000
    assert convert("1988-07-01") == 583_686_000_000_000  # UTC+9 in the summers of 1986 to 1991


def test_a_moment_is_read_in_the_time_of_shanghai() -> None:
    convert = converters.moment_in(("%Y-%m-%d %H:%M:%S",))

    assert convert("2024-05-01 09:00:00") == 1_714_525_200_000_000
    assert isinstance(convert("2024-05-01"), Wrong)


def test_lists_say_which_texts_there_may_be() -> None:
    assert converters.lookup_in({"西安": "610100"})("西安") == "610100"
    assert isinstance(converters.lookup_in({"西安": "610100"})("北京"), Wrong)
    assert converters.among(("西安",), converters.text)("西安") == "西安"
    assert isinstance(converters.among(("西安",), converters.text)("北京"), Wrong)


@pytest.mark.parametrize("text", ["1,000", "1.5", "-3", "007", "", "３"])
def test_whole_numbers_are_plain_digits(text: str) -> None:
    assert isinstance(converters.whole_number(text), Wrong)
    assert converters.whole_number("1000") == 1000
