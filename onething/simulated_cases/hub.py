"""A hub of the simulation's own, with the facts of a small city in its archives; gone at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from connectors import broker
from onething.commands.simulate import publish_simulation
from onething.demonstration.city import await_positions
from onething.demonstration.run import own_hub as demonstration_hub
from onething.settings import Settings
from onething.supervisor import running_hub
from producers.simulation.account import written
from producers.simulation.simulate import Simulation

FOLDER: Final = "simulated-cases"
ENTERPRISES: Final = 400
PERSONS: Final = 600
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

Tell = Callable[[str], None]


@contextmanager
def own_hub(settings: Settings, tell: Tell) -> Iterator[Settings]:
    """Its settings while it runs: its own Kafka, data directory and free ports, whatever else is set.

    Raises:
        HubFault: of the fact that keeps it from running.
        NotCaughtUp: its archives did not take the city's facts in time.
    """
    mine = demonstration_hub(settings).model_copy(update={"data_dir": settings.data_dir / FOLDER})
    broker.reset(mine.broker_options(), keys=True)
    with running_hub(mine, tell=tell) as hub:
        city = Simulation(ENTERPRISES, PERSONS, 1, datetime.now(_SHANGHAI).date())
        published = publish_simulation(hub.settings, city)
        account = hub.settings.data_dir / "simulation" / "account.json"
        account.parent.mkdir(parents=True, exist_ok=True)
        account.write_bytes(written(published.account))
        tell(f"模拟城市 city: {ENTERPRISES} 企业 enterprises, {PERSONS} 人 persons")
        ends = {
            (topic, str(partition)): span.last_offset
            for topic, spans in published.receipts.items()
            for partition, span in spans.items()
        }
        for part in hub.parts:
            if part.role == "archive" and part.url:
                await_positions(part.url, ends)
        yield hub.settings
