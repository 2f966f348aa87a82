"""The gateway as a process."""

from collections.abc import Callable

from catalog.registry import read_schema_ids
from connectors.keyring import KeyRing
from onething.doors import door
from onething.endpoints import kafka_options
from onething.gateway.wiring import create_gateway
from onething.serving import serve
from onething.settings import Settings


def run_gateway(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``announce`` is given the url once it answers.

    Raises:
        NotRunning: there is no Kafka to work on.
        OSError: the address cannot be listened on.
    """
    options = kafka_options(settings)
    keyring = KeyRing.open_or_create(settings.data_dir / "keys")
    app = create_gateway(settings, options, read_schema_ids(options), keyring)
    serve(app, *door(settings, "gateway", 0), announce)
