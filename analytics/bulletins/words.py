"""What stands on every bulletin beside its figures: data, an office's own where it has a file."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict

from analytics.own_files import own_or_shipped
from catalog.definitions import EXACT, Fault, demand_none, read_definition

WORDS_FILE: Final = Path(__file__).parent / "words.toml"
OWN_NAME: Final = "bulletin.toml"


@dataclass(frozen=True)
class BulletinWords:
    """What ``words.toml`` says."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    issuer: str
    addressees: str
    plan: str


@cache
def load_bulletin_words(path: Path | None = None) -> BulletinWords:
    """Return the words of the file; without one, of an operator's own, else of what ships.

    Raises:
        DefinitionFaultsError: a field is missing, wrong or empty.
    """
    found = path or own_or_shipped(OWN_NAME, WORDS_FILE)
    words = read_definition(found, BulletinWords)
    values = {"issuer": words.issuer, "addressees": words.addressees, "plan": words.plan}
    demand_none(Fault(found.name, name, "is empty") for name, value in values.items() if not value.strip())
    return words
