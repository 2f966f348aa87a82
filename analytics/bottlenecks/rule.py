"""How bottlenecks are counted: a rule that is data."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict

from catalog.definitions import EXACT, Fault, demand_none, read_definition

RULE_FILE: Final = Path(__file__).parent / "rule.toml"


@dataclass(frozen=True)
class BottleneckRule:
    """What ``rule.toml`` says."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    version: int
    link_days: int
    top_resources: int


@cache
def load_bottleneck_rule(path: Path = RULE_FILE) -> BottleneckRule:
    """Return the rule of the file.

    Raises:
        DefinitionFaultsError: a field is missing, wrong, or below 1.
    """
    rule = read_definition(path, BottleneckRule)
    values = {"version": rule.version, "link_days": rule.link_days, "top_resources": rule.top_resources}
    demand_none(Fault(path.name, name, f"is {value}, at least 1 is due") for name, value in values.items() if value < 1)
    return rule
