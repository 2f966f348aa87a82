import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.register.codes import CatalogueCode, CodeFault, next_code, read_code


def test_a_code_is_read_in_its_parts() -> None:
    assert read_code("301001/000012") == CatalogueCode("3", "01", "001", "", "000012")
    assert read_code("2150230004/7") == CatalogueCode("2", "15", "023", "0004", "7")
    assert str(read_code("301001")) == "301001"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "digits"),
        ("30100A/1", "digits"),
        ("301/1", "3 digits"),
        ("401001/1", "class 4"),
        ("301001/", "sequence"),
        ("301001/1/2", "digits"),
        ("３０１００１/1", "digits"),
        ("9" * 5000, "digits"),
    ],
)
def test_what_is_no_code_says_why(text: str, reason: str) -> None:
    read = read_code(text)
    assert isinstance(read, CodeFault)
    assert reason in read.reason_en


def test_the_next_sequence_follows_the_highest_of_its_class() -> None:
    assert next_code("301001", []) == "301001/000001"
    assert next_code("301001", ["301001/000009", "301002/000044", "无", "301001"]) == "301001/000010"
    with pytest.raises(ValueError, match="3 digits"):
        next_code("301", [])


@given(st.lists(st.integers(1, 10**6)))
def test_a_new_code_is_never_taken(taken: list[int]) -> None:
    codes = [f"301001/{each}" for each in taken]
    read = read_code(next_code("301001", codes))
    assert isinstance(read, CatalogueCode)
    assert int(read.sequence) not in taken
