"""`onething topic` and `onething registry` against a broker of their own, since they speak of all topics."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from connectors import broker
from connectors.broker import BrokerOptions
from connectors.kafka import KafkaOptions, admin
from connectors.kafka.topic_admin import apply
from onething.cli import app
from topics.declarations import TopicDeclaration

FIRST_FACT_TOPIC = "licence.market-regulation"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaOptions]:
    options = BrokerOptions(tmp_path_factory.mktemp("topic-commands"), heap_mb=384)
    reached = KafkaOptions(broker.start(options).bootstrap_servers)
    wrong = TopicDeclaration(FIRST_FACT_TOPIC, "fact", "licence", None, 2, {"retention.ms": "1000"}, ())
    stranger = TopicDeclaration("stranger", "case", "stranger", None, 1, {}, ())
    apply(admin(reached), [wrong, stranger])
    yield reached
    broker.stop(options)


@pytest.fixture(autouse=True)
def _settings(request: pytest.FixtureRequest, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    for kind in ("FACT", "CASE"):
        monkeypatch.setenv(f"ONETHING_TOPICS__{kind}_PARTITIONS", "1")
    if "cluster" in request.fixturenames:
        monkeypatch.setenv("ONETHING_KAFKA__BOOTSTRAP_SERVERS", request.getfixturevalue("cluster").bootstrap_servers)


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.stdout


def test_without_a_broker_the_remedy_is_told() -> None:
    result = CliRunner().invoke(app, ["topic", "diff"])
    assert result.exit_code == 2
    assert "onething up" in result.stderr


@pytest.mark.broker
def test_from_nothing_to_as_declared_and_then_nothing_to_do(cluster: KafkaOptions) -> None:
    assert cluster.bootstrap_servers
    before = json.loads(run("topic", "diff", "-o", "json", code=1))
    changes = {(row["topic"], row["change"], row["setting"]) for row in before}
    assert ("_schemas", "create", None) in changes
    assert (FIRST_FACT_TOPIC, "alter", "retention.ms") in changes
    assert (FIRST_FACT_TOPIC, "refused", "partitions") in changes
    assert ("stranger", "undeclared", None) in changes

    done = yaml.safe_load(run("topic", "apply", "-o", "yaml", code=1))
    assert {row["change"] for row in done} == {"created", "altered", "refused", "undeclared"}
    (refused,) = [row for row in done if row["change"] == "refused"]
    assert "set topics.fact_partitions to 2" in refused["reason"]

    again = run("topic", "apply", code=1)
    assert "created" not in again
    assert "altered" not in again
    listed = {row["topic"]: row["state"] for row in json.loads(run("topic", "list", "-o", "json"))}
    assert listed["case.requests"] == "present"
    assert listed["stranger"] == "undeclared"
    assert "missing" not in listed.values()


@pytest.mark.broker
def test_registered_schemas_are_listed_shown_and_checked(cluster: KafkaOptions, tmp_path: Path) -> None:
    assert cluster.bootstrap_servers
    run("topic", "apply", code=1)
    rows = json.loads(run("registry", "list", "--prefix", FIRST_FACT_TOPIC, "-o", "json"))
    subject = f"{FIRST_FACT_TOPIC}-onething.licence.LicenceIssued"
    (issued,) = [row for row in rows if row["subject"] == subject]
    shown = json.loads(run("registry", "show", str(issued["id"])))
    assert shown["name"] == "LicenceIssued"
    run("registry", "show", "9999", code=1)

    file = tmp_path / "schema.avsc"
    file.write_text(json.dumps(shown), encoding="utf-8")
    assert f"it is version 1 of {subject}" in run("registry", "check", subject, str(file))
    shown["fields"].append({"name": "extra", "type": "string"})
    file.write_text(json.dumps(shown), encoding="utf-8")
    refused = CliRunner().invoke(app, ["registry", "check", subject, str(file)])
    assert refused.exit_code == 1
    assert "field extra has no default" in refused.stderr
