"""How the ledger judges: thresholds as data."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Final, Literal, TypeAlias

from pydantic import ConfigDict

from catalog.definitions import EXACT, Fault, demand_none, read_definition

RULE_FILE: Final = Path(__file__).parent / "rule.toml"

StateName: TypeAlias = Literal["on-time", "slipping", "overdue", "closed", "undated"]

STATE_NAMES: Final[dict[StateName, str]] = {
    "on-time": "按期",
    "slipping": "滞后",
    "overdue": "逾期",
    "closed": "已销号",
    "undated": "未定期限",
}
"""How an entry stands. ``undated``: no source and no plan says by when, so it can be neither on time nor late."""


@dataclass(frozen=True)
class LedgerRule:
    """The rule; the fields are told in ``rule.toml``."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    version: int
    slips_above: float
    without_goals: Literal["linear", "nothing"]
    pace_days: int
    horizon_days: int


@cache
def load_rule(path: Path = RULE_FILE) -> LedgerRule:
    """Return the rule of the file.

    Raises:
        DefinitionFaultsError: the file does not fit, or a number is none that can be judged by.
    """
    rule = read_definition(path, LedgerRule)
    wrong = not 0 <= rule.slips_above <= 1 or rule.pace_days < 1 or rule.horizon_days < 1
    demand_none([Fault(path.name, "rule", "slips_above is a part of 1, days are at least 1")] if wrong else [])
    return rule
