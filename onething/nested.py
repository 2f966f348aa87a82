"""Values with lists and members inside as YAML, for programs; the same values as JSON come from ``json``."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_PLAIN_KEY: Final = re.compile(r"[a-z]+(_[a-z]+)*")
_NOT_TEXT: Final = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_BEYOND_FOUR_DIGITS: Final = 0x10000


def yaml_text(value: Any) -> str:
    """Return a value of mappings, sequences, texts, numbers, booleans and None as a YAML document in block style."""
    return "\n".join(_lines(value))


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for name, member in value.items():
            yield from _under(f"{_key(name)}:", member, "  ")
    elif _is_list(value) and value:
        for member in value:
            first, *rest = _lines(member)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield _scalar(value)


def _under(opening: str, value: Any, indent: str) -> Iterator[str]:
    if value and (isinstance(value, Mapping) or _is_list(value)):
        yield opening
        yield from (f"{indent}{line}" for line in _lines(value))
    else:
        yield f"{opening} {_scalar(value)}"


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) and name not in _NOT_TEXT else _scalar(name)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _scalar(value: Any) -> str:
    # JSON scalars are YAML scalars, so every text is quoted and none is taken for a number or a date.
    written = json.dumps(value, ensure_ascii=False)
    return "".join(character if character.isprintable() else _escaped(character) for character in written)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < _BEYOND_FOUR_DIGITS else f"\\U{code:08x}"
