import asyncio
from typing import Any

from onething.gateway.case_rows import CaseFilter, PageOf
from onething.gateway.stored_cases import StoredCases
from processors.cases import CaseFilter as StoreFilter
from processors.cases import CasePage


class Asked:
    """Keeps what the case store is asked."""

    def __init__(self) -> None:
        self.wanted: StoreFilter | None = None

    def cases(self, wanted: StoreFilter, **_: Any) -> CasePage:
        self.wanted = wanted
        return CasePage((), None, 0)


def test_only_verifications_are_listed_as_verifications() -> None:
    """Applications stand in the same rows, without the deadline that every verification has: the list broke on them."""
    asked = Asked()
    rows = StoredCases(asked)  # type: ignore[arg-type]  # the one method that it asks
    asyncio.run(rows.cases(CaseFilter(bundle="restaurant-opening"), PageOf(10)))
    assert asked.wanted == StoreFilter(kind="verification", bundle="restaurant-opening")
