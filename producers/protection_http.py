"""The hub's protection route: departments send clear values and get sealed ones back; keys never leave the hub."""

from typing import Any, Final

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from connectors.keyring import KeyRing
from producers.http_answers import BodyTooLarge, answer, bounded_body, problem, too_large
from producers.protection import PROTECTION_PATH, LocalProtector, ProtectRequest

LARGEST_BODY_BYTES: Final = 16 << 20


def protection_router(keyring: KeyRing, *, largest_body_bytes: int = LARGEST_BODY_BYTES) -> APIRouter:
    """``POST /v1/protection``: a JSON array of requests in, one answer each out, bytes as base64.

    Whoever mounts it says who may call it; nothing of what passes through is logged or kept.
    """
    router = APIRouter(tags=["protection"])
    protector = LocalProtector(keyring)

    @router.post(PROTECTION_PATH, openapi_extra=_OPENAPI, summary="Tokens, sealed fields, digests")
    async def protect(request: Request) -> Response:
        """Tokens for persons, sealed bytes and digests for personal fields, item for item in their order."""
        try:
            asked = _asked(await bounded_body(request, largest_body_bytes))
        except BodyTooLarge as fault:
            return too_large(fault)
        if asked is None:
            return _unreadable()
        return answer(200, await run_in_threadpool(protector.protect, asked))

    return router


def _asked(body: bytes) -> list[ProtectRequest] | None:
    try:
        return msgspec.json.decode(body, type=list[ProtectRequest])
    except (msgspec.DecodeError, UnicodeDecodeError):
        # The decoder's own message may quote the body.
        return None


def _unreadable() -> Response:
    return problem(
        400,
        "not-protect-requests",
        "请求体无法读取 / the body cannot be read",
        "it is no JSON array of {persons: [text], secrets: [{context: base64, plaintext: base64}]}",
        "send such an array in UTF-8; the SDK's HttpProtector does",
    )


_BASE64: Final = {"type": "string", "contentEncoding": "base64"}


def _array(**properties: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object", "properties": properties}}


_OPENAPI: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": _array(
                    persons={"type": "array", "items": {"type": "string"}, "description": "resident IDs"},
                    secrets=_array(context=_BASE64, plaintext=_BASE64),
                )
            }
        },
    },
    "responses": {
        "200": {
            "description": "one answer a request",
            "content": {
                "application/json": {
                    "schema": _array(
                        tokens={"type": "array", "items": {"type": "string"}},
                        secrets=_array(sealed=_BASE64, digest=_BASE64),
                    )
                }
            },
        }
    },
}
