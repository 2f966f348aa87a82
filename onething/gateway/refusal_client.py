"""Speaks to the gateway about refused records, for the command line and tests."""

from typing import Any
from urllib.parse import quote

from onething.gateway.client import HubClient

Query = list[tuple[str, str]]


class RefusalClient(HubClient):
    """One connection to one gateway; the faults are those of ``HubClient``."""

    def refused(self, department: str, query: Query) -> dict[str, Any]:
        """A page of a department's refused records."""
        return self._call("GET", _path(department), query=query)

    def record(self, department: str, event_id: str, opened_by: str = "") -> dict[str, Any]:
        """One of them; masked until somebody opens it, which is put on record."""
        query = [("opened_by", opened_by)] if opened_by else []
        return self._call("GET", f"{_path(department)}/{quote(event_id, safe='')}", query=query)

    def retry(self, department: str, event_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Mend one and publish it; or, with ``dry_run``, what would be refused."""
        return self._call("POST", f"{_path(department)}/{quote(event_id, safe='')}/retry", json=body)

    def dismiss(self, department: str, event_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Put one aside."""
        return self._call("POST", f"{_path(department)}/{quote(event_id, safe='')}/dismissal", json=body)


def _path(department: str) -> str:
    return f"/v1/departments/{quote(department, safe='')}/refusals"
