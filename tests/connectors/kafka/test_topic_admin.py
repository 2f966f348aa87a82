"""Topics against their declarations: the rule alone, then on a real broker."""

from uuid import uuid4

import pytest

from connectors.kafka import KafkaOptions, admin
from connectors.kafka.topic_admin import (
    ClusterUnreachable,
    Difference,
    Durability,
    TopicNotCreated,
    TopicState,
    apply,
    compared,
    diff,
    full_config,
    topic_states,
)
from topics.declarations import PartitionCounts, TopicDeclaration, declared_topics

FACT = declared_topics({"tax": {"licence"}})[0]
STATE = declared_topics({})[-1]
AS_DECLARED = full_config(FACT, Durability())


def differences(config: dict[str, str] | None = None, partitions: int = 4, copies: int = 1) -> list[Difference]:
    state = TopicState(FACT.name, partitions, copies, AS_DECLARED | (config or {}))
    return list(compared([FACT], {FACT.name: state}, Durability()).differing)


def test_nothing_differs_from_itself() -> None:
    assert differences() == []
    assert differences(copies=3) == []


@pytest.mark.parametrize(
    ("config", "setting"),
    [
        ({"retention.ms": "604800000"}, "retention.ms"),
        ({"retention.bytes": "1073741824"}, "retention.bytes"),
        ({"cleanup.policy": "compact"}, "cleanup.policy"),
        ({"cleanup.policy": "compact,delete"}, "cleanup.policy"),
        ({"message.timestamp.type": "CreateTime"}, "message.timestamp.type"),
    ],
)
def test_what_keeps_more_is_altered(config: dict[str, str], setting: str) -> None:
    (found,) = differences(config)
    assert (found.setting, found.refusal) == (setting, None)


def test_more_confirmed_copies_are_altered_where_there_are_enough() -> None:
    state = TopicState(FACT.name, 4, 3, AS_DECLARED)
    (found,) = compared([FACT], {FACT.name: state}, Durability(3, 2)).alterable
    assert (found.setting, found.declared, found.actual) == ("min.insync.replicas", "2", "1")


@pytest.mark.parametrize(
    ("declared", "actual", "refusal"),
    [
        ({"retention.ms": "1000"}, {"retention.ms": "-1"}, "deletes what is kept"),
        ({"retention.ms": "1000"}, {"retention.ms": "2000"}, "deletes what is kept"),
        ({"retention.bytes": "1000"}, {"retention.bytes": "-1"}, "deletes what is kept"),
        ({"cleanup.policy": "compact"}, {"cleanup.policy": "delete"}, "would remove records"),
        ({"cleanup.policy": "compact,delete"}, {"cleanup.policy": "compact"}, "would remove records"),
        ({"message.timestamp.type": "CreateTime"}, {}, "when a fact became known"),
        ({}, {"min.insync.replicas": "2"}, "fewer confirmed copies"),
    ],
)
def test_what_would_lose_something_is_refused(declared: dict[str, str], actual: dict[str, str], refusal: str) -> None:
    topic = TopicDeclaration(FACT.name, "fact", "licence", "tax", 4, FACT.config | declared, ())
    state = TopicState(FACT.name, 4, 1, AS_DECLARED | actual)
    (found,) = compared([topic], {FACT.name: state}, Durability()).refused
    assert refusal in (found.refusal or "")


def test_a_state_topic_is_not_made_to_forget() -> None:
    as_delete = TopicDeclaration(STATE.name, "state", STATE.name, None, 1, {"cleanup.policy": "delete"}, ())
    state = TopicState(STATE.name, 1, 1, full_config(STATE, Durability()))
    (found,) = compared([as_delete], {STATE.name: state}, Durability()).refused
    assert found.setting == "cleanup.policy"


@pytest.mark.parametrize("partitions", [1, 3, 5, 100])
def test_another_number_of_partitions_is_refused_with_the_setting_that_fits(partitions: int) -> None:
    (found,) = differences(partitions=partitions)
    assert f"set topics.fact_partitions to {partitions}" in (found.refusal or "")


def test_fewer_copies_are_refused_with_the_tool_that_adds_them() -> None:
    state = TopicState(FACT.name, 4, 1, full_config(FACT, Durability(3, 1)))
    (found,) = compared([FACT], {FACT.name: state}, Durability(3, 1)).refused
    assert "kafka-reassign-partitions" in (found.refusal or "")


def test_confirmations_that_no_copies_could_give_are_refused() -> None:
    state = TopicState(FACT.name, 4, 1, AS_DECLARED)
    settings = [each.setting for each in compared([FACT], {FACT.name: state}, Durability(3, 2)).refused]
    assert settings == ["replication.factor", "min.insync.replicas"]


@pytest.mark.broker
def test_apply_creates_alters_refuses_and_then_does_nothing(kafka: str) -> None:
    client = admin(KafkaOptions(kafka))
    department = f"d-{uuid4().hex}"
    declared = [topic for topic in declared_topics({department: {"licence"}}) if topic.department == department]
    wrong = TopicDeclaration(
        declared[0].name, "fact", "licence", department, 2, declared[0].config | {"retention.ms": "1000000"}, ()
    )
    assert apply(client, [wrong]).created == (wrong.name,)

    before = diff(client, declared)
    assert {topic.name for topic in before.missing} == {topic.name for topic in declared[1:]}
    first = apply(client, declared)
    assert set(first.created) == {topic.name for topic in declared[1:]}
    assert [each.setting for each in first.altered] == ["retention.ms"]
    assert [each.setting for each in first.refused] == ["partitions"]

    again = apply(client, declared)
    assert (again.created, again.altered) == ((), ())
    assert again.refused == first.refused
    states = topic_states(client, {topic.name for topic in declared})
    assert states[wrong.name].partitions == 2
    assert states[wrong.name].config["retention.ms"] == "-1"
    assert states[declared[1].name].config["message.timestamp.type"] == "LogAppendTime"


@pytest.mark.broker
def test_topics_nobody_declared_are_told_and_left_alone(kafka: str) -> None:
    client = admin(KafkaOptions(kafka))
    stranger = TopicDeclaration(f"stranger-{uuid4().hex}", "case", "stranger", None, 1, {}, ())
    apply(client, [stranger])
    assert stranger.name in apply(client, []).undeclared
    assert stranger.name in topic_states(client)
    assert not any(name.startswith("__") for name in topic_states(client))


@pytest.mark.broker
def test_every_topic_of_a_city_is_made_in_one_call(kafka: str) -> None:
    """And is usable when the call returns: the controller answers before a broker leads any of them."""
    client = admin(KafkaOptions(kafka))
    tag = uuid4().hex[:6]
    publishers = {f"{tag}-{number}": {"licence", "registration", "verification"} for number in range(25)}
    declared = [
        topic
        for topic in declared_topics(publishers, PartitionCounts(2, 1, 1, 1))
        if topic.department and topic.department.startswith(tag)
    ]
    assert len(apply(client, declared).created) == len(declared) == 200
    assert diff(client, declared).is_settled
    [each.result(60) for each in client.delete_topics([topic.name for topic in declared]).values()]


@pytest.mark.broker
def test_more_copies_than_brokers_is_told(kafka: str) -> None:
    lone = TopicDeclaration(f"lone-{uuid4().hex}", "case", "lone", None, 1, {}, ())
    with pytest.raises(TopicNotCreated, match=r"lone-.* was not created"):
        apply(admin(KafkaOptions(kafka)), [lone], Durability(3, 2))


def test_a_cluster_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.kafka.topic_admin.TIMEOUT_S", 0.2)
    with pytest.raises(ClusterUnreachable):
        diff(admin(KafkaOptions("127.0.0.1:1")), [])
