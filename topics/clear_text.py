"""Finding resident ID numbers where no personal data may stand."""

import re
from datetime import date
from typing import Final

from topics.identifiers import check_resident_id

# What every number has, alone or in the groups that people write: cheap, because nearly all texts end here.
_LONG_NUMBER: Final = re.compile(r"[0-9０-９]{6}[ -]?[0-9０-９]{8}")
# Region, birth date, sequence and check character. The look-ahead finds numbers that overlap: one inside a longer run
# of digits is as readable as one alone.
_CANDIDATE: Final = re.compile(r"(?=([1-8][0-9]{5})[ -]?((?:18|19|20)[0-9]{6})[ -]?([0-9]{3}[0-9Xx]))")
_FOLDED: Final = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")


def holds_resident_id(text: str) -> bool:
    """Whether a valid resident ID number stands anywhere in the text, in groups or full-width digits too."""
    if _LONG_NUMBER.search(text) is None:
        return False
    found = _CANDIDATE.finditer(text.translate(_FOLDED))
    return any(check_resident_id("".join(each.groups()).upper(), date.max) is None for each in found)
