"""How long a request waits, and how often it looks at the rows meanwhile."""

import re
from time import monotonic
from typing import Final

_LOOK_EVERY_S: Final = 1.0
_WAIT: Final = re.compile(r"(?:^|[,;\s])wait\s*=\s*(\d{1,6})(?:$|[,;\s])", re.IGNORECASE)


class Patience:
    """The time that is left of a wait."""

    def __init__(self, wait_s: float) -> None:
        self._until = monotonic() + wait_s

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return monotonic() >= self._until

    @property
    def next_look_s(self) -> float:
        """How long to wait for news before the rows are looked at again."""
        return max(0.0, min(_LOOK_EVERY_S, self._until - monotonic()))


def asked_wait_s(prefer: str, wait_s: float) -> float:
    """Seconds from ``Prefer: wait=N`` (RFC 7240), else from the query."""
    found = _WAIT.search(prefer)
    return float(found.group(1)) if found else wait_s
