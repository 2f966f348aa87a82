"""Rules as data: CEL expressions over an archive's records, shared by the checks of all bundles."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final

import cel
from pydantic import ConfigDict

from catalog.definition_place import read_from
from catalog.definitions import EXACT, Fault, demand_none, read_definition

RULES_FILE: Final = Path(__file__).parent / "rules.toml"

#: What a rule may name; ``r`` is the record inside filter and map.
RULE_VARIABLES: Final = frozenset({"records", "since", "until", "territory", "r"})

_RESOURCE_PLACE: Final = "$resource"


@dataclass(frozen=True)
class Rule:
    """A rule: its Chinese name for reports and its CEL, in which ``$resource`` stands for the resource read."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    name: str
    cel: str

    def of_resource(self, code: str) -> str:
        """Return the CEL that reads this resource: a list of event ids."""
        return self.cel.replace(_RESOURCE_PLACE, code).strip()


@read_from(RULES_FILE.name)
def load_rules(path: Path) -> Mapping[str, Rule]:
    """Return the rules of the file by their code.

    Raises:
        DefinitionFaultsError: a rule does not compile, names an unknown variable, or leaves the resource open.
    """
    rules = read_definition(path, dict[str, Rule])
    demand_none(Fault(path.name, code, reason) for code, rule in rules.items() for reason in rule_faults(rule))
    return MappingProxyType(rules)


def rule_faults(rule: Rule) -> Iterator[str]:
    """Yield what is wrong with a rule, nothing when it can be evaluated."""
    if _RESOURCE_PLACE not in rule.cel:
        yield f"does not say {_RESOURCE_PLACE}: it would read every department's records"
    try:
        program = cel.compile(rule.of_resource("department.resource"))
    except ValueError as refused:
        yield f"is no CEL: {' '.join(str(refused).split())}"
        return
    unknown = sorted(set(program.variables()) - RULE_VARIABLES)
    if unknown:
        yield f"names {', '.join(unknown)}; known are {', '.join(sorted(RULE_VARIABLES))}"
