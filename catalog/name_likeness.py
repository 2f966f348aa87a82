"""How alike two names are, apart from brackets, blanks and punctuation."""

import unicodedata
from collections import Counter


def normalised(name: str) -> str:
    """Return a name without what people write differently: width of characters, case, blanks, punctuation."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] in "LN")


def likeness(name: str, other: str, at_least: float) -> float:
    """Return 1 minus the edits between two normalised names as a part of the longer; 0.0 when below ``at_least``."""
    longest = max(len(name), len(other))
    if name == other:
        return 1.0
    if (1 - _fewest_edits(name, other) / longest) < at_least:
        return 0.0
    degree = 1 - _edits(name, other) / longest
    return degree if degree >= at_least else 0.0


def _fewest_edits(name: str, other: str) -> int:
    """A bound that costs little: each edit mends at most one letter too many and one too few."""
    here, there = Counter(name), Counter(other)
    return max((here - there).total(), (there - here).total())


def _edits(name: str, other: str) -> int:
    """Levenshtein's distance: letters put in, left out or replaced."""
    above = list(range(len(other) + 1))
    for row, letter in enumerate(name, 1):
        line = [row]
        for column, another in enumerate(other, 1):
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != another)))
        above = line
    return above[-1]
