"""Where each part listens."""

from onething.endpoints import Role
from onething.settings import LOOPBACK, Settings


def door(settings: Settings, role: Role, index: int) -> tuple[str, int]:
    """(host, port) on which a part listens; port 0 is a free one."""
    host, first = {
        "registry": (settings.registry.host, settings.registry.port),
        "archive": (settings.archive.host, settings.archive.port),
        "coordinator": (LOOPBACK, settings.cases.port),
        "follower": (settings.follower.host, settings.follower.port),
        "catalog": (settings.catalog.host, settings.catalog.port),
        "lake": (settings.lake.host, settings.lake.port),
        "analyst": (settings.analyst.host, settings.analyst.port),
        "live": (settings.live.host, settings.live.port),
        "gateway": (settings.gateway.host, settings.gateway.port),
        "console": (LOOPBACK, settings.console.port),
    }[role]
    return host, first + index if first else 0


def on_free_ports(settings: Settings) -> Settings:
    """The same settings with a free port for every part, so that several hubs can run on one machine."""
    return settings.model_copy(
        update={
            "broker": settings.broker.model_copy(update={"port": 0, "controller_port": 0}),
            "registry": settings.registry.model_copy(update={"port": 0}),
            "gateway": settings.gateway.model_copy(update={"port": 0}),
            "archive": settings.archive.model_copy(update={"port": 0}),
            "cases": settings.cases.model_copy(update={"port": 0}),
            "follower": settings.follower.model_copy(update={"port": 0}),
            "catalog": settings.catalog.model_copy(update={"port": 0}),
            "lake": settings.lake.model_copy(update={"port": 0}),
            "analyst": settings.analyst.model_copy(update={"port": 0}),
            "live": settings.live.model_copy(update={"port": 0}),
            "console": settings.console.model_copy(update={"port": 0}),
        }
    )
