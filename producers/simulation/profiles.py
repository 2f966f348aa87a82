"""Profiles: what the made-up city publishes for each data resource, as data (``profiles.toml``)."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import ClassVar, Final

import msgspec

from catalog.resources import Resource, load_resources
from producers.simulation.city import Enterprise, EnterpriseKind, Person

_DAYS_OF_A_YEAR: Final = 365.25
_DISTRICT_CODES: Final[Mapping[str, str]] = {"weiyang": "610112"}


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who holds records of a resource; the shapes below say what stands in them."""

    share: float
    share_of_persons: float | None = None
    holders: tuple[EnterpriseKind, ...] = ()
    industries: tuple[str, ...] = ()
    ages: tuple[int, int] | None = None
    requires: str | None = None

    def admits_enterprise(self, enterprise: Enterprise) -> bool:
        """Whether an enterprise of this kind and industry may hold one."""
        return (not self.holders or enterprise.kind in self.holders) and (
            not self.industries or enterprise.industry in self.industries
        )

    def admits_person(self, person: Person, until_day: int) -> bool:
        """Whether a person of this age may hold one."""
        if self.ages is None:
            return True
        first, last = self.ages
        return first <= int((until_day - person.born_day) / _DAYS_OF_A_YEAR) <= last


class PenaltyProfile(Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Decisions against enterprises; ``fine_yuan`` is absent where none is paid."""

    sign: str
    causes: tuple[str, ...]
    basis: str
    kinds: tuple[str, ...]
    fine_yuan: tuple[int, int] | None = None


class LicenceProfile(Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Licences and certificates; ``years`` of validity, 0 is without end."""

    sign: str
    years: int
    scopes: tuple[str, ...]


class RecordProfile(Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Registrations, accounts, filings; the first of ``states`` is usual; ``yearly`` records, one for each year."""

    sign: str
    categories: tuple[str, ...]
    states: tuple[str, ...]
    amount_yuan: tuple[int, int] | None = None
    years: int = 0
    yearly: int = 0


class VerificationProfile(Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a department verified, for each of the last ``periods`` years or quarters, or once."""

    item: str
    every: str
    periods: int = 1
    arrears: float = 0.0
    amount_yuan: tuple[int, int] | None = None
    summaries: tuple[str, ...] = ()


class Profiles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The profiles of the file, by the code of the resource."""

    SHAPES: ClassVar[tuple[str, ...]] = ("penalties", "licences", "records", "verifications")

    penalties: dict[str, PenaltyProfile]
    licences: dict[str, LicenceProfile]
    records: dict[str, RecordProfile]
    verifications: dict[str, VerificationProfile]

    def by_code(self) -> dict[str, Profile]:
        """All profiles; each resource that another requires stands before it."""
        all_of_them: dict[str, Profile] = {**self.licences, **self.records, **self.verifications, **self.penalties}
        needed = {profile.requires for profile in all_of_them.values()} - {None}
        first = [code for code in all_of_them if code in needed]
        first.sort(key=lambda code: all_of_them[code].requires is not None)
        return {code: all_of_them[code] for code in (*first, *(code for code in all_of_them if code not in needed))}


@cache
def load_profiles() -> Profiles:
    """The profiles of the file.

    Raises:
        msgspec.ValidationError: a field is missing, unknown or of another type.
    """
    return msgspec.toml.decode(files("producers.simulation").joinpath("profiles.toml").read_bytes(), type=Profiles)


@cache
def profiled_resources() -> tuple[tuple[Resource, Profile], ...]:
    """Each resource that the profiles speak of, with its profile, in the order in which facts are made."""
    resources = load_resources().by_code
    return tuple((resources[code], profile) for code, profile in load_profiles().by_code().items())


def district_of(department: str) -> str | None:
    """The region code of a district's department, None for one that serves the whole city."""
    return _DISTRICT_CODES.get(department.split("-", 1)[0])
