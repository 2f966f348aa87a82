"""What the archives of the made-up city should hold, folded from what was handed in and must be accepted."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import msgspec

from producers.simulation.drafts import Draft
from producers.simulation.expectations import Record
from producers.simulation.planned import Planned

_NO_RECORDS: Final = ("Withdrawn", "ValueDisputed", "DisputeEnded")

RecordKey = tuple[str, str]
"""Resource and record id."""


class ArchiveCounts(msgspec.Struct, frozen=True):
    """What one archive should hold.

    Attributes:
        records: everything with a record id of its own, withdrawals and disputes included.
        withdrawn: records that their source withdrew.
        disputed: records that a dispute marks now.
        facts: different events, earlier versions included, repeats not.
    """

    records: int
    withdrawn: int
    disputed: int
    facts: int


class _Archive:
    """One subject's records: the newest fact of each, and how many facts there are."""

    __slots__ = ("facts", "newest")

    def __init__(self) -> None:
        self.newest: dict[RecordKey, Draft] = {}
        self.facts = 0

    def note(self, draft: Draft) -> None:
        key = (draft["resource"], draft["record_id"])
        known = self.newest.get(key)
        self.facts += 1
        if known is None or draft["version"] > known["version"]:
            self.newest[key] = draft

    def marked(self) -> set[RecordKey]:
        """The records that a dispute marks."""
        return {
            (draft["content"]["disputed_resource"], draft["content"]["disputed_record_id"])
            for draft in self.newest.values()
            if draft["type"] == "ValueDisputed"
        }

    def counts(self) -> ArchiveCounts:
        withdrawn = sum(draft["type"].endswith("Withdrawn") for draft in self.newest.values())
        return ArchiveCounts(len(self.newest), withdrawn, len(self.marked() & self.newest.keys()), self.facts)


class Truth:
    """Every subject's archive as it should become, whatever the order of what is noted."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._archives: dict[str, _Archive] = {}

    def note(self, planned: Planned) -> None:
        """Take in one publication; repeats and what must be refused change nothing."""
        if planned.kind in ("duplicate", "malformed"):
            return
        archive = self._archives.get(planned.subject)
        if archive is None:
            archive = self._archives[planned.subject] = _Archive()
        archive.note(planned.draft)

    def counts(self) -> dict[str, ArchiveCounts]:
        """Subject → what its archive should hold."""
        return {subject: archive.counts() for subject, archive in self._archives.items()}

    def totals(self) -> Counter[str]:
        """Resource → how many records its source holds: withdrawn ones and disputes are none."""
        return Counter(
            draft["resource"]
            for archive in self._archives.values()
            for draft in archive.newest.values()
            if not draft["type"].endswith(_NO_RECORDS)
        )

    def records(self, subject: str) -> Iterator[Record]:
        """The newest fact of each of the subject's records."""
        archive = self._archives[subject]
        marked = archive.marked()
        return (Record(draft, key in marked) for key, draft in archive.newest.items())
