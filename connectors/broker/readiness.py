"""Whether a broker answers its clients, and waiting until it does."""

import time

from connectors.broker import process
from connectors.broker.ports import answers
from connectors.broker.run import Run

LOOK_AGAIN_S = 0.05
ANSWER_TIMEOUT_S = 2.0


def await_answer(run: Run, timeout_s: float) -> str | None:
    """Wait until the broker answers a client's question for metadata; None then, else why it never will."""
    deadline = time.monotonic() + timeout_s
    while process.find(run.process):
        if answered(run.broker.bootstrap_servers, run.broker.cluster_id):
            return None
        if time.monotonic() > deadline:
            return f"it did not answer within {timeout_s:.0f} s"
        time.sleep(LOOK_AGAIN_S)
    return "its process ended"


def answered(bootstrap_servers: str, cluster_id: str) -> bool:
    """Whether this very cluster answers there and its one node is ready for clients."""
    from confluent_kafka import KafkaException  # noqa: PLC0415 - the client library is only needed to look
    from confluent_kafka.admin import AdminClient  # noqa: PLC0415

    host, _, port = bootstrap_servers.rpartition(":")
    if not answers(host, int(port), ANSWER_TIMEOUT_S):
        return False
    # A broker that is not up yet is what is waited for, not a fault to log.
    client = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})
    try:
        metadata = client.list_topics(timeout=ANSWER_TIMEOUT_S)
    except KafkaException:
        return False
    return str(metadata) == cluster_id and len(metadata.brokers) == 1
