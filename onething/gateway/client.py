"""Speaks to the gateway over HTTP for the command line, the demonstration and the benchmarks."""

import getpass
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx2
import msgspec

WATCH_WAIT_S: Final = 20.0
_ANSWER_S: Final = 10.0
_BETWEEN_LINES_S: Final = 60.0
_SERVED_S: Final = 20.0


class GatewayFault(Exception):  # noqa: N818  it names what went wrong
    """The gateway did not do what was asked; ``remedy`` says what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


class GatewayUnreachable(GatewayFault):
    """Nobody answers at the gateway's address, or not in time."""


class GatewayRefused(GatewayFault):
    """The gateway refused; ``problem`` is its problem document."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.problem = problem
        faults = "".join(f"\n  {each['field']}: {each['reason']}" for each in problem.get("faults", ()))
        detail = "" if faults else f": {problem.get('detail', '')}"
        super().__init__(f"{problem.get('title', 'refused')}{detail}{faults}", str(problem.get("remedy") or "—"))


class HubClient:
    """One connection to one gateway.

    Raises, from every call:
        GatewayUnreachable: it does not answer.
        GatewayRefused: it answered with a refusal.
    """

    def __init__(self, url: str, transport: httpx2.BaseTransport | None = None) -> None:
        """Take the gateway's base URL; a transport replaces the network in tests."""
        self._url = url
        self._http = httpx2.Client(base_url=url, trust_env=False, timeout=_ANSWER_S, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def request_verification(self, body: dict[str, Any], idempotency_key: str = "") -> str:
        """Ask for a verification; its case id."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return str(self._call("POST", "/v1/verifications", json=body, headers=headers)["case_id"])

    def verification(self, case_id: str, after_revision: int = -1, wait_s: float = 0) -> dict[str, Any]:
        """The case as soon as its revision is past the given one, or as it is after ``wait_s``."""
        query = {"after_revision": str(after_revision), "wait_s": f"{wait_s:g}"}
        return self._call(
            "GET", f"/v1/verifications/{quote(case_id, safe='')}", query=list(query.items()), wait_s=wait_s
        )

    def watch(self, case_id: str) -> Iterator[dict[str, Any]]:
        """The case each time that it has changed, until it has a report; the last one carries the report."""
        revision = -1
        while True:
            view = self.verification(case_id, revision, WATCH_WAIT_S)
            if view["revision"] != revision:
                revision = view["revision"]
                yield view
            if view["report"] is not None:
                return

    def report_text(self, case_id: str, lang: str) -> str:
        """The report as text that can be filed."""
        query = [("format", "text"), ("lang", lang)]
        return self._answered("GET", f"/v1/verifications/{quote(case_id, safe='')}/report", query=query).text

    def archive(self, subject: str, query: list[tuple[str, str]], wait_s: float, reader: str = "") -> dict[str, Any]:
        """The archive of a subject, read by an account ``<organisation>:<account>``, else in this user's name."""
        kind, _, name = subject.partition(":")
        path = f"/v1/{kind}s/{quote(name, safe='')}/archive"
        headers = {"X-Reader": quote(reader or f"cli:{getpass.getuser()}", safe=":")}
        return self._call("GET", path, query=[*query, ("wait_s", f"{wait_s:g}")], headers=headers, wait_s=wait_s)

    def served(self, bundle: str, what: str, body: dict[str, Any]) -> dict[str, Any]:
        """What a bundle asks of an applicant, read in this user's name; ``what`` is notice, form or precheck."""
        headers = {"X-Reader": quote(f"cli:{getpass.getuser()}", safe=":")}
        path = f"/v1/bundles/{quote(bundle, safe='')}/{what}"
        return self._call("POST", path, json=body, headers=headers, wait_s=_SERVED_S)

    def policies(self, subject: str, query: list[tuple[str, str]], wait_s: float) -> dict[str, Any]:
        """What becomes of policies for a subject, read in this user's name."""
        path = f"/v1/subjects/{quote(subject, safe=':')}/policies"
        headers = {"X-Reader": quote(f"cli:{getpass.getuser()}", safe=":")}
        return self._call("GET", path, query=[*query, ("wait_s", f"{wait_s:g}")], headers=headers, wait_s=wait_s)

    def trial(self, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """A policy's trial as it stands, again and again, the complete one last."""
        body = {"reader": f"cli:{getpass.getuser()}", **asked}
        try:
            with self._http.stream("POST", "/v1/policies/trials", json=body, timeout=_BETWEEN_LINES_S) as answer:
                if not answer.is_success:
                    answer.read()
                    raise GatewayRefused(_problem(answer))
                yield from _trials(answer.iter_lines())
        except httpx2.TransportError as fault:
            raise self._unreachable(fault) from fault

    def tasks(self, department: str, status: str, page: str = "") -> dict[str, Any]:
        """One page of a department's tasks."""
        query = [("status", status), ("page", page)]
        return self._call("GET", f"/v1/departments/{quote(department, safe='')}/tasks", query=query)

    def answer_task(self, department: str, task_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Answer a task; how it stands then."""
        return self._call("POST", f"{_task_path(department, task_id)}/answer", json=body)

    def review_task(self, department: str, task_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Review an answer; how the task stands then."""
        return self._call("POST", f"{_task_path(department, task_id)}/review", json=body)

    def _call(self, method: str, path: str, **asked: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._answered(method, path, **asked).json()
        return answer

    def _answered(
        self,
        method: str,
        path: str,
        *,
        json: dict[str, Any] | None = None,
        query: Sequence[tuple[str, str]] = (),
        headers: dict[str, str] | None = None,
        wait_s: float = 0,
    ) -> httpx2.Response:
        try:
            answer = self._http.request(
                method, path, json=json, params=list(query), headers=headers, timeout=wait_s + _ANSWER_S
            )
        except httpx2.TransportError as fault:
            raise self._unreachable(fault) from fault
        if answer.is_success:
            return answer
        raise GatewayRefused(_problem(answer))

    def _unreachable(self, fault: Exception) -> GatewayUnreachable:
        return GatewayUnreachable(
            f"网关没有应答 the gateway does not answer at {self._url} ({type(fault).__name__})",
            "start the hub: onething up; see what runs: onething doctor",
        )


def _trials(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    trial: dict[str, Any] = {"is_complete": False}
    for line in lines:
        told = msgspec.json.decode(line)
        if "problem" in told:
            raise GatewayRefused(told["problem"])
        trial = told["trial"]
        yield trial
    if not trial["is_complete"]:
        raise GatewayUnreachable("试算没有完成 the trial broke off before its end", "try again; see the replica's log")


def _task_path(department: str, task_id: str) -> str:
    return f"/v1/departments/{quote(department, safe='')}/tasks/{quote(task_id, safe='')}"


def _problem(answer: httpx2.Response) -> dict[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if isinstance(problem, dict) and "title" in problem:
        return problem
    return {"title": f"HTTP {answer.status_code}", "detail": answer.text[:200], "remedy": "see the gateway's log"}
