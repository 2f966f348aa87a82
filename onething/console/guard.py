"""Who may speak to the console: this machine under its own name; and what pages may load: nothing from elsewhere."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onething.console.language import COOKIE, SPOKEN, spoken

LOCAL_NAMES: Final = frozenset(("localhost", "127.0.0.1", "::1"))

# Vue compiles its templates in the browser, and NiceGUI writes a page's elements into the page itself.
CONTENT_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = (
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_REFUSAL: Final = (
    "身份认证接入前，控制台仅限本机访问。请在运行它的机器上打开 http://127.0.0.1:<端口>/ 。\n"
    "Until identities exist the console serves this machine only: open http://127.0.0.1:<port>/ where it runs.\n"
)


class Guard:
    """ASGI middleware: refuses other machines, other names for this one and foreign pages; says what pages may load."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        SPOKEN.set(spoken(connection.cookies.get(COOKIE)))
        if not is_local(_address(connection), connection.headers.get("host", ""), connection.headers.get("origin")):
            await _refuse(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*_others(message.get("headers", ())), *_HEADERS]
            await send(message)

        await self._app(scope, receive, sent)


def is_local(address: str, host: str, origin: str | None) -> bool:
    """Whether a request comes from this machine, names it as itself, and from one of its own pages if from any.

    A foreign page could otherwise reach the console through the browser of whoever has it open (DNS rebinding).
    """
    named = urlsplit(f"//{host}").hostname
    return (
        (not address or _is_loopback(address))
        and named in LOCAL_NAMES
        and (origin is None or urlsplit(origin).netloc == host)
    )


def _address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "testclient"


def _others(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    ours = {name for name, _ in _HEADERS}
    return [each for each in headers if each[0].lower() not in ours]


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": "this machine only"})
        return
    await PlainTextResponse(_REFUSAL, 403)(scope, receive, send)
