"""The ladder of disputes over sharing: Order 809, art. 28, rung by rung."""

from typing import Final, get_args

from catalog.duties.duty import RungName

#: In the order of the article: the parties negotiate; then the data office of their level, then the common upper office
#: of the two mediates; then the government decides.
RUNGS: Final[tuple[RungName, ...]] = get_args(RungName)
RUNG_NAMES: Final = {
    "negotiation": "双方协商",
    "data-office": "同级数据主管部门",
    "common-upper-office": "共同的上级数据主管部门",
    "government": "政府",
}


def next_rung(reached: str) -> RungName | None:
    """Return the rung above the one that was reached (``""``: none was); ``None`` above the government."""
    above = RUNGS if not reached else RUNGS[RUNGS.index(reached) + 1 :]
    return above[0] if above else None
