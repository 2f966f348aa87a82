from onething.console.catalog_names import resource_name
from onething.console.pages.archives import Ground, content_rows, shown_value

PENALTY = resource_name(
    {
        "name": "生态环境保护领域行政处罚信息",
        "provider": "ecology",
        "data_items": [
            {"field": "amount_fen", "name": "罚没金额", "type": "number"},
            {"field": "decided_at", "name": "决定时间", "type": "instant"},
            {"field": "valid_to", "name": "有效期止", "type": "date"},
        ],
    }
)


def test_fields_bear_the_registers_names_and_are_told_as_people_read_them() -> None:
    content = {"amount_fen": 23_080_000, "decided_at": 1_784_879_836_000_000, "valid_to": 20_496, "note": None}
    assert content_rows(content, PENALTY) == [
        ("罚没金额", "230,800.00 元"),
        ("决定时间", "2026-07-24 15:57:16"),
        ("有效期止", "2026-02-12"),
    ]


def test_personal_numbers_in_a_field_are_masked() -> None:
    assert shown_value("联系人 13800000000", "text", "note") == "联系人 138****0000"


def test_a_read_states_its_ground() -> None:
    assert not Ground(purpose="核查").is_whole
    assert not Ground(purpose=" ", case="C1").is_whole
    ground = Ground(purpose="核查", case="C1", as_of="2026-11-01T08:00")
    assert ground.is_whole
    assert ground.query() == {"purpose": "核查", "case": "C1", "grant": "", "as_of": "2026-11-01T08:00+08:00"}
    assert ground.page_of("enterprise", "9161/0").startswith("/archives/enterprise/9161%2F0?purpose=")
