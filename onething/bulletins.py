"""The monthly bulletin, wired: drawn up at the analysts' desk, with QR codes that lead to this hub's console."""

from typing import TYPE_CHECKING

from fastapi import APIRouter

from analytics.bulletins.http import BulletinDoor, bulletin_router
from onething.rates import rate_figures
from onething.settings import LOOPBACK, Settings

if TYPE_CHECKING:
    from onething.analyst import AnalystDesk


def bulletin_routers(desk: "AnalystDesk") -> tuple[APIRouter, ...]:
    """The door to bulletins at this desk."""
    door = BulletinDoor(
        session=desk.session,
        rates=rate_figures(desk),
        console_url=console_url(desk.settings),
        fonts=desk.settings.analyst.fonts,
    )
    return (bulletin_router(door),)


def console_url(settings: Settings) -> str:
    """Where the live figures are shown: as the settings say, else this machine's console."""
    return settings.analyst.console_url or f"http://{LOOPBACK}:{settings.console.port or 8600}"
