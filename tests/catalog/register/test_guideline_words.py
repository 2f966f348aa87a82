import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.register.guideline_words import cycle_days, cycle_words, format_of, means_of


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("每日", 1),
        ("实时", 1),
        ("每季度", 90),
        ("季度更新", 90),
        ("15天", 15),
        ("每10日", 10),
        ("365", 365),
        ("不定期", None),
        ("", None),
    ],
)
def test_a_cycle_is_read(written: str, days: int | None) -> None:
    assert cycle_days(written) == days


@pytest.mark.parametrize("written", ["偶尔", "0天", "-3", "1.5天"])
def test_what_is_no_cycle_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not a cycle"):
        cycle_days(written)


@given(st.integers(1, 4000))
def test_every_cycle_comes_back(days: int) -> None:
    assert cycle_days(cycle_words(days)) == days


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("数据库", "数据库"),
        ("MySQL 数据库", "数据库"),
        ("电子表格：xlsx", "电子表格"),
        ("PDF", "电子文件"),
        ("图片", "图形图像"),
        ("JSON/XML", "自描述格式"),
        ("羊皮卷", None),
        ("market", None),
    ],
)
def test_a_format_is_known_by_its_usual_words(written: str, kind: str | None) -> None:
    assert format_of(written) == kind


def test_means_are_known_by_their_usual_words() -> None:
    assert [means_of(each) for each in ("库表交换", "服务接口", "文件下载", "主题订阅", "拷盘", "鸽子")] == [
        "库表",
        "接口",
        "文件",
        "消息",
        "介质",
        None,
    ]
