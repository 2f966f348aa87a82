import pytest

from onething.console.pages.apply import Draft, applicant, material_means, typed


@pytest.mark.parametrize(
    ("written", "type_", "value"),
    [
        ("120", "number", 120),
        ("1.5", "number", 1.5),
        ("大", "number", "大"),
        ("120", "text", "120"),
        (True, "boolean", True),
    ],
)
def test_a_value_is_what_its_field_wants_or_stays_for_the_pre_check(written: object, type_: str, value: object) -> None:
    assert typed(written, type_) == value


def test_a_persons_number_goes_in_a_body_only() -> None:
    assert applicant(" 610103199001011234 ", person=True) == {"resident_id": "610103199001011234"}
    assert applicant("person:37623c", person=True) == "person:37623c"
    assert applicant("91610103MA00Y6G94P", person=False) == "91610103MA00Y6G94P"


def test_what_was_left_empty_is_left_out() -> None:
    draft = Draft("b", person=False, subject="S", form={"a": "", "b": 0, "c": None}, materials={"m": "", "n": "paper"})
    told = draft.submitted("张三")
    assert told["form"] == {"b": 0}
    assert told["materials"] == [{"id": "n", "means": "paper"}]
    assert told["delivery"] == {"means": "counter"}
    assert (told["bundle"], told["submitted_by"]) == ("b", "张三")


def test_a_material_is_promised_or_follows_only_where_it_may() -> None:
    assert set(material_means(None)) == {"", "upload", "paper"}
    assert set(material_means("later")) == {"", "upload", "paper", "later"}
