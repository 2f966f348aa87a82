from hypothesis import given
from hypothesis import strategies as st

from onething.console.markup import Markup, bar_markup, link_markup, over, unbroken

TEXTS = st.text(max_size=40)


@given(TEXTS, TEXTS)
def test_texts_never_become_markup(main: str, remark: str) -> None:
    for shown in (over(main, remark), unbroken(main), link_markup(main, "/x"), bar_markup(0.5, main)):
        inside = shown.replace("<div>", "").replace("</div>", "")
        assert "<script" not in shown
        assert shown.count("<") == shown.count(">"), inside


def test_markup_within_markup_stays_as_it_is() -> None:
    assert (
        over(Markup("<b>甲</b>"), "<i>", "mono") == '<div><div><b>甲</b></div><div class="mono">&lt;i&gt;</div></div>'
    )


@given(st.floats(-10, 10))
def test_a_bar_is_never_longer_than_whole_and_tells_the_share(share: float) -> None:
    shown = bar_markup(share, "完成")
    length = float(shown.split('value="')[1].split('"')[0])
    assert 0.0 <= length <= 1.0
    assert f"{share:.1%}" in shown


def test_nothing_is_a_dash() -> None:
    assert unbroken(None) == '<span class="nowrap">—</span>'
