"""What officials read for the values of dimensions and for why a unit does not count."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

NAMES_FILE: Final = Path(__file__).parent / "names.toml"


@cache
def load_names() -> Mapping[str, Mapping[str, str]]:
    """Return the words of each dimension, and of ``why``."""
    return tomllib.loads(NAMES_FILE.read_text(encoding="utf-8"))


def name_of(dimension: str, key: str, organisations: Mapping[str, str]) -> str:
    """Return what a dimension's value is called; a code without a word stands for itself."""
    words = load_names().get(dimension, {})
    if key in words:
        return words[key]
    if dimension in ("department", "district") and key in organisations:
        return organisations[key]
    return key or "未载明"
