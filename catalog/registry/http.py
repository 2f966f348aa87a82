"""The registry's face for others: the part of Confluent's Schema Registry API that clients use."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, PROCESS_COLLECTOR, CollectorRegistry, Gauge, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from catalog.registry.decisions import RegistryRefusal
from catalog.registry.http_levels import router as levels
from catalog.registry.http_schemas import router as schemas
from catalog.registry.http_shapes import RegistryJson
from catalog.registry.http_subjects import router as subjects
from catalog.registry.log import SchemaLogMissing, SchemaLogUnreadable
from catalog.registry.writer import RegistryUnavailable, RegistryWriter

_STORE_ERROR = 50001
_INVALID_BODY = 42201
_DESCRIPTION = "数据模式登记 · Confluent Schema Registry API over the topic `_schemas`; Avro only."


def registry_app(writer: RegistryWriter) -> FastAPI:
    """The HTTP face of this writer, which is closed when the server ends."""

    @asynccontextmanager
    async def served(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(writer.close)

    app: FastAPI = FastAPIOffline(
        title="OneThing Hub · schema registry",
        description=_DESCRIPTION,
        version="1",
        lifespan=served,
        default_response_class=RegistryJson,
    )
    app.state.writer = writer
    for router in (subjects, schemas, levels):
        app.include_router(router)
    _add_health(app, writer)
    _add_metrics(app, writer)
    _add_errors(app)
    return app


def _add_health(app: FastAPI, writer: RegistryWriter) -> None:
    @app.get("/", tags=["health"])
    def root() -> dict[str, str]:
        """Answer, as Confluent's registry does here."""
        return {}

    @app.get("/health/live", tags=["health"])
    def live() -> dict[str, str]:
        """Tell that the process answers."""
        return {"status": "live"}

    @app.get("/health/ready", tags=["health"])
    def ready() -> dict[str, object]:
        """Tell that the log can be read to its end."""
        return {"status": "ready", "schemas": writer.read(lambda state: len(state.texts))}


def _add_metrics(app: FastAPI, writer: RegistryWriter) -> None:
    registry = CollectorRegistry()
    registry.register(PROCESS_COLLECTOR)
    schemas = Gauge("onething_registry_schemas", "Schemas that the log holds.", registry=registry)

    @app.get("/metrics", tags=["health"])
    def metrics() -> Response:
        """Tell figures as Prometheus reads them."""
        schemas.set(writer.read(lambda state: len(state.texts)))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _add_errors(app: FastAPI) -> None:
    app.add_exception_handler(RegistryRefusal, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _not_served)
    for fault in (RegistryUnavailable, SchemaLogMissing, SchemaLogUnreadable):
        app.add_exception_handler(fault, _unavailable)


async def _refused(_request: Request, refusal: Exception) -> JSONResponse:
    assert isinstance(refusal, RegistryRefusal)  # noqa: S101  registered for it alone
    return _error(refusal.status, refusal.error_code, refusal.message)


async def _malformed(_request: Request, fault: Exception) -> JSONResponse:
    assert isinstance(fault, RequestValidationError)  # noqa: S101  registered for it alone
    told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in fault.errors())
    return _error(422, _INVALID_BODY, f"a request of another shape: {told}")


async def _not_served(_request: Request, fault: Exception) -> JSONResponse:
    assert isinstance(fault, HTTPException)  # noqa: S101  registered for it alone
    return _error(fault.status_code, fault.status_code, f"HTTP {fault.status_code} {fault.detail}")


async def _unavailable(_request: Request, fault: Exception) -> JSONResponse:
    return _error(503, _STORE_ERROR, f"Error in the backend data store: {fault}")


def _error(status: int, code: int, message: str) -> JSONResponse:
    return RegistryJson({"error_code": code, "message": message}, status_code=status)
