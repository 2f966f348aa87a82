"""Up to where the topics are in a table: its application transactions, read from the table's log itself.

The table format's library looks one up at a time, and reads the log anew for each; a city has some thousand partitions.
Here they are read together: from the last checkpoint, then from the entries that follow it, of which each is read once.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec
import pyarrow.parquet as pq

from analytics.lake.location import LakeUnreachable, Location

Place = tuple[str, int]
"""Topic and partition."""

LOG: Final = "_delta_log"
_TRANSACTION: Final = b'{"txn"'


class PositionLog:
    """The positions of one table by the number of its commit."""

    def __init__(self, location: Location, table: str) -> None:
        """Read the log of this table; nothing is read before it is asked for."""
        self._location = location
        self._table = table
        self._version = -1
        self._known: dict[Place, int] = {}

    def at(self, version: int) -> Mapping[Place, int]:
        """(topic, partition) → next offset that is not in the table as of a commit; those without rows lack.

        Raises:
            LakeUnreachable: the log cannot be read.
        """
        if version != self._version:
            try:
                self._read_on(version)
            except (OSError, ValueError) as fault:
                raise LakeUnreachable(self._location.url, fault) from fault
        return MappingProxyType(self._known)

    def moved(self, version: int, news: Mapping[Place, int]) -> None:
        """Take note of a commit of one's own, so that it need not be read; ignored unless all before it is known."""
        if version == self._version + 1:
            self._known.update(news)
            self._version = version

    def _read_on(self, version: int) -> None:
        begun, known = (self._version, dict(self._known)) if self._version <= version else (-1, {})
        begun, known = self._checkpoint(begun, version) or (begun, known)
        for number in range(begun + 1, version + 1):
            known.update(self._entry(number))
        self._known, self._version = known, version

    def _checkpoint(self, begun: int, version: int) -> tuple[int, dict[Place, int]] | None:
        """The last checkpoint, where it lies between what is known and what is asked for."""
        said = self._location.read(self._table, LOG, "_last_checkpoint")
        number = -1 if said is None else int(json.loads(said)["version"])
        if not begun < number <= version:
            return None
        path = self._location.path(self._table, LOG, f"{number:020}.checkpoint.parquet")
        rows = pq.read_table(path, columns=["txn"], filesystem=self._location.files)["txn"].drop_null().to_pylist()
        return number, {_place(each["appId"]): each["version"] for each in rows}

    def _entry(self, number: int) -> dict[Place, int]:
        said = self._location.read(self._table, LOG, f"{number:020}.json")
        if said is None:
            raise FileNotFoundError(f"entry {number} of the log of {self._table} is missing")
        actions = [msgspec.json.decode(line) for line in said.splitlines() if line.startswith(_TRANSACTION)]
        return {_place(each["txn"]["appId"]): each["txn"]["version"] for each in actions}


def app_id(place: Place) -> str:
    """A partition as the table's log names it."""
    topic, partition = place
    return f"{topic}/{partition}"


def _place(application: Any) -> Place:
    topic, _, partition = str(application).rpartition("/")
    return topic, int(partition)
