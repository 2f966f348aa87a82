from hypothesis import given
from hypothesis import strategies as st

from catalog.register.search_words import folded, grams_of, grams_wanted, is_sure, words_of

TEXTS = st.text(st.sampled_from("营业执照许可证信息ａAb1２（·\n "), max_size=30)


def test_words_are_runs_of_letters_and_characters() -> None:
    assert words_of("营业执照（副本）　ＡＢ12_执照") == ("营业执照", "副本", "ab12", "执照")
    assert words_of("（、）") == ()


def test_an_entry_is_found_by_its_characters_and_pairs() -> None:
    assert grams_of("营业执照") == ("营", "业", "执", "照", "营业", "业执", "执照")
    assert grams_wanted("营业执照") == ("营业", "业执", "执照")
    assert grams_wanted("照") == ("照",)
    assert [is_sure(word) for word in ("照", "执照", "业执照")] == [True, True, False]


@given(TEXTS, st.integers(0, 30), st.integers(1, 6))
def test_every_part_of_every_word_is_found(text: str, start: int, length: int) -> None:
    for word in words_of(text):
        part = word[start % len(word) :][:length]
        assert set(grams_wanted(part)) <= set(grams_of(text))


@given(TEXTS, st.text(st.sampled_from("营业执照信息"), min_size=1, max_size=2))
def test_what_is_sure_is_there(text: str, word: str) -> None:
    assert (set(grams_wanted(word)) <= set(grams_of(text))) == any(word in run for run in words_of(folded(text)))
