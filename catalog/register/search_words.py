"""What an entry is found by: pairs of neighbouring characters, for Chinese has no spaces between its words."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

PAIR: Final = 2

_RUN: Final = re.compile(r"[^\W_]+")
"""Letters, digits and Chinese characters in a row; everything else separates words."""


def folded(text: str) -> str:
    """Return the text as it is compared: full-width letters as narrow ones, capitals as small ones."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of what somebody looks for, each once: ``执照　营业（副本）`` has three."""
    return tuple(dict.fromkeys(_RUN.findall(folded(text))))


def grams_of(text: str) -> tuple[str, ...]:
    """Return by what an entry with this text is found: each of its characters, and each pair of neighbours."""
    return tuple(dict.fromkeys(gram for run in words_of(text) for gram in (*run, *_pairs(run))))


def grams_wanted(word: str) -> tuple[str, ...]:
    """Return what every text has that has this word: its pairs, or the character itself where it is only one."""
    return tuple(dict.fromkeys(_pairs(word))) if len(word) >= PAIR else (word,)


def is_sure(word: str) -> bool:
    """Whether a text that has what is wanted has the word: the pairs of a longer one may stand apart there."""
    return len(word) <= PAIR


def _pairs(run: str) -> Iterator[str]:
    for at in range(len(run) - 1):
        yield run[at : at + PAIR]
