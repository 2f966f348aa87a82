"""What the index is told of a record beside its reasons: its type and resource where they are known, nothing else."""

import json
from typing import Any

import pytest

from catalog.resources import Resources
from connectors.keyring import KeyRing, refusal_context
from producers.refused.bodies import BytesMissing, opened
from producers.refused.index import About
from producers.refused.tail import about_draft, draft_in, what_it_says
from topics.events import RecordRefused

PENALTY = "urban-management.administrative-penalty"


def event(body: bytes, **changes: Any) -> RecordRefused:
    said: dict[str, Any] = {
        "event_id": bytes(16),
        "department": "urban-management",
        "door": "intake",
        "reasons": ("unreadable: x",),
        "received_at": 1,
        "origin": None,
        "content_type": "application/json",
        "sealed": False,
        "body": body,
    }
    return RecordRefused(**{**said, **changes})


def test_a_sealed_record_tells_its_type_and_resource(penalty: Any, resources: Resources, keyring: KeyRing) -> None:
    body = json.dumps(penalty(1, {"state": "?"})).encode()
    sealed = keyring.seal(body, refusal_context("urban-management"))
    about = what_it_says(keyring, resources)
    assert about(event(sealed, sealed=True)) == About("PenaltyImposed", PENALTY)
    assert about(event(sealed, sealed=True, origin="a.csv:1#1/2")) == About()
    assert about(event(b"no seal", sealed=True)) == About()


@pytest.mark.parametrize(
    "draft", [None, [], "x", {}, {"type": 1, "resource": ["x"]}, {"type": "Made", "resource": "up"}]
)
def test_what_the_catalogue_does_not_know_is_not_told(resources: Resources, draft: Any) -> None:
    assert about_draft(draft, resources) == About()


def test_drafts_are_found_in_every_shape_that_the_doors_keep(penalty: Any) -> None:
    draft = penalty(1)
    assert draft_in("application/json", json.dumps(draft).encode()) == draft
    assert draft_in("text/csv", b"a,b,c") is None
    assert draft_in("application/vnd.confluent.avro", b"\0\0\0\0\1") is None
    assert draft_in("application/http", b"no empty line") is None
    attributes = {
        "specversion": "1.0",
        "id": "1",
        "type": "cn.onething.registration.PenaltyImposed.v1",
        "source": "urn:onething:department:urban-management",
    }
    data = {name: value for name, value in draft.items() if name not in ("type", "source")}
    structured = json.dumps({**attributes, "data": data}).encode()
    assert draft_in("application/cloudevents+json", structured) == draft
    head = "".join(f"ce-{name}: {value}\r\n" for name, value in attributes.items())
    binary = f"{head}content-type: application/json\r\n\r\n".encode() + json.dumps(data).encode()
    assert draft_in("application/http", binary) == draft


def test_bytes_sealed_for_another_department_do_not_open(keyring: KeyRing) -> None:
    sealed = keyring.seal(b"{}", refusal_context("tax"))
    with pytest.raises(BytesMissing) as missing:
        opened(event(sealed, sealed=True), keyring)
    assert missing.value.remedy
