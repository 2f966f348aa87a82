"""How people behave in simulated cases, as data (``profile.toml``)."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

Way = Literal["approve", "slow", "refuse", "supplement", "pass-on", "return", "correct", "suspend", "issue", "never"]
"""What a department does with an item; see ``profile.toml``."""

USUAL: Final[Way] = "approve"
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Departments(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Shares of the handled items; what is left is approved at once."""

    slow: Share = 0
    refuse: Share = 0
    supplement: Share = 0
    pass_on: Share = 0
    return_: Share = msgspec.field(default=0, name="return")
    correct: Share = 0
    suspend: Share = 0
    issue: Share = 0
    never: Share = 0

    def __post_init__(self) -> None:
        if sum(msgspec.structs.astuple(self)) > 1:
            raise ValueError("the shares of departments are more than 1 together")

    def ways(self) -> dict[Way, float]:
        """Way → its share, the usual one included."""
        shares: dict[Way, float] = msgspec.to_builtins(self)
        return {**shares, USUAL: 1 - sum(shares.values())}


class Applicants(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares of the cases, and of what is asked of applicants."""

    withdraw: Share = 0
    silent: Share = 0
    evaluate: Share = 0
    bad: Share = 0
    together: Share = 1
    promise: Share = 0


class Lead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Share of the cases that the lead suspends as a whole and resumes."""

    suspend: Share = 0


class Fees(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Share of the handled items for which a fee is asked, and its bounds in fen."""

    share: Share = 0
    fen: tuple[int, int] = (100, 100)


class CaseProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How everybody behaves; without any word everybody does what is usual, at once."""

    departments: Departments = Departments()
    applicants: Applicants = Applicants()
    lead: Lead = Lead()
    fee: Fees = Fees()


@cache
def load_case_profile(path: Path | None = None) -> CaseProfile:
    """The profile of a file, by default the one beside this module.

    Raises:
        msgspec.ValidationError: a share is missing, unknown, or outside 0 to 1.
    """
    text = path.read_bytes() if path else files("producers.simulation.cases").joinpath("profile.toml").read_bytes()
    return msgspec.toml.decode(text, type=CaseProfile)
