"""Grants that stand: under what the hub itself reads archives, as data that anybody can look at and an operator end.

``standing_grants.toml`` names each with its readers, purpose and reason; ``{bundle}`` in a name makes one for each
bundle.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict

from catalog.bundles import load_bundles
from catalog.definition_place import read_from
from catalog.definitions import EXACT, Fault, demand_none, read_definition, repeated
from catalog.demands.model import EVERYTHING, Grant, Subjects
from catalog.register.canonical import plain
from catalog.register.changes import GRANT, ISSUED, Command
from catalog.resources import load_resources

STANDING_FILE: Final = "standing_grants.toml"
ISSUER: Final = "hub"
_CHINA: Final = timezone(timedelta(hours=8))
_BUNDLE: Final = "{bundle}"


@dataclass(frozen=True)
class StandingGrant:
    """One table of the file; ``trial``: only for hubs of made-up people, which say so in their settings."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    id: str
    readers: tuple[str, ...]
    purpose: str
    means: tuple[Literal["interface", "service", "matching"], ...]
    since: date
    until: date
    reason: str
    resources: tuple[str, ...] = (EVERYTHING,)
    kind: Literal["enterprise", "person", "any"] = "any"
    trial: bool = False


@dataclass(frozen=True)
class _StandingFile:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    grant: tuple[StandingGrant, ...]


@read_from(STANDING_FILE)
def load_standing_grants(path: Path) -> tuple[StandingGrant, ...]:
    """Return the grants of the file, names as written there.

    Raises:
        DefinitionFaultsError: the file does not hold together: all faults at once.
    """
    found = read_definition(path, _StandingFile).grant
    demand_none(_faults(path.name, found))
    return found


def standing_grants(*, trial: bool = False) -> tuple[Grant, ...]:
    """Return the grants that stand from the start; with ``trial`` also those for hubs of made-up people."""
    chosen = (each for each in load_standing_grants() if trial or not each.trial)
    return tuple(grant for each in chosen for grant in _grants(each))


def standing_commands(at: int, *, trial: bool = False) -> tuple[Command, ...]:
    """Return the commands that issue them, dated ``at`` (µs UTC)."""
    return tuple(
        Command(
            entity=GRANT,
            entity_id=grant.id,
            action=ISSUED,
            actor=ISSUER,
            at=at,
            command_id=f"standing/{grant.id}",
            payload=plain(grant),
        )
        for grant in standing_grants(trial=trial)
    )


def _grants(standing: StandingGrant) -> Iterator[Grant]:
    names = [standing.id]
    if _BUNDLE in standing.id:
        names = [standing.id.replace(_BUNDLE, bundle) for bundle in sorted(load_bundles())]
    for name in names:
        yield Grant(
            id=name,
            demand="",
            demand_version=0,
            reader=standing.readers,
            resources=standing.resources,
            fields=dict.fromkeys(standing.resources, (EVERYTHING,)),
            subjects=Subjects(kind=standing.kind),
            purpose=standing.purpose,
            means=standing.means,
            since=_instant(standing.since),
            until=_instant(standing.until),
            issued_by=ISSUER,
            reason=standing.reason,
        )


def _instant(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=_CHINA).timestamp()) * 1_000_000


def _faults(file: str, found: tuple[StandingGrant, ...]) -> Iterator[Fault]:
    known = {EVERYTHING, *load_resources().by_code}
    for name in repeated(each.id for each in found):
        yield Fault(file, "grant", f"{name!r} stands more than once")
    for place, each in enumerate(found):
        if each.since >= each.until:
            yield Fault(file, f"grant[{place}].until", "the grant ends before it begins")
        for empty in ("id", "readers", "purpose", "means", "reason", "resources"):
            if not getattr(each, empty):
                yield Fault(file, f"grant[{place}].{empty}", "is empty")
        for resource in each.resources:
            if resource not in known:
                yield Fault(file, f"grant[{place}].resources", f"there is no resource {resource!r}")
