"""How evaluations (好差评) are judged: a rule that is data."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict

from catalog.definition_lines import located
from catalog.definition_place import read_from
from catalog.definitions import EXACT, Fault, demand_none, read_definition

EVALUATION_FILE: Final = Path(__file__).parent / "evaluation.toml"

FEWEST_STARS: Final = 1
MOST_STARS: Final = 5


@dataclass(frozen=True)
class EvaluationRule:
    """What an evaluation of one to five stars is.

    Attributes:
        good_stars: so many, or more, is good.
        bad_stars: so many, or fewer, is bad (差评) and is answered.
        rectification_days: working days until a bad one has to be answered (整改).
    """

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    good_stars: int
    bad_stars: int
    rectification_days: int

    def is_good(self, stars: int) -> bool:
        """Tell whether an evaluation is good."""
        return stars >= self.good_stars

    def is_bad(self, stars: int) -> bool:
        """Tell whether an evaluation is bad."""
        return stars <= self.bad_stars


@read_from(EVALUATION_FILE.name)
def load_evaluation_rule(path: Path) -> EvaluationRule:
    """Return the rule of the file.

    Raises:
        DefinitionFaultsError: good and bad overlap or lie outside one to five stars, or less than a day is given.
    """
    rule = read_definition(path, EvaluationRule)
    demand_none(located((Fault(path.name, *fault) for fault in _faults(rule)), path))
    return rule


def _faults(rule: EvaluationRule) -> Iterator[tuple[str, str]]:
    for name in ("good_stars", "bad_stars"):
        if not FEWEST_STARS <= getattr(rule, name) <= MOST_STARS:
            yield name, f"is {getattr(rule, name)}, outside {FEWEST_STARS} to {MOST_STARS}"
    if rule.good_stars <= rule.bad_stars:
        yield "good_stars", f"is {rule.good_stars}, which is bad already: bad_stars is {rule.bad_stars}"
    if rule.rectification_days < 1:
        yield "rectification_days", f"is {rule.rectification_days}, at least 1 is due"
