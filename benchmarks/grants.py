"""A read held against its grant: the check alone, and what share it has of the whole read at a replica's door."""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.figures import Figure, at_most, told
from catalog.demands.check import Allowed, CaseGround, Read, check_read, permit_of
from catalog.demands.model import Grant, Subjects
from processors.archive.grants import GrantBook
from processors.archive.keys import FactKey, fact_key
from processors.archive.permission import ReadGuard, limited
from processors.archive.reading import ArchiveReader, shown
from processors.archive.store import ArchiveStore, Batch
from topics.codec import RowCodec, SchemaIds
from topics.events import RegistrationRecorded
from topics.identifiers import enterprise_subject, make_uscc

TARGET_US: Final = 20
GRANTS: Final = 10_000
RECORDS: Final = 10
SUBJECT: Final = enterprise_subject(make_uscc("91", "610100", 1))
FILING: Final = "tax.filing"


def main() -> None:
    """Print microseconds of the check, and its share of a read."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=7, help="measurements; the median is told")
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    print(told("grants", figures(asked.rounds), as_json=asked.json))


def figures(rounds: int) -> list[Figure]:
    """The check in the rule, in the guard with its look-up among many grants, and beside a read of ten records."""
    book = GrantBook(map(grant, range(GRANTS)))
    book.is_complete = True
    guard = ReadGuard(book, NoCases())  # type: ignore[arg-type]  # only a case's two look-ups are asked of it
    permit, read = permit_of(grant(7)), asked(7)
    names = cycle([f"G-{number}" for number in range(GRANTS)])
    assert isinstance(check_read(permit, read), Allowed)
    rule = _us(lambda: check_read(permit, read), rounds)
    guarded = asyncio.run(_guarded_us(guard, lambda: next(names), read, rounds))
    with tempfile.TemporaryDirectory(prefix="onething-bench-") as folder:
        whole, cut = _reads(Path(folder), rounds)
    return [
        Figure("grants that hold", GRANTS, "grants"),
        at_most("check in the rule", rule, "µs", TARGET_US),
        at_most("check in the read: look-up and rule", guarded, "µs", TARGET_US),
        Figure(f"read of {RECORDS} records out of the store, everything", whole, "µs"),
        Figure("the same, to the granted fields", cut, "µs"),
        Figure("check / whole read", guarded / whole),
    ]


class NoCases:
    """No case is named in these reads."""

    def known(self, _: str) -> CaseGround | None:
        """Nothing."""
        return None

    look = known


def grant(number: int) -> Grant:
    """One of many grants: some fields of some resources, of the enterprises of one city."""
    fields = {FILING: ("status",), **{f"tax.resource-{each}": ("a", "b", "c") for each in range(5)}}
    return Grant(
        id=f"G-{number}",
        demand=f"D-{number}",
        demand_version=4,
        reader=("finance",),
        resources=tuple(fields),
        fields=fields,
        subjects=Subjects(kind="enterprise", territory="6101"),
        purpose="政府采购资格审查",
        means=("interface",),
        since=0,
        until=4_000_000_000_000_000,
        issued_by="tax:张三/李四",
    )


def asked(number: int) -> Read:
    """A read within that grant."""
    return Read(
        f"finance:{number}", "政府采购资格审查", SUBJECT, 1_780_000_000_000_000, (FILING,), ("status",), "interface"
    )


async def _guarded_us(guard: ReadGuard, grant_id: Callable[[], str], read: Read, rounds: int) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(CALLS):
            assert isinstance(await guard.judged(read, None, grant_id()), Allowed)
        took.append((time.perf_counter() - began) / CALLS * 1e6)
    return median(took)


def _reads(folder: Path, rounds: int) -> tuple[float, float]:
    """Microseconds for the records of a subject: all of them, and cut to a grant; without HTTP and the log."""
    store, ids = ArchiveStore(folder / "store", 64), SchemaIds.published()
    codec, number = RowCodec(ids), store.topic_number("registration.tax")
    facts = []
    for place in range(RECORDS):
        fact = _filing(place)
        key = FactKey(fact.resource, fact.record_id, 1, fact.event_id, 1_780_000_000_000, number, 0, place)
        facts.append((fact_key(SUBJECT, key), codec.encode(fact)))
    store.write(Batch(facts=facts))
    reader, fields = ArchiveReader(store, ids), permit_of(grant(7)).fields
    assert fields is not None

    def everything() -> list[dict[str, Any]]:
        return [shown(each) for each in reader.archive(SUBJECT)]

    def granted() -> list[dict[str, Any]]:
        return [limited(shown(each), fields) for each in reader.archive(SUBJECT, None, fields.keys())]

    assert len(everything()) == len(granted()) == RECORDS
    found = _us(everything, rounds, 500), _us(granted, rounds, 500)
    store.close()
    return found


def _filing(place: int) -> RegistrationRecorded:
    return RegistrationRecorded(
        event_id=place.to_bytes(16, "big"),
        source="tax",
        resource=FILING,
        subject=SUBJECT,
        record_type="filing",
        record_id=str(place),
        version=1,
        valid_at=1_780_000_000_000_000,
        title="纳税申报",
        status="有效",
        territory="610100",
    )


CALLS: Final = 20_000


def _us(call: Callable[[], object], rounds: int, calls: int = CALLS) -> float:
    return median(_once(call, calls) for _ in range(rounds))


def _once(call: Callable[[], object], calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - began) / calls * 1e6


if __name__ == "__main__":
    main()
