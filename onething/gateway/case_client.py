"""Speaks to the gateway about handled cases, for the command line, simulations and tests."""

from typing import Any
from urllib.parse import quote

from onething.gateway.client import HubClient

Query = list[tuple[str, str]]


class CaseClient(HubClient):
    """One connection to one gateway; the faults are those of ``HubClient``."""

    def submit(self, body: dict[str, Any], idempotency_key: str = "", wait_s: float = 0) -> dict[str, Any]:
        """Submit an application; its receipt, with the case opened when that came within ``wait_s``."""
        headers = {"Prefer": f"wait={wait_s:g}"} | ({"Idempotency-Key": idempotency_key} if idempotency_key else {})
        return self._call("POST", "/v1/applications", json=body, headers=headers, wait_s=wait_s)

    def application(
        self, case_id: str, *, department: str = "", after_revision: int = -1, wait_s: float = 0
    ) -> dict[str, Any]:
        """The case as soon as its revision is past the given one, or as it is after ``wait_s``."""
        query = [("department", department), ("after_revision", str(after_revision)), ("wait_s", f"{wait_s:g}")]
        return self._call("GET", _application(case_id), query=query, wait_s=wait_s)

    def receipt(self, case_id: str) -> dict[str, Any]:
        """The receipt; ``text`` is for a printer."""
        return self._call("GET", f"{_application(case_id)}/receipt")

    def payments(self, case_id: str) -> dict[str, Any]:
        """The fees of a case, with the pages to pay them on."""
        return self._call("GET", f"{_application(case_id)}/payments")

    def act(self, case_id: str, act: str, body: dict[str, Any]) -> dict[str, Any]:
        """Supplement, withdraw, evaluation, suspend, resume, delivery, commitments or rectification; the case then."""
        return self._call("POST", f"{_application(case_id)}/{act}", json=body)

    def form(self, case_id: str, department: str, purpose: str, reader: str) -> dict[str, Any]:
        """The fields that this department may read; the read is put on record."""
        query = [("department", department), ("purpose", purpose)]
        headers = {"X-Reader": quote(reader, safe=":")}
        return self._call("GET", f"{_application(case_id)}/form", query=query, headers=headers)

    def cases(self, query: Query) -> dict[str, Any]:
        """One page of cases of both kinds."""
        return self._call("GET", "/v1/cases", query=query)

    def evaluations(self, query: Query) -> dict[str, Any]:
        """One page of evaluations."""
        return self._call("GET", "/v1/evaluations", query=query)

    def evaluation_counts(self, by: str) -> dict[str, Any]:
        """Evaluations counted by bundle or by lead."""
        return self._call("GET", "/v1/evaluations/counts", query=[("by", by)])

    def savings(self, bundle: str = "") -> dict[str, Any]:
        """What cases took beside what they took before, of one bundle or of all."""
        return self._call("GET", f"/v1/bundles/{quote(bundle, safe='')}/savings" if bundle else "/v1/bundles/savings")

    def assignments(self, department: str, query: Query) -> dict[str, Any]:
        """One page of a department's inbox."""
        return self._call("GET", f"{_department(department)}/assignments", query=query)

    def assignment(self, department: str, assignment_id: str) -> dict[str, Any]:
        """One assignment with its case."""
        return self._call("GET", _assignment(department, assignment_id))

    def decide(self, department: str, assignment_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Decide on an assignment; how it stands then."""
        return self._call("POST", f"{_assignment(department, assignment_id)}/decision", json=body)

    def review(self, department: str, assignment_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Review a decision; how the assignment stands then."""
        return self._call("POST", f"{_assignment(department, assignment_id)}/review", json=body)


def _application(case_id: str) -> str:
    return f"/v1/applications/{quote(case_id, safe='')}"


def _department(code: str) -> str:
    return f"/v1/departments/{quote(code, safe='')}"


def _assignment(department: str, assignment_id: str) -> str:
    return f"{_department(department)}/assignments/{quote(assignment_id, safe='')}"
