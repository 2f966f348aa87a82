"""What a policy's file may say, and what must hold in it beyond its shape."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final, Literal

import cel
from pydantic import ConfigDict

from catalog.bundles import Bundle
from catalog.definitions import EXACT, repeated
from catalog.organisations import Organisations
from catalog.resources import Resource, Resources
from topics.schemas import newest_schemas

Audience = Literal["enterprise", "person"]
Passes = Literal["found", "clear"]
OutcomeKind = Literal["case", "notice"]

#: What a condition may name, beside the variables of its own macros.
POLICY_VARIABLES: Final = frozenset({"records", "now", "today", "day"})

_ID_SHAPE: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MACRO_VARIABLE: Final = re.compile(r"\.(?:all|exists|exists_one|filter|map)\(\s*([A-Za-z_]\w*)\s*,")
_CONTENT_FIELD: Final = re.compile(r"\bcontent\.(\w+)")
_WITHDRAWN: Final = "Withdrawn"


@dataclass(frozen=True)
class PolicyRead:
    """A resource that a condition looks at, and how old its coverage may be where nothing is found in it."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    resource: str
    coverage_max_age_days: int


@dataclass(frozen=True)
class ConditionLine:
    """A condition: CEL that gives the event ids of the records that decide it.

    ``passes`` ``found``: it holds where there are such records; ``clear``: where there are none.
    """

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    id: str
    text: str
    passes: Passes
    reads: tuple[PolicyRead, ...]
    cel: str


@dataclass(frozen=True)
class BenefitLine:
    """What is given; ``amount_fen`` where it is one amount for all."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    text: str
    amount_fen: int | None = None


@dataclass(frozen=True)
class OutcomeLine:
    """What a match makes: a pre-filled case of a bundle, or a notice to the subject."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    kind: OutcomeKind
    text: str
    bundle: str = ""
    choices: Mapping[str, str] | None = None


@dataclass(frozen=True)
class PolicyFile:
    """A whole policy file."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    id: str
    version: int
    name: str
    origin: Literal["ours", "source"]
    department: str
    audience: Audience
    basis: str
    valid_from: date
    valid_to: date
    benefit: BenefitLine
    outcome: OutcomeLine
    conditions: tuple[ConditionLine, ...]
    document: str = ""
    again_on: str = ""


@dataclass(frozen=True)
class PolicySurroundings:
    """What a policy refers to."""

    organisations: Organisations
    resources: Resources
    bundles: Mapping[str, Bundle]


def policy_faults(stem: str, policy: PolicyFile, known: PolicySurroundings) -> Iterator[tuple[str, str]]:
    """Yield (place, reason) for everything that does not hold in the file whose name without ending is ``stem``."""
    if policy.id != stem or _ID_SHAPE.fullmatch(policy.id) is None:
        yield "id", f"is {policy.id!r}, the file is called {stem!r}; lower-case words and hyphens"
    if policy.version < 1:
        yield "version", f"is {policy.version}, at least 1 is due"
    if policy.department not in known.organisations.by_code:
        yield "department", f"no organisation {policy.department!r}"
    if policy.valid_to < policy.valid_from:
        yield "valid_to", f"is {policy.valid_to}, before valid_from {policy.valid_from}"
    if policy.benefit.amount_fen is not None and policy.benefit.amount_fen <= 0:
        yield "benefit.amount_fen", f"is {policy.benefit.amount_fen}, more than 0 fen is due"
    yield from _outcome_faults(policy, known.bundles)
    yield from _list_faults(policy)
    for place, condition in enumerate(policy.conditions):
        for inner, reason in _condition_faults(condition, policy.audience, known.resources):
            yield f"conditions[{place}]{inner}", reason


def _list_faults(policy: PolicyFile) -> Iterator[tuple[str, str]]:
    for condition in repeated(each.id for each in policy.conditions):
        yield "conditions", f"id {condition!r} stands more than once"
    found = {each.id for each in policy.conditions if each.passes == "found"}
    if not found:
        yield "conditions", "none passes when something is found: subjects of whom nothing is known would match"
    if policy.again_on and policy.again_on not in found:
        yield "again_on", f"no condition {policy.again_on!r} that passes when something is found"


def _outcome_faults(policy: PolicyFile, bundles: Mapping[str, Bundle]) -> Iterator[tuple[str, str]]:
    outcome = policy.outcome
    if outcome.kind == "notice":
        if outcome.choices:
            yield "outcome.choices", "a notice answers no situation question"
        if not outcome.bundle:
            return
    bundle = bundles.get(outcome.bundle)
    if bundle is None:
        yield "outcome.bundle", f"no bundle {outcome.bundle!r}"
        return
    if bundle.subject != policy.audience:
        yield "outcome.bundle", f"{outcome.bundle!r} is for subjects of kind {bundle.subject}"
    yield from _choice_faults(outcome, bundle)


def _choice_faults(outcome: OutcomeLine, bundle: Bundle) -> Iterator[tuple[str, str]]:
    questions = {each.id: {choice.id for choice in each.choices} for each in bundle.situations}
    for question, choice in (outcome.choices or {}).items():
        if choice not in questions.get(question, ()):
            yield f"outcome.choices.{question}", f"{bundle.id!r} offers no {choice!r} there"
    if outcome.kind == "case":
        for question in sorted(questions.keys() - (outcome.choices or {}).keys()):
            yield "outcome.choices", f"question {question!r} of {bundle.id!r} is left open"


def _condition_faults(line: ConditionLine, audience: Audience, resources: Resources) -> Iterator[tuple[str, str]]:
    if _ID_SHAPE.fullmatch(line.id) is None:
        yield ".id", f"{line.id!r} is not lower-case words and hyphens"
    if not line.reads:
        yield ".reads", "names no resource"
    for code in repeated(read.resource for read in line.reads):
        yield ".reads", f"{code!r} is read more than once"
    for place, read in enumerate(line.reads):
        for reason in _read_faults(read, audience, resources):
            yield f".reads[{place}]", reason
    read_resources = [resources.by_code[each.resource] for each in line.reads if each.resource in resources.by_code]
    yield from ((".cel", reason) for reason in _rule_faults(line.cel, read_resources))


def _read_faults(read: PolicyRead, audience: Audience, resources: Resources) -> Iterator[str]:
    resource = resources.by_code.get(read.resource)
    if resource is None:
        yield f"no resource {read.resource!r}"
        return
    if audience not in resource.subjects:
        yield f"{read.resource!r} does not stand in {audience} archives"
    if read.coverage_max_age_days < resource.update_cycle_days:
        yield (
            f"coverage_max_age_days is {read.coverage_max_age_days}, "
            f"but {read.resource} is brought up to date every {resource.update_cycle_days} days"
        )


def _rule_faults(rule: str, resources: list[Resource]) -> Iterator[str]:
    try:
        program = cel.compile(rule)
    except ValueError as refused:
        yield f"is no CEL: {' '.join(str(refused).split())}"
        return
    named = set(program.variables())
    if unknown := sorted(named - POLICY_VARIABLES - set(_MACRO_VARIABLE.findall(rule))):
        yield f"names {', '.join(unknown)}; known are {', '.join(sorted(POLICY_VARIABLES))}"
    elif not _gives_a_list(program):
        yield "gives no list of event ids"
    if "records" not in named:
        yield "does not look at records"
    if not resources:
        return
    for field in sorted(set(_CONTENT_FIELD.findall(rule))):
        yield from _field_faults(field, resources)


def _gives_a_list(program: cel.Program) -> bool:
    try:
        return isinstance(program.execute({"records": [], "now": 0, "today": 0, "day": 1}), list)
    except (LookupError, TypeError, ValueError, ArithmeticError, RuntimeError):
        return False


def _field_faults(field: str, resources: list[Resource]) -> Iterator[str]:
    names = {name.rsplit(".", 1)[-1] for each in resources for name in each.schemas}
    schemas = [newest_schemas()[name] for name in sorted(names) if not name.endswith(_WITHDRAWN)]
    holding = [each for each in schemas if field in {line["name"] for line in each.definition["fields"]}]
    if not holding:
        yield f"content.{field} is no field of {', '.join(each.code for each in resources)}"
    if any(field in each.personal_fields for each in holding):
        yield f"content.{field} is personal and sealed: no rule can look at it"
