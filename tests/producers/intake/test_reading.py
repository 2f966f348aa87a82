import base64
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.intake.cloudevents import cloudevent_source, cloudevent_type, draft_of
from producers.intake.reading import CLOUDEVENT, CLOUDEVENTS, JSON, MEDIA_TYPES, NDJSON, read_request
from producers.shapes import event_shapes
from topics.identifiers import make_resident_id

NUMBER = make_resident_id("610102", date(1990, 3, 7), 1)


def cloudevent(**changes: Any) -> dict[str, Any]:
    attributes = {
        "specversion": "1.0",
        "id": "7",
        "type": "cn.onething.registration.PenaltyImposed.v1",
        "source": "urn:onething:department:urban-management",
        "subject": "enterprise:91440300708461136T",
        "time": "2024-05-01T09:00:00+08:00",
    }
    return {key: value for key, value in (attributes | changes).items() if value is not None}


def test_attributes_and_data_make_the_draft() -> None:
    data = {"resource": "r", "record_id": "p-1", "version": 1, "content": {"a": 1}}
    draft, faults = draft_of(cloudevent(), data)
    assert faults == ()
    assert draft == {
        "type": "PenaltyImposed",
        "source": "urban-management",
        "subject": "enterprise:91440300708461136T",
        "valid_at": "2024-05-01T09:00:00+08:00",
        **data,
    }


def test_what_data_says_goes_before_time_and_subject() -> None:
    draft, _ = draft_of(cloudevent(), {"valid_at": 7, "subject": {"kind": "person", "id": NUMBER}})
    assert (draft["valid_at"], draft["subject"]) == (7, {"kind": "person", "id": NUMBER})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"id": None}, "id"),
        ({"id": ""}, "id"),
        ({"type": None}, "type"),
        ({"type": "PenaltyImposed"}, "type"),
        ({"type": "cn.onething.licence.PenaltyImposed.v1"}, "type"),
        ({"type": "cn.onething.registration.PenaltyImposed.v99"}, "type"),
        ({"type": "cn.onething.coverage.CoverageStated.v1"}, "type"),
        ({"source": "urban-management"}, "source"),
        ({"datacontenttype": "text/xml"}, "datacontenttype"),
        ({"subject": f"person:{NUMBER}"}, "subject"),
        ({"id": NUMBER}, "id"),
        ({"applicant": NUMBER}, "applicant"),
    ],
)
def test_a_bad_attribute_is_named_and_never_repeated(changes: dict[str, Any], field: str) -> None:
    _, faults = draft_of(cloudevent(**changes), {})
    assert [fault.field for fault in faults] == [field]
    assert NUMBER not in str(faults)


def test_data_may_not_say_who_it_is() -> None:
    _, faults = draft_of(cloudevent(), {"type": "x", "source": "y"})
    assert [fault.field for fault in faults] == ["data.type", "data.source"]


def test_every_event_type_has_a_cloudevents_type_that_leads_back() -> None:
    for name in event_shapes():
        draft, faults = draft_of(cloudevent(type=cloudevent_type(name), source=cloudevent_source("tax")), {})
        assert (draft["type"], draft["source"], faults) == (name, "tax", ())


def test_each_line_keeps_its_bytes_and_number() -> None:
    body = b'{"a": 1}\r\n\n  \n{"b": \xff}\n[1]\nbroken\n{"c" :2}'
    reading = read_request(NDJSON[0], {}, body)
    assert reading is not None
    told = [(each.line, each.received.body, each.received.draft, len(each.faults)) for each in reading.records]
    assert told == [
        (1, b'{"a": 1}\r', {"a": 1}, 0),
        (4, b'{"b": \xff}', None, 1),
        (5, b"[1]", [1], 0),
        (6, b"broken", None, 1),
        (7, b'{"c" :2}', {"c": 2}, 0),
    ]
    assert reading.is_batch


def test_each_element_of_an_array_keeps_its_bytes() -> None:
    reading = read_request(JSON, {}, b' [ {"a" : 1.0e2} ,\n"x",null ]')
    assert reading is not None
    assert [each.received.body for each in reading.records] == [b'{"a" : 1.0e2}', b'"x"', b"null"]
    assert reading.is_batch


def test_a_broken_array_is_one_broken_record() -> None:
    for body in (b'[{"a": 1}, ', b"[" * 5000, b'[{"a": 1} {"b": 2}]'):
        reading = read_request(JSON, {}, body)
        assert reading is not None
        assert not reading.is_batch
        assert reading.records[0].received.body == body
        assert [fault.code for fault in reading.records[0].faults] == ["unreadable"]


def test_structured_cloudevents_alone_and_in_batches() -> None:
    data = {"record_id": "p-1"}
    one = cloudevent() | {"data": data}
    other = cloudevent() | {"data_base64": base64.b64encode(msgspec.json.encode(data)).decode()}
    for media_type, body in ((CLOUDEVENT, one), (CLOUDEVENT, other), (CLOUDEVENTS, [one, other])):
        reading = read_request(media_type, {}, msgspec.json.encode(body))
        assert reading is not None
        assert reading.is_batch == isinstance(body, list)
        for record in reading.records:
            assert record.faults == ()
            assert record.received.draft["record_id"] == "p-1"
    for broken in ({"data_base64": "?"}, {"data_base64": 7}, {"data_base64": "e30x"}, {}):
        reading = read_request(CLOUDEVENT, {}, msgspec.json.encode(cloudevent() | broken))
        assert reading is not None
        assert reading.records[0].faults


def test_a_binary_cloudevent_is_kept_with_its_headers() -> None:
    headers = {f"ce-{name}": value for name, value in cloudevent().items()} | {
        "content-type": "application/json",
        "authorization": "Bearer secret",
        "ce-title": "%E5%9F%8E",
    }
    reading = read_request(JSON, headers, b'{"record_id":"p-1"}')
    assert reading is not None
    record = reading.records[0]
    assert record.faults == ()
    assert record.received.draft["type"] == "PenaltyImposed"
    assert record.received.content_type == "application/http"
    assert record.received.body.endswith(b'\r\n\r\n{"record_id":"p-1"}')
    assert b"ce-title: %E5%9F%8E\r\n" in record.received.body
    assert b"secret" not in record.received.body


def test_other_media_types_are_not_read() -> None:
    assert read_request("text/csv", {}, b"{}") is None
    assert read_request("", {}, b"{}") is None


@given(body=st.binary(max_size=200), media_type=st.sampled_from(MEDIA_TYPES))
def test_no_bytes_break_the_reading_and_none_are_lost(body: bytes, media_type: str) -> None:
    reading = read_request(media_type, {}, body)
    assert reading is not None
    kept = [record.received.body for record in reading.records]
    assert all(each in body for each in kept)
    if media_type in NDJSON:
        assert [each for each in body.split(b"\n") if each.strip()] == kept
