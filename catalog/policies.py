"""Policies (惠企利民政策) as data, for 免申即享: conditions over the archive, and what a match makes.

Files lie in ``catalog/policies``; one file, one policy. What we thought up ourselves says ``origin = "ours"``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

from catalog.bundles import load_bundles
from catalog.definition_lines import located
from catalog.definition_place import read_from
from catalog.definitions import DefinitionFaultsError, Fault, demand_none, read_definition
from catalog.organisations import load_organisations
from catalog.policy_file import (
    Audience,
    BenefitLine,
    ConditionLine,
    OutcomeLine,
    Passes,
    PolicyFile,
    PolicyRead,
    PolicySurroundings,
    policy_faults,
)
from catalog.record_filters import RecordFilter, filter_of
from catalog.resources import load_resources

POLICIES_FOLDER: Final = Path(__file__).parent / "policies"

Benefit = BenefitLine
Outcome = OutcomeLine


@dataclass(frozen=True)
class Condition:
    """A condition of a policy.

    Attributes:
        cel: gives the event ids of the records that decide it, among those of the resources read.
        passes: ``found``: it holds where there are such records; ``clear``: where there are none.
        reads: the resources, and how old the coverage of each may be where nothing is found.
        filter: what some record must fulfil for the rule to find anything, told by columns.
    """

    id: str
    text: str
    passes: Passes
    reads: tuple[PolicyRead, ...]
    cel: str
    filter: RecordFilter

    @property
    def resources(self) -> tuple[str, ...]:
        """Codes of the resources read."""
        return tuple(read.resource for read in self.reads)


@dataclass(frozen=True)
class Policy:
    """One version of a policy.

    Attributes:
        origin: ``ours`` where no published document stands behind it.
        document: its number, empty where there is none.
        basis: the law or plan that it rests on.
        again_on: the condition whose newer record is a new occasion; empty: a subject is told once per version.
    """

    id: str
    version: int
    name: str
    origin: str
    department: str
    audience: Audience
    document: str
    basis: str
    valid_from: date
    valid_to: date
    benefit: Benefit
    outcome: Outcome
    conditions: tuple[Condition, ...]
    again_on: str

    @property
    def resources(self) -> frozenset[str]:
        """Codes of all resources that the conditions read."""
        return frozenset(code for condition in self.conditions for code in condition.resources)

    def in_force(self, day: date) -> bool:
        """Tell whether the policy applies on this day, the first and the last one included."""
        return self.valid_from <= day <= self.valid_to


@read_from(POLICIES_FOLDER.name)
def load_policies(folder: Path) -> Mapping[str, Policy]:
    """Return the policies of the folder by their id, in the order of their ids; as ``read_policies``, once."""
    return read_policies(folder)


def read_policies(folder: Path) -> Mapping[str, Policy]:
    """Return the policies that the folder's files define now, by their id, in the order of their ids.

    Raises:
        DefinitionFaultsError: a file does not hold together; the faults of all files are named with their lines.
    """
    known = PolicySurroundings(load_organisations(), load_resources(), load_bundles())
    faults: list[Fault] = []
    policies = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            file = _read(path, known)
        except DefinitionFaultsError as refused:
            faults += located(refused.faults, path)
        else:
            policies[file.id] = _policy(file)
    demand_none(faults)
    return MappingProxyType(policies)


def policy_of_text(name: str, definition: str) -> Policy:
    """Return the policy that a file of this name would define with this content.

    Raises:
        DefinitionFaultsError: every fault of it, with its line.
    """
    with TemporaryDirectory(prefix="onething-policy-") as folder:
        stem = Path(name).name.removesuffix(".toml") or "policy"
        (Path(folder) / f"{stem}.toml").write_text(definition, encoding="utf-8")
        (policy,) = read_policies(Path(folder)).values()
        return policy


def policies_of(audience: str, policies: Mapping[str, Policy]) -> Iterator[Policy]:
    """Yield the policies for subjects of a kind."""
    return (policy for policy in policies.values() if policy.audience == audience)


def _read(path: Path, known: PolicySurroundings) -> PolicyFile:
    file = read_definition(path, PolicyFile)
    demand_none(Fault(path.name, place, reason) for place, reason in policy_faults(path.stem, file, known))
    return file


def _policy(file: PolicyFile) -> Policy:
    return Policy(
        id=file.id,
        version=file.version,
        name=file.name,
        origin=file.origin,
        department=file.department,
        audience=file.audience,
        document=file.document,
        basis=file.basis,
        valid_from=file.valid_from,
        valid_to=file.valid_to,
        benefit=file.benefit,
        outcome=file.outcome,
        conditions=tuple(_condition(line) for line in file.conditions),
        again_on=file.again_on,
    )


def _condition(line: ConditionLine) -> Condition:
    rule = line.cel.strip()
    return Condition(line.id, line.text, line.passes, line.reads, rule, filter_of(rule))
