from typing import Any

from onething.console.mending import Asked, asked_place, asked_places, changes, other_places, value_of

RECORD: dict[str, Any] = {
    "record": {
        "valid_at": 1,
        "subject": {"kind": "enterprise", "id": "＊＊＊"},
        "content": {"state": "?", "amount_fen": 5, "odd": "x"},
    },
    "fields": [
        {"path": "content.state", "kind": "string", "required": True, "allowed": ["in-force"], "value": "?"},
        {"path": "content.amount_fen", "kind": "long", "required": False, "allowed": [], "value": 5},
    ],
    "reasons": [{"code": "missing-field", "field": "content.old", "reason": "缺少必填项", "remedy": "补填后重发"}],
    "faults_now": [
        {"code": "not-controlled", "field": "content.state", "reason": "不是规定的值", "remedy": "使用规定的值"},
        {"code": "wrong-type", "field": "content.state", "reason": "类型", "remedy": "填写"},
        {"code": "unknown-field", "field": "content.odd", "reason": "无此信息项", "remedy": "去掉"},
        {"code": "bad-subject", "field": "subject", "reason": "主体无效", "remedy": "核对"},
        {"code": "unreadable", "field": "", "reason": "无法读取", "remedy": "重发"},
    ],
}


def test_each_wrong_place_is_asked_for_once() -> None:
    places = asked_places(RECORD)
    assert [each.path for each in places] == ["content.state", "content.odd", "subject.kind", "subject.id"]
    assert places[0].allowed == ("in-force",)
    assert [each.removable for each in places] == [False, True, False, False]
    assert places[0].why == "不是规定的值。使用规定的值"


def test_the_other_places_can_be_changed_too() -> None:
    assert set(other_places(RECORD)) == {"valid_at", "version", "record_id", "content.amount_fen"}
    assert asked_place(RECORD, "content.amount_fen") == Asked("content.amount_fen", "5", kind="long")


def test_only_what_was_changed_is_sent_with_the_type_that_the_place_has() -> None:
    amount, state, odd = (asked_place(RECORD, f"content.{name}") for name in ("amount_fen", "state", "odd"))
    hidden = asked_place(RECORD, "subject.id")
    told = changes([(amount, "70", False), (state, "?", False), (odd, "x", True), (hidden, "＊＊＊", False)])
    assert told == [{"path": "content.amount_fen", "value": 70}, {"path": "content.odd", "removed": True}]


def test_words_mean_what_the_place_takes() -> None:
    assert value_of(Asked("content.amount_fen", "", kind="long"), "much") == "much"
    assert value_of(Asked("content.territory", "", kind="string"), "610112") == "610112"
    assert value_of(Asked("version", ""), "3") == 3
    assert value_of(Asked("content.state", "x"), "  ") is None
