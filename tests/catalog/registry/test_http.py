"""The registry's HTTP face beyond what Confluent's client asks."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from catalog.registry import RegistryRefusal, RegistryWriter, read_schema_ids, register_published
from catalog.registry.http import registry_app
from catalog.registry.remote import RegistryUnreachable, register_published_at
from connectors.kafka import KafkaOptions
from topics.declarations import declared_topics

PATIENCE_S = 60
"""A busy machine answers late, which is not what is tested here."""

pytestmark = pytest.mark.broker

R = '{"type":"record","name":"R","fields":[{"name":"f","type":"string"}]}'
MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"


@pytest.fixture
def client(registry_url: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=registry_url, timeout=PATIENCE_S) as opened:
        yield opened


def test_what_is_registered_can_be_walked(client: httpx2.Client) -> None:
    assert client.get("/subjects").json() == []
    headers = {"content-type": MEDIA_TYPE}
    answer = client.post("/subjects/s/versions", content=json.dumps({"schema": R}), headers=headers)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json() == {"id": 1, "version": 1}
    client.post("/subjects/t/versions", json={"schema": R, "schemaType": "AVRO", "references": []})
    assert client.get("/subjects", params={"subjectPrefix": "t"}).json() == ["t"]
    assert client.get("/subjects", params={"offset": 1, "limit": 1}).json() == ["t"]
    assert [each["subject"] for each in client.get("/schemas").json()] == ["s", "t"]
    assert client.get("/subjects/s/versions/latest/schema").json() == json.loads(R)
    assert client.get("/schemas/ids/1/schema").json() == json.loads(R)
    assert client.get("/schemas/ids/1", params={"fetchMaxId": "true"}).json() == {"schema": R, "maxId": 1}
    assert client.get("/subjects/s/versions/1/referencedby").json() == []
    assert client.get("/contexts").json() == ["."]
    assert client.get("/").json() == {}

    assert client.delete("/subjects/t/versions/latest").json() == 1
    assert client.get("/subjects", params={"deletedOnly": "true"}).json() == ["t"]
    assert client.get("/subjects/t/versions", params={"deleted": "true"}).json() == [1]
    assert client.get("/subjects/t/versions/1", params={"deleted": "true"}).json()["deleted"] is True
    assert client.delete("/subjects/t/versions/1", params={"permanent": "true"}).json() == 1
    assert client.get("/subjects/t/versions", params={"deleted": "true"}).json()["error_code"] == 40401


def test_levels_and_modes(client: httpx2.Client) -> None:
    assert client.get("/config").json() == {"compatibilityLevel": "BACKWARD"}
    assert client.get("/config/s", params={"defaultToGlobal": "true"}).json() == {"compatibilityLevel": "BACKWARD"}
    assert client.put("/config/s", json={"compatibility": "full"}).json() == {"compatibility": "FULL"}
    assert client.get("/config/s").json() == {"compatibilityLevel": "FULL"}
    assert client.get("/mode").json() == {"mode": "READWRITE"}
    assert client.get("/mode/s", params={"defaultToGlobal": "true"}).json() == {"mode": "READWRITE"}
    assert client.get("/mode/s").json()["error_code"] == 40409
    assert client.put("/mode", json={"mode": "READWRITE"}).json() == {"mode": "READWRITE"}
    assert client.put("/mode", json={"mode": "SIDEWAYS"}).json()["error_code"] == 42204


def test_compatibility_is_told_with_places_when_asked(client: httpx2.Client) -> None:
    client.post("/subjects/s/versions", json={"schema": R})
    body = {"schema": R.replace('"string"', '"int"')}
    assert client.post("/compatibility/subjects/s/versions/latest", json=body).json() == {"is_compatible": False}
    told = client.post("/compatibility/subjects/s/versions", params={"verbose": "true"}, json=body).json()
    (message,) = told["messages"]
    assert message.startswith("type_mismatch at /fields/0/type of new, reading version 1")
    assert client.post("/compatibility/subjects/none/versions", json=body).json() == {"is_compatible": True}
    assert client.post("/compatibility/subjects/none/versions/1", json=body).json()["error_code"] == 40401


@pytest.mark.parametrize(
    ("body", "error_code"),
    [
        ({"schema": R, "schemaType": "PROTOBUF"}, 42201),
        ({"schema": R, "references": [{"name": "a", "subject": "s", "version": 1}]}, 42201),
        ({"schema": R, "metadata": {"properties": {"a": "b"}}}, 42201),
        ({"schema": R, "id": 7}, 42205),
        ({"schema": json.loads(R)}, 42201),
        ({}, 42201),
        ([], 42201),
        ("x", 42201),
        ({"schema": "[" * 90_000}, 42201),
        ({"schema": '"' + "x" * 600_000 + '"'}, 42201),
    ],
)
def test_what_is_not_supported_is_refused_by_name(body: Any, error_code: int) -> None:
    """No log is read before a body is judged, so none is needed here."""
    with _without_log() as client:
        answer = client.post("/subjects/s", json=body)
    assert (answer.status_code, answer.json()["error_code"]) == (422, error_code)


@pytest.mark.parametrize("version", ["0", "-2", "1.5", "x", "2147483648", "9" * 400, "¼", "٣"])
def test_a_version_is_a_number_or_latest(client: httpx2.Client, version: str) -> None:
    client.post("/subjects/s/versions", json={"schema": R})
    assert client.get(f"/subjects/s/versions/{version}").json()["error_code"] == 42202


def test_unknown_paths_and_methods_have_confluents_shape(client: httpx2.Client) -> None:
    assert client.get("/associations/resources/-/t").json()["error_code"] == 404
    assert client.put("/subjects").json()["error_code"] == 405
    assert client.get("/schemas/ids/one").json()["error_code"] == 42201


def test_health_and_the_pages_of_the_api(client: httpx2.Client) -> None:
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").json() == {"status": "ready", "schemas": 0}
    page = client.get("/docs").text
    assert "https://" not in page
    assert "/subjects/{subject}/versions" in client.get("/openapi.json").json()["paths"]


def test_without_its_log_the_registry_lives_but_is_not_ready(options: KafkaOptions) -> None:
    with _without_log(options) as client:
        assert client.get("/health/live").status_code == 200
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["error_code"]) == (503, 50001)
    assert "onething topic apply" in answer.json()["message"]


def test_published_schemas_are_registered_at_another_registry(
    registry_url: str, options: KafkaOptions, log_topic: str, writer: RegistryWriter
) -> None:
    declared = declared_topics({"tax": {"licence"}})
    there = register_published_at(registry_url, declared)
    assert len(read_schema_ids(options, log_topic)) == len({each.schema_id for each in there})
    assert register_published(writer, declared) == there


def test_another_registry_that_does_not_answer_or_refuses_is_told(registry_url: str) -> None:
    declared = declared_topics({"tax": {"licence"}})
    with pytest.raises(RegistryUnreachable, match="does not answer"):
        register_published_at("http://127.0.0.1:1", declared)
    with pytest.raises(RegistryRefusal, match="refused subjects/"):
        register_published_at(f"{registry_url}/elsewhere", declared)


def _without_log(options: KafkaOptions | None = None) -> Any:
    from starlette.testclient import TestClient  # noqa: PLC0415  only these tests need no server

    return TestClient(registry_app(RegistryWriter(options or KafkaOptions("127.0.0.1:1"), "_schemas-none")))
