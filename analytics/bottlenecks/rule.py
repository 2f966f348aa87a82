"""How bottlenecks are counted: a rule that is data."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict

from analytics.own_files import own_or_shipped
from catalog.definitions import EXACT, Fault, demand_none, read_definition

RULE_FILE: Final = Path(__file__).parent / "rule.toml"
OWN_NAME: Final = "bottlenecks.toml"


@dataclass(frozen=True)
class BottleneckRule:
    """What ``rule.toml`` says."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    version: int
    link_days: int
    top_resources: int


@cache
def load_bottleneck_rule(path: Path | None = None) -> BottleneckRule:
    """Return the rule of the file; without one, of an office's own ``bottlenecks.toml``, else of what ships.

    Raises:
        DefinitionFaultsError: a field is missing, wrong, or below 1.
    """
    found = path or own_or_shipped(OWN_NAME, RULE_FILE)
    rule = read_definition(found, BottleneckRule)
    values = {"version": rule.version, "link_days": rule.link_days, "top_resources": rule.top_resources}
    demand_none(
        Fault(found.name, name, f"is {value}, at least 1 is due") for name, value in values.items() if value < 1
    )
    return rule
