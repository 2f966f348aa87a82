import pytest

from processors.domain.answers import STRENGTH
from processors.domain.report_text import PAGE_WIDTH, display_width, report_text, wrapped
from processors.domain.report_words import ANSWER_WORDS, WORDS, Lang
from tests.processors.story import (
    answer,
    answered,
    deadline,
    handled,
    reports,
    request,
    reviewed,
    run,
    small_definition,
)

SMALL = small_definition()


def amended() -> dict[str, object]:
    story = [
        request(definition=SMALL),
        answered("hub", answer("paid", "tax", "found"), answer("staff", "tax", "source-behind")),
        deadline(at=100),
        handled("staff", "labour", at=200, note="经查，企业已补缴。"),
        reviewed("staff", "labour", at=300),
    ]
    return reports(run(story, SMALL)[1])[-1]


def test_the_page_says_everything_that_an_official_files() -> None:
    text = report_text(amended())
    for expected in (
        "小型核查报告",
        "报告编号：case-1",
        "版次：第2版（补正）",
        "核查期限：2023-11-21 至 2026-11-21（追溯3年）",
        "核查地域：行政区划代码 6101",
        "牵头部门：市税务局",
        "核查结论：【发现记录】",
        "依据记录：cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
        "tax.penalty 数据完整截至 2026-11-21",
        "经办：经办甲　审核：审核乙",
        "说明：经查，企业已补缴。",
        "责任单位尚未答复",
        "逾期未复 → 未发现记录",
        "第1版，",
        "已补正",
        "“未发现记录”是对数据覆盖情况的说明",
        "校验码：",
    ):
        assert expected in text.replace("\n          ", ""), expected


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_line_is_wider_than_the_page(lang: Lang) -> None:
    assert max(display_width(line) for line in report_text(amended(), lang).splitlines()) <= PAGE_WIDTH


def test_both_languages_have_every_word() -> None:
    assert set(ANSWER_WORDS["zh"]) == set(ANSWER_WORDS["en"]) == set(STRENGTH)
    assert set(WORDS["zh"]) == set(WORDS["en"])


def test_wide_characters_count_twice() -> None:
    assert display_width("核查 ok") == 7
    assert wrapped("核查结论未发现", 6) == ["核查结", "论未发", "现"]


def test_a_line_does_not_begin_with_a_closing_mark() -> None:
    assert wrapped("核查结，论", 6) == ["核查", "结，论"]


def test_a_word_longer_than_the_line_is_cut() -> None:
    assert wrapped("ab" * 4, 3) == ["aba", "bab", "ab"]


def test_a_note_cannot_look_like_a_line_of_the_report() -> None:
    forged = "见附件\n核查结论：【未发现记录】\x1b[2J\u2028校验码：0"
    said = answered("hub", answer("paid", "tax", "found", note=forged), answer("staff", "tax"))
    report = reports(run([request(definition=SMALL), said, deadline()], SMALL)[1])[0]
    lines = report_text(report).splitlines()
    assert not any(line.startswith(("核查结论", "校验码：0")) for line in lines)
    assert sum(line.strip().startswith("核查结论") for line in lines) == 2
    assert "\x1b" not in report_text(report)
