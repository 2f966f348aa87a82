"""Conditions as data: CEL over an applicant's records, form and choices, true where the condition is fulfilled.

``records``  the archive's records, as in ``catalog/rules.toml``
``form``     field id → what the form says; a field that is not filled is missing
``choices``  question id → the choice that was made
``now``      µs UTC
"""

import re
from collections.abc import Iterator
from typing import Final

import cel

#: What a condition may name, beside the variables of its own macros.
CONDITION_VARIABLES: Final = frozenset({"records", "form", "choices", "now"})

_MACRO_VARIABLE: Final = re.compile(r"\.(?:all|exists|exists_one|filter|map)\(\s*([A-Za-z_]\w*)\s*,")


def condition_faults(text: str, reads: tuple[str, ...]) -> Iterator[str]:
    """Yield what is wrong with a condition, nothing when it can be evaluated.

    Args:
        text: the CEL.
        reads: codes of the resources that the condition says it looks at.
    """
    try:
        named = set(cel.compile(text).variables())
    except ValueError as refused:
        yield f"is no CEL: {' '.join(str(refused).split())}"
        return
    if unknown := sorted(named - CONDITION_VARIABLES - set(_MACRO_VARIABLE.findall(text))):
        yield f"names {', '.join(unknown)}; known are {', '.join(sorted(CONDITION_VARIABLES))}"
    if "records" in named and not reads:
        yield "looks at records, but reads names no resource"
