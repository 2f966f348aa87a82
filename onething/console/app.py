"""The console as one application: every page, its theme, its health, and the guard before all of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Final

from fastapi import FastAPI
from nicegui import app as pages_app
from nicegui import ui
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import RedirectResponse, Response

from onething.console import pages
from onething.console.downloads import download_router
from onething.console.error_pages import install_error_pages
from onething.console.file_imports import import_router
from onething.console.guard import Guard
from onething.console.hub import Hub, HubFault, install
from onething.console.language import COOKIE
from onething.console.observation import Figures, Observation
from onething.gateway.problems import JsonResponse

STATIC: Final = Path(__file__).parent / "static"
STATIC_PATH: Final = "/console-static"
FAVICON: Final = STATIC / "favicon.svg"
COLOURS: Final = {
    "primary": "#0b4f9c",
    "secondary": "#4a5663",
    "accent": "#8f1d1d",
    "positive": "#14642f",
    "negative": "#9b1c1c",
    "warning": "#7a4a00",
    "info": "#0b4f9c",
}
"""Quasar's own names for the theme's colours; each has a contrast of at least 4.5 with white."""
RECONNECT_S: Final = 10.0
_YEAR_S: Final = 365 * 86_400


def console_app(hub: Hub, figures: Figures, *, storage_secret: str) -> FastAPI:
    """The application; what it opened is closed when it ends.

    Args:
        hub: the gateway that pages ask.
        figures: its metrics.
        storage_secret: signs the cookie that tells browsers apart.
    """
    install(hub)
    app = FastAPI(
        title="一件事 OneThing Hub console", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_closing(hub)
    )
    _health(app, hub, figures)
    _language(app)
    app.include_router(download_router(hub))
    app.include_router(import_router(hub))
    register_pages()
    install_error_pages()
    _theme()
    ui.run_with(
        app,
        title="一件事 OneThing Hub",
        favicon=FAVICON,
        language="zh-CN",
        dark=False,
        tailwind=False,
        binding_refresh_interval=None,
        reconnect_timeout=RECONNECT_S,
        gzip_middleware_factory=None,  # to this machine's own browser, packing costs more than it saves
        storage_secret=storage_secret,
        session_middleware_kwargs={"same_site": "strict"},
        show_welcome_message=False,
    )
    app.add_middleware(Observation, figures=figures)
    app.add_middleware(Guard)
    return app


def register_pages() -> None:
    """Let every module of ``pages`` register its own."""
    for found in iter_modules(pages.__path__):
        module = import_module(f"{pages.__name__}.{found.name}")
        if hasattr(module, "register"):
            module.register()


def _theme() -> None:
    pages_app.colors(**COLOURS)
    pages_app.add_static_files(STATIC_PATH, STATIC, max_cache_age=_YEAR_S)
    digest = sha256((STATIC / "console.css").read_bytes()).hexdigest()[:12]
    ui.add_head_html(f'<link rel="stylesheet" href="{STATIC_PATH}/console.css?v={digest}">', shared=True)


def _health(app: FastAPI, hub: Hub, figures: Figures) -> None:
    @app.get("/health/live")
    async def live() -> Response:
        return JsonResponse({"status": "live"})

    @app.get("/health/ready")
    async def ready() -> Response:
        """Pages can be drawn; whether the gateway answers is told beside it, and by every page itself."""
        return JsonResponse({"status": "ready", "checks": {"gateway": await _gateway(hub)}})

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(figures.registry), media_type=CONTENT_TYPE_LATEST)


async def _gateway(hub: Hub) -> dict[str, object]:
    try:
        await hub.get("/health/live")
    except HubFault as fault:
        return {"ok": False, "detail": str(fault), "remedy": fault.remedy}
    return {"ok": True, "detail": "answers", "remedy": None}


def _language(app: FastAPI) -> None:
    @app.get("/language/{lang}")
    async def switched(lang: str, back: str = "/") -> Response:
        """Speak this language from now on, and go back to where the reader was."""
        answer = RedirectResponse(back if is_own(back) else "/", 303)
        answer.set_cookie(COOKIE, "en" if lang == "en" else "zh", max_age=_YEAR_S, samesite="strict", httponly=True)
        return answer


def is_own(path: str) -> bool:
    """Whether a path is one of this console's own, so that nobody is led elsewhere by it."""
    return path.startswith("/") and not path.startswith(("//", "/\\"))


def _closing(hub: Hub):  # type: ignore[no-untyped-def]  # noqa: ANN202  a lifespan as FastAPI takes it
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await hub.close()

    return lifespan
