"""Speaks to the register's process over HTTP for the command line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx2

ANSWER_S: Final = 120.0
PAGE: Final = 1000


class CatalogFault(Exception):  # noqa: N818  it names what went wrong
    """The register did not do what was asked; ``remedy`` says what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


class CatalogUnreachable(CatalogFault):
    """Nobody answers at the register's address, or not in time."""


class CatalogRefused(CatalogFault):
    """The register refused; ``problem`` is its problem document, every fault in it."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.problem = problem
        lines = "".join(
            f"\n  {each['field']}: {each['reason']} {each['reason_en']}" for each in problem.get("faults", ())
        )
        detail = "" if lines else f": {problem.get('detail', '')}"
        super().__init__(f"{problem.get('title', 'refused')}{detail}{lines}", str(problem.get("remedy") or "—"))


class CatalogClient:
    """One connection to the register's process.

    Raises, from every call:
        CatalogUnreachable: it does not answer.
        CatalogRefused: it answered with a refusal.
    """

    def __init__(self, url: str, transport: httpx2.BaseTransport | None = None) -> None:
        """Take the base URL of the register's process, or of a gateway; a transport replaces the network in tests."""
        self._url = url
        self._http = httpx2.Client(base_url=url, trust_env=False, timeout=ANSWER_S, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def counts(self) -> dict[str, int]:
        """How many there are of each kind of entity."""
        return dict(self.get("/v1/catalog")["entities"])

    def page(self, entity: str, fields: Mapping[str, str], after: str = "", limit: int = 100) -> dict[str, Any]:
        """Entities whose fields have these values, beyond an id: ``entities`` and ``next_after``."""
        return self.get(f"/v1/catalog/{_part(entity)}", {**fields, "after": after, "limit": str(limit)})

    def every(self, entity: str, fields: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
        """All entities whose fields have these values, in the order of their ids."""
        after: str | None = ""
        while after is not None:
            page = self.page(entity, fields or {}, after, PAGE)
            yield from page["entities"]
            after = page["next_after"]

    def entity(self, entity: str, entity_id: str) -> dict[str, Any]:
        """One entity as it stands."""
        return self.get(f"/v1/catalog/{_part(entity)}/{_part(entity_id)}")

    def history(self, entity: str, entity_id: str) -> list[dict[str, Any]]:
        """Every change of an entity."""
        return list(self.get(f"/v1/catalog/{_part(entity)}/{_part(entity_id)}/history")["changes"])

    def diff(self, entity: str, entity_id: str, first: int, second: int) -> list[dict[str, Any]]:
        """What differs between two versions."""
        query = {"from": str(first), "to": str(second)}
        return list(self.get(f"/v1/catalog/{_part(entity)}/{_part(entity_id)}/diff", query)["differences"])

    def do(self, entity: str, entity_id: str, action: str, body: Mapping[str, Any], key: str = "") -> dict[str, Any]:
        """One command: ``body`` has actor, and payload, reason, expected_version, dry_run as needed."""
        return self.post(f"/v1/catalog/{_part(entity)}/{_part(entity_id)}/{_part(action)}", body, key)

    def do_all(self, body: Mapping[str, Any], key: str = "") -> dict[str, Any]:
        """Several commands, all or none: ``body`` has actor, commands, and dry_run as needed."""
        return self.post("/v1/catalog/commands", body, key)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The answer to a GET of any path of the register."""
        with self._reached():
            return _answer(self._http.get(path, params=dict(query or {})))

    def post(self, path: str, body: Mapping[str, Any], key: str = "") -> dict[str, Any]:
        """The answer to a POST of any path of the register; ``key`` is the Idempotency-Key."""
        with self._reached():
            return _answer(self._http.post(path, json=dict(body), headers={"Idempotency-Key": key} if key else {}))

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except httpx2.TransportError as fault:
            raise CatalogUnreachable(
                f"目录服务没有应答 the catalogue does not answer at {self._url} ({type(fault).__name__})",
                "start the hub: onething up; see what runs: onething doctor",
            ) from fault


def catalog_client() -> CatalogClient:
    """A client of this data directory's register.

    Raises:
        NotRunning: neither set nor announced by a process that lives.
    """
    from onething.endpoints import endpoint  # noqa: PLC0415 - commands import what they need
    from onething.settings import load_settings  # noqa: PLC0415

    return CatalogClient(endpoint(load_settings(), "catalog"))


def _answer(answer: httpx2.Response) -> dict[str, Any]:
    if answer.is_success:
        return dict(answer.json())
    raise CatalogRefused(_problem(answer))


def _problem(answer: httpx2.Response) -> dict[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if isinstance(problem, dict) and "title" in problem:
        return problem
    return {"title": f"HTTP {answer.status_code}", "detail": answer.text[:200], "remedy": "see the catalogue's log"}


def _part(text: str) -> str:
    return quote(text, safe="")
