"""What the archives of the made-up city should hold, folded from what was handed in and must be accepted."""

from collections import Counter
from collections.abc import Collection, Iterator
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


class _Newest(msgspec.Struct, frozen=True):
    """The newest fact of a record; its draft only where that is asked for later, so that a large city fits memory."""

    version: int
    event_type: str
    draft: Draft | None


class _Archive:
    """One subject's records: the newest fact of each, and how many facts there are."""

    __slots__ = ("facts", "newest")

    def __init__(self) -> None:
        self.newest: dict[RecordKey, _Newest] = {}
        self.facts = 0

    def note(self, draft: Draft, *, keep: bool) -> None:
        key = (draft["resource"], draft["record_id"])
        known = self.newest.get(key)
        self.facts += 1
        if known is None or draft["version"] > known.version:
            self.newest[key] = _Newest(draft["version"], draft["type"], draft if keep else None)

    def marked(self) -> set[RecordKey]:
        """The records that a dispute marks."""
        contents = (each.draft["content"] for each in self.newest.values() if each.draft and _opens_dispute(each))
        return {(content["disputed_resource"], content["disputed_record_id"]) for content in contents}

    def counts(self) -> ArchiveCounts:
        withdrawn = sum(each.event_type.endswith("Withdrawn") for each in self.newest.values())
        return ArchiveCounts(len(self.newest), withdrawn, len(self.marked() & self.newest.keys()), self.facts)


def _opens_dispute(newest: _Newest) -> bool:
    return newest.event_type == "ValueDisputed"


class Truth:
    """Every subject's archive as it should become, whatever the order of what is noted."""

    def __init__(self, kept: Collection[str]) -> None:
        """Know nothing yet; ``records`` will be asked for these resources."""
        self._archives: dict[str, _Archive] = {}
        self._kept = frozenset(kept)

    def note(self, planned: Planned) -> None:
        """Take in one publication; repeats and what must be refused change nothing."""
        if planned.kind in ("duplicate", "malformed"):
            return
        archive = self._archives.get(planned.subject)
        if archive is None:
            archive = self._archives[planned.subject] = _Archive()
        draft = planned.draft
        archive.note(draft, keep=draft["resource"] in self._kept or draft["type"] == "ValueDisputed")

    def counts(self) -> dict[str, ArchiveCounts]:
        """Subject → what its archive should hold."""
        return {subject: archive.counts() for subject, archive in self._archives.items()}

    def totals(self) -> Counter[str]:
        """Resource → how many records its source holds: withdrawn ones and disputes are none."""
        return Counter(
            resource
            for archive in self._archives.values()
            for (resource, _), newest in archive.newest.items()
            if not newest.event_type.endswith(_NO_RECORDS)
        )

    def records(self, subject: str) -> Iterator[Record]:
        """The newest fact of each of the subject's records in the resources that are kept."""
        archive = self._archives[subject]
        marked = archive.marked()
        return (
            Record(newest.draft, key in marked)
            for key, newest in archive.newest.items()
            if newest.draft is not None and key[0] in self._kept
        )
