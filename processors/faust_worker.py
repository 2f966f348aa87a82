"""What Faust workers share: raw bytes in, no tables, the log's topics as they are, a web port of their own."""

import socket
from pathlib import Path
from typing import Any, Final

import faust
from faust.auth import SASLCredentials, SSLCredentials

from connectors.kafka import KafkaOptions
from processors.prompt_transport import PromptTransport

SESSION_S: Final = 6.0
"""After this long without a sign of life, a worker's partitions go to another one; brokers take no less."""


class TopicsMissing(Exception):  # noqa: N818  named for the fact
    """Topics that a worker reads are not there."""

    remedy = "run: onething topic apply"


def worker_app(
    options: KafkaOptions, group: str, name: str, *, folder: Path, web_host: str, web_port: int, **more: Any
) -> faust.App:
    """A Faust app without agents yet.

    Args:
        options: of the cluster.
        group: the consumer group.
        name: of this worker, to Kafka.
        folder: for Faust's own files.
        web_host: address of its web port.
        web_port: a free one.
        more: further settings of Faust's.
    """
    app = faust.App(
        group,
        broker=[f"aiokafka://{server}" for server in options.bootstrap_servers.split(",")],
        broker_credentials=credentials(options),
        broker_client_id=f"{options.client_id}-{name}",
        broker_commit_interval=1.0,
        broker_session_timeout=SESSION_S,
        broker_heartbeat_interval=SESSION_S / 4,
        id_format="{id}",
        autodiscover=False,
        origin=None,
        store="memory://",
        datadir=str(folder),
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=True,
        web_host=web_host,
        web_bind=web_host,
        web_port=web_port,
        worker_redirect_stdouts=False,
        **more,
    )
    app.transport = PromptTransport(app.conf.broker_consumer, app)
    return app


def raw_topic(app: faust.App, *names: str) -> Any:
    """Topics of which keys and values come as bytes."""
    return app.topic(*names, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")


def credentials(options: KafkaOptions) -> Any:
    """The options' credentials and TLS as Faust takes them, None for a plain connection."""
    context = options.ssl_context()
    if options.security_protocol.startswith("SASL"):
        return SASLCredentials(
            mechanism=options.sasl_mechanism,
            username=options.sasl_username,
            password=options.sasl_password,
            ssl_context=context,
        )
    return SSLCredentials(context) if context is not None else None


def free_port(host: str) -> int:
    """A port that nobody listens on."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
