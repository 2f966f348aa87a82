"""Cases that this gateway has just asked for and that no row may tell of yet."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from onething.gateway.case_rows import StoredCase
from processors.domain.case import new_case
from processors.domain.definition import CaseDefinition
from topics.events import CaseRequested

MOST: Final = 10_000


class RecentCases:
    """The newest confirmed requests as cases without an answer (revision 0); the oldest are forgotten."""

    def __init__(self, definitions: Mapping[str, CaseDefinition], most: int = MOST) -> None:
        self._definitions = definitions
        self._most = most
        self._requests: OrderedDict[str, CaseRequested] = OrderedDict()

    def add(self, request: CaseRequested) -> None:
        """Remember a request that the log has confirmed."""
        self._requests[request.case_id] = request
        if len(self._requests) > self._most:
            self._requests.popitem(last=False)

    def stored(self, case_id: str) -> StoredCase | None:
        """The case as it was asked for, None when it is not remembered."""
        request = self._requests.get(case_id)
        return None if request is None else StoredCase(new_case(request, self._definitions[request.bundle]), None)
