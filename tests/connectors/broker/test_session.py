import pytest
from confluent_kafka.admin import AdminClient


@pytest.mark.broker
@pytest.mark.parametrize("time", range(4))
def test_the_session_broker_answers(kafka: str, time: int) -> None:
    client = AdminClient({"bootstrap.servers": kafka})
    assert len(client.list_topics(timeout=5).brokers) == 1, time
