import pytest
from hypothesis import given
from hypothesis import strategies as st

from onething.console.masking import masked, masked_enterprise, masked_name, subject_name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("person:37623c7b13df964b71d493eb6ff31415", "个人 37623c…"),
        ("居民 610103199001011234 申请", "居民 610***********1234 申请"),
        ("电话13800000000", "电话138****0000"),
        ("91610103MA00Y6G94P", "91610103MA00Y6G94P"),
        ("", "—"),
        (None, "—"),
    ],
)
def test_persons_are_not_shown_in_clear(text: str | None, shown: str) -> None:
    assert masked(text) == shown


@given(st.text(alphabet="0123456789", min_size=18, max_size=18), st.text(alphabet="申请人 ，", max_size=5))
def test_no_number_of_a_person_stays_in_a_text(number: str, around: str) -> None:
    assert number not in masked(around + number + around)


def test_names() -> None:
    assert (masked_name("张三丰"), masked_name("张"), masked_name("")) == ("张**", "张*", "—")
    assert masked_enterprise("西安嘉川医药有限公司") == "西安******公司"
    assert masked_enterprise("西安一") == "西**"


def test_a_subject_is_headed_by_its_code_or_masked() -> None:
    assert subject_name("enterprise:91610103MA00Y6G94P") == "91610103MA00Y6G94P"
    assert "37623c7b13df964b" not in subject_name("person:37623c7b13df964b71d493eb6ff31415")
