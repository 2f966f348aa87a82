import pytest

from catalog.register.item_guess import guessed_class, guessed_type


@pytest.mark.parametrize(
    ("name", "item_class"),
    [
        ("法定代表人姓名", "personal"),
        ("联系电话", "personal"),
        ("照片路径", "personal"),
        ("法定代表人身份证号", "sensitive-personal"),
        ("社会保障号", "sensitive-personal"),
        ("法定代表人证件类型", "ordinary"),
        ("当事人身份证件类型", "ordinary"),
        ("欠税金额", "trade-secret"),
        ("税额总额", "trade-secret"),
        ("公积金单位帐号", "trade-secret"),
        ("资产总额是否公示", "ordinary"),
        ("认缴出资方式", "ordinary"),
        ("欠税税种", "ordinary"),
        ("医疗保险人数", "ordinary"),
        ("统一社会信用代码", "ordinary"),
        ("企业名称", "ordinary"),
    ],
)
def test_a_name_suggests_a_class(name: str, item_class: str) -> None:
    assert guessed_class(name) == item_class


@pytest.mark.parametrize(
    ("written", "name", "kind"),
    [
        ("varchar", "甲", "text"),
        ("sring", "甲", "text"),
        ("字符型C", "甲", "text"),
        ("bigint", "甲", "number"),
        ("decimal", "甲", "number"),
        ("货币型", "甲", "number"),
        ("datetime", "发证日期", "date"),
        ("datetime", "更新时间", "instant"),
        ("日期时间型", "甲", "instant"),
        ("日期型", "甲", "date"),
        ("逻辑型", "甲", "boolean"),
        ("玄学", "甲", "unstated"),
        ("", "甲", "unstated"),
    ],
)
def test_a_column_type_is_understood(written: str, name: str, kind: str) -> None:
    assert guessed_type(written, name) == kind
