import asyncio
import json
from typing import Any

import pytest

from processors.live.door import LiveDoor
from tests.processors.live.telling import kept, standing_of, told


class View:
    """Faust's view, as far as pages use it."""

    def bytes(self, value: bytes, **more: Any) -> tuple[bytes, dict[str, Any]]:
        return value, more


class Request:
    def __init__(self, query: dict[str, str]) -> None:
        self.query = query


def asked(path: str, query: dict[str, str] | None = None, *, follows: bool = True, **parts: str) -> tuple[int, Any]:
    page = LiveDoor(standing_of(told([kept(3)])), lambda: follows).pages()[path]
    value, more = asyncio.run(page(View(), Request(query or {}), **parts))
    is_json = more.get("content_type", "").endswith("json")
    return more.get("status", 200), json.loads(value) if is_json else value.decode()


def test_what_stands_is_shown() -> None:
    status, body = asked("/v1/live")
    assert (status, body["span"]) == (200, "hour")
    status, body = asked("/v1/live/series", {"figure": "facts-kept", "window": "second", "department": "tax"})
    assert (status, len(body["points"])) == (200, 300)
    assert asked("/v1/live/sources")[1]["sources"][0]["department"] == "tax"
    assert asked("/v1/live/sources/{code}", code="tax")[1]["kept"] == 3
    assert asked("/v1/live/alerts")[1]["alerts"] == []


@pytest.mark.parametrize(
    ("path", "query", "remedy"),
    [
        ("/v1/live", {"span": "year"}, "span is one of minute, hour, day, month"),
        ("/v1/live/series", {}, "figure is one of facts-kept"),
        ("/v1/live/series", {"figure": "facts-kept", "window": "day"}, "window is one of second, minute, hour"),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_can(path: str, query: dict[str, str], remedy: str) -> None:
    status, body = asked(path, query)
    assert (status, body["status"], body["type"]) == (422, 422, "urn:onething:problem:request-refused")
    assert body["remedy"].startswith(remedy)


def test_an_unknown_department_is_not_there() -> None:
    assert asked("/v1/live/sources/{code}", code="nobody")[0] == 404


def test_it_is_ready_while_it_follows() -> None:
    assert asked("/health/ready")[0] == 200
    assert asked("/health/ready", follows=False)[0] == 503
    assert asked("/health/live") == (200, {"status": "live"})


def test_metrics_are_prometheus_text() -> None:
    assert "onething_live_counted_total{" in asked("/metrics")[1]
