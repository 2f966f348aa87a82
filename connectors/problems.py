"""Refusals over HTTP as ``application/problem+json`` (RFC 9457), Chinese first, with a remedy; alike at every door."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import msgspec
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a request: the field, a stable kebab-case code, and the reason."""

    field: str
    code: str
    reason: str


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818  it is a value that travels as an exception through the routes
    """A refusal as the caller reads it.

    Attributes:
        status: HTTP status.
        code: stable kebab-case name; the problem's type is ``urn:onething:problem:<code>``.
        title: what happened, Chinese first.
        detail: the place and the cause; never holds personal data.
        remedy: what to do.
        faults: every fault of the request at once.
        headers: of the answer.
    """

    status: int
    code: str
    title: str
    detail: str
    remedy: str
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        """Title and detail in one line."""
        return f"{self.title}: {self.detail}"

    def body(self) -> dict[str, Any]:
        """The members of the problem document."""
        members: dict[str, Any] = {
            "type": f"urn:onething:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "remedy": self.remedy,
        }
        return members | ({"faults": [msgspec.to_builtins(each) for each in self.faults]} if self.faults else {})


def problem_response(problem: Problem) -> Response:
    """The problem as a response."""
    return Response(msgspec.json.encode(problem.body()), problem.status, dict(problem.headers), PROBLEM)


def request_refused(faults: Sequence[Fault]) -> Problem:
    """422 with every fault of the request."""
    return Problem(
        422,
        "request-refused",
        "请求内容有误 / the request holds faults",
        "; ".join(f"{each.field}: {each.reason}" for each in faults),
        "请更正 faults 所列各项后重试 / correct every field named under faults and send the request again",
        faults,
    )


def ill_typed(invalid: RequestValidationError) -> Problem:
    """422 for what FastAPI found ill-typed before a route saw it."""
    return request_refused(
        [Fault(".".join(map(str, each["loc"][1:])) or "body", "wrong-type", each["msg"]) for each in invalid.errors()]
    )
