import json
from io import BytesIO
from typing import Any

import fastavro
import msgspec
import pytest

from catalog.register.field_readers import FieldReader
from catalog.register.life_binding import load_bindings
from catalog.register.model import DataItem, Resource
from catalog.register.trial import RecordedMessage, entry_trial, schema_trial, traffic_trial
from tests.catalog.register.entries import ITEMS, published

Field = dict[str, Any]
NAME: Field = {"name": "name", "type": "string", "doc": "名称"}
STATE: Field = {"name": "state", "type": ["null", "string"], "default": None, "doc": "状态"}
READERS = (
    FieldReader("check", "opening#1", "有无欠税", ("tax.arrears",), frozenset({"state"})),
    FieldReader("form-field", "name", "名称", ("tax.arrears",), frozenset({"name"})),
)


def schema(*fields: Field, name: str = "Fact") -> str:
    return json.dumps({"type": "record", "name": name, "namespace": "t", "fields": fields}, ensure_ascii=False)


def message(text: str, record: dict[str, Any], offset: int = 0) -> RecordedMessage:
    body = BytesIO()
    fastavro.schemaless_writer(body, fastavro.parse_schema(json.loads(text), named_schemas={}), record)
    return RecordedMessage("registration.tax", 0, offset, text, body.getvalue())


OLD = schema(NAME, STATE)
TRAFFIC = (
    message(OLD, {"name": "甲", "state": "欠缴"}, 0),
    message(OLD, {"name": "乙", "state": None}, 1),
    message(schema(NAME, name="Other"), {"name": "别的"}, 2),
)


def tried(text: str) -> Any:
    return schema_trial(text, [(1, OLD)], TRAFFIC, READERS, ["tax.arrears"])


def test_a_field_with_a_default_harms_nobody() -> None:
    found = tried(schema(NAME, STATE, {"name": "amount", "type": "long", "default": 0}))
    assert (found.is_harmless, found.traffic.tried, found.traffic.unread) == (True, 2, 0)


def test_a_field_without_default_cannot_read_what_was_written() -> None:
    found = tried(schema(NAME, STATE, {"name": "amount", "type": "long"}))
    assert (found.traffic.tried, found.traffic.unread) == (2, 2)
    assert found.traffic.faults[0].reason.startswith("registration.tax-0@0")
    (fault,) = found.faults
    assert fault.field == "/fields/2"
    assert "默认值" in fault.reason
    assert "amount" in fault.reason
    assert "no default" in fault.reason_en


def test_readers_of_a_field_that_vanishes_are_listed_and_its_values_counted() -> None:
    found = tried(schema(NAME))
    assert found.faults == ()
    assert found.traffic.lost == {"state": 1}
    assert [(each.kind, each.id, each.fields) for each in found.broken] == [("check", "opening#1", ("state",))]
    assert not found.is_harmless


def test_readers_of_a_field_of_another_type_are_listed() -> None:
    found = tried(schema({**NAME, "type": "long"}, STATE))
    assert found.traffic.unread == 2
    assert [each.id for each in found.broken] == ["name"]
    assert "类型不同" in found.faults[0].reason


def test_a_message_that_breaks_off_is_told_and_the_rest_is_read() -> None:
    torn = msgspec.structs.replace(TRAFFIC[0], body=TRAFFIC[0].body[:1], offset=9)
    found = traffic_trial(OLD, (torn, TRAFFIC[1]))
    assert (found.tried, found.unread, found.faults[0].offset) == (2, 1, 9)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (schema({"name": "状态", "type": "string", "default": ""}), "/fields/0/name"),
        (schema(NAME, {"name": "a", "type": {"type": "record", "name": "内", "fields": []}}), "/fields/1/type/name"),
        ("{", "/"),
        ('{"type": "record"}', "/"),
        ('"string"', "/"),
    ],
)
def test_what_is_no_schema_or_is_named_in_chinese_is_refused_with_its_place(text: str, place: str) -> None:
    found = tried(text)
    assert place in [each.field for each in found.faults]
    assert all(each.reason and each.reason_en and each.remedy and each.remedy_en for each in found.faults)


def test_an_entry_without_one_of_its_items_breaks_who_reads_it() -> None:
    before = msgspec.convert(published(data_items=ITEMS), Resource)
    after = msgspec.structs.replace(before, data_items=ITEMS[:1])
    reader = FieldReader("grant", "g", "bank", ("tax.arrears",), frozenset({"cause", "decision_number"}))
    found = entry_trial(before, after, load_bindings(), (), (reader,))
    assert [(each.id, each.fields) for each in found.broken] == [("g", ("cause",))]
    assert entry_trial(before, before, load_bindings(), (), (reader,)).is_harmless
    retyped = msgspec.structs.replace(before, data_items=(DataItem(name="文号", field="decision_number", type="date"),))
    assert {each.field for each in entry_trial(before, retyped, load_bindings(), (), ()).faults} == {
        "data_items[decision_number].type"
    }
