"""Whether a read may be answered: its grant and its case, each as the replica knows it, before anything is decoded."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from catalog.demands.check import (
    EVERYTHING_ALLOWED,
    UNKNOWN_GRANT,
    Allowed,
    Read,
    Refused,
    check_case,
    check_read,
)
from processors.archive.grants import GrantBook
from processors.archive.participation import CaseGrounds

NOT_READ_YET: Final = Refused("grants-not-read", "授权尚未读取完毕", "the grants are not read to their end yet")


class ReadGuard:
    """Holds reads against grants and cases; a read that names both must stay within both."""

    def __init__(self, book: GrantBook, cases: CaseGrounds) -> None:
        self._book = book
        self._cases = cases

    async def judged(self, read: Read, case: str | None, grant: str | None) -> Allowed | Refused:
        """What may be shown, or why nothing is; nothing is allowed for lack of knowledge."""
        if case and isinstance(within := await self._of_case(read, case), Refused):
            return within
        return self.of_grant(read, grant) if grant else EVERYTHING_ALLOWED if case else UNKNOWN_GRANT

    def of_grant(self, read: Read, grant: str) -> Allowed | Refused:
        """The same for a grant alone."""
        # Until the log is read to its end, a grant that still holds in the book may have ended on the log.
        return check_read(self._book.permit(grant), read) if self._book.is_complete else NOT_READ_YET

    async def _of_case(self, read: Read, case: str) -> Allowed | Refused:
        known = self._cases.known(case)
        judged = check_case(known, read)
        if isinstance(judged, Allowed):
            return judged
        # Departments and related subjects come to a case while it runs.
        return check_case(await run_in_threadpool(self._cases.look, case), read)


def limited(line: dict[str, Any], fields: Mapping[str, AbstractSet[str] | None] | None) -> dict[str, Any]:
    """A record as ``reading.shown`` gives it, with the granted fields of each fact only, its history's and rivals' too.

    Facts of other resources than the granted ones do not come here: they are not read.
    """
    if fields is None:
        return line
    own = _cut(line, fields)
    for name in ("rivals", "history"):
        own[name] = [_cut(each, fields) for each in line[name]]
    return own


def _cut(line: dict[str, Any], fields: Mapping[str, AbstractSet[str] | None]) -> dict[str, Any]:
    granted = fields[line["resource"]]
    if granted is None:
        return dict(line)
    return line | {"content": {name: value for name, value in line["content"].items() if name in granted}}
